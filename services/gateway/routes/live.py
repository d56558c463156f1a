"""Events as they are resolved, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from services.gateway.live import Burst, Feed, LiveEvent
from services.gateway.routes.parts import PartsOf, Reader

router = APIRouter(tags=["events"])

_HEARTBEAT_SECONDS = 10.0
_DESCRIPTION = """Each message is one burst of events that were resolved together: `count` of them,
the newest twenty in `events` (`kind`, `name`, `occurred_at`, `received_at`,
`nid`, `identified`) without personal data.
A comment comes every ten seconds when nothing happens. What is missed is not sent again."""


@router.get(
    "/v1/events/live",
    summary="Live feed 即時動態",
    description=_DESCRIPTION,
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def watch_events(principal: Reader, parts: PartsOf) -> StreamingResponse:
    stack = ExitStack()
    feed = stack.enter_context(parts.live.open(principal.tenant_id))
    return StreamingResponse(
        _lines(feed, stack), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


async def _lines(feed: Feed, stack: ExitStack) -> AsyncIterator[str]:
    with stack:
        yield "retry: 2000\n\n"
        while True:
            try:
                burst = await asyncio.wait_for(feed.get(), _HEARTBEAT_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if burst is None:
                return
            yield f"id: {burst.id}\nevent: events\ndata: {_data(burst)}\n\n"


def _data(burst: Burst) -> str:
    return json.dumps(
        {"count": burst.count, "events": [_event(event) for event in burst.events]}, ensure_ascii=False
    )


def _event(event: LiveEvent) -> dict[str, object]:
    return {
        "kind": event.kind,
        "name": event.name,
        "occurred_at": _moment(event.occurred_at_ms),
        "received_at": _moment(event.received_at_ms),
        "nid": event.nid,
        "identified": event.identified,
    }


def _moment(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
