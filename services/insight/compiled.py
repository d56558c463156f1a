"""Evaluates segments by compiled loops over people in memory; groups are and, or, not over packed bits."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Protocol, TypeVar

import numpy as np
from pyroaring import BitMap

from services.insight.compiled_values import Teller
from services.insight.domain.genes.bits import (
    Bits,
    both,
    either,
    ids,
    n_people,
    nobody,
    packed,
    unpacked,
    without,
)
from services.insight.domain.genes.conditions import passes
from services.insight.domain.genes.facts import U1
from services.insight.domain.genes.norms import RELATIVE, Norms, norms, sample
from services.insight.domain.genes.numbers import number
from services.insight.domain.genes.profile_ids import profile_ids_of
from services.insight.domain.genes.yardsticks import Yardstick, yardstick
from services.insight.domain.segments.answers import Evaluation, Size
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    All,
    AnyOf,
    AttributeCondition,
    Difference,
    GeneCondition,
    InList,
    InSegment,
    InSnapshot,
    Node,
    Not,
    SequenceCondition,
    Share,
    Window,
    children,
    walk,
)
from services.insight.evaluation import Moment, Sources
from services.insight.population import Layer, Population, View

T = TypeVar("T")

# How long a yardstick is laid on before it is made anew.
YARDSTICK_SECONDS = 3600.0
_CACHED_BYTES = 128_000_000
_CACHED_YARDSTICKS = 2000
# Whether somebody's cart is idle, or the time for something is over, may change with every moment.
_TIMERS = frozenset({"abandoned_cart"})
# So few travel in the address of a request.
_FEW_NIDS = 4000


class Asked(Protocol):
    """Who answers a condition that columns cannot."""

    async def condition(
        self, tenant_id: str, node: Node, moment: Moment, nids: Sequence[int] | None = None
    ) -> BitMap:
        """Profile ids; with `nids`, which are all of some people, of these only."""


@dataclass(frozen=True, slots=True)
class _Measure:
    """A tenant's yardstick and norms of one gene and window, and when they were made."""

    norms: Norms
    yardstick: Yardstick | None
    made_at: float


@dataclass(frozen=True, slots=True)
class Sets:
    """Bits of some trees over one view, in the order asked for, or why a tree has none.

    `ages` are those of the yardsticks that each was laid on, in seconds.
    """

    view: View
    bits: Sequence[Bits | Exception]
    ages: Sequence[float | None]


class CompiledEvaluator:
    """An Evaluator. Raises NotInMemory where memory cannot answer."""

    def __init__(self, population: Population, store: Asked, sources: Sources) -> None:
        self._population = population
        self._store = store
        self._sources = sources
        # One thread: columns derive their parts when first asked, and loops let go of the interpreter's lock.
        self._loops = ThreadPoolExecutor(1, "genes")
        self._bits: OrderedDict[Hashable, tuple[int, U1]] = OrderedDict()
        self._cached_bytes = 0
        self._measures: OrderedDict[Hashable, _Measure] = OrderedDict()
        self._teller = Teller()

    async def evaluate(self, tenant_id: str, root: Node, moment: Moment) -> Evaluation:
        return (await self.evaluate_many(tenant_id, [root], moment))[0]

    async def evaluate_many(
        self, tenant_id: str, roots: Sequence[Node], moment: Moment
    ) -> Sequence[Evaluation]:
        answering = await self._answering(tenant_id, moment)
        return [await answering.evaluation(root) for root in roots]

    async def sets(
        self, tenant_id: str, roots: Sequence[Node], moment: Moment, patience_seconds: float = 30.0
    ) -> Sets:
        """Who answers each tree, as bits; a tree that fails or takes too long does not stop the others."""
        answering = await self._answering(tenant_id, moment)
        found: list[Bits | Exception] = []
        ages: list[float | None] = []
        for root in roots:
            bits, age = await answering.told(root, patience_seconds)
            found.append(bits)
            ages.append(age)
        return Sets(answering.view, found, ages)

    async def values(
        self,
        tenant_id: str,
        gene: str,
        window: Window | None,
        profile_ids: Sequence[int] | None,
        moment: Moment,
    ) -> Mapping[int, Any]:
        """Of everybody, or of these profiles as far as they are somebody; None where it is unknown.

        Lists are frozensets of texts, a map is a dict, money is a Decimal.
        """
        answering = await self._answering(tenant_id, moment)
        measure = await answering.measure(gene, window) if gene in RELATIVE else None
        known = Norms() if measure is None else measure.norms
        layers = answering.view.layers
        return await self.run(
            lambda: self._teller.values(layers, (gene, window), profile_ids, moment.now_ms, known)
        )

    def renew_yardsticks(self, tenant_id: str) -> None:
        """Have the next answer make them anew."""
        for key in [key for key in self._measures if isinstance(key, tuple) and key[0] == tenant_id]:
            del self._measures[key]

    async def aclose(self) -> None:
        """Stop what goes on in the background."""
        await self._population.close()
        self._loops.shutdown(wait=True, cancel_futures=True)

    async def run(self, act: Callable[[], T]) -> T:
        """In the thread of the loops."""
        return await asyncio.get_running_loop().run_in_executor(self._loops, act)

    async def _answering(self, tenant_id: str, moment: Moment) -> "_Answering":
        view = await self._population.view(tenant_id, moment)
        return _Answering(self, view, tenant_id, moment)

    # --- what is kept --------------------------------------------------------------------------------------

    def kept_bits(self, key: Hashable, position: int = 0) -> U1 | None:
        """Not those made of a later place: people who were touched since are not hidden at this one."""
        made_at, bits = self._bits.get(key, (0, None))
        if bits is None or made_at > position:
            return None
        self._bits.move_to_end(key)
        return bits

    def keep_bits(self, key: Hashable, bits: U1, position: int = 0) -> None:
        if key in self._bits:
            self._cached_bytes -= self._bits[key][1].nbytes
        self._bits[key] = position, bits
        self._cached_bytes += bits.nbytes
        while self._cached_bytes > _CACHED_BYTES:
            _, (_, oldest) = self._bits.popitem(last=False)
            self._cached_bytes -= oldest.nbytes

    def kept_measure(self, key: Hashable) -> _Measure | None:
        measure = self._measures.get(key)
        if measure is None or time.monotonic() - measure.made_at > YARDSTICK_SECONDS:
            return None
        return measure

    def keep_measure(self, key: Hashable, measure: _Measure) -> None:
        self._measures[key] = measure
        self._measures.move_to_end(key)
        while len(self._measures) > _CACHED_YARDSTICKS:
            self._measures.popitem(last=False)

    @property
    def sources(self) -> Sources:
        return self._sources

    @property
    def store(self) -> Asked:
        return self._store


@dataclass
class _Answering:
    """Answers trees of one view; each node once. Cancelled, it ends with the condition in hand."""

    evaluator: CompiledEvaluator
    view: View
    tenant_id: str
    moment: Moment
    # With the age of the yardsticks that a node was laid on: several trees may share it.
    _known: dict[Node, tuple[Bits, float | None]] = field(default_factory=dict)
    _age_seconds: float | None = None

    def __post_init__(self) -> None:
        self.today = self.view.layers[0].columns.today(self.moment.now_ms)
        self.everybody = tuple(packed(~layer.hidden) for layer in self.view.layers)

    async def told(self, root: Node, patience_seconds: float) -> tuple[Bits | Exception, float | None]:
        """The bits of a tree or why there are none, and the age of its yardsticks."""
        self._age_seconds = None
        try:
            async with asyncio.timeout(patience_seconds):
                return await self.bits(root), self._age_seconds
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this tree's alone
            return error, None

    async def evaluation(self, root: Node) -> Evaluation:
        self._age_seconds = None
        counts = {path: n_people(await self.bits(node)) for path, node in walk(root)}
        found = await self.bits(root)
        members, size = await self.evaluator.run(lambda: self._size(found))
        return Evaluation(
            members,
            size,
            counts,
            n_people(self.everybody),
            self.moment.position,
            self.moment.now_ms,
            self._age_seconds,
        )

    def _size(self, found: Bits) -> tuple[BitMap, Size]:
        members, n_members = BitMap(), 0
        channels = self.view.layers[0].loaded.facts.channels
        reachable = dict.fromkeys(channels, 0)
        for layer, bits in zip(self.view.layers, found, strict=True):
            people = layer.loaded.facts.people
            flags = unpacked(bits, people.profile_id.size)
            members |= profile_ids_of(flags, people.profile_id)
            n_members += int(np.count_nonzero(flags & people.member))
            for bit, channel in enumerate(channels):
                reached = (people.reachable & np.uint16(1 << bit)) != 0
                reachable[channel] += int(np.count_nonzero(flags & reached))
        return members, Size(len(members), n_members, reachable)

    # --- groups --------------------------------------------------------------------------------------------

    async def bits(self, node: Node) -> Bits:
        """Of nobody who is hidden."""
        if node not in self._known:
            outside, self._age_seconds = self._age_seconds, None
            self._known[node] = await self._bits_of(node), self._age_seconds
            self._age_seconds = outside
        found, age_seconds = self._known[node]
        if age_seconds is not None:
            self._age_seconds = max(age_seconds, self._age_seconds or 0.0)
        return found

    async def _bits_of(self, node: Node) -> Bits:
        if isinstance(node, InSegment):
            return await self.bits(await self.evaluator.sources.tree(self.tenant_id, node.segment_id))
        if not isinstance(node, All | AnyOf | Not | Difference):
            return both(await self._condition(node), self.everybody)
        parts = [await self.bits(child) for child in children(node)]
        match node:
            case All():
                return reduce(both, parts, self.everybody)
            case AnyOf():
                return reduce(either, parts, nobody(self.everybody))
            case Not():
                return without(self.everybody, parts[0])
            case Difference():
                return reduce(without, parts[1:], parts[0]) if parts else nobody(self.everybody)

    # --- conditions ----------------------------------------------------------------------------------------

    async def _condition(self, node: Node) -> Bits:
        match node:
            case GeneCondition():
                return await self._gene(node)
            case InSnapshot(snapshot_id):
                return self._folded(await self.evaluator.sources.snapshot(self.tenant_id, snapshot_id))
            case InList(list_id):
                return self._folded(await self.evaluator.sources.listed(self.tenant_id, list_id))
        return await self._stored(node)

    async def _stored(self, node: Node) -> Bits:
        """Of the base once a day, for who has anything new is hidden there; of the overlay when it is new."""
        timed = isinstance(node, SequenceCondition) and node.absent
        when: Hashable = self.moment.now_ms if timed else self.today
        relative = _is_relative(node)
        keys = [
            ("store", layer.number, node, when, self.moment.position if relative else None)
            for layer in self.view.layers
        ]
        position = self.moment.position
        found = [self.evaluator.kept_bits(key, position) for key in keys]
        missing = [index for index, bits in enumerate(found) if bits is None]
        if missing:
            last = self.view.layers[-1]
            nids = None
            if missing == [1] and not relative and last.loaded.folding.nid.size <= _FEW_NIDS:
                nids = last.loaded.folding.nid.tolist()
            profiles = ids(await self.evaluator.store.condition(self.tenant_id, node, self.moment, nids))
            for index in missing:
                bits = packed(np.isin(self.view.layers[index].profile_id, profiles))
                self.evaluator.keep_bits(keys[index], bits, position)
                found[index] = bits
        return tuple(bits for bits in found if bits is not None)

    def _folded(self, nids: BitMap) -> Bits:
        found, told = [], ids(nids)
        for layer in self.view.layers:
            size = layer.profile_id.size
            flags = np.zeros(size + 1, np.bool_)
            flags[np.minimum(layer.loaded.folding.of(told), np.uint32(size))] = True
            found.append(packed(flags[:size]))
        return tuple(found)

    async def _gene(self, node: GeneCondition) -> Bits:
        measure = None
        if node.gene in RELATIVE or _is_relative(node):
            measure = await self.measure(node.gene, node.window)
            age = time.monotonic() - measure.made_at
            self._age_seconds = max(age, self._age_seconds or 0.0)
        when = self.moment.now_ms if node.gene in _TIMERS else self.today
        made_at = None if measure is None else measure.made_at
        keys = [(layer.number, node, when, made_at) for layer in self.view.layers]
        found = []
        for key, layer in zip(keys, self.view.layers, strict=True):
            bits = self.evaluator.kept_bits(key)
            if bits is None:
                bits = await self.evaluator.run(lambda: self._passing(layer, node, measure))  # noqa: B023
                self.evaluator.keep_bits(key, bits)
            found.append(bits)
        return tuple(found)

    def _passing(self, layer: Layer, node: GeneCondition, measure: _Measure | None) -> U1:
        if measure is None:
            return packed(passes(layer.columns, node, self.moment.now_ms))
        return packed(passes(layer.columns, node, self.moment.now_ms, measure.norms, measure.yardstick))

    async def measure(self, gene: str, window: Window | None) -> _Measure:
        """The yardstick of everybody, at most an hour old, and never of another day."""
        key = (self.tenant_id, gene, window, self.today, self.view.counting.key)
        found = self.evaluator.kept_measure(key)
        if found is None:
            found = await self.evaluator.run(lambda: self._measured(gene, window))
            self.evaluator.keep_measure(key, found)
        return found

    def _measured(self, gene: str, window: Window | None) -> _Measure:
        now_ms, layers = self.moment.now_ms, self.view.layers
        samples = [sample(layer.columns, gene, window, now_ms, layer.hidden) for layer in layers]
        known = norms(gene, samples)
        laid = None
        if gene != "interest_strength":
            numbers = [number(layer.columns, gene, window, now_ms, known) for layer in layers]
            values: list[Any] = [
                one.values[one.known & ~layer.hidden] for one, layer in zip(numbers, layers, strict=True)
            ]
            laid = yardstick(np.concatenate(values), numbers[0].scale)
        return _Measure(known, laid, time.monotonic())


def _is_relative(node: Node) -> bool:
    return isinstance(node, GeneCondition | AttributeCondition) and isinstance(
        node.test, AgainstYardstick | Share
    )
