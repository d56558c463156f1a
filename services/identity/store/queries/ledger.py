"""The ledger: every change of who belongs together, newest first."""

from collections.abc import Sequence

import asyncpg

from services.identity.domain.identifiers import Kind
from services.identity.domain.partition import Pair
from services.identity.domain.people import RecordedEntry, ShownIdentifier

_COLUMNS = """
l.entry, (extract(epoch from l.recorded_at) * 1000)::bigint as recorded_at_ms, l.cause, l.actor,
l.link_a, l.link_b, l.message_ids, l.nids, l.from_profiles, l.to_profiles
"""
_ALL = f"""
select {_COLUMNS} from ledger l where l.tenant_id = $1 and l.entry < $2 order by l.entry desc limit $3
"""
_ABOUT = f"""
with about as (
    select distinct entry from ledger_nids
    where tenant_id = $1 and nid = any ($4::integer[]) and entry < $2
    order by entry desc limit $3
)
select {_COLUMNS} from ledger l where l.tenant_id = $1 and l.entry = any (array(select entry from about))
order by l.entry desc
"""
_PAIRS = "select link_a, link_b from ledger where tenant_id = $1 and entry = $2"
_IDENTIFIERS = """
select nid, kind, value, first_seen_at_ms from identifiers
where tenant_id = $1 and nid = any ($2::integer[]) order by nid
"""


async def load_ledger(
    connection: asyncpg.Connection, tenant_id: str, nids: Sequence[int] | None, *, before: int, size: int
) -> list[RecordedEntry]:
    """Up to `size` entries with a number below `before`; of everybody where `nids` is None."""
    if nids is None:
        rows = await connection.fetch(_ALL, tenant_id, before, size)
    else:
        rows = await connection.fetch(_ABOUT, tenant_id, before, size, list(nids))
    return [_entry(row) for row in rows]


async def load_entry_pairs(connection: asyncpg.Connection, tenant_id: str, entry: int) -> list[Pair]:
    """The links that an entry names; none where there is no such entry."""
    row = await connection.fetchrow(_PAIRS, tenant_id, entry)
    return [] if row is None else list(zip(row["link_a"], row["link_b"], strict=True))


async def load_shown(
    connection: asyncpg.Connection, tenant_id: str, nids: Sequence[int]
) -> list[ShownIdentifier]:
    """What these numbers stand for; those of erased people are missing."""
    rows = await connection.fetch(_IDENTIFIERS, tenant_id, list(nids))
    return [
        ShownIdentifier(row["nid"], Kind(row["kind"]), row["value"], row["first_seen_at_ms"]) for row in rows
    ]


def _entry(row: asyncpg.Record) -> RecordedEntry:
    return RecordedEntry(
        row["entry"],
        row["recorded_at_ms"],
        row["cause"],
        row["actor"],
        list(zip(row["link_a"], row["link_b"], row["message_ids"], strict=True)),
        list(zip(row["nids"], row["from_profiles"], row["to_profiles"], strict=True)),
    )
