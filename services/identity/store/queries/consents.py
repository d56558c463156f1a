"""Consent statements: recording them, in the writer's transaction, and what they say now."""

from collections.abc import Sequence

import asyncpg

from services.identity.domain.consent import Statement

_RECORD = """
insert into consent_statements
    (tenant_id, nid, purpose, granted, stated_at_ms, source, trusted, message_id, evidence, actor)
select $1, nid, purpose, granted, stated_at_ms, source, trusted, message_id, $9::jsonb, $10
from unnest($2::integer[], $3::text[], $4::boolean[], $5::bigint[], $6::text[], $7::boolean[], $8::text[])
    as said (nid, purpose, granted, stated_at_ms, source, trusted, message_id)
"""

# See domain.consent.order.
_KEEP_LAST = """
insert into consents (tenant_id, nid, purpose, granted, stated_at_ms, trusted, message_id)
select $1, nid, purpose, granted, stated_at_ms, trusted, message_id
from unnest($2::integer[], $3::text[], $4::boolean[], $5::bigint[], $6::boolean[], $7::text[])
    as said (nid, purpose, granted, stated_at_ms, trusted, message_id)
on conflict (tenant_id, nid, purpose, trusted) do update
set granted = excluded.granted, stated_at_ms = excluded.stated_at_ms, message_id = excluded.message_id
where (consents.stated_at_ms, consents.message_id, not consents.granted)
    < (excluded.stated_at_ms, excluded.message_id, not excluded.granted)
"""

_OF_NIDS = """
select nid, purpose, trusted, granted, stated_at_ms, message_id from consents
where tenant_id = $1 and nid = any ($2::integer[])
"""


async def save_statements(
    connection: asyncpg.Connection,
    tenant_id: str,
    statements: Sequence[Statement],
    *,
    evidence_json: str = "{}",
    actor: str = "",
) -> None:
    """Record what was said."""
    if not statements:
        return
    await connection.execute(
        _RECORD,
        tenant_id,
        [one.nid for one in statements],
        [one.purpose for one in statements],
        [one.granted for one in statements],
        [one.stated_at_ms for one in statements],
        [one.source for one in statements],
        [one.trusted for one in statements],
        [one.message_id for one in statements],
        evidence_json,
        actor,
    )


async def save_lasting(connection: asyncpg.Connection, tenant_id: str, last: Sequence[Statement]) -> None:
    """Keep what counts at hand: one statement for each identifier, purpose and trust; the later one stays."""
    if not last:
        return
    await connection.execute(
        _KEEP_LAST,
        tenant_id,
        [one.nid for one in last],
        [one.purpose for one in last],
        [one.granted for one in last],
        [one.stated_at_ms for one in last],
        [one.trusted for one in last],
        [one.message_id for one in last],
    )


async def load_consents(
    connection: asyncpg.Connection, tenant_id: str, nids: Sequence[int]
) -> dict[int, list[Statement]]:
    """By identifier, the last trusted and the last other statement of each purpose; sources are left out."""
    said: dict[int, list[Statement]] = {}
    for row in await connection.fetch(_OF_NIDS, tenant_id, nids):
        said.setdefault(row["nid"], []).append(
            Statement(
                row["nid"],
                row["purpose"],
                row["granted"],
                row["stated_at_ms"],
                "",
                row["trusted"],
                row["message_id"],
            )
        )
    return said
