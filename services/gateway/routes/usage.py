"""What a tenant used."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.gateway.errors.requests import RequestNotValid
from services.gateway.routes.parts import Caller, PartsOf
from services.gateway.store import usage
from services.gateway.store.usage import UsedDay

router = APIRouter(tags=["tenant"])

_MOST_DAYS = 800
_SHOWN_DAYS = 30


class UsageDay(BaseModel):
    """One day, UTC."""

    on: date
    events: int = Field(description="Taken, copies included")
    set_aside: int = Field(description="Bad rows")
    bytes: int = Field(description="Of requests to the tracking API, unpacked")
    calls: int = Field(description="Of the open API")


class Usage(BaseModel):
    days: list[UsageDay] = Field(description="Days without any use are missing")
    total: UsageDay
    profiles: int = Field(description="People known at `as_of`")
    as_of: datetime | None = Field(description="Counts are added every five seconds")


@router.get("/v1/usage", summary="What was used, by day 用量")
async def get_usage(
    principal: Caller,
    parts: PartsOf,
    from_on: Annotated[date | None, Query(alias="from")] = None,
    to_on: Annotated[date | None, Query(alias="to")] = None,
) -> Usage:
    """At most 800 days; the last 30 where none are named."""
    last = to_on or datetime.now(UTC).date()
    first = from_on or last - timedelta(days=_SHOWN_DAYS - 1)
    if not timedelta(0) <= last - first < timedelta(days=_MOST_DAYS):
        raise RequestNotValid(f"from must not lie behind to, nor more than {_MOST_DAYS} days before it.")
    days = await usage.load_usage(parts.engine, principal.tenant_id, first, last)
    total = UsageDay(
        on=last,
        events=sum(day.events for day in days),
        set_aside=sum(day.set_aside for day in days),
        bytes=sum(day.bytes for day in days),
        calls=sum(day.calls for day in days),
    )
    return Usage(
        days=[
            UsageDay(
                on=day.on_day, events=day.events, set_aside=day.set_aside, bytes=day.bytes, calls=day.calls
            )
            for day in days
        ],
        total=total,
        profiles=await parts.clients.identity.count_profiles(principal.tenant_id),
        as_of=max((day.as_of for day in days), default=None),
    )


def _day(day: UsedDay) -> UsageDay:
    return UsageDay(
        on=day.on_day, events=day.events, set_aside=day.set_aside, bytes=day.bytes, calls=day.calls
    )
