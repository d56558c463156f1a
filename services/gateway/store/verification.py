"""Settings of verified identity, sealed as they are, and how many tokens came to what by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction, tenant_column
from services.gateway.store.lookup import lookup_transaction
from services.gateway.store.tables import metadata

# Rows of a slow transaction become visible after newer ones; looking back this far misses none.
_LOOK_BACK = timedelta(seconds=60)

verification = sa.Table(
    "verification",
    metadata,
    tenant_column(),
    sa.Column("mode", sa.Text),
    sa.Column("audiences", ARRAY(sa.Text)),
    sa.Column("keys", sa.LargeBinary),
    sa.Column("line", sa.LargeBinary),
    sa.Column("changed_at", sa.DateTime(timezone=True)),
)

counts = sa.Table(
    "verification_counts",
    metadata,
    tenant_column(),
    sa.Column("on_day", sa.Date),
    sa.Column("subject", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("events", sa.BigInteger),
)


@dataclass(frozen=True, slots=True)
class SealedPolicy:
    """A tenant's settings; `keys` and `line` are sealed."""

    tenant_id: str
    mode: str
    audiences: Sequence[str]
    keys: bytes
    line: bytes


@dataclass(frozen=True, slots=True)
class Counted:
    """How many events of a day came to one outcome; `subject` is "member" or "line"."""

    on_day: date
    subject: str
    outcome: str
    events: int


_COLUMNS = [verification.c[name] for name in SealedPolicy.__slots__]


async def load_policy(connection: AsyncConnection) -> SealedPolicy | None:
    """Within a transaction of the tenant; None when nothing was ever set."""
    row = (await connection.execute(sa.select(*_COLUMNS))).one_or_none()
    return SealedPolicy(**row._mapping) if row else None


async def lock_tenant(connection: AsyncConnection, tenant_id: str) -> None:
    """Let one change of a tenant's settings wait for another, until the transaction ends."""
    await connection.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"verification {tenant_id}", 0)))
    )


async def save_policy(connection: AsyncConnection, policy: SealedPolicy) -> None:
    """Within a transaction of the tenant."""
    values = {name: getattr(policy, name) for name in SealedPolicy.__slots__}
    changed = {**values, "changed_at": sa.func.now()}
    await connection.execute(
        insert(verification).values(changed).on_conflict_do_update(index_elements=["tenant_id"], set_=changed)
    )


async def load_policy_changes(
    engine: AsyncEngine, since: datetime | None
) -> tuple[list[SealedPolicy], datetime]:
    """Settings that changed since then (all, without a time), and the database's time to ask from next."""
    query = sa.select(*_COLUMNS)
    if since is not None:
        query = query.where(verification.c.changed_at > since - _LOOK_BACK)
    async with lookup_transaction(engine) as connection:
        now = (await connection.execute(sa.select(sa.func.now()))).scalar_one()
        return [SealedPolicy(**row._mapping) for row in await connection.execute(query)], now


async def add_counts(engine: AsyncEngine, tenant_id: str, added: Mapping[tuple[date, str, str], int]) -> None:
    """Add events by day, subject and outcome."""
    rows = [
        {"tenant_id": tenant_id, "on_day": day, "subject": subject, "outcome": outcome, "events": events}
        for (day, subject, outcome), events in sorted(added.items())
    ]
    new = insert(counts).values(rows)
    change = new.on_conflict_do_update(
        index_elements=["tenant_id", "on_day", "subject", "outcome"],
        set_={"events": counts.c.events + new.excluded.events},
    )
    async with open_transaction(engine, tenant_id) as connection:
        await connection.execute(change)


async def load_counts(engine: AsyncEngine, tenant_id: str, first: date, last: date) -> list[Counted]:
    """Of those days, both included, newest first."""
    query = (
        sa.select(counts.c.on_day, counts.c.subject, counts.c.outcome, counts.c.events)
        .where(counts.c.on_day.between(first, last))
        .order_by(counts.c.on_day.desc(), counts.c.subject, counts.c.outcome)
    )
    async with open_transaction(engine, tenant_id) as connection:
        return [Counted(*row) for row in await connection.execute(query)]
