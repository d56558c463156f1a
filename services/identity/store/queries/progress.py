"""Where the writer is, and what it must remember of a tenant when it starts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg

# One writer a cell, so one lane; the table can hold more.
_LANE = "cell"

_LOAD_POSITION = "select accepted_to, tenants from positions where lane = $1"
_SAVE_POSITION = """
insert into positions (lane, accepted_to, tenants) values ($1, $2, $3)
on conflict (lane) do update set accepted_to = excluded.accepted_to, tenants = excluded.tenants
"""
_DECISION = "select body from decisions where tenant_id = $1"
_TENANT = "select nid_high_water, map_version from intakes where tenant_id = $1"
_SEEN = "select level, keys from seen_log where tenant_id = $1"
_JOIN_SEEN = """
with taken as (
    delete from seen_log where tenant_id = $1 and level = $2 returning accepted_to, keys
)
insert into seen_log (tenant_id, level, accepted_to, keys)
select $1, $3, max(accepted_to), string_agg(keys, ''::bytea) from taken
"""


@dataclass(frozen=True, slots=True)
class Position:
    """The last place whose decisions are stored, and the tenants of that batch."""

    accepted_to: int
    tenants: list[str]


async def load_position(connection: asyncpg.Connection) -> Position:
    row = await connection.fetchrow(_LOAD_POSITION, _LANE)
    if row is None:
        return Position(0, [])
    return Position(row["accepted_to"], [str(tenant) for tenant in row["tenants"]])


async def save_position(connection: asyncpg.Connection, position: Position) -> None:
    await connection.execute(_SAVE_POSITION, _LANE, position.accepted_to, position.tenants)


async def load_decision(connection: asyncpg.Connection, tenant_id: str) -> bytes | None:
    """What the tenant's last batch decided."""
    body: bytes | None = await connection.fetchval(_DECISION, tenant_id)
    return body


async def measure_tables(connection: asyncpg.Connection) -> None:
    """Let the planner know how large the tables are; kept plans are made anew. Needs the right MAINTAIN."""
    await connection.execute("analyze identifiers, links")


async def load_marks(connection: asyncpg.Connection, tenant_id: str) -> tuple[int, int]:
    """(highest nid, map version); zeros for a tenant never seen."""
    row = await connection.fetchrow(_TENANT, tenant_id)
    return (0, 0) if row is None else (row["nid_high_water"], row["map_version"])


async def load_seen(connection: asyncpg.Connection, tenant_id: str) -> AsyncIterator[tuple[int, bytes]]:
    """(level, keys) of every row of the log; needs a transaction."""
    async for row in connection.cursor(_SEEN, tenant_id, prefetch=64):
        yield row["level"], row["keys"]


async def join_seen(connection: asyncpg.Connection, tenant_id: str, level: int) -> None:
    """Make one row of the next level out of all rows of a level."""
    await connection.execute(_JOIN_SEEN, tenant_id, level, level + 1)
