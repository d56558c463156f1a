"""Where events come from, and whether each of these sources is well."""

from datetime import datetime, timedelta
from typing import Literal

from contracts.insight.v1 import event_sources_service_pb2 as pb
from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.gateway.domain.cursors import cursor_of
from services.gateway.domain.event_sources import Arrivals, Health, bad_share, health
from services.gateway.domain.permissions import scopes_of
from services.gateway.routes.answers import AsOf, as_of, moment
from services.gateway.routes.keys import place_of_keys
from services.gateway.routes.parts import Caller, Cursor, Limit, PartsOf
from services.gateway.store import bad_rows
from services.gateway.store.keys import KeyRow, load_keys

router = APIRouter(tags=["reports"])

_TEN_MINUTES = 10
_DAY = timedelta(days=1)


class EventSource(BaseModel):
    """One key that may send events, and what came from it. 資料來源"""

    key_id: str
    name: str
    kind: Literal["browser", "server", "restricted"]
    in_force: bool = Field(description="false: revoked or expired, and sent something lately")
    health: Health = Field(
        description="waiting: nothing yet; silent: nothing where something is usual; bad: more than 5% set "
        "aside; low: less than half of the usual hour; late: 5% come an hour late or later; "
        "history: 5% are of more than two weeks ago, so the past is being loaded; well"
    )
    last_received_at: datetime | None = Field(description="Within 29 days")
    events_per_minute: float = Field(description="Mean of the last ten minutes")
    events_last_hour: int
    usual_hour: float | None = Field(
        description="Mean of the same hour on the same weekday of up to four weeks; null in the first week"
    )
    events_last_day: int = Field(description="Within 24 hours, without `bad_last_day`")
    bad_last_day: int = Field(description="Set aside within 24 hours, and still waiting")
    bad_share: float | None = Field(description="bad / (bad + events) within 24 hours; null: nothing came")
    delay_p95_seconds: float | None = Field(
        description="95% of the last hour's events were received so soon after they happened"
    )


class EventSourceList(AsOf):
    """Spans end at `now`. Imports are no sources."""

    now: datetime | None
    sources: list[EventSource] = Field(description="May be fewer than asked for before the last page")
    next_cursor: str | None


@router.get("/v1/event-sources", summary="Sources of events and how they are 資料來源健康狀態")
async def list_event_sources(
    principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> EventSourceList:
    """Every key that may send events, oldest first: when it last did, how much, and what was set aside."""
    tenant_id = principal.tenant_id
    keys = await load_keys(parts.engine, tenant_id, after=place_of_keys(cursor), limit=limit + 1)
    found = await parts.clients.event_sources.every(tenant_id)
    now = moment(found.now)
    assert now is not None
    bad = await bad_rows.count_by_key(parts.engine, tenant_id, now - _DAY)
    arrived = {one.key_id: one for one in found.sources}
    sources = [_source(key, arrived.get(key.key_id), bad.get(key.key_id, 0), now) for key in keys[:limit]]
    last = keys[limit - 1] if len(keys) > limit else None
    return EventSourceList(
        now=now,
        sources=[one for one in sources if one is not None],
        next_cursor=cursor_of("keys", last.created_at.isoformat(), last.key_id) if last else None,
        **as_of(found.watermark),
    )


def _source(key: KeyRow, one: pb.EventSource | None, bad: int, now: datetime) -> EventSource | None:
    """None for a key that sends nothing and is not there to send."""
    sends = key.kind != "restricted" or "events:write" in scopes_of(frozenset(key.scopes))
    in_force = key.revoked_at is None and (key.expires_at is None or key.expires_at > now)
    if not (sends and in_force) and not (one is not None and one.day) and not bad:
        return None
    arrivals = Arrivals(bad=bad)
    if one is not None:
        usual = one.usual_hour if one.HasField("usual_hour") else None
        delay = one.delay_p95_seconds if one.HasField("delay_p95_seconds") else None
        arrivals = Arrivals(one.hour, one.day, usual, delay, bad, ever=True)
    share = bad_share(arrivals)
    return EventSource(
        key_id=key.key_id,
        name=key.name,
        kind=key.kind,
        in_force=in_force,
        health=health(arrivals),
        last_received_at=moment(one.last_received_at) if one is not None else None,
        events_per_minute=one.ten_minutes / _TEN_MINUTES if one is not None else 0.0,
        events_last_hour=arrivals.hour,
        usual_hour=None if arrivals.usual_hour is None else round(arrivals.usual_hour, 1),
        events_last_day=arrivals.day,
        bad_last_day=bad,
        bad_share=None if share is None else round(share, 6),
        delay_p95_seconds=arrivals.delay_p95_seconds,
    )
