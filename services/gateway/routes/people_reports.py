"""Reports on people: the funnel and who came back, as JSON or as CSV."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from contracts.insight.v1 import people_reports_service_pb2 as pb
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.gateway.auth import Principal
from services.gateway.errors.requests import RequestNotValid
from services.gateway.routes.parts import Caller, Parts, PartsOf
from services.gateway.routes.presence import while_there
from services.gateway.routes.report_answers import (
    CSV,
    PeopleNumber,
    ReportAsOf,
    people_number,
    report_as_of,
    report_file,
    said,
)
from services.gateway.routes.report_scope import Scope

router = APIRouter(tags=["reports"])

_Unit = Literal["week", "month"]
_UNITS: Mapping[str, pb.PeriodUnit.ValueType] = {
    "week": pb.PERIOD_UNIT_WEEK,
    "month": pb.PERIOD_UNIT_MONTH,
}
_Start = Literal["first_order", "first_goal", "first_visit", "member_since"]
_STARTS: Mapping[str, pb.CohortStart.ValueType] = {
    "first_order": pb.COHORT_START_FIRST_ORDER,
    "first_goal": pb.COHORT_START_FIRST_GOAL,
    "first_visit": pb.COHORT_START_FIRST_VISIT,
    "member_since": pb.COHORT_START_MEMBER_SINCE,
}
_Activity = Literal["order", "goal", "visit"]
_ACTIVITIES: Mapping[str, pb.CohortActivity.ValueType] = {
    "order": pb.COHORT_ACTIVITY_ORDER,
    "goal": pb.COHORT_ACTIVITY_GOAL,
    "visit": pb.COHORT_ACTIVITY_VISIT,
}
Goal = Annotated[uuid.UUID | None, Query(description="A goal in the place of the order 目標（預設為訂單）")]


# --- the funnel --------------------------------------------------------------------------------------------


class FunnelStage(BaseModel):
    key: Literal["visitor", "member", "first_time", "repeat", "loyal", "fan"]
    there: PeopleNumber = Field(description="At this stage now 目前在此階段")
    so_far: PeopleNumber = Field(description="There or further 已到達此階段")
    conversion: float | None = Field(description="Of those who came as far as the stage before 轉換率")


class FunnelStep(BaseModel):
    """Days between two stages of those who went through both in this order. No tree compares two days of one
    person, so that only who is still on the way opens as a segment."""

    start: str
    end: str
    measured: int = Field(description="How many the quartiles are of")
    waiting: PeopleNumber = Field(description="Reached the first only: in no quartile 尚未到達者不列入")
    backwards: int = Field(description="Reached the second on an earlier day: in no quartile")
    lower_quartile_days: float | None
    median_days: float | None
    upper_quartile_days: float | None


class Funnel(ReportAsOf):
    stages: list[FunnelStage]
    steps: list[FunnelStep]
    everybody: int
    loyal_orders: int = Field(description="Orders that make somebody loyal, the tenant's rule")
    loyal_days: int = Field(description="In how many days one of them must lie")


@router.get("/v1/reports/funnel", summary="From visitor to fan 會員漏斗")
async def get_funnel(
    request: Request, principal: Caller, parts: PartsOf, scope: Scope, goal: Goal = None
) -> Funnel:
    """How many are at each stage, and how long the steps took those who took them.

    各階段人數、轉換率與所需天數；天數僅計已完成該步驟者。
    """
    return await _funnel(request, principal, parts, scope, goal)


@router.get("/v1/reports/funnel/file", summary="The funnel as CSV 下載漏斗", responses=CSV)
async def download_funnel(
    request: Request, principal: Caller, parts: PartsOf, scope: Scope, goal: Goal = None
) -> Response:
    found = await _funnel(request, principal, parts, scope, goal)
    rows = [
        (stage.key, stage.there.profiles, stage.so_far.profiles, stage.conversion) for stage in found.stages
    ]
    return report_file("funnel", ("stage", "there", "so_far", "conversion"), rows)


def _funnel_step(step: pb.FunnelStep) -> FunnelStep:
    told = said(step, *FunnelStep.model_fields)
    return FunnelStep.model_validate(told | {"waiting": people_number(step.waiting)})


async def _funnel(
    request: Request, principal: Principal, parts: Parts, scope: pb.ReportScope, goal: uuid.UUID | None
) -> Funnel:
    asked = pb.GetFunnelRequest(scope=scope, goal=str(goal) if goal else "")
    found = await while_there(request, parts.clients.people_reports.funnel(principal.tenant_id, asked))
    return Funnel(
        stages=[
            FunnelStage.model_validate(
                {
                    "key": stage.key,
                    "there": people_number(stage.there),
                    "so_far": people_number(stage.so_far),
                    **said(stage, "conversion"),
                }
            )
            for stage in found.stages
        ],
        steps=[_funnel_step(step) for step in found.steps],
        everybody=found.everybody,
        loyal_orders=found.loyal_orders,
        loyal_days=found.loyal_days,
        **report_as_of(found.as_of),
    )


# --- retention ---------------------------------------------------------------------------------------------


class Period(BaseModel):
    first_on: date
    last_on: date
    complete: bool = Field(description="false while today is in it: its numbers still grow 尚未結束")


class RetentionCell(BaseModel):
    period: Period
    active: PeopleNumber
    share: float | None = Field(description="Of the cohort, 0 to 1")


class RetentionCohort(BaseModel):
    period: Period
    people: PeopleNumber
    cells: list[RetentionCell] = Field(description="Its own period first, then each one after it")


class Retention(ReportAsOf):
    cohorts: list[RetentionCohort]
    everybody: int


class _RetentionAsked(BaseModel):
    unit: _Unit = Field(default="month", description="Weeks begin on Mondays")
    periods: int = Field(default=12, ge=1, le=24, description="The present one included")
    start: _Start = Field(default="first_order", description="What a cohort has in common; guests are in it")
    activity: _Activity = Field(default="order", description="What somebody does who comes back")
    goal: uuid.UUID | None = Field(default=None, description="For first_goal and goal")


@router.get("/v1/reports/retention", summary="Who came back 回訪留存")
async def get_retention(
    request: Request,
    principal: Caller,
    parts: PartsOf,
    scope: Scope,
    asked: Annotated[_RetentionAsked, Depends()],
) -> Retention:
    """Cohorts by their first period, and how many of each were active in every period since.

    依首次期間分群，計算之後每期仍活躍的人數。
    """
    return await _retention(request, principal, parts, scope, asked)


@router.get("/v1/reports/retention/file", summary="Who came back, as CSV 下載留存", responses=CSV)
async def download_retention(
    request: Request,
    principal: Caller,
    parts: PartsOf,
    scope: Scope,
    asked: Annotated[_RetentionAsked, Depends()],
) -> Response:
    """One line a cell."""
    found = await _retention(request, principal, parts, scope, asked)
    rows = [
        (
            cohort.period.first_on,
            cohort.people.profiles,
            place,
            cell.period.first_on,
            cell.active.profiles,
            cell.share,
            cell.period.complete,
        )
        for cohort in found.cohorts
        for place, cell in enumerate(cohort.cells)
    ]
    head = ("cohort", "people", "periods_after", "period", "active", "share", "complete")
    return report_file("retention", head, rows)


async def _retention(
    request: Request, principal: Principal, parts: Parts, scope: pb.ReportScope, asked: _RetentionAsked
) -> Retention:
    if asked.goal is None and "goal" in (asked.activity, asked.start.removeprefix("first_")):
        raise RequestNotValid("Name the goal.")
    message = pb.GetRetentionRequest(
        scope=scope,
        unit=_UNITS[asked.unit],
        periods=asked.periods,
        start=_STARTS[asked.start],
        activity=_ACTIVITIES[asked.activity],
        goal=str(asked.goal) if asked.goal else "",
    )
    found = await while_there(request, parts.clients.people_reports.retention(principal.tenant_id, message))
    return Retention(
        cohorts=[
            RetentionCohort(
                period=_period(cohort.period),
                people=people_number(cohort.people),
                cells=[
                    RetentionCell(
                        period=_period(cell.period),
                        active=people_number(cell.active),
                        **said(cell, "share"),
                    )
                    for cell in cohort.cells
                ],
            )
            for cohort in found.cohorts
        ],
        everybody=found.everybody,
        **report_as_of(found.as_of),
    )


def _period(period: pb.ReportPeriod) -> Period:
    return Period.model_validate(said(period, *Period.model_fields))
