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
from services.insight.reporting.scope import Reached

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
    waiting: int
    backwards: int
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None


def steps(journeys: Journeys) -> list[Step]:
    """Of the stages by orders."""
    return [
        _step("visitor", "member", journeys.first_seen, journeys.member_since),
        _step("visitor", "first_time", journeys.first_seen, journeys.first_order),
        _step("member", "first_time", journeys.member_since, journeys.first_order),
        _step("first_time", "repeat", journeys.first_order, journeys.second_order),
        _step("repeat", "loyal", journeys.second_order, journeys.nth_order),
    ]


def steps_to_member(journeys: Journeys) -> list[Step]:
    """Those that no order is part of."""
    return steps(journeys)[:1]


def _step(start: str, end: str, began: I4, ended: I4) -> Step:
    both = (began != NO_DAY) & (ended != NO_DAY)
    days = ended[both].astype(np.int64) - began[both]
    taken = days[days >= 0]
    quartiles: Sequence[float | None] = (None, None, None)
    if taken.size:
        quartiles = [round(float(one), 2) for one in np.quantile(taken, (0.25, 0.5, 0.75))]
    return Step(
        start,
        end,
        int(taken.size),
        int(np.count_nonzero((began != NO_DAY) & (ended == NO_DAY))),
        int(days.size - taken.size),
        *quartiles,
    )
