"""Erasures for the API: one, or a page of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_transaction

_COLUMNS = """
cast(erasure_id as text) as erasure_id, entry, profile_id, nids, fingerprints, actor, suppressed,
announced_at,
(extract(epoch from requested_at) * 1000)::bigint as requested_at_ms,
(extract(epoch from files_clean_at) * 1000)::bigint as files_clean_at_ms
"""
_ONE = sa.text(f"select {_COLUMNS} from erasures where tenant_id = :tenant_id and erasure_id = :erasure_id")
_PAGE = sa.text(f"""
select {_COLUMNS} from erasures where tenant_id = :tenant_id and entry < :before
order by entry desc limit :size
""")


@dataclass(frozen=True, slots=True)
class ShownErasure:
    """An erasure as it is kept; `entry` rises with each."""

    erasure_id: str
    entry: int
    profile_id: int
    nids: Sequence[int]
    fingerprints: Sequence[bytes]
    actor: str
    suppressed: bool
    # Place in identity's stream; 0 until it is there.
    announced_at: int
    requested_at_ms: int
    files_clean_at_ms: int | None


async def load_erasure(engine: AsyncEngine, tenant_id: str, erasure_id: str) -> ShownErasure | None:
    async with open_transaction(engine, tenant_id) as connection:
        values = {"tenant_id": tenant_id, "erasure_id": erasure_id}
        row = (await connection.execute(_ONE, values)).one_or_none()
    return None if row is None else _shown(row)


async def load_erasures(engine: AsyncEngine, tenant_id: str, *, before: int, size: int) -> list[ShownErasure]:
    """Newest first, those before an entry."""
    async with open_transaction(engine, tenant_id) as connection:
        values = {"tenant_id": tenant_id, "before": before, "size": size}
        return [_shown(row) for row in await connection.execute(_PAGE, values)]


def _shown(row: sa.Row[Any]) -> ShownErasure:
    return ShownErasure(**row._mapping)
