"""Answers the reports on people, each as of one moment."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from services.insight.domain.ad_costs import Cost, cost_of, costs_by_source
from services.insight.domain.genes.facts import Rules
from services.insight.domain.goals import reaching
from services.insight.domain.segments.tree import (
    All,
    AllTime,
    Dates,
    GeneCondition,
    Known,
    Node,
    OneOf,
)
from services.insight.evaluation import Evaluator, Moment
from services.insight.goals import Goals
from services.insight.reporting.funnel import (
    Stage,
    Step,
    stages_by_goal,
    stages_by_orders,
    steps,
    steps_to_member,
)
from services.insight.reporting.number import Counted, Counter, PeopleNumber, among
from services.insight.reporting.reading import Reading
from services.insight.reporting.retention import Cohort, Period, began, cohorts, joined, periods
from services.insight.reporting.scope import Reached, Scope, at_least, days_within, ordered, visited
from services.insight.reporting.sources import Sums, sums_by_source, sums_of_all, with_all
from services.insight.store.ad_costs import AdCosts
from services.insight.store.tenants import Tenants
from services.insight.valid_trees import require_valid


@dataclass(frozen=True, slots=True)
class StageNumbers:
    """A stage counted; `conversion` is of those who came as far as the stage before."""

    key: str
    there: PeopleNumber
    so_far: PeopleNumber
    conversion: float | None


@dataclass(frozen=True, slots=True)
class Funnel:
    stages: Sequence[StageNumbers]
    steps: Sequence[Step]
    rules: Rules
    counted: Counted


@dataclass(frozen=True, slots=True)
class CohortNumbers:
    """A cohort counted, cell by cell."""

    period: Period
    people: PeopleNumber
    cells: Sequence[tuple[Period, PeopleNumber]]


@dataclass(frozen=True, slots=True)
class RetentionAsked:
    """`start`: first_order, first_goal, first_visit or member_since; `activity`: order, goal or visit."""

    unit: str
    periods: int
    start: str
    activity: str
    goal: str


@dataclass(frozen=True, slots=True)
class Retention:
    cohorts: Sequence[CohortNumbers]
    counted: Counted


@dataclass(frozen=True, slots=True)
class SourcesAsked:
    """`by_visit`: by the source of each visit instead of each person's first."""

    by_visit: bool
    days: Dates
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class SourceRow:
    """`cost` is None where nothing was imported."""

    source: str
    sums: Sums
    cost: Cost | None
    visitors: PeopleNumber
    new_members: PeopleNumber
    buyers: PeopleNumber


@dataclass(frozen=True, slots=True)
class TrafficSources:
    """One page of rows, and the total and number of all."""

    rows: Sequence[SourceRow]
    total: SourceRow
    count: int
    currency: str
    counted: Counted


class PeopleReports:
    """Every number of people is the count of a tree, but where it says that none gives it."""

    def __init__(
        self,
        counter: Counter,
        evaluator: Evaluator,
        reading: Reading,
        *,
        tenants: Tenants,
        goals: Goals,
        ad_costs: AdCosts,
    ) -> None:
        self._counter = counter
        self._evaluator = evaluator
        self._reading = reading
        self._tenants = tenants
        self._goals = goals
        self._ad_costs = ad_costs

    async def today(self, tenant_id: str, moment: Moment) -> date:
        """The tenant's local day."""
        zone = (await self._tenants.load(tenant_id)).time_zone
        return datetime.fromtimestamp(moment.now_ms / 1000, UTC).astimezone(ZoneInfo(zone)).date()

    async def funnel(self, tenant_id: str, scope: Scope, goal: str, moment: Moment) -> Funnel:
        _require_valid(scope)
        rules = (await self._tenants.load(tenant_id)).rules
        stages = stages_by_goal(await self._reached(tenant_id, goal), rules) if goal else stages_by_orders()
        trees = [among(tree, *scope.filters) for stage in stages for tree in (stage.there, stage.so_far)]
        counted, only = await asyncio.gather(
            self._counter.count(tenant_id, trees, moment), self._only(tenant_id, scope, moment)
        )
        journeys = await self._reading.journeys(tenant_id, moment, rules.loyal_orders, only)
        told = steps_to_member if goal else steps
        taken = told(journeys, rules.loyal_orders, scope.filters)
        return Funnel(_stages(stages, counted.numbers), taken, rules, counted)

    async def retention(
        self, tenant_id: str, scope: Scope, asked: RetentionAsked, moment: Moment
    ) -> Retention:
        _require_valid(scope)
        reached = await self._reached(tenant_id, asked.goal)
        does: Mapping[str, Reached] = {"order": ordered, "visit": visited, "goal": reached}
        starts = {
            "first_order": began(ordered),
            "first_goal": began(reached),
            "first_visit": began(visited),
            "member_since": joined,
        }
        found = periods(asked.unit, asked.periods, await self.today(tenant_id, moment))
        planned = cohorts(found, scope.filters, starts[asked.start], does[asked.activity])
        trees = [tree for cohort in planned for tree in (cohort.began, *(cell for _, cell in cohort.cells))]
        counted = await self._counter.count(tenant_id, trees, moment)
        return Retention(_cohorts(planned, counted.numbers), counted)

    async def traffic_sources(
        self, tenant_id: str, scope: Scope, asked: SourcesAsked, moment: Moment
    ) -> TrafficSources:
        _require_valid(scope)
        tenant, only = await asyncio.gather(
            self._tenants.load(tenant_id), self._only(tenant_id, scope, moment)
        )
        days = asked.days
        bought = await self._reading.bought(tenant_id, moment, days, only)
        if asked.by_visit:
            came = await self._reading.visit_sources(tenant_id, moment, days, only)
        else:
            came = with_all(await self._reading.first_sources(tenant_id, moment, days, only), bought)
        sums = await asyncio.to_thread(sums_by_source, came, bought)
        total = await asyncio.to_thread(sums_of_all, came, bought)
        spent = await self._ad_costs.between(tenant_id, days.first_on, days.last_on)
        costs = costs_by_source(spent, tenant.rates)
        sources = sorted({*sums, *costs}, key=lambda one: _rank(one, sums))
        shown = sources[asked.offset : asked.offset + asked.size]
        trees = _trees(None, days, scope, by_visit=asked.by_visit)
        if not asked.by_visit:
            trees += [tree for one in shown for tree in _trees(one, days, scope, by_visit=False)]
        counted = await self._counter.count(tenant_id, trees, moment)
        numbers = list(counted.numbers)
        if asked.by_visit:
            numbers += [number for one in shown for number in _without_trees(sums.get(one, Sums()))]
        rows = [
            SourceRow(one, sums.get(one, Sums()), costs.get(one), *numbers[3 * place + 3 : 3 * place + 6])
            for place, one in enumerate(shown)
        ]
        of_all = SourceRow("", total, cost_of(spent, tenant.rates) if spent else None, *numbers[:3])
        return TrafficSources(rows, of_all, len(sources), tenant.currency, counted)

    async def _reached(self, tenant_id: str, goal: str) -> Reached:
        """Raises what a goal that nobody named is refused with; "" is an order."""
        require_valid(await self._goals.reached(tenant_id, goal, AllTime()))
        return lambda window, times: reaching(goal, window, at_least(times))

    async def _only(self, tenant_id: str, scope: Scope, moment: Moment) -> BitMap | None:
        if not scope.filters:
            return None
        return (await self._evaluator.evaluate(tenant_id, All(scope.filters), moment)).members


def _require_valid(scope: Scope) -> None:
    if scope.filters:
        require_valid(All(scope.filters))


def _stages(stages: Sequence[Stage], numbers: Sequence[PeopleNumber]) -> list[StageNumbers]:
    found: list[StageNumbers] = []
    for place, stage in enumerate(stages):
        there, so_far = numbers[2 * place : 2 * place + 2]
        before = found[-1].so_far.profiles if found else 0
        found.append(StageNumbers(stage.key, there, so_far, so_far.profiles / before if before else None))
    return found


def _cohorts(planned: Sequence[Cohort], numbers: Sequence[PeopleNumber]) -> list[CohortNumbers]:
    found, rest = [], iter(numbers)
    for cohort in planned:
        people = next(rest)
        cells = [(period, next(rest)) for period, _ in cohort.cells]
        found.append(CohortNumbers(cohort.period, people, cells))
    return found


def _rank(source: str, sums: Mapping[str, Sums]) -> tuple[int, int, str]:
    own = sums.get(source, Sums())
    return -own.visits, -own.orders, source


def _trees(source: str | None, days: Dates, scope: Scope, *, by_visit: bool) -> list[Node]:
    """Visitors, new members and buyers of one source, or of all; by visit those of visitors."""
    visitors = GeneCondition("sessions", at_least(1), days)
    members, buyers = All(days_within("member_since_on", days.first_on, days.last_on)), ordered(days, 1)
    filters = [*scope.filters]
    if source is not None:
        test = OneOf((source,)) if source else Known(negated=True)
        filters.append(GeneCondition("first_source", test))
    also = [*filters, visitors] if by_visit else filters
    return [among(visitors, *filters), among(members, *also), among(buyers, *also)]


def _without_trees(sums: Sums) -> list[PeopleNumber]:
    return [PeopleNumber(None, number) for number in (sums.visitors, sums.new_members, sums.buyers)]
