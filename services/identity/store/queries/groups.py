"""The groups of identifiers with a member in a range of nids: what a change of the rules walks through."""

import asyncpg

from services.identity.domain.partition import Link
from services.identity.store.queries.known import LINK_COLUMNS, link_of

_SEEDS = """
select nid from identifiers where tenant_id = $1 and nid > $2 and nid <= $3 and cluster <> nid
"""
_BLOCKED = f"""
select {LINK_COLUMNS} from links l
where l.tenant_id = $1 and l.a > $2 and l.a <= $3 and l.refused_reason = 'BLOCKED_VALUE'
    and l.withdrawn_at is null
"""


async def load_seeds(connection: asyncpg.Connection, tenant_id: str, after: int, to: int) -> list[int]:
    """Members that are not the first of their group: at least one of every group, however it changes."""
    return [row["nid"] for row in await connection.fetch(_SEEDS, tenant_id, after, to)]


async def load_blocked(connection: asyncpg.Connection, tenant_id: str, after: int, to: int) -> list[Link]:
    """Links that join nothing because a value is, or was, blocked; their lower end is in the range."""
    return [link_of(row) for row in await connection.fetch(_BLOCKED, tenant_id, after, to)]
