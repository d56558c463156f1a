"""Suppressed identifiers, by fingerprint."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_transaction
from services.identity.domain.identifiers import Kind

_ALL = "select fingerprint from suppressions where tenant_id = $1"
_ADD = """
insert into suppressions (tenant_id, fingerprint, kind, reason, actor)
select $1, fingerprint, kind, $4, $5 from unnest($2::bytea[], $3::smallint[]) as given (fingerprint, kind)
on conflict (tenant_id, fingerprint) do nothing
returning fingerprint
"""
_REMOVE = """
delete from suppressions where tenant_id = $1 and fingerprint = any ($2::bytea[]) returning fingerprint
"""
_AMONG = """
select fingerprint from suppressions where tenant_id = $1 and fingerprint = any ($2::bytea[])
"""
_PAGE = sa.text("""
select entry, kind, fingerprint, reason, actor, (extract(epoch from since) * 1000)::bigint as since_ms
from suppressions where tenant_id = :tenant_id and entry < :before order by entry desc limit :size
""")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One suppressed identifier; `entry` rises with each new one."""

    entry: int
    kind: Kind
    fingerprint: bytes
    reason: str
    actor: str
    since_ms: int


async def load_suppressed(connection: asyncpg.Connection, tenant_id: str) -> set[bytes]:
    """The fingerprints of all of a tenant's suppressed identifiers."""
    return {row["fingerprint"] for row in await connection.fetch(_ALL, tenant_id)}


async def load_suppressed_among(
    connection: asyncpg.Connection, tenant_id: str, fingerprints: Sequence[bytes]
) -> set[bytes]:
    """Those of the fingerprints that are suppressed."""
    return {row["fingerprint"] for row in await connection.fetch(_AMONG, tenant_id, fingerprints)}


async def save_suppressions(
    connection: asyncpg.Connection,
    tenant_id: str,
    kinds: Sequence[tuple[bytes, Kind]],
    *,
    reason: str,
    actor: str,
) -> set[bytes]:
    """Those of the fingerprints, given with their kinds, that were not suppressed before."""
    rows = await connection.fetch(
        _ADD,
        tenant_id,
        [fingerprint for fingerprint, _ in kinds],
        [int(kind) for _, kind in kinds],
        reason,
        actor,
    )
    return {row["fingerprint"] for row in rows}


async def delete_suppressions(
    connection: asyncpg.Connection, tenant_id: str, fingerprints: Sequence[bytes]
) -> set[bytes]:
    """Those of the fingerprints that were suppressed until now."""
    rows = await connection.fetch(_REMOVE, tenant_id, fingerprints)
    return {row["fingerprint"] for row in rows}


async def load_suppressions(
    engine: AsyncEngine, tenant_id: str, *, before: int, size: int
) -> list[Suppression]:
    """Up to `size` entries below `before`, newest first."""
    async with open_transaction(engine, tenant_id) as connection:
        rows = await connection.execute(_PAGE, {"tenant_id": tenant_id, "before": before, "size": size})
        return [
            Suppression(row.entry, Kind(row.kind), row.fingerprint, row.reason, row.actor, row.since_ms)
            for row in rows
        ]
