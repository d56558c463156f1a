"""gRPC in: reports on people, and what advertising cost."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import grpc
from contracts.insight.v1 import people_reports_service_pb2 as pb
from contracts.insight.v1 import people_reports_service_pb2_grpc as pb_grpc

from chassis.rpc import tenant
from services.insight.api.report_messages import people_number, report_as_of
from services.insight.domain.ad_costs import AdCost, Cost, divided
from services.insight.domain.days import NoSuchRange, days
from services.insight.domain.money import as_text
from services.insight.domain.segments.tree import Dates
from services.insight.errors import DayNotValid, PageTokenNotValid, RangeNotValid, ReportNotValid
from services.insight.evaluation import Moment
from services.insight.paging import page_size, text_place, text_token
from services.insight.reporting.ad_spend import AdSpend, Sent
from services.insight.reporting.funnel import Step
from services.insight.reporting.people_reports import (
    CohortNumbers,
    PeopleReports,
    RetentionAsked,
    SourceRow,
    SourcesAsked,
    StageNumbers,
)
from services.insight.reporting.retention import MONTH, MOST_PERIODS, WEEK, Period
from services.insight.reporting.scope import Scope
from services.insight.store.events import Watermark

_DEFAULT_PERIODS = 12
_MOST_ROWS = 100
_SOURCES = "traffic_sources"
_COSTS = "ad_costs"
_NUMBER = re.compile("[0-9]{1,18}")
_UNITS: Mapping[int, str] = {
    pb.PERIOD_UNIT_UNSPECIFIED: MONTH,
    pb.PERIOD_UNIT_WEEK: WEEK,
    pb.PERIOD_UNIT_MONTH: MONTH,
}
_STARTS: Mapping[int, str] = {
    pb.COHORT_START_UNSPECIFIED: "first_order",
    pb.COHORT_START_FIRST_ORDER: "first_order",
    pb.COHORT_START_FIRST_GOAL: "first_goal",
    pb.COHORT_START_FIRST_VISIT: "first_visit",
    pb.COHORT_START_MEMBER_SINCE: "member_since",
}
_ACTIVITIES: Mapping[int, str] = {
    pb.COHORT_ACTIVITY_UNSPECIFIED: "order",
    pb.COHORT_ACTIVITY_ORDER: "order",
    pb.COHORT_ACTIVITY_GOAL: "goal",
    pb.COHORT_ACTIVITY_VISIT: "visit",
}

Context = grpc.aio.ServicerContext[Any, Any]


class PeopleReportsApi(pb_grpc.PeopleReportsServiceServicer):
    """contracts.insight.v1.PeopleReportsService."""

    service_name = pb.DESCRIPTOR.services_by_name["PeopleReportsService"].full_name

    def __init__(self, reports: PeopleReports, ad_spend: AdSpend, watermark: Callable[[], Watermark]) -> None:
        self._reports = reports
        self._ad_spend = ad_spend
        self._watermark = watermark

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_PeopleReportsServiceServicer_to_server(self, server)

    async def GetFunnel(self, request: pb.GetFunnelRequest, context: Context) -> pb.GetFunnelResponse:
        watermark = self._watermark()
        moment = _moment(watermark)
        found = await self._reports.funnel(tenant(), _scope(request.scope), request.goal, moment)
        return pb.GetFunnelResponse(
            stages=[_stage(stage) for stage in found.stages],
            steps=[_step(step) for step in found.steps],
            everybody=found.counted.everybody,
            loyal_orders=found.rules.loyal_orders,
            loyal_days=found.rules.loyal_days,
            as_of=report_as_of(found.counted, watermark, moment),
        )

    async def GetRetention(
        self, request: pb.GetRetentionRequest, context: Context
    ) -> pb.GetRetentionResponse:
        n_periods = request.periods or _DEFAULT_PERIODS
        if n_periods > MOST_PERIODS:
            raise ReportNotValid(f"Ask for at most {MOST_PERIODS} periods.", periods=n_periods)
        try:
            unit, start = _UNITS[request.unit], _STARTS[request.start]
            activity = _ACTIVITIES[request.activity]
        except KeyError as error:
            raise ReportNotValid("Name a unit, a start and an activity of the contract.") from error
        asked = RetentionAsked(unit, n_periods, start, activity, request.goal)
        watermark = self._watermark()
        moment = _moment(watermark)
        found = await self._reports.retention(tenant(), _scope(request.scope), asked, moment)
        return pb.GetRetentionResponse(
            cohorts=[_cohort(cohort) for cohort in found.cohorts],
            everybody=found.counted.everybody,
            as_of=report_as_of(found.counted, watermark, moment),
        )

    async def ListTrafficSources(
        self, request: pb.ListTrafficSourcesRequest, context: Context
    ) -> pb.ListTrafficSourcesResponse:
        size, watermark = page_size(request.page_size, _MOST_ROWS), self._watermark()
        moment, offset = _moment(watermark), 0
        if request.page_token:
            watermark, moment, offset = _place(request)
        today = await self._reports.today(tenant(), moment)
        window = Dates(*_days(request.from_on, request.to_on, today))
        by_visit = request.of == pb.SOURCE_OF_VISITS
        asked = SourcesAsked(by_visit, window, offset, size)
        found = await self._reports.traffic_sources(tenant(), _scope(request.scope), asked, moment)
        following = offset + len(found.rows)
        return pb.ListTrafficSourcesResponse(
            sources=[_source(row) for row in found.rows],
            total=_source(found.total),
            source_count=found.count,
            next_page_token=_token(request, watermark, moment, following) if following < found.count else "",
            currency=found.currency,
            from_on=window.first_on.isoformat(),
            to_on=window.last_on.isoformat(),
            as_of=report_as_of(found.counted, watermark, moment),
        )

    # --- what advertising cost -----------------------------------------------------------------------------

    async def ReplaceAdCosts(
        self, request: pb.ReplaceAdCostsRequest, context: Context
    ) -> pb.ReplaceAdCostsResponse:
        sent = [Sent(one.on, one.amount, one.currency) for one in request.costs]
        span = (request.from_on, request.to_on)
        removed = await self._ad_spend.replace(tenant(), request.source, span, sent, request.actor)
        return pb.ReplaceAdCostsResponse(removed=removed, stored=len(sent))

    async def ListAdCosts(self, request: pb.ListAdCostsRequest, context: Context) -> pb.ListAdCostsResponse:
        size = page_size(request.page_size)
        after = ("", date.min)
        if request.page_token:
            source, on = text_place(_COSTS, request.page_token, 2)
            after = (source, _day(on))
        span = (request.from_on, request.to_on)
        found = await self._ad_spend.page(tenant(), request.source, span, after, size + 1)
        page = found[:size]
        following = text_token(_COSTS, page[-1].source, page[-1].on.isoformat()) if found[size:] else ""
        return pb.ListAdCostsResponse(costs=[_ad_cost(one) for one in page], next_page_token=following)

    async def DeleteAdCosts(
        self, request: pb.DeleteAdCostsRequest, context: Context
    ) -> pb.DeleteAdCostsResponse:
        span = (request.from_on, request.to_on)
        return pb.DeleteAdCostsResponse(removed=await self._ad_spend.delete(tenant(), request.source, span))


def _moment(watermark: Watermark) -> Moment:
    return Moment(watermark.position, time.time_ns() // 1_000_000)


# --- in ----------------------------------------------------------------------------------------------------


def _scope(message: pb.ReportScope) -> Scope:
    first, last = (_day(text) if text else None for text in (message.first_seen_from, message.first_seen_to))
    if first is not None and last is not None and first > last:
        raise RangeNotValid("The first day is after the last.", from_on=first, to_on=last)
    return Scope(message.segment_id or None, first, last)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DayNotValid("Send an ISO date such as 2026-11-22.", on=text[:64]) from error


def _days(from_on: str, to_on: str, today: date) -> tuple[date, date]:
    try:
        return days(from_on, to_on, today=today)
    except NoSuchRange as error:
        raise RangeNotValid(
            f"Ask for ISO dates, the first not after the last, at most 800 days: {error}.",
            from_on=from_on[:64],
            to_on=to_on[:64],
        ) from error


def _token(request: pb.ListTrafficSourcesRequest, watermark: Watermark, moment: Moment, offset: int) -> str:
    """Of the same moment, so that no source moves between pages."""
    as_of_ms = round(watermark.as_of.timestamp() * 1000) if watermark.as_of else 0
    numbers = (watermark.position, as_of_ms, moment.now_ms, offset)
    return text_token(_SOURCES, _question(request), *map(str, numbers))


def _place(request: pb.ListTrafficSourcesRequest) -> tuple[Watermark, Moment, int]:
    question, *numbers = text_place(_SOURCES, request.page_token, 5)
    if question != _question(request) or not all(_NUMBER.fullmatch(one) for one in numbers):
        raise PageTokenNotValid("This page token belongs to another question.")
    position, as_of_ms, now_ms, offset = map(int, numbers)
    as_of = datetime.fromtimestamp(as_of_ms / 1000, UTC) if as_of_ms else None
    return Watermark(position, as_of), Moment(position, now_ms), offset


def _question(request: pb.ListTrafficSourcesRequest) -> str:
    """What is the same on every page."""
    scope = request.scope
    parts = (scope.segment_id, scope.first_seen_from, scope.first_seen_to, str(request.of))
    return "|".join((*parts, request.from_on, request.to_on))


# --- out ---------------------------------------------------------------------------------------------------


def _stage(stage: StageNumbers) -> pb.FunnelStage:
    return pb.FunnelStage(
        key=stage.key,
        there=people_number(stage.there),
        so_far=people_number(stage.so_far),
        conversion=stage.conversion,
    )


def _step(step: Step) -> pb.FunnelStep:
    return pb.FunnelStep(
        start=step.start,
        end=step.end,
        measured=step.measured,
        waiting=people_number(step.waiting),
        backwards=step.backwards,
        lower_quartile_days=step.lower_quartile,
        median_days=step.median,
        upper_quartile_days=step.upper_quartile,
    )


def _cohort(cohort: CohortNumbers) -> pb.RetentionCohort:
    size = cohort.people.profiles
    return pb.RetentionCohort(
        period=_period(cohort.period),
        people=people_number(cohort.people),
        cells=[
            pb.RetentionCell(
                period=_period(period),
                active=people_number(active),
                share=active.profiles / size if size else None,
            )
            for period, active in cohort.cells
        ],
    )


def _period(period: Period) -> pb.ReportPeriod:
    return pb.ReportPeriod(
        first_on=period.first_on.isoformat(), last_on=period.last_on.isoformat(), complete=period.over
    )


def _source(row: SourceRow) -> pb.TrafficSource:
    sums, visitors = row.sums, row.visitors.profiles
    return pb.TrafficSource(
        source=row.source,
        visits=sums.visits,
        visitors=people_number(row.visitors),
        new_members=people_number(row.new_members),
        buyers=people_number(row.buyers),
        orders=sums.orders,
        revenue=as_text(sums.revenue),
        average_order_value=_money(divided(sums.revenue, sums.orders)),
        new_members_per_visitor=row.new_members.profiles / visitors if visitors else None,
        buyers_per_visitor=row.buyers.profiles / visitors if visitors else None,
        cost=None if row.cost is None else _cost(row, row.cost),
    )


def _cost(row: SourceRow, cost: Cost) -> pb.SourceCost:
    known = cost.known
    return pb.SourceCost(
        amount=_money(known),
        days=cost.days,
        unconverted={code: as_text(amount) for code, amount in cost.unconverted.items()},
        per_visit=_money(divided(known, row.sums.visits)),
        per_new_member=_money(divided(known, row.new_members.profiles)),
        per_buyer=_money(divided(known, row.buyers.profiles)),
        return_on_spend=_money(divided(row.sums.revenue, known) if known else None),
    )


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else as_text(amount)


def _ad_cost(cost: AdCost) -> pb.AdCost:
    return pb.AdCost(
        source=cost.source, on=cost.on.isoformat(), amount=as_text(cost.amount), currency=cost.currency
    )
