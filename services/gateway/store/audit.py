"""The audit log's chains: written at the end, read by page, never changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import SET_TENANT, open_transaction, tenant_column
from services.gateway.domain.audit import FIRST, Entry, Head, Stored, canonical, entry_hash
from services.gateway.store.tables import metadata

audit_entries = sa.Table(
    "audit_entries",
    metadata,
    tenant_column(),
    sa.Column("number", sa.BigInteger),
    sa.Column("at", sa.DateTime(timezone=True)),
    sa.Column("actor", sa.Text),
    sa.Column("action", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("hash", sa.LargeBinary),
)
_COLUMNS = [audit_entries.c[name] for name in Stored.__slots__]
_LOCK = sa.text("select pg_advisory_xact_lock(hashtextextended('audit ' || cast(:tenant_id as text), 0))")
_TENANT = sa.text("select current_setting('app.tenant', true)")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries; "" and None leave a condition out. An action that ends in a dot is a group of them."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    at_from: datetime | None = None
    at_to: datetime | None = None


async def append(connection: AsyncConnection, entry: Entry) -> Stored:
    """Write an entry behind the last one of its tenant's chain, within the transaction of the change.

    Two writers of one chain take turns until their transactions end: call it last.
    """
    async with _as_tenant(connection, entry.tenant_id):
        await connection.execute(_LOCK, {"tenant_id": entry.tenant_id})
        # A statement of its own: it must see what the one who held the lock has committed.
        head = await _head(connection)
        new = Stored(
            tenant_id=entry.tenant_id,
            number=head.number + 1,
            at=datetime.now(UTC),
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            before=canonical(entry.before),
            after=canonical(entry.after),
            address=entry.address,
            hash=FIRST,
        )
        row = {name: getattr(new, name) for name in Stored.__slots__}
        row["hash"] = entry_hash(head.hash, new)
        await connection.execute(sa.insert(audit_entries).values(**row))
    return Stored(**row)


@asynccontextmanager
async def _as_tenant(connection: AsyncConnection, tenant_id: str) -> AsyncIterator[None]:
    """The platform's chain is written from tenants' transactions, and a tenant's from the operator's."""
    before = (await connection.execute(_TENANT)).scalar_one() or ""
    if before != tenant_id:
        await connection.execute(SET_TENANT, {"tenant_id": tenant_id})
    yield
    # Not after an error: the transaction is over then.
    if before != tenant_id:
        await connection.execute(SET_TENANT, {"tenant_id": before})


async def load_head(engine: AsyncEngine, tenant_id: str) -> Head:
    async with open_transaction(engine, tenant_id) as connection:
        return await _head(connection)


async def _head(connection: AsyncConnection) -> Head:
    query = sa.select(audit_entries.c.number, audit_entries.c.hash)
    row = (await connection.execute(query.order_by(audit_entries.c.number.desc()).limit(1))).one_or_none()
    return Head(row.number, row.hash) if row else Head()


async def load_following(engine: AsyncEngine, tenant_id: str, after: int, limit: int) -> list[Stored]:
    """Entries behind a number, in the chain's order."""
    query = sa.select(*_COLUMNS).where(audit_entries.c.number > after)
    async with open_transaction(engine, tenant_id) as connection:
        found = await connection.execute(query.order_by(audit_entries.c.number).limit(limit))
        return [Stored(**row._mapping) for row in found]


async def load_entries(
    engine: AsyncEngine, tenant_id: str, chosen: Filter, *, before: int, limit: int
) -> list[Stored]:
    """Newest first, those before a number; 0: from the newest."""
    query = sa.select(*_COLUMNS).where(*_conditions(chosen))
    if before:
        query = query.where(audit_entries.c.number < before)
    async with open_transaction(engine, tenant_id) as connection:
        found = await connection.execute(query.order_by(audit_entries.c.number.desc()).limit(limit))
        return [Stored(**row._mapping) for row in found]


async def load_newest_about(engine: AsyncEngine, tenant_id: str, action: str, subject: str) -> Stored | None:
    chosen = Filter(action=action, subject=subject)
    found = await load_entries(engine, tenant_id, chosen, before=0, limit=1)
    return found[0] if found else None


def _conditions(chosen: Filter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    for name in ("actor", "subject"):
        if wanted := getattr(chosen, name):
            conditions.append(audit_entries.c[name] == wanted)
    if chosen.action.endswith("."):
        conditions.append(audit_entries.c.action.startswith(chosen.action, autoescape=True))
    elif chosen.action:
        conditions.append(audit_entries.c.action == chosen.action)
    if chosen.at_from is not None:
        conditions.append(audit_entries.c.at >= chosen.at_from)
    if chosen.at_to is not None:
        conditions.append(audit_entries.c.at < chosen.at_to)
    return conditions
