"""Every consent statement about some identifiers, with what shows it, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

_PAGE = """
select statement, nid, purpose, granted, stated_at_ms, source, message_id, evidence::text as evidence, actor,
       (extract(epoch from recorded_at) * 1000)::bigint as recorded_at_ms
from consent_statements
where tenant_id = $1 and nid = any ($2::integer[]) and statement < $3
order by statement desc limit $4
"""


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement as it was recorded; `statement` rises with each new one."""

    statement: int
    nid: int
    purpose: str
    granted: bool
    stated_at_ms: int
    source: str
    message_id: str
    evidence_json: str
    actor: str
    recorded_at_ms: int


async def load_statements(
    connection: asyncpg.Connection, tenant_id: str, nids: Sequence[int], *, before: int, size: int
) -> list[Stated]:
    """Up to `size` statements below `before`."""
    rows = await connection.fetch(_PAGE, tenant_id, nids, before, size)
    return [
        Stated(
            row["statement"],
            row["nid"],
            row["purpose"],
            row["granted"],
            row["stated_at_ms"],
            row["source"],
            row["message_id"],
            row["evidence"],
            row["actor"],
            row["recorded_at_ms"],
        )
        for row in rows
    ]
