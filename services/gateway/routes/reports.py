"""Numbers: the overview of days, and what became of everything that was received."""

from datetime import UTC, date, datetime
from typing import Annotated

from contracts.insight.v1 import insight_service_pb2 as insight_pb
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.gateway.errors.requests import RequestNotValid
from services.gateway.routes.answers import AsOf, Money, as_of, moment
from services.gateway.routes.parts import Caller, PartsOf
from services.gateway.store import bad_rows

router = APIRouter(tags=["reports"])

_MOST_DAYS = 800


class Day(BaseModel):
    """One local day of the tenant."""

    visitors: int = Field(description="Profiles with a visit")
    members: int = Field(description="Those of them that are members")
    orders: int
    refunds: int
    revenue: str = Field(description="Net, exact decimal text")
    events: int


class DatedDay(Day):
    on: date


class Unconverted(BaseModel):
    revenue: Money
    orders: int


class Overview(AsOf):
    days: list[DatedDay]
    total: Day = Field(description="Each person once over the whole range")
    currency: str
    time_zone: str
    unconverted: list[Unconverted] = Field(description="In no figure of revenue: there is no rate")


class BadReason(BaseModel):
    reason: str
    rows: int


class Intake(AsOf):
    """received = counted + duplicates + bad + suppressed, always."""

    received: int
    counted: int
    duplicates: int
    bad: int
    suppressed: int = Field(description="Dropped: they named somebody who is suppressed or was erased")
    replayed: int = Field(description="Bad rows that were accepted later; they are counted or duplicates now")
    bad_by_reason: list[BadReason]


@router.get("/v1/reports/overview", summary="Visitors, members, orders and revenue by day 每日總覽")
async def get_overview(
    principal: Caller,
    parts: PartsOf,
    from_on: Annotated[date | None, Query(alias="from", description="First local day")] = None,
    to_on: Annotated[date | None, Query(alias="to", description="Last local day, included")] = None,
) -> Overview:
    """At most 800 days; without a range the last 30."""
    if (from_on is None) != (to_on is None):
        raise RequestNotValid("Give both from and to, or neither.")
    if from_on and to_on and not 0 <= (to_on - from_on).days < _MOST_DAYS:
        raise RequestNotValid("A range has 1 to 800 days, and from is not after to.")
    answer = await parts.clients.insight.get_overview(
        principal.tenant_id, from_on.isoformat() if from_on else "", to_on.isoformat() if to_on else ""
    )
    return Overview(
        days=[DatedDay(on=date.fromisoformat(day.on), **_day(day)) for day in answer.days],
        total=Day(**_day(answer.total)),
        currency=answer.currency,
        time_zone=answer.time_zone,
        unconverted=[
            Unconverted(
                revenue=Money(amount=one.revenue.amount, currency=one.revenue.currency), orders=one.orders
            )
            for one in answer.unconverted
        ],
        **as_of(answer.watermark),
    )


def _day(day: insight_pb.OverviewDay) -> dict[str, int | str]:
    return {
        "visitors": day.visitors,
        "members": day.members,
        "orders": day.orders,
        "refunds": day.refunds,
        "revenue": day.revenue or "0",
        "events": day.events,
    }


@router.get("/v1/reports/intake", summary="What became of everything received 接收統計")
async def get_intake(principal: Caller, parts: PartsOf) -> Intake:
    """Events on their way between two services are in no figure yet."""
    known = await parts.clients.identity.get_intake(principal.tenant_id)
    counts = await bad_rows.count_by_reason(parts.engine, principal.tenant_id)
    still_bad = [(reason, rows) for status, reason, rows in counts if status == "new"]
    bad = sum(rows for _, rows in still_bad)
    # Identity counted these although no store could keep them; it counts each again when it is replayed.
    counted = max(0, known.counted - await bad_rows.count_counted(parts.engine, principal.tenant_id))
    return Intake(
        received=counted + known.duplicates + bad + known.suppressed,
        counted=counted,
        duplicates=known.duplicates,
        bad=bad,
        suppressed=known.suppressed,
        replayed=sum(rows for status, _, rows in counts if status == "replayed"),
        bad_by_reason=[BadReason(reason=reason, rows=rows) for reason, rows in still_bad],
        as_of=moment(known.as_of) or datetime.now(UTC),
        position=known.accepted_to,
    )
