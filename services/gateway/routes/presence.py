"""Work for a caller who may go away: it ends with them."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from fastapi import Request

from services.gateway.errors.requests import ServiceAway

Reply = TypeVar("Reply")


async def while_there(request: Request, work: Coroutine[Any, Any, Reply]) -> Reply:
    """The work's result. It is cancelled when the caller hangs up, as a builder does at every keystroke."""
    call, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({call, gone}, return_when=asyncio.FIRST_COMPLETED)
        if call.done():
            return call.result()
        raise ServiceAway("Nobody waits for this answer any more.")
    finally:
        for task in (call, gone):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
