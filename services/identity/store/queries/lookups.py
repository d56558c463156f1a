"""Which profiles have some identifiers, for callers that only ask."""

from collections.abc import Collection
from dataclasses import dataclass

import asyncpg

from services.identity.domain.identifiers import Identifier, Kind

# One range of the unique index a kind, as the writer's own question.
_FOUND = """
select value, nid, profile_id from identifiers
where tenant_id = $1 and kind = $2 and value = any ($3::text[])
"""


@dataclass(frozen=True, slots=True)
class Known:
    """An identifier's number, and the profile that it belongs to now."""

    nid: int
    profile_id: int


async def look_up(
    connection: asyncpg.Connection, tenant_id: str, wanted: Collection[Identifier]
) -> dict[Identifier, Known]:
    """Those of `wanted`, normalised, that somebody has."""
    known: dict[Identifier, Known] = {}
    for kind in {kind for kind, _ in wanted}:
        values = [value for of_kind, value in wanted if of_kind is kind]
        rows = await connection.fetch(_FOUND, tenant_id, int(kind), values)
        known |= {(Kind(kind), row["value"]): Known(row["nid"], row["profile_id"]) for row in rows}
    return known
