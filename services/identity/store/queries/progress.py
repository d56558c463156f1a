"""Where the writer is, and what it must remember of a tenant when it starts."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

_LOAD_POSITION = """
select accepted_to, tenants, stream_created_at, resolved_from from positions where lane = $1
"""
_SAVE_POSITION = """
insert into positions (lane, accepted_to, tenants, stream_created_at, resolved_from)
values ($1, $2, $3, $4, $5)
on conflict (lane) do update
set accepted_to = excluded.accepted_to, tenants = excluded.tenants,
    stream_created_at = excluded.stream_created_at, resolved_from = excluded.resolved_from
"""
_DECISION = "select body from decisions where tenant_id = $1 and lane = $2"
_TENANT = "select nid_high_water, map_version, restores from intakes where tenant_id = $1"
_SAVE_TENANT = """
insert into intakes (tenant_id, nid_high_water, map_version, received, counted, duplicates, set_aside,
                     accepted_to, restores)
values ($1, $2, $3, 0, 0, 0, 0, 0, $4)
on conflict (tenant_id) do update
set nid_high_water = excluded.nid_high_water, map_version = excluded.map_version,
    restores = excluded.restores
"""
_SEEN = "select level, keys from seen_log where tenant_id = $1"
_JOIN_SEEN = """
with taken as (
    delete from seen_log where tenant_id = $1 and level = $2 returning keys
)
insert into seen_log (tenant_id, level, keys)
select $1, $3, string_agg(keys, ''::bytea) from taken
"""


# A stream whose beginning was accepted by the operator: what was resolved before speaks of another.
ADOPTED = -1


@dataclass(frozen=True, slots=True)
class Position:
    """The last place of a lane whose decisions are stored, and the tenants of that batch."""

    accepted_to: int = 0
    tenants: Sequence[str] = ()
    # Tells the stream from another of the same name; None until one was read.
    stream_created_at: datetime | None = None
    # Resolved messages up to this place of our own stream speak of another stream; or ADOPTED.
    resolved_from: int = 0


@dataclass(frozen=True, slots=True)
class Marks:
    """How far a tenant's numbers are."""

    nid_high_water: int = 0
    map_version: int = 0
    # Restores of the database that these numbers know of; -1 for a tenant never seen.
    restores: int = -1


async def load_position(connection: asyncpg.Connection, lane: str) -> Position:
    row = await connection.fetchrow(_LOAD_POSITION, lane)
    if row is None:
        return Position()
    tenants = [str(tenant) for tenant in row["tenants"]]
    return Position(row["accepted_to"], tenants, row["stream_created_at"], row["resolved_from"])


async def save_position(connection: asyncpg.Connection, lane: str, position: Position) -> None:
    await connection.execute(
        _SAVE_POSITION,
        lane,
        position.accepted_to,
        position.tenants,
        position.stream_created_at,
        position.resolved_from,
    )


async def load_decision(connection: asyncpg.Connection, tenant_id: str, lane: str) -> bytes | None:
    """What the tenant's last batch of a lane decided."""
    body: bytes | None = await connection.fetchval(_DECISION, tenant_id, lane)
    return body


async def measure_tables(connection: asyncpg.Connection) -> None:
    """Let the planner know how large the tables are; kept plans are made anew. Needs the right MAINTAIN."""
    await connection.execute("analyze identifiers, links")


async def load_marks(connection: asyncpg.Connection, tenant_id: str) -> Marks:
    row = await connection.fetchrow(_TENANT, tenant_id)
    return Marks() if row is None else Marks(*row)


async def save_marks(connection: asyncpg.Connection, tenant_id: str, marks: Marks) -> None:
    await connection.execute(_SAVE_TENANT, tenant_id, marks.nid_high_water, marks.map_version, marks.restores)


async def load_seen(connection: asyncpg.Connection, tenant_id: str) -> AsyncIterator[tuple[int, bytes]]:
    """(level, keys) of every row of the log; needs a transaction."""
    async for row in connection.cursor(_SEEN, tenant_id, prefetch=64):
        yield row["level"], row["keys"]


async def join_seen(connection: asyncpg.Connection, tenant_id: str, level: int) -> None:
    """Make one row of the next level out of all rows of a level."""
    await connection.execute(_JOIN_SEEN, tenant_id, level, level + 1)
