"""Looks again and again whether people in memory are as the store has them, a sample of them at a time."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from clickhouse_connect.driver.exceptions import ClickHouseError
from prometheus_client import Counter, Gauge
from pyroaring import BitMap

from chassis.clickhouse import ClickHouseUnavailable
from chassis.database import DatabaseUnavailable
from services.insight.audit_sample import Sample, differing, everybody_in, sample_among, sample_of
from services.insight.compiled import CompiledEvaluator
from services.insight.domain.catalogue import GENES, READY_WINDOWS, Gene
from services.insight.domain.genes.norms import RELATIVE
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    All,
    AllTime,
    AttributeCondition,
    EventCondition,
    GeneCondition,
    InList,
    InSegment,
    InSnapshot,
    Node,
    SequenceCondition,
    Share,
    Window,
    children,
    last_days,
    walk,
)
from services.insight.evaluation import Moment
from services.insight.population import NotInMemory, Population
from services.insight.store.audits import Audits, Compared, Run
from services.insight.store.evaluator import SqlEvaluator
from services.insight.store.segments import Choice, SegmentStore

log = logging.getLogger(__name__)

# Beside genes and kinds of conditions: who there is at all.
EVERYBODY = "everybody"
# Conditions of saved segments that one run looks at, of the segments changed last.
_CONDITIONS, _SEGMENTS = 12, 200
_LOOK_SECONDS = 5.0

_compared = Counter("insight_audit_compared_total", "Values in memory that were compared with the store's")
_different = Counter("insight_audit_different_total", "Values in memory that were not the store's", ["gene"])
_passing = Counter("insight_audit_passing_total", "Differences that were gone at the second look", ["gene"])
_reloads = Counter("insight_audit_reloads_total", "Tenants read again because memory was not as the store")
_failing = Gauge("insight_audit_failing", "1 while people in memory cannot be compared with the store")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, and how much it may take: after each question it rests `rest` times as long as that took."""

    every_seconds: float
    # Of a core, on average over the machine: above it the audit waits, but no longer than one interval.
    most_load: float = 0.7
    rest: float = 9.0
    # What is being changed may differ for a moment, and views keep what was cleaned away for a minute.
    again_after_seconds: float = 70.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was compared: a gene in a window, a condition, or who there is (neither)."""

    name: str
    window: Window | None = None
    node: Node | None = None


@dataclass
class _Look:
    """One sample at one moment, and who differed in what."""

    sample: Sample
    moment: Moment
    suspects: dict[_Asked, BitMap] = field(default_factory=dict)
    compared: dict[str, int] = field(default_factory=dict)

    def add(self, asked: _Asked, compared: int, different: BitMap) -> None:
        self.compared[asked.name] = self.compared.get(asked.name, 0) + compared
        if different:
            self.suspects[asked] = different


class Auditor:
    """Never loads a tenant but to heal it: it looks at whoever is in memory anyway.

    `position` is the writer's place.
    """

    def __init__(
        self,
        evaluator: CompiledEvaluator,
        population: Population,
        store: SqlEvaluator,
        *,
        segments: SegmentStore,
        audits: Audits,
        position: Callable[[], int],
        pace: Pace,
        random: Random | None = None,
    ) -> None:
        self._evaluator = evaluator
        self._population = population
        self._store = store
        self._segments = segments
        self._audits = audits
        self._position = position
        self._pace = pace
        self._random = random or Random()  # noqa: S311 - a sample is no secret
        # What differed when a tenant was read again last: where that does not help, once is enough.
        self._healed: dict[str, frozenset[str]] = {}

    async def run(self) -> None:
        """Returns only where nothing shall be audited; what fails is tried at the next turn."""
        while self._pace.every_seconds:
            await asyncio.sleep(self._pace.every_seconds)
            for tenant_id in list(self._population.newest()):
                await self._idle()
                try:
                    await self.audit(tenant_id)
                    _failing.set(0)
                except NotInMemory:
                    log.info("audit_left_off", extra={"tenant_id": tenant_id})
                except (ClickHouseUnavailable, ClickHouseError, DatabaseUnavailable) as error:
                    _failing.set(1)
                    log.warning("not_audited", extra={"why": str(error)[:300]})

    async def audit(self, tenant_id: str) -> Run | None:
        """Compare some people of a tenant; None where it is not in memory as of now."""
        view, now_ms = self._population.newest().get(tenant_id), time.time_ns() // 1_000_000
        if view is None or not view.newest_ms <= now_ms < view.next_ms:
            return None
        began_at, started = datetime.now(UTC), time.monotonic()
        sample = await self._evaluator.run(tenant_id, lambda: sample_of(view, self._random))
        look = _Look(sample, Moment(view.position, now_ms))
        genes = map(self._windowed, GENES)
        for asked in [_Asked(EVERYBODY), *genes, *await self._conditions(tenant_id)]:
            await self._compare(tenant_id, look, asked)
        still: Mapping[_Asked, BitMap] = {}
        if look.suspects:
            await asyncio.sleep(self._pace.again_after_seconds)
            still = (await self._second_look(tenant_id, look.suspects)).suspects
        run = Run(
            began_at,
            round(time.monotonic() - started, 3),
            view.position,
            len(sample.profile_ids),
            _counted(look, still),
            reloaded=await self._heal(tenant_id, still),
        )
        self._say(tenant_id, run)
        await self._audits.add(tenant_id, run)
        return run

    async def _second_look(self, tenant_id: str, suspects: Mapping[_Asked, BitMap]) -> _Look:
        """At those who differed, as of now."""
        moment = Moment(self._position(), time.time_ns() // 1_000_000)
        view = await self._population.view(tenant_id, moment)
        look = _Look(sample_among(view, BitMap()), moment)
        for asked, people in suspects.items():
            look.sample = sample_among(view, people)
            await self._compare(tenant_id, look, asked)
        return look

    async def _heal(self, tenant_id: str, still: Iterable[_Asked]) -> bool:
        """Whether the tenant was read again."""
        names = frozenset(asked.name for asked in still)
        # Where the same differs after a reload, memory and store count otherwise: only people can heal that.
        before = self._healed.pop(tenant_id, frozenset())
        if not names or names <= before:
            return False
        self._healed[tenant_id] = names
        self._population.drop(tenant_id)
        self._evaluator.renew_yardsticks(tenant_id)
        with contextlib.suppress(NotInMemory):
            await self._population.view(tenant_id, Moment(self._position(), time.time_ns() // 1_000_000))
        _reloads.inc()
        return True

    def _say(self, tenant_id: str, run: Run) -> None:
        _compared.inc(run.compared)
        wrong = {name: one for name, one in run.genes.items() if one.different or one.passing}
        for name, one in wrong.items():
            _different.labels(name).inc(one.different)
            _passing.labels(name).inc(one.passing)
        facts = {"tenant_id": tenant_id, "people": run.people, "compared": run.compared}
        facts |= {"seconds": run.seconds, "position": run.position, "reloaded": run.reloaded}
        if run.different:
            drifted = {name: one.different for name, one in wrong.items() if one.different}
            log.error("memory_drifted", extra=facts | {"genes": drifted})
        else:
            log.info("memory_audited", extra=facts | {"passing": run.passing})

    # --- one comparison ------------------------------------------------------------------------------------

    async def _compare(self, tenant_id: str, look: _Look, asked: _Asked) -> None:
        async with self._resting():
            if asked.node is not None:
                await self._compare_condition(tenant_id, look, asked)
            elif asked.name == EVERYBODY:
                stored = await self._store.condition(tenant_id, All(()), look.moment)
                here = await self._evaluator.run(tenant_id, lambda: everybody_in(look.sample.view))
                look.add(asked, len(stored), stored ^ here)
            else:
                told = await self._evaluator.run(
                    tenant_id,
                    lambda: look.sample.values(asked.name, asked.window, look.moment.now_ms),
                )
                ids = look.sample.profile_ids
                wanted = await self._store.values(tenant_id, asked.name, asked.window, ids, look.moment)
                look.add(asked, len(ids), differing(told, wanted))

    async def _compare_condition(self, tenant_id: str, look: _Look, asked: _Asked) -> None:
        """Bits as answers have them, kept ones included; of now, for old views are soon gone."""
        assert asked.node is not None
        moment = Moment(self._position(), time.time_ns() // 1_000_000)
        sets = await self._evaluator.sets(tenant_id, [asked.node], moment)
        bits = sets.bits[0]
        # A tree that fails, fails for whoever asks.
        if isinstance(bits, Exception):
            return
        sample = sample_among(sets.view, BitMap(look.sample.profile_ids))
        people = BitMap(sample.profile_ids)
        wanted = await self._store.condition(tenant_id, asked.node, moment, sample.nids)
        look.add(asked, len(people), (sample.members(bits) ^ wanted) & people)

    def _windowed(self, gene: Gene) -> _Asked:
        """In any of the windows that are asked for most."""
        if gene.windows is None:
            return _Asked(gene.id)
        windows: list[Window] = [last_days(days) for days in READY_WINDOWS if days <= gene.windows.max_days]
        if not gene.windows.bounded:
            windows.append(AllTime())
        return _Asked(gene.id, self._random.choice(windows))

    async def _conditions(self, tenant_id: str) -> list[_Asked]:
        """Of saved segments, but none that compares people with others: yardsticks are an hour old here."""
        async with self._segments.reading(tenant_id) as shelf:
            saved = await shelf.page(Choice("changed", n_segments=_SEGMENTS))
        nodes = {node for one in saved for _, node in walk(one.draft.tree) if _is_own(node)}
        drawn = self._random.sample(sorted(nodes, key=repr), min(len(nodes), _CONDITIONS))
        return [_Asked(_kind(node), node=node) for node in drawn]

    # --- keeping out of the way ----------------------------------------------------------------------------

    async def _idle(self) -> None:
        """Wait for a machine with nothing better to do, at most for an interval."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pace.every_seconds):
                while os.getloadavg()[0] > self._pace.most_load * (os.cpu_count() or 1):
                    await asyncio.sleep(_LOOK_SECONDS)

    @contextlib.asynccontextmanager
    async def _resting(self) -> AsyncIterator[None]:
        started = time.monotonic()
        yield
        await asyncio.sleep(self._pace.rest * (time.monotonic() - started))


def _counted(look: _Look, still: Mapping[_Asked, BitMap]) -> dict[str, Compared]:
    """Of two looks what differed in both, and what in the first only."""
    different, passing = dict.fromkeys(look.compared, 0), dict.fromkeys(look.compared, 0)
    for asked, first in look.suspects.items():
        both = len(still.get(asked, BitMap()))
        different[asked.name] += both
        passing[asked.name] += max(len(first) - both, 0)
    return {
        name: Compared(compared, different[name], passing[name]) for name, compared in look.compared.items()
    }


def _is_own(node: Node) -> bool:
    """Whether it is a condition that asks a person's own facts alone."""
    if children(node) or isinstance(node, All | InSegment):
        return False
    test: Any = getattr(node, "test", None)
    relative = isinstance(node, GeneCondition) and node.gene in RELATIVE
    return not relative and not isinstance(test, AgainstYardstick | Share)


def _kind(node: Node) -> str:
    match node:
        case GeneCondition(gene):
            return gene
        case AttributeCondition():
            return "attributes"
        case EventCondition() | SequenceCondition():
            return "events"
        case InList() | InSnapshot():
            return "lists"
        case _:
            return "others"
