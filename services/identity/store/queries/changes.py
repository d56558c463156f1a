"""Saves what changed about who belongs together: where identifiers stand, links, and the ledger."""

from collections.abc import Sequence

import asyncpg

from services.identity.domain.partition import Link, Member, Pair
from services.identity.domain.resolution import LedgerEntry

_MOVED_IDENTIFIERS = """
update identifiers i set cluster = moved.cluster, profile_id = moved.profile_id
from unnest($2::integer[], $3::integer[], $4::integer[]) as moved (nid, cluster, profile_id)
where i.tenant_id = $1 and i.nid = moved.nid and i.nid = any ($2::integer[])
"""

_LINKS = """
insert into links (tenant_id, a, b, verified, occurred_at_ms, message_id, place, refused_reason)
select $1, a, b, verified, occurred_at_ms, message_id, place, refused_reason
from unnest($2::integer[], $3::integer[], $4::boolean[], $5::bigint[], $6::text[], $7::smallint[], $8::text[])
    as seen (a, b, verified, occurred_at_ms, message_id, place, refused_reason)
on conflict (tenant_id, a, b) do update
set verified = excluded.verified, occurred_at_ms = excluded.occurred_at_ms, place = excluded.place,
    message_id = excluded.message_id, refused_reason = excluded.refused_reason
"""

_WITHDRAWN = """
update links l set withdrawn_at = case when $4 then now() end, withdrawn_by = case when $4 then $5 end,
    refused_reason = ''
from unnest($2::integer[], $3::integer[]) as named (a, b)
where l.tenant_id = $1 and l.a = named.a and l.b = named.b and l.a = any ($2::integer[])
"""

_LEDGER = """
with number as (
    insert into ledger_marks (tenant_id, entries) values ($1, 1)
    on conflict (tenant_id) do update set entries = ledger_marks.entries + 1
    returning entries
), made as (
    insert into ledger (tenant_id, entry, map_version, accepted_to, cause, actor,
                        link_a, link_b, message_ids, nids, from_profiles, to_profiles)
    select $1, number.entries, $2::bigint, $3::bigint, $4, $5, $6::integer[], $7::integer[], $8::text[],
        $9::integer[], $10::integer[], $11::integer[]
    from number returning entry
)
insert into ledger_nids (tenant_id, nid, entry)
select $1, about.nid, made.entry
from made cross join (select distinct unnest($6::integer[] || $7::integer[] || $9::integer[]) as nid) about
"""


async def save_standings(connection: asyncpg.Connection, tenant_id: str, members: Sequence[Member]) -> None:
    """Where known identifiers stand now."""
    if not members:
        return
    await connection.execute(
        _MOVED_IDENTIFIERS,
        tenant_id,
        [member.nid for member in members],
        [member.cluster for member in members],
        [member.profile_id for member in members],
    )


async def save_links(connection: asyncpg.Connection, tenant_id: str, links: Sequence[Link]) -> None:
    """New links, and how known ones are judged now; whether they are withdrawn stays as it is."""
    if not links:
        return
    claimed, times, message_ids, places = zip(*(link.sighting for link in links), strict=True)
    await connection.execute(
        _LINKS,
        tenant_id,
        [link.a for link in links],
        [link.b for link in links],
        [not flag for flag in claimed],
        times,
        message_ids,
        places,
        [link.refused_reason for link in links],
    )


async def save_withdrawn(
    connection: asyncpg.Connection, tenant_id: str, pairs: Sequence[Pair], *, withdrawn: bool, actor: str
) -> None:
    """Withdraw links, or put them into force again."""
    ends = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    await connection.execute(_WITHDRAWN, tenant_id, *ends, withdrawn, actor)


async def save_ledger(
    connection: asyncpg.Connection,
    tenant_id: str,
    entries: Sequence[LedgerEntry],
    *,
    map_version: int,
    accepted_to: int = 0,
) -> None:
    """`accepted_to` is the place of the events that caused the entries; 0 when a command did."""
    if not entries:
        return
    await connection.executemany(
        _LEDGER,
        [
            (
                tenant_id,
                map_version,
                accepted_to,
                entry.cause,
                entry.actor,
                [link.a for link in entry.links],
                [link.b for link in entry.links],
                [link.sighting[2] for link in entry.links],
                entry.nids,
                entry.from_profiles,
                entry.to_profiles,
            )
            for entry in entries
        ],
    )
