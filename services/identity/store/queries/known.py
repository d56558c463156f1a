"""What the tables know of the identifiers and pairs of a batch."""

from collections.abc import Iterable, Sequence

import asyncpg

from services.identity.domain.identifiers import Identifier, Kind
from services.identity.domain.partition import Link, Member, Pair

_IDENTIFIERS = """
select i.kind, i.value, i.nid
from unnest($2::smallint[], $3::text[]) as wanted (kind, value)
join identifiers i on i.tenant_id = $1 and i.kind = wanted.kind and i.value = wanted.value
"""

_LINKS = """
select l.a, l.b, l.verified, l.occurred_at_ms, l.message_id, l.place, l.refused_reason,
       l.withdrawn_at is not null as withdrawn
from unnest($2::integer[], $3::integer[]) as wanted (a, b)
join links l on l.tenant_id = $1 and l.a = wanted.a and l.b = wanted.b
"""

# A cluster's id is its smallest nid; `identifiers_cluster` holds all its other members.
_CLUSTER_MEMBERS = """
with touched as (
    select distinct cluster from identifiers where tenant_id = $1 and nid = any ($2::integer[])
), members as (
    select i.nid, i.kind, i.cluster, i.profile_id
    from touched t join identifiers i on i.tenant_id = $1 and i.nid = t.cluster
    union all
    select i.nid, i.kind, i.cluster, i.profile_id
    from touched t join identifiers i on i.tenant_id = $1 and i.cluster = t.cluster and i.cluster <> i.nid
)
select m.nid, m.kind, m.cluster, m.profile_id, exists (
    select from links l where l.tenant_id = $1 and l.a = m.nid and l.withdrawn_at is not null
) as withdrawn
from members m
"""

_LINKS_FROM = """
select l.a, l.b, l.verified, l.occurred_at_ms, l.message_id, l.place, l.refused_reason,
       l.withdrawn_at is not null as withdrawn
from unnest($2::integer[]) as wanted (a)
join links l on l.tenant_id = $1 and l.a = wanted.a
"""


async def load_nids(
    connection: asyncpg.Connection, tenant_id: str, wanted: Sequence[Identifier]
) -> dict[Identifier, int]:
    """The numbers of those identifiers that have one."""
    kinds = [int(kind) for kind, _ in wanted]
    values = [value for _, value in wanted]
    rows = await connection.fetch(_IDENTIFIERS, tenant_id, kinds, values)
    return {(Kind(row["kind"]), row["value"]): row["nid"] for row in rows}


async def load_links(
    connection: asyncpg.Connection, tenant_id: str, wanted: Sequence[Pair]
) -> dict[Pair, Link]:
    """The links of those pairs that were seen before."""
    rows = await connection.fetch(
        _LINKS, tenant_id, [first for first, _ in wanted], [second for _, second in wanted]
    )
    return {link.pair: link for link in map(_link, rows)}


async def load_clusters(
    connection: asyncpg.Connection, tenant_id: str, nids: Iterable[int]
) -> dict[int, Member]:
    """All members of the clusters that `nids` belong to."""
    rows = await connection.fetch(_CLUSTER_MEMBERS, tenant_id, list(nids))
    return {
        row["nid"]: Member(row["nid"], Kind(row["kind"]), row["cluster"], row["profile_id"], row["withdrawn"])
        for row in rows
    }


async def load_links_from(connection: asyncpg.Connection, tenant_id: str, nids: Iterable[int]) -> list[Link]:
    """All links whose lower end is one of `nids`: every link inside a cluster, given its members."""
    rows = await connection.fetch(_LINKS_FROM, tenant_id, list(nids))
    return [_link(row) for row in rows]


def _link(row: asyncpg.Record) -> Link:
    claimed = 0 if row["verified"] else 1
    sighting = (claimed, row["occurred_at_ms"], row["message_id"], row["place"])
    return Link(row["a"], row["b"], sighting, row["refused_reason"], row["withdrawn"])
