"""Requests that may be repeated: the first one acts, the next ones are answered alike."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_untenanted
from services.gateway.store.tables import requests

_REMEMBERED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Request:
    """What a request with this key did: made `subject`; `salt` is None once it is too old to repeat."""

    fingerprint: bytes
    subject: str
    salt: bytes | None


async def claim_request(connection: AsyncConnection, idempotency_key: str, request: Request) -> Request:
    """Store a request, or return the one that was stored first under this key."""
    await connection.execute(
        insert(requests)
        .values(
            idempotency_key=idempotency_key,
            fingerprint=request.fingerprint,
            subject=request.subject,
            salt=request.salt,
        )
        .on_conflict_do_nothing()
    )
    row = (
        await connection.execute(
            sa.select(requests.c.fingerprint, requests.c.subject, requests.c.salt).where(
                requests.c.idempotency_key == idempotency_key
            )
        )
    ).one()
    return Request(**row._mapping)


async def forget_salts(engine: AsyncEngine) -> None:
    """Make keys of requests older than a day impossible to derive again."""
    old = requests.c.created_at < sa.func.now() - _REMEMBERED
    async with open_untenanted(engine) as connection:
        await connection.execute(
            sa.update(requests).where(old, requests.c.salt.is_not(None)).values(salt=None)
        )
