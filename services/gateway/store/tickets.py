"""Tickets: what one party started and may finish once, with a token that only they were given."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_untenanted
from services.gateway.store.tables import metadata

Purpose = Literal[
    "password reset",
    "email change",
    "second factor",
    "passkey registration",
    "passkey sign-in",
    "single sign-on",
]

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("token_hash", sa.LargeBinary),
    sa.Column("purpose", sa.Text),
    sa.Column("teammate_id", sa.Uuid(as_uuid=False)),
    sa.Column("data", JSONB),
    sa.Column("tries", sa.Integer),
    sa.Column("expires_at", sa.DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """`teammate_id` is None while nobody knows who it is."""

    teammate_id: str | None
    data: Mapping[str, Any]


async def issue_ticket(
    connection: AsyncConnection, purpose: Purpose, ticket: Ticket, lifetime: timedelta
) -> str:
    """Its token, of which only the hash is stored."""
    token = secrets.token_urlsafe(32)
    await connection.execute(
        sa.insert(tickets).values(
            token_hash=_hash(token),
            purpose=purpose,
            teammate_id=ticket.teammate_id,
            data=dict(ticket.data),
            expires_at=sa.func.now() + sa.literal(lifetime),
        )
    )
    return token


async def take_ticket(connection: AsyncConnection, purpose: Purpose, token: str) -> Ticket | None:
    """Use it up, in the transaction of what it allows; None: unknown, used or too old."""
    found = await connection.execute(
        sa.delete(tickets)
        .where(tickets.c.token_hash == _hash(token), tickets.c.purpose == purpose)
        .returning(
            tickets.c.teammate_id, tickets.c.data, (tickets.c.expires_at > sa.func.now()).label("good")
        )
    )
    row = found.one_or_none()
    return Ticket(row.teammate_id, row.data) if row and row.good else None


async def try_ticket(engine: AsyncEngine, purpose: Purpose, token: str, most_tries: int) -> Ticket | None:
    """Look at it and count that; None also when it was looked at too often."""
    found = (
        sa.update(tickets)
        .where(
            tickets.c.token_hash == _hash(token),
            tickets.c.purpose == purpose,
            tickets.c.expires_at > sa.func.now(),
            tickets.c.tries < most_tries,
        )
        .values(tries=tickets.c.tries + 1)
        .returning(tickets.c.teammate_id, tickets.c.data)
    )
    async with open_untenanted(engine) as connection:
        row = (await connection.execute(found)).one_or_none()
    return Ticket(row.teammate_id, row.data) if row else None


async def void_tickets(connection: AsyncConnection, teammate_id: str) -> None:
    """All a teammate has open."""
    await connection.execute(sa.delete(tickets).where(tickets.c.teammate_id == teammate_id))


async def delete_old_tickets(engine: AsyncEngine) -> None:
    async with open_untenanted(engine) as connection:
        await connection.execute(sa.delete(tickets).where(tickets.c.expires_at < sa.func.now()))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
