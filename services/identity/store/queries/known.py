"""What the tables know of the identifiers and pairs of a batch."""

from collections.abc import Iterable, Sequence

import asyncpg

from services.identity.domain.identifiers import Identifier, Kind
from services.identity.domain.partition import Link, Member, Pair

# Every condition is an array that an index takes, never a join with one: a plan that was made while the
# tables were empty, and is kept, must not compare each row of a tenant with each value of a batch.
_IDENTIFIERS = """
select value, nid from identifiers where tenant_id = $1 and kind = $2 and value = any ($3::text[])
"""

LINK_COLUMNS = """
l.a, l.b, l.verified, l.occurred_at_ms, l.message_id, l.place, l.refused_reason,
l.withdrawn_at is not null as withdrawn
"""

# Any of the first with any of the second; the pairs that were asked for are among them.
_LINKS = f"""
select {LINK_COLUMNS} from links l
where l.tenant_id = $1 and l.a = any ($2::integer[]) and l.b = any ($3::integer[])
"""

# A cluster's id is its smallest nid; `identifiers_cluster` holds all its other members.
_CLUSTER_MEMBERS = """
with touched as materialized (
    select array_agg(distinct cluster) as clusters from identifiers
    where tenant_id = $1 and nid = any ($2::integer[])
)
select i.nid, i.kind, i.cluster, i.profile_id from identifiers i
where i.tenant_id = $1 and i.nid = any ((select clusters from touched)::integer[])
union all
select i.nid, i.kind, i.cluster, i.profile_id from identifiers i
where i.tenant_id = $1 and i.cluster = any ((select clusters from touched)::integer[]) and i.cluster <> i.nid
"""

_LINKS_FROM = f"""
select {LINK_COLUMNS} from links l where l.tenant_id = $1 and l.a = any ($2::integer[])
"""

_OUTSIDE = f"""
select {LINK_COLUMNS} from links l
where l.tenant_id = $1 and l.a = any ($2::integer[]) and l.refused_reason = $3 and l.withdrawn_at is null
    and l.refused_reason in ('BLOCKED_VALUE', 'CLUSTER_TOO_LARGE')
union
select {LINK_COLUMNS} from links l
where l.tenant_id = $1 and l.b = any ($2::integer[]) and l.refused_reason = $3 and l.withdrawn_at is null
    and l.refused_reason in ('BLOCKED_VALUE', 'CLUSTER_TOO_LARGE')
order by verified desc, occurred_at_ms, message_id, a, b limit $4
"""

_VALUES = "select nid, kind, value from identifiers where tenant_id = $1 and nid = any ($2::integer[])"


async def load_nids(
    connection: asyncpg.Connection, tenant_id: str, wanted: Sequence[Identifier]
) -> dict[Identifier, int]:
    """The numbers of those identifiers that have one."""
    values: dict[Kind, list[str]] = {}
    for kind, value in wanted:
        values.setdefault(kind, []).append(value)
    known: dict[Identifier, int] = {}
    for kind, some in values.items():
        rows = await connection.fetch(_IDENTIFIERS, tenant_id, int(kind), some)
        known.update(((kind, row["value"]), row["nid"]) for row in rows)
    return known


async def load_links(
    connection: asyncpg.Connection, tenant_id: str, wanted: Sequence[Pair]
) -> dict[Pair, Link]:
    """The links of those pairs that were seen before."""
    rows = await connection.fetch(
        _LINKS, tenant_id, list({first for first, _ in wanted}), list({second for _, second in wanted})
    )
    asked = set(wanted)
    return {link.pair: link for link in map(link_of, rows) if link.pair in asked}


async def load_clusters(
    connection: asyncpg.Connection, tenant_id: str, nids: Iterable[int]
) -> dict[int, Member]:
    """All members of the clusters that `nids` belong to."""
    rows = await connection.fetch(_CLUSTER_MEMBERS, tenant_id, list(nids))
    return {
        row["nid"]: Member(row["nid"], Kind(row["kind"]), row["cluster"], row["profile_id"]) for row in rows
    }


async def load_links_from(connection: asyncpg.Connection, tenant_id: str, nids: Iterable[int]) -> list[Link]:
    """All links whose lower end is one of `nids`: every link inside a cluster, given its members."""
    rows = await connection.fetch(_LINKS_FROM, tenant_id, list(nids))
    return [link_of(row) for row in rows]


async def load_outside(
    connection: asyncpg.Connection, tenant_id: str, nids: Iterable[int], reason: str, most: int
) -> list[Link]:
    """Links with an end in `nids` that were refused for what lies outside their clusters."""
    return [link_of(row) for row in await connection.fetch(_OUTSIDE, tenant_id, list(nids), reason, most)]


async def load_values(
    connection: asyncpg.Connection, tenant_id: str, nids: Iterable[int]
) -> dict[int, Identifier]:
    """What these numbers stand for; those that stand for nothing are missing."""
    rows = await connection.fetch(_VALUES, tenant_id, list(nids))
    return {row["nid"]: (Kind(row["kind"]), row["value"]) for row in rows}


def link_of(row: asyncpg.Record) -> Link:
    claimed = 0 if row["verified"] else 1
    sighting = (claimed, row["occurred_at_ms"], row["message_id"], row["place"])
    return Link(row["a"], row["b"], sighting, row["refused_reason"], row["withdrawn"])
