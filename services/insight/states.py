"""Who went from which state to which between two days: NES and NAPL."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.insight.domain.catalogue import DERIVED, Gene
from services.insight.domain.days import begins_at
from services.insight.domain.segments.tree import All, Dates, GeneCondition, Known, Node, OneOf
from services.insight.domain.segments.validation import FIRST_ON
from services.insight.errors import DayNotValid, GeneNotKnown
from services.insight.evaluation import Moment
from services.insight.evaluators import Evaluators
from services.insight.reporting.number import PeopleNumber
from services.insight.store.tenants import Tenants
from services.insight.tree_types import TreeTypes
from services.insight.valid_trees import require_valid

_ASLEEP: Mapping[str, frozenset[str]] = {
    "nes_state": frozenset({"s1", "s2", "s3"}),
    "napl_state": frozenset({"sleeping", "lost"}),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """From the end of one local day to that of another, None: now; `among` None is everybody."""

    state: str
    from_on: date
    to_on: date | None
    among: Node | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How many are in a state at the end."""

    state: str
    profiles: int
    tree: Node


@dataclass(frozen=True, slots=True)
class Move:
    """How many were in one state and then in the other; "" is no state."""

    before: str
    after: str
    profiles: int
    tree: Node


@dataclass(frozen=True, slots=True)
class Transitions:
    """`woken` of `asleep` were awake at the end."""

    moved: Sequence[Move]
    endings: Sequence[Ending]
    asleep: PeopleNumber
    woken: PeopleNumber
    everybody: int


class States:
    """Both days are told with what is known now."""

    def __init__(self, evaluators: Evaluators, tenants: Tenants, types: TreeTypes) -> None:
        self._evaluators = evaluators
        self._tenants = tenants
        self._types = types

    async def transitions(self, tenant_id: str, asked: Asked, moment: Moment) -> Transitions:
        gene = next((one for one in DERIVED if one.id == asked.state), None)
        if gene is None:
            known = ", ".join(one.id for one in DERIVED)
            raise GeneNotKnown(f"There is no such state; choose from {known}.", gene=asked.state[:64])
        among = asked.among or All(())
        if asked.among is not None:
            require_valid(among, await self._types.of(tenant_id, among))
        begins, ends = await self._moments(tenant_id, asked, moment)
        # Memory tells of now alone, and a tree of a past day is asked of the store, too.
        told = self._evaluators if asked.to_on is None else self._evaluators.store
        before, after, of = await asyncio.gather(
            self._evaluators.store.values(tenant_id, gene.id, None, None, begins),
            told.values(tenant_id, gene.id, None, None, ends),
            self._evaluators.evaluate(tenant_id, among, moment),
        )
        counted = await asyncio.to_thread(_counted, before, after, of.members)
        return _told(_Report(gene, asked), counted)

    async def _moments(self, tenant_id: str, asked: Asked, moment: Moment) -> tuple[Moment, Moment]:
        zone = (await self._tenants.load(tenant_id)).time_zone
        today = datetime.fromtimestamp(moment.now_ms / 1000, UTC).astimezone(ZoneInfo(zone)).date()
        last = asked.to_on or today
        if not FIRST_ON <= asked.from_on < last:
            raise DayNotValid("Choose a first day before the last one.", on=asked.from_on)
        if asked.to_on is not None and asked.to_on >= today:
            raise DayNotValid("This day is not over yet; leave it out for now.", on=asked.to_on)
        ends = moment if asked.to_on is None else _end_of(asked.to_on, zone, moment)
        return _end_of(asked.from_on, zone, moment), ends


def _end_of(on: date, zone: str, moment: Moment) -> Moment:
    after = begins_at(on + timedelta(1), zone)
    return Moment(moment.position, int(after.timestamp() * 1000) - 1)


def _counted(before: Mapping[int, Any], after: Mapping[int, Any], of: Any) -> Counter[tuple[str, str]]:
    return Counter((before.get(one) or "", after.get(one) or "") for one in of)


@dataclass(frozen=True, slots=True)
class _Report:
    """Makes the trees of its numbers."""

    gene: Gene
    asked: Asked

    def among(self, *conditions: Node) -> Node:
        """These of the people whom the report is of."""
        filters = () if self.asked.among is None else (self.asked.among,)
        nodes = (*filters, *conditions)
        return nodes[0] if len(nodes) == 1 else All(nodes)

    def before(self, states: Sequence[str]) -> Node:
        return self._in(states, self.asked.from_on)

    def after(self, states: Sequence[str]) -> Node:
        return self._in(states, self.asked.to_on)

    def _in(self, states: Sequence[str], on: date | None) -> Node:
        test = Known(negated=True) if "" in states else OneOf(tuple(states))
        return GeneCondition(self.gene.id, test, as_of=None if on is None else Dates(on, on))


def _told(report: _Report, counted: Counter[tuple[str, str]]) -> Transitions:
    states = ["", *(report.gene.choices or ())]
    asleep = [state for state in states if state in _ASLEEP[report.gene.id]]
    awake = [state for state in states[1:] if state not in asleep]
    moved = [
        Move(
            before,
            after,
            counted[before, after],
            report.among(report.before([before]), report.after([after])),
        )
        for before in states
        for after in states
        if counted[before, after]
    ]
    endings = [
        Ending(
            state,
            sum(counted[before, state] for before in states),
            report.among(report.after([state])),
        )
        for state in states[1:]
    ]
    slept = sum(one.profiles for one in moved if one.before in asleep)
    woken = sum(one.profiles for one in moved if one.before in asleep and one.after in awake)
    return Transitions(
        moved,
        endings,
        PeopleNumber(report.among(report.before(asleep)), slept),
        PeopleNumber(report.among(report.before(asleep), report.after(awake)), woken),
        counted.total(),
    )
