"""What decides who can be reached, and what was announced of it last; for the writer."""

from collections.abc import Collection, Mapping, Sequence

import asyncpg

from services.identity.domain.facts import ChannelReach
from services.identity.domain.identifiers import Kind
from services.identity.domain.people import Profile, ShownIdentifier
from services.identity.domain.reachability import CHANNELS
from services.identity.domain.stated import Report

# Everybody in the groups of connected identifiers that some belong to: whoever gains or loses one of
# these identifiers is in such a group.
_PEOPLE = """
with touched as materialized (
    select array_agg(distinct cluster) as clusters from identifiers
    where tenant_id = $1 and nid = any ($2::integer[])
)
select i.profile_id, i.nid, i.kind, i.value, i.first_seen_at_ms from identifiers i
where i.tenant_id = $1 and i.nid = any ((select clusters from touched)::integer[])
union all
select i.profile_id, i.nid, i.kind, i.value, i.first_seen_at_ms from identifiers i
where i.tenant_id = $1 and i.cluster = any ((select clusters from touched)::integer[]) and i.cluster <> i.nid
"""

_UNDELIVERABLE = """
select fingerprint from address_reports
where tenant_id = $1 and fingerprint = any ($2::bytea[]) and not deliverable
"""

_REPORT = """
insert into address_reports (tenant_id, fingerprint, deliverable, reported_at_ms, message_id)
select $1, fingerprint, deliverable, reported_at_ms, message_id
from unnest($2::bytea[], $3::boolean[], $4::bigint[], $5::text[])
    as said (fingerprint, deliverable, reported_at_ms, message_id)
on conflict (tenant_id, fingerprint) do update
set deliverable = excluded.deliverable, reported_at_ms = excluded.reported_at_ms,
    message_id = excluded.message_id
where (address_reports.reported_at_ms, address_reports.message_id, not address_reports.deliverable)
    < (excluded.reported_at_ms, excluded.message_id, not excluded.deliverable)
"""

_ANNOUNCED = """
select profile_id, email, sms, line from reachability
where tenant_id = $1 and profile_id = any ($2::integer[])
"""

_ANNOUNCE = """
insert into reachability (tenant_id, profile_id, email, sms, line)
select $1, profile_id, email, sms, line
from unnest($2::integer[], $3::text[], $4::text[], $5::text[]) as now (profile_id, email, sms, line)
on conflict (tenant_id, profile_id) do update
set email = excluded.email, sms = excluded.sms, line = excluded.line
"""

_FORGET = "delete from reachability where tenant_id = $1 and profile_id = any ($2::integer[])"


async def load_people(connection: asyncpg.Connection, tenant_id: str, nids: Collection[int]) -> list[Profile]:
    """The profiles of all that is connected with `nids`."""
    found: dict[int, list[ShownIdentifier]] = {}
    for row in await connection.fetch(_PEOPLE, tenant_id, list(nids)):
        shown = ShownIdentifier(row["nid"], Kind(row["kind"]), row["value"], row["first_seen_at_ms"])
        found.setdefault(row["profile_id"], []).append(shown)
    return [Profile(profile_id, identifiers) for profile_id, identifiers in found.items()]


async def load_undeliverable(
    connection: asyncpg.Connection, tenant_id: str, fingerprints: Sequence[bytes]
) -> set[bytes]:
    """Those of the addresses from which messages come back."""
    rows = await connection.fetch(_UNDELIVERABLE, tenant_id, fingerprints)
    return {row["fingerprint"] for row in rows}


async def save_reports(
    connection: asyncpg.Connection, tenant_id: str, reports: Mapping[bytes, Report]
) -> None:
    """Keep the last report of each address, by fingerprint."""
    await connection.execute(
        _REPORT,
        tenant_id,
        list(reports),
        [not undeliverable for _, _, undeliverable in reports.values()],
        [reported_at_ms for reported_at_ms, _, _ in reports.values()],
        [message_id for _, message_id, _ in reports.values()],
    )


async def load_announced(
    connection: asyncpg.Connection, tenant_id: str, profile_ids: Collection[int]
) -> dict[int, list[ChannelReach]]:
    """What was announced last of those profiles of which anything was."""
    rows = await connection.fetch(_ANNOUNCED, tenant_id, list(profile_ids))
    return {
        row["profile_id"]: [ChannelReach(name, not row[name], row[name]) for name in CHANNELS] for row in rows
    }


async def save_announced(
    connection: asyncpg.Connection,
    tenant_id: str,
    reached: Mapping[int, Sequence[ChannelReach]],
    forgotten: Collection[int],
) -> None:
    """Remember what is announced of profiles, and forget those that are reachable by nothing."""
    if reached:
        reasons = [{reach.channel: reach.reason for reach in channels} for channels in reached.values()]
        columns = [[reason[name] for reason in reasons] for name in CHANNELS]
        await connection.execute(_ANNOUNCE, tenant_id, list(reached), *columns)
    if forgotten:
        await connection.execute(_FORGET, tenant_id, list(forgotten))
