"""Saves what a batch decided for one tenant, inside the writer's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from services.identity.domain.partition import Link, Member
from services.identity.domain.resolution import LedgerEntry, NewIdentifier
from services.identity.store.queries.changes import save_ledger, save_links, save_standings

_NEW_IDENTIFIERS = """
insert into identifiers (tenant_id, nid, kind, value, cluster, profile_id, first_seen_at_ms)
select $1, nid, kind, value, cluster, profile_id, first_seen_at_ms
from unnest($2::integer[], $3::smallint[], $4::text[], $5::integer[], $6::integer[], $7::bigint[])
    as new (nid, kind, value, cluster, profile_id, first_seen_at_ms)
"""

_OUTCOME = """
with kept as (
    insert into seen_log (tenant_id, level, keys)
    select $1::uuid, 0, $3::bytea where length($3) > 0
), decided as (
    insert into decisions (tenant_id, lane, accepted_to, body) values ($1, $11, $2, $4)
    on conflict (tenant_id, lane) do update set accepted_to = excluded.accepted_to, body = excluded.body
)
insert into intakes (tenant_id, nid_high_water, map_version, received, counted, duplicates, set_aside,
                     accepted_to, restores, suppressed)
values ($1, $5, $6, $7, $8, $9, $10, case when $11 = 'live' then $2::bigint else 0 end, $12, $13)
on conflict (tenant_id) do update
set nid_high_water = excluded.nid_high_water, map_version = excluded.map_version,
    received = intakes.received + excluded.received, counted = intakes.counted + excluded.counted,
    duplicates = intakes.duplicates + excluded.duplicates,
    set_aside = intakes.set_aside + excluded.set_aside,
    suppressed = intakes.suppressed + excluded.suppressed,
    accepted_to = case when $11 = 'live' then excluded.accepted_to else intakes.accepted_to end,
    restores = excluded.restores, as_of = now()
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch decided for one tenant."""

    # "live" or "imported".
    lane: str
    accepted_to: int
    # How many restores of the database its numbers know of.
    restores: int
    nid_high_water: int
    map_version: int
    new_identifiers: Sequence[NewIdentifier]
    # Where an identifier, new or known, stands now when that is not alone in its own profile.
    moved: Sequence[Member]
    links: Sequence[Link]
    ledger: Sequence[LedgerEntry]
    # Keys of the events that count, one after another.
    seen_keys: bytes
    decision: bytes
    received: int
    counted: int
    duplicates: int
    set_aside: int
    suppressed: int


async def save_outcome(connection: asyncpg.Connection, tenant_id: str, outcome: Outcome) -> None:
    standing = {member.nid: member for member in outcome.moved}
    if outcome.new_identifiers:
        await _save_new(connection, tenant_id, outcome.new_identifiers, standing)
    new = {identifier.nid for identifier in outcome.new_identifiers}
    known = [member for member in outcome.moved if member.nid not in new]
    await save_standings(connection, tenant_id, known)
    await save_links(connection, tenant_id, outcome.links)
    await save_ledger(
        connection,
        tenant_id,
        outcome.ledger,
        map_version=outcome.map_version,
        accepted_to=outcome.accepted_to,
    )
    await connection.execute(
        _OUTCOME,
        tenant_id,
        outcome.accepted_to,
        outcome.seen_keys,
        outcome.decision,
        outcome.nid_high_water,
        outcome.map_version,
        outcome.received,
        outcome.counted,
        outcome.duplicates,
        outcome.set_aside,
        outcome.lane,
        outcome.restores,
        outcome.suppressed,
    )


async def _save_new(
    connection: asyncpg.Connection,
    tenant_id: str,
    new: Sequence[NewIdentifier],
    standing: dict[int, Member],
) -> None:
    alone = [standing.get(identifier.nid) for identifier in new]
    await connection.execute(
        _NEW_IDENTIFIERS,
        tenant_id,
        [identifier.nid for identifier in new],
        [int(identifier.kind) for identifier in new],
        [identifier.value for identifier in new],
        [where.cluster if where else identifier.nid for where, identifier in zip(alone, new, strict=True)],
        [where.profile_id if where else identifier.nid for where, identifier in zip(alone, new, strict=True)],
        [identifier.first_seen_at_ms for identifier in new],
    )
