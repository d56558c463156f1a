"""Requests with an Idempotency-Key: which are at work, and the sealed answers of those that ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_transaction, tenant_column
from services.gateway.store.lookup import lookup_transaction
from services.gateway.store.tables import metadata

REMEMBERED = timedelta(days=1)

repeatable = sa.Table(
    "repeatable",
    metadata,
    tenant_column(),
    sa.Column("actor", sa.Text),
    sa.Column("idempotency_key", sa.Text),
    sa.Column("fingerprint", sa.LargeBinary),
    sa.Column("status", sa.SmallInteger),
    sa.Column("answer", sa.LargeBinary),
    sa.Column("claimed_at", sa.DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A request as its caller names it."""

    tenant_id: str
    actor: str
    idempotency_key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Earlier:
    """The request that was there first; `answer` is None while it is at work."""

    fingerprint: bytes
    status: int | None
    answer: bytes | None
    claimed_at: datetime


async def claim(engine: AsyncEngine, wanted: Claim) -> Earlier | None:
    """None: it is the first, and ours to act on. One that is older than a day is forgotten."""
    too_old = repeatable.c.claimed_at < sa.func.now() - REMEMBERED
    async with open_transaction(engine, wanted.tenant_id) as connection:
        await connection.execute(sa.delete(repeatable).where(_is(wanted), too_old))
        first = await connection.execute(
            insert(repeatable)
            .values(
                tenant_id=wanted.tenant_id,
                actor=wanted.actor,
                idempotency_key=wanted.idempotency_key,
                fingerprint=wanted.fingerprint,
            )
            .on_conflict_do_nothing()
        )
        if first.rowcount:
            return None
        columns = (repeatable.c[name] for name in Earlier.__slots__)
        row = (await connection.execute(sa.select(*columns).where(_is(wanted)))).one()
    return Earlier(**row._mapping)


async def save_answer(engine: AsyncEngine, claimed: Claim, status: int, answer: bytes) -> None:
    async with open_transaction(engine, claimed.tenant_id) as connection:
        await connection.execute(
            sa.update(repeatable).where(_is(claimed)).values(status=status, answer=answer)
        )


async def release(engine: AsyncEngine, claimed: Claim) -> None:
    """Forget a request that changed nothing, so that it can be tried again."""
    async with open_transaction(engine, claimed.tenant_id) as connection:
        await connection.execute(sa.delete(repeatable).where(_is(claimed), repeatable.c.answer.is_(None)))


async def forget_old(engine: AsyncEngine) -> None:
    """Drop what is too old to be repeated, of all tenants; policies of the table let nothing else be seen."""
    async with lookup_transaction(engine) as connection:
        await connection.execute(
            sa.delete(repeatable).where(repeatable.c.claimed_at < sa.func.now() - REMEMBERED)
        )


def _is(wanted: Claim) -> "sa.ColumnElement[bool]":
    return sa.and_(repeatable.c.actor == wanted.actor, repeatable.c.idempotency_key == wanted.idempotency_key)
