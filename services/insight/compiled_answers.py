"""Answers trees over one view of a tenant's people: conditions as packed bits, and groups of them."""

import asyncio
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial, reduce
from typing import Any, Protocol, TypeVar

import numpy as np
from pyroaring import BitMap

from services.insight.compiled_external import Brought
from services.insight.compiled_kept import Kept, Measure
from services.insight.compiled_members import Members, carried, named
from services.insight.compiled_wholes import Basis, keep_whole, known_whole
from services.insight.domain.genes.bits import (
    Bits,
    both,
    either,
    ids,
    n_people,
    nobody,
    packed,
    without,
)
from services.insight.domain.genes.calendar import local_day
from services.insight.domain.genes.conditions import passes
from services.insight.domain.genes.facts import U1, Flags
from services.insight.domain.genes.norms import RELATIVE, Norms, norms, sample
from services.insight.domain.genes.numbers import number
from services.insight.domain.genes.open_pairs import IDLE_MS
from services.insight.domain.genes.yardsticks import Yardstick, yardstick
from services.insight.domain.segments.answers import Evaluation, Size
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    All,
    AnyOf,
    AttributeCondition,
    Changed,
    Difference,
    ExternalCondition,
    GeneCondition,
    GoalCondition,
    InList,
    InSegment,
    InSnapshot,
    Node,
    Not,
    SequenceCondition,
    Share,
    Test,
    Window,
    children,
    walk,
)
from services.insight.evaluation import Moment, Sources
from services.insight.loops import Loops
from services.insight.population import Layer, View, Whole

T = TypeVar("T")

# Whether somebody's cart is idle may change with every moment, as long as something new may be in it.
_TIMERS = frozenset({"abandoned_cart"})
# So few travel in the address of a request.
_FEW_NIDS = 4000
# So many saved segments a view keeps.


class Asked(Protocol):
    """Who answers a condition that columns cannot."""

    async def condition(
        self, tenant_id: str, node: Node, moment: Moment, nids: Sequence[int] | None = None
    ) -> BitMap:
        """Profile ids; with `nids`, which are all of some people, of these only."""


@dataclass(frozen=True, slots=True)
class Means:
    """What answers are made with; all views share it."""

    loops: Loops
    kept: Kept
    store: Asked
    sources: Sources
    brought: Brought = field(default_factory=Brought)


@dataclass
class Answering:
    """Answers each node once. Cancelled, it ends with the condition in hand."""

    means: Means
    view: View
    tenant_id: str
    moment: Moment
    # With the age of the yardsticks that a node was laid on: several trees may share it.
    _known: dict[Node, tuple[Bits, float | None]] = field(default_factory=dict)
    # Of saved segments, by their ids.
    _trees: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.today = self.view.layers[0].columns.today(self.moment.now_ms)
        self.everybody = tuple(layer.shown for layer in self.view.layers)

    async def told(self, root: Node, patience_seconds: float) -> tuple[Bits | Exception, float | None]:
        """The bits of a tree or why there are none, and the age of its yardsticks."""
        try:
            async with asyncio.timeout(patience_seconds):
                return await self._through(root, lambda: self._bits(root))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this tree's alone
            return error, None

    async def evaluation(self, root: Node) -> Evaluation:
        return await self._through(root, lambda: self._evaluation(root))

    async def _through(self, root: Node, last: Callable[[], T]) -> T:
        """What the last step returns, when all conditions of the tree are answered."""
        steps, found = await self._steps(root), list[T]()
        await self.means.loops.run_all(self.tenant_id, [*steps, lambda: found.append(last())])
        return found[0]

    async def _steps(self, root: Node) -> list[Callable[[], object]]:
        """The conditions that are for the loops; those for others are answered now."""
        steps: list[Callable[[], object]] = []
        for _, node in walk(root):
            if node in self._known or isinstance(node, All | AnyOf | Not | Difference):
                continue
            match node:
                case InSegment(segment_id):
                    if segment_id not in self._trees:
                        tree = await self.means.sources.tree(self.tenant_id, segment_id)
                        inner = await self._steps(tree)
                        # Not before all is there that only waiting brings.
                        self._trees[segment_id] = tree
                        if known_whole(self.view, self.means.kept, self._basis(tree)) is None:
                            steps += [*inner, partial(self._bits, node)]
                case GeneCondition(as_of=None):
                    steps.append(partial(self._bits, node))
                case GoalCondition():
                    opened = await self.means.sources.goal(self.tenant_id, node)
                    await self._steps(opened)
                    self._known[node] = self._known[opened]
                case _:
                    age_seconds = 0.0 if _is_relative(node) else None
                    self._known[node] = both(await self._elsewhere(node), self.everybody), age_seconds
        return steps

    def _evaluation(self, root: Node) -> Evaluation:
        counts = {path: self._count(node) for path, node in walk(root)}
        found, age_seconds = self._bits(root)
        return Evaluation(
            Members(self.view.layers, found),
            self._size(found, counts[()]),
            counts,
            n_people(self.everybody),
            self.moment.position,
            self.moment.now_ms,
            age_seconds,
        )

    def _size(self, found: Bits, profiles: int) -> Size:
        members = tuple(self._of_people(layer, "member") for layer in self.view.layers)
        channels = self.view.layers[0].loaded.facts.channels
        reachable = {
            channel: n_people(both(found, tuple(self._of_people(layer, bit) for layer in self.view.layers)))
            for bit, channel in enumerate(channels)
        }
        return Size(profiles, n_people(both(found, members)), reachable)

    def _of_people(self, layer: Layer, what: str | int) -> U1:
        """Who is a member, or is reachable by the channel of a bit."""
        key = (layer.number, "people", what)
        bits = self.means.kept.bits(key)
        if bits is None:
            people = layer.loaded.facts.people
            is_so: Flags = people.member
            if isinstance(what, int):
                is_so = (people.reachable & np.uint16(1 << what)) != 0
            bits = packed(is_so)
            self.means.kept.keep_bits(key, bits)
        return bits

    # --- nodes ---------------------------------------------------------------------------------------------

    def _bits(self, node: Node) -> tuple[Bits, float | None]:
        """Of nobody who is hidden, and the age of the yardsticks."""
        if node not in self._known:
            self._known[node] = self._found(node)
        return self._known[node]

    def _found(self, node: Node) -> tuple[Bits, float | None]:
        if isinstance(node, InSegment):
            whole = self._whole(node.segment_id)
            return whole.bits, None if whole.laid_at is None else time.monotonic() - whole.laid_at
        if isinstance(node, GeneCondition):
            return self._gene(node)
        inner = [self._bits(child) for child in children(node)]
        ages = [age for _, age in inner if age is not None]
        return self._grouped(node, [bits for bits, _ in inner]), max(ages, default=None)

    def _grouped(self, node: Node, parts: Sequence[Bits]) -> Bits:
        match node:
            case AnyOf():
                return reduce(either, parts) if parts else nobody(self.everybody)
            case Not():
                return without(self.everybody, parts[0])
            case Difference():
                return reduce(without, parts[1:], parts[0]) if parts else nobody(self.everybody)
            case _:
                return reduce(both, parts) if parts else self.everybody

    def _count(self, node: Node) -> int:
        if isinstance(node, InSegment):
            return self._whole(node.segment_id).profiles
        return n_people(self._bits(node)[0])

    def _gene(self, node: GeneCondition) -> tuple[Bits, float | None]:
        measure = None
        if _is_relative(node):
            measure = self._measure(node.gene, node.window, laid=True)
        elif node.gene in RELATIVE:
            measure = self._measure(node.gene, node.window, laid=False)
        found = tuple(self._passing(layer, node, measure) for layer in self.view.layers)
        return found, None if measure is None else measure.age_seconds

    def _passing(self, layer: Layer, node: GeneCondition, measure: Measure | None) -> U1:
        now_ms = self.moment.now_ms
        made_at = None if measure is None else measure.made_at
        key = (layer.number, node, now_ms if self._waits(layer, node) else self.today, made_at)
        bits = self.means.kept.bits(key)
        if bits is None:
            laid = (None, None) if measure is None else (measure.norms, measure.yardstick)
            bits = packed(passes(layer.columns, node, now_ms, *laid))
            self.means.kept.keep_bits(key, bits)
        return bits if layer.shows_all else bits & layer.shown

    def _waits(self, layer: Layer, node: GeneCondition) -> bool:
        """Whether the answer may be another with every moment."""
        return node.gene in _TIMERS and layer.newest_ms + IDLE_MS > self.moment.now_ms

    # --- saved segments ------------------------------------------------------------------------------------

    def _whole(self, segment_id: str) -> Whole:
        """From the view, if it was asked for before."""
        tree, kept = self._trees[segment_id], self.means.kept
        basis = self._basis(tree)
        whole = known_whole(self.view, kept, basis)
        return whole or keep_whole(self.view, kept, basis, self._bits(tree))

    def _basis(self, tree: Node) -> Basis | None:
        """None where people depend on what is not only in the view."""
        key: list[Hashable] = [tree, self.today, self.means.kept.renewals(self.tenant_id)]
        measures: list[Hashable] = []
        for _, node in walk(tree):
            match node:
                case All() | AnyOf() | Not() | Difference():
                    continue
                case InSegment(segment_id):
                    part = self._basis(self._trees[segment_id])
                    if part is None:
                        return None
                    key.append(part.key)
                    measures += part.measures
                case GeneCondition(as_of=None):
                    waits = any(self._waits(layer, node) for layer in self.view.layers)
                    key.append(self.moment.now_ms if waits else 0)
                    if (laid := _is_relative(node)) or node.gene in RELATIVE:
                        measures.append(self._measure_key(node.gene, node.window, laid=laid))
                case _:
                    return None
        return Basis(tuple(key), tuple(measures))

    # --- yardsticks ----------------------------------------------------------------------------------------

    def norms(self, gene: str, window: Window | None) -> Norms:
        """What the gene's values are measured by, at most an hour old, and never of another day."""
        return self._measure(gene, window, laid=False).norms if gene in RELATIVE else Norms()

    def yardstick(self, gene: str, window: Window | None) -> Measure:
        """What relative conditions on a gene of numbers are laid on."""
        return self._measure(gene, window, laid=True)

    def _measure(self, gene: str, window: Window | None, *, laid: bool) -> Measure:
        """With `laid` the yardstick of everybody's values, else the norms alone."""
        key = self._measure_key(gene, window, laid=laid)
        found = self.means.kept.measure(key)
        if found is None:
            made_at = time.monotonic()
            if laid:
                known = self.norms(gene, window)
                found = Measure(known, self._yardstick(gene, window, known), made_at)
            else:
                found = Measure(self._norms(gene, window), None, made_at)
            self.means.kept.keep_measure(key, found)
        return found

    def _measure_key(self, gene: str, window: Window | None, *, laid: bool) -> Hashable:
        return self.tenant_id, gene, window, self.today, self.view.counting.key, laid

    def _norms(self, gene: str, window: Window | None) -> Norms:
        layers, now_ms = self.view.layers, self.moment.now_ms
        return norms(gene, [sample(one.columns, gene, window, now_ms, one.hidden) for one in layers])

    def _yardstick(self, gene: str, window: Window | None, known: Norms) -> Yardstick:
        layers, now_ms = self.view.layers, self.moment.now_ms
        numbers = [number(layer.columns, gene, window, now_ms, known) for layer in layers]
        values: list[Any] = [
            one.values[one.known & ~layer.hidden] for one, layer in zip(numbers, layers, strict=True)
        ]
        return yardstick(np.concatenate(values), numbers[0].scale)

    # --- what columns do not know --------------------------------------------------------------------------

    async def _elsewhere(self, node: Node) -> Bits:
        match node:
            case InSnapshot(snapshot_id):
                nids = await self.means.sources.snapshot(self.tenant_id, snapshot_id)
            case InList(list_id):
                nids = await self.means.sources.listed(self.tenant_id, list_id)
            case ExternalCondition(gene, test):
                if not isinstance(test, Changed):
                    return await self._external(gene, test)
                nids = await self._became(gene, test)
            case _:
                return await self._stored(node)
        return await self.means.loops.run(self.tenant_id, lambda: self._folded(nids))

    async def _external(self, gene: str, test: Test) -> Bits:
        held = await self.means.sources.held(self.tenant_id, gene, self.moment.now_ms)
        layers, brought = self.view.layers, self.means.brought
        passing = partial(brought.passing, layers, gene, held, test, self.today)
        return tuple(map(packed, await self.means.loops.run(self.tenant_id, passing)))

    async def _became(self, gene: str, change: Changed) -> BitMap:
        """nids whose value changed so on the last local days."""
        until = datetime.fromtimestamp(self.moment.now_ms / 1000, UTC)
        # A local day is at most 25 hours long.
        since = until - timedelta(hours=25 * change.days)
        zone, found = self.view.layers[0].columns.facts.zone, BitMap()
        for became in await self.means.sources.became(self.tenant_id, gene, since, until):
            at_ms = int(became.changed_at.timestamp() * 1000)
            if local_day(at_ms, zone) > self.today - change.days:
                found.update(became.history.became(change.before, change.after))
        return found

    async def _stored(self, node: Node) -> Bits:
        """Of the base once a day, for who has anything new is hidden there; of others when they are new."""
        timed = isinstance(node, SequenceCondition) and node.absent
        when: Hashable = self.moment.now_ms if timed else self.today
        relative, layers, kept = _is_relative(node), self.view.layers, self.means.kept
        position = self.moment.position

        def bits_of(number: int) -> U1 | None:
            return kept.bits(("store", number, node, when, position if relative else None), position)

        found = [bits_of(layer.number) for layer in layers]
        missing = [index for index, bits in enumerate(found) if bits is None]
        if missing:
            some = [layers[index] for index in missing]
            of_before = await self.means.loops.run(
                self.tenant_id, lambda: [carried(layer, bits_of) for layer in some]
            )
            asked = np.concatenate([one.unknown for one in of_before])
            # Of a base that is read anew everybody is asked.
            read = missing[0] == 0 and not layers[0].origins
            few = asked.size <= _FEW_NIDS and not relative and not read
            nids = asked.tolist() if few else None
            profiles = np.empty(0, np.uint32)
            if nids is None or nids:
                profiles = ids(await self.means.store.condition(self.tenant_id, node, self.moment, nids))
            for index, before in zip(missing, of_before, strict=True):
                naming = partial(named, layers[index], profiles, None if nids is None else before)
                found[index] = bits = await self.means.loops.run(self.tenant_id, naming)
                key = ("store", layers[index].number, node, when, position if relative else None)
                kept.keep_bits(key, bits, position)
        return tuple(bits for bits in found if bits is not None)

    def _folded(self, nids: BitMap) -> Bits:
        found, told = [], ids(nids)
        for layer in self.view.layers:
            size = layer.profile_id.size
            flags = np.zeros(size + 1, np.bool_)
            flags[np.minimum(layer.loaded.folding.of(told), np.uint32(size))] = True
            found.append(packed(flags[:size]))
        return tuple(found)


def _is_relative(node: Node) -> bool:
    if isinstance(node, GeneCondition) and node.as_of is not None and node.gene in RELATIVE:
        return True
    return isinstance(node, GeneCondition | AttributeCondition | ExternalCondition) and isinstance(
        node.test, AgainstYardstick | Share
    )
