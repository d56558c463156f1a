"""From visitor to fan: stages as trees, and the days that steps between them take."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from services.insight.domain.genes.facts import I4, NO_DAY, Flags, Rules
from services.insight.domain.segments.starters import STARTERS
from services.insight.domain.segments.tree import (
    All,
    AllTime,
    AnyOf,
    Difference,
    GeneCondition,
    Known,
    Node,
    Not,
    OneOf,
    last_days,
)
from services.insight.reporting.number import PeopleNumber, among
from services.insight.reporting.scope import Reached, ordered

STAGES = ("visitor", "member", "first_time", "repeat", "loyal", "fan")
# What gene 28 can say; whoever is a fan is loyal to it.
_BY_GENE = STAGES[:-1]
_FAN = next(starter.tree for starter in STARTERS if starter.key == "lifecycle.fan")


@dataclass(frozen=True, slots=True)
class Stage:
    """`there`: who is at this stage now; `so_far`: who is there or further."""

    key: str
    there: Node
    so_far: Node


def stages_by_orders() -> list[Stage]:
    """By gene 28, with whoever tells others about the shop as the last."""
    found = [
        Stage(key, _at(key), _at(*_BY_GENE[place:])) for place, key in enumerate(_BY_GENE) if key != "loyal"
    ]
    loyal = Stage("loyal", Difference((_at("loyal"), _FAN)), _at("loyal"))
    return [*found, loyal, Stage("fan", _FAN, _FAN)]


def stages_by_goal(reached: Reached, rules: Rules) -> list[Stage]:
    """The same with a goal of the tenant's in the place of the order."""
    somebody = _at(*_BY_GENE)
    first, second = reached(AllTime(), 1), reached(AllTime(), 2)
    member = AnyOf((GeneCondition("member_since_on", Known()), _at("member"), first))
    loyal = All(
        (second, reached(AllTime(), rules.loyal_orders), reached(last_days(rules.loyal_days), 1)),
    )
    told = _FAN.nodes[1] if isinstance(_FAN, All) else _FAN
    fan = All((*loyal.nodes, told))
    so_far: list[Node] = [somebody, member, first, second, loyal, fan]
    there: list[Node] = [Not(member)]
    there += [Difference((one, further)) for one, further in pairwise(so_far[1:])]
    return [Stage(*one) for one in zip(STAGES, [*there, fan], so_far, strict=True)]


def _at(*stages: str) -> Node:
    return GeneCondition("member_stage", OneOf(stages))


# --- how long steps take -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Journeys:
    """Local days of everybody's milestones, NO_DAY where there is none; people are indexes.

    Orders are as settled. `nth_order` is the one that made somebody loyal, whenever that was.
    """

    first_seen: I4
    member_since: I4
    first_order: I4
    second_order: I4
    nth_order: I4

    def of(self, people: Flags) -> "Journeys":
        """These people's."""
        return Journeys(*(days[people] for days in self._all))

    @classmethod
    def of_all(cls, some: Sequence["Journeys"]) -> "Journeys":
        """Everybody's."""
        return cls(*map(np.concatenate, zip(*(one._all for one in some), strict=True)))

    @property
    def _all(self) -> tuple[I4, ...]:
        return (self.first_seen, self.member_since, self.first_order, self.second_order, self.nth_order)


@dataclass(frozen=True, slots=True)
class Step:
    """Days between two milestones of those who reached both in this order, quartiles between neighbours.

    `waiting` have reached the first only: their time is not known yet and in no quartile. `backwards` reached
    the second on an earlier day, such as guests who ordered before they became members.
    """

    start: str
    end: str
    measured: int
    waiting: PeopleNumber
    backwards: int
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None


def steps(journeys: Journeys, loyal_orders: int, filters: Sequence[Node] = ()) -> list[Step]:
    """Of the stages by orders, and of whoever fulfils the filters."""
    seen = _Milestone("visitor", GeneCondition("first_seen_on", Known()), journeys.first_seen)
    joined = _Milestone("member", GeneCondition("member_since_on", Known()), journeys.member_since)
    first = _Milestone("first_time", ordered(AllTime(), 1), journeys.first_order)
    second = _Milestone("repeat", ordered(AllTime(), 2), journeys.second_order)
    nth = _Milestone("loyal", ordered(AllTime(), loyal_orders), journeys.nth_order)
    pairs = ((seen, joined), (seen, first), (joined, first), (first, second), (second, nth))
    return [_step(began, ended, filters) for began, ended in pairs]


def steps_to_member(journeys: Journeys, loyal_orders: int, filters: Sequence[Node] = ()) -> list[Step]:
    """Those that no order is part of."""
    return steps(journeys, loyal_orders, filters)[:1]


@dataclass(frozen=True, slots=True)
class _Milestone:
    """`passed`: who has it, whenever that was."""

    stage: str
    passed: Node
    days: I4


def _step(began: _Milestone, ended: _Milestone, filters: Sequence[Node]) -> Step:
    both = (began.days != NO_DAY) & (ended.days != NO_DAY)
    days = ended.days[both].astype(np.int64) - began.days[both]
    waiting = int(np.count_nonzero((began.days != NO_DAY) & (ended.days == NO_DAY)))
    taken = days[days >= 0]
    quartiles: Sequence[float | None] = (None, None, None)
    if taken.size:
        quartiles = [round(float(one), 2) for one in np.quantile(taken, (0.25, 0.5, 0.75))]
    return Step(
        began.stage,
        ended.stage,
        int(taken.size),
        PeopleNumber(among(Difference((began.passed, ended.passed)), *filters), waiting),
        int(days.size - taken.size),
        *quartiles,
    )
