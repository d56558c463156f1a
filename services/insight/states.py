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
from services.insight.domain.segments.tree import All, GeneCondition, Node, OneOf
from services.insight.domain.segments.validation import FIRST_ON
from services.insight.errors import DayNotValid, GeneNotKnown
from services.insight.evaluation import Moment
from services.insight.evaluators import Evaluators
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
    """How many are in a state at the end; the tree is None for a past day."""

    state: str
    profiles: int
    tree: Node | None


@dataclass(frozen=True, slots=True)
class Transitions:
    """(before, after) with how many; "" is no state. `woken` of `asleep` were awake at the end."""

    moved: Sequence[tuple[str, str, int]]
    endings: Sequence[Ending]
    asleep: int
    woken: int
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
        before, after, of = await asyncio.gather(
            self._evaluators.values(tenant_id, gene.id, None, None, begins),
            self._evaluators.values(tenant_id, gene.id, None, None, ends),
            self._evaluators.evaluate(tenant_id, among, moment),
        )
        kept = None if asked.to_on is not None else asked.among
        counted = await asyncio.to_thread(_counted, before, after, of.members)
        return _told(gene, counted, (kept, asked.to_on is None))

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


def _told(gene: Gene, counted: Counter[tuple[str, str]], kept: tuple[Node | None, bool]) -> Transitions:
    """`kept`: whom the numbers are of, and whether they end now."""
    among, now = kept
    states = ["", *(gene.choices or ())]
    asleep = _ASLEEP[gene.id]
    endings = []
    for state in states[1:]:
        profiles = sum(counted[before, state] for before in states)
        condition = GeneCondition(gene.id, OneOf((state,)))
        tree = condition if among is None else All((among, condition))
        endings.append(Ending(state, profiles, tree if now else None))
    slept = {pair: n for pair, n in counted.items() if pair[0] in asleep}
    pairs = [(before, after) for before in states for after in states if counted[before, after]]
    return Transitions(
        [(*pair, counted[pair]) for pair in pairs],
        endings,
        sum(slept.values()),
        sum(n for (_, after), n in slept.items() if after and after not in asleep),
        counted.total(),
    )
