"""Events as they are resolved, as server-sent events."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from chassis.database import DatabaseUnavailable
from chassis.errors import ExpectedError
from services.gateway.auth import Principal
from services.gateway.domain.masking import Sight, masked_text
from services.gateway.live import Burst, Feed, LiveEvent
from services.gateway.routes.parts import Caller, Parts, PartsOf
from services.gateway.routes.sight import SightOf

router = APIRouter(tags=["events"])

_HEARTBEAT_SECONDS = 10.0
# A feed is asked again whether it may go on when this has passed, at its next burst or heartbeat.
_TRUST_SECONDS = 10.0
_SILENCE = Burst(id=0, count=0, events=())
_DESCRIPTION = """Each message is one burst of events that were resolved together: `count` of them,
the newest twenty in `events` (`kind`, `name`, `occurred_at`, `received_at`,
`nid`, `identified`) without personal data.
A comment comes every ten seconds when nothing happens. What is missed is not sent again. The feed ends
when the key is revoked, or the session ends or chooses another tenant."""


@router.get(
    "/v1/events/live",
    summary="Live feed 即時動態",
    description=_DESCRIPTION,
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def watch_events(
    request: Request, principal: Caller, parts: PartsOf, sight: SightOf
) -> StreamingResponse:
    stack = ExitStack()
    feed = stack.enter_context(parts.live.open(principal.tenant_id))

    async def allowed() -> bool:
        return await _still_allowed(request, parts, principal)

    told = _lines(feed, stack, allowed, sight)
    return StreamingResponse(told, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _still_allowed(request: Request, parts: Parts, before: Principal) -> bool:
    try:
        now = await parts.door.principal(request)
    except DatabaseUnavailable:
        return True
    except ExpectedError:
        return False
    return now.tenant_id == before.tenant_id and now.may("watch_events")


async def _lines(
    feed: Feed, stack: ExitStack, allowed: Callable[[], Awaitable[bool]], sight: Sight
) -> AsyncIterator[str]:
    with stack:
        yield "retry: 2000\n\n"
        trusted_until = time.monotonic() + _TRUST_SECONDS
        while True:
            try:
                burst = await asyncio.wait_for(feed.get(), _HEARTBEAT_SECONDS)
            except TimeoutError:
                burst = _SILENCE
            if burst is None:
                return
            if time.monotonic() >= trusted_until:
                if not await allowed():
                    return
                trusted_until = time.monotonic() + _TRUST_SECONDS
            if burst is _SILENCE:
                yield ": still here\n\n"
                continue
            yield f"id: {burst.id}\nevent: events\ndata: {_data(burst, sight)}\n\n"


def _data(burst: Burst, sight: Sight) -> str:
    return json.dumps(
        {"count": burst.count, "events": [_event(event, sight) for event in burst.events]},
        ensure_ascii=False,
    )


def _event(event: LiveEvent, sight: Sight) -> dict[str, object]:
    return {
        "kind": event.kind,
        # A shop names its events as it likes, with addresses in them, too.
        "name": event.name if sight.everything else masked_text(event.name),
        "occurred_at": _moment(event.occurred_at_ms),
        "received_at": _moment(event.received_at_ms),
        "nid": event.nid,
        "identified": event.identified,
    }


def _moment(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
