"""What routes are given, and the callers they are given it for."""

from dataclasses import dataclass, replace
from typing import Annotated, cast

from fastapi import Depends, Query, Request
from pydantic import AfterValidator

from chassis.bus import Bus
from chassis.database import Engine
from chassis.jobs import Jobs
from services.gateway.audit import AuditLog
from services.gateway.auth import Door, Principal
from services.gateway.clients import Clients
from services.gateway.files import Files
from services.gateway.keyring import CachedKeyRing
from services.gateway.live import LiveFeed
from services.gateway.mail import Mail
from services.gateway.passwords import Passwords
from services.gateway.replays import Replays
from services.gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """Built once by main."""

    settings: Settings
    engine: Engine
    bus: Bus
    keys: CachedKeyRing
    clients: Clients
    door: Door
    passwords: Passwords
    live: LiveFeed
    replays: Replays
    jobs: Jobs
    files: Files
    audit: AuditLog
    mail: Mail


def _parts(request: Request) -> Parts:
    return cast(Parts, request.app.state.parts)


PartsOf = Annotated[Parts, Depends(_parts)]


async def _caller(request: Request, parts: PartsOf) -> Principal:
    found = await parts.door.principal(request)
    principal = replace(found, address=request.client.host if request.client else "")
    # The name of the route's function; domain/permissions.py says who may.
    principal.require(request.scope["route"].name)
    return principal


# Whoever asks, once they may: every route of a tenant takes one, and is refused when nobody listed it.
Caller = Annotated[Principal, Depends(_caller)]


def storable(text: str) -> str:
    """PostgreSQL has no NUL in text."""
    if "\0" in text:
        raise ValueError("must not contain a NUL character")
    return text


Storable = AfterValidator(storable)
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most. 最多幾筆")]
Cursor = Annotated[
    str, Query(max_length=2000, description="`next_cursor` of the page before. 上一頁的 next_cursor")
]
Search = Annotated[str, Query(max_length=200, description="Text to look for. 搜尋文字"), Storable]
