"""Links as they are shown: with both ends, who they belong to, and what became of them."""

from collections.abc import Sequence

import asyncpg

from services.identity.domain.identifiers import Kind
from services.identity.domain.partition import Pair
from services.identity.domain.people import LinkCounts, LinkState, ShownIdentifier, ShownLink

# Above the place of every link.
MAX_PLACE = 2**63 - 1
# The younger end first: a link is newer than the identifiers that it connects.
_PLACE = "(l.b::bigint << 31) + l.a"
_STATES = {
    None: "true",
    LinkState.JOINING: "l.withdrawn_at is null and l.refused_reason = ''",
    LinkState.REFUSED: "l.withdrawn_at is null and l.refused_reason <> ''",
    LinkState.WITHDRAWN: "l.withdrawn_at is not null",
}
_SHOWN = """
select l.a, l.b, l.verified, l.occurred_at_ms, l.message_id, l.refused_reason, l.withdrawn_by,
    (date_part('epoch', l.withdrawn_at) * 1000)::bigint as withdrawn_at_ms,
    first.kind as a_kind, first.value as a_value, first.first_seen_at_ms as a_seen,
    first.profile_id as a_profile, second.kind as b_kind, second.value as b_value,
    second.first_seen_at_ms as b_seen, second.profile_id as b_profile
"""
_ENDS = """
join identifiers first on first.tenant_id = $1 and first.nid = l.a
join identifiers second on second.tenant_id = $1 and second.nid = l.b
"""


def _page(condition: str) -> str:
    return f"""
with found as (
    select * from links l
    where l.tenant_id = $1 and l.a = any ($2::integer[]) and {_PLACE} < $3 and {condition}
    union
    select * from links l
    where l.tenant_id = $1 and l.b = any ($2::integer[]) and {_PLACE} < $3 and {condition}
)
{_SHOWN} from found l {_ENDS}
order by l.b desc, l.a desc limit $4
"""


_PAGES = {state: _page(condition) for state, condition in _STATES.items()}
_NAMED = f"""
{_SHOWN}
from unnest($2::integer[], $3::integer[]) as named (a, b)
join links l on l.tenant_id = $1 and l.a = named.a and l.b = named.b
{_ENDS}
order by l.b desc, l.a desc
"""
_COUNTS = f"""
with found as (
    select * from links l where l.tenant_id = $1 and l.a = any ($2::integer[])
    union
    select * from links l where l.tenant_id = $1 and l.b = any ($2::integer[])
)
select count(*) filter (where {_STATES[LinkState.JOINING]}) as joining,
    count(*) filter (where {_STATES[LinkState.REFUSED]}) as refused,
    count(*) filter (where {_STATES[LinkState.WITHDRAWN]}) as withdrawn
from found l
"""


async def load_shown_links(
    connection: asyncpg.Connection,
    tenant_id: str,
    nids: Sequence[int],
    state: LinkState | None,
    *,
    before: int,
    size: int,
) -> list[ShownLink]:
    """Up to `size` links with an end in `nids`, newest first, that stand below `before`."""
    rows = await connection.fetch(_PAGES[state], tenant_id, list(nids), before, size)
    return [_shown(row) for row in rows]


async def load_named_links(
    connection: asyncpg.Connection, tenant_id: str, pairs: Sequence[Pair]
) -> list[ShownLink]:
    """The links of these pairs that there are."""
    ends = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return [_shown(row) for row in await connection.fetch(_NAMED, tenant_id, *ends)]


async def count_links(connection: asyncpg.Connection, tenant_id: str, nids: Sequence[int]) -> LinkCounts:
    """How many links with an end in `nids` there are in each state."""
    row = await connection.fetchrow(_COUNTS, tenant_id, list(nids))
    assert row is not None  # an aggregate
    return LinkCounts(row["joining"], row["refused"], row["withdrawn"])


def _shown(row: asyncpg.Record) -> ShownLink:
    first = ShownIdentifier(row["a"], Kind(row["a_kind"]), row["a_value"], row["a_seen"])
    second = ShownIdentifier(row["b"], Kind(row["b_kind"]), row["b_value"], row["b_seen"])
    return ShownLink(
        first,
        second,
        row["a_profile"],
        row["b_profile"],
        row["verified"],
        row["occurred_at_ms"],
        row["message_id"],
        row["refused_reason"],
        row["withdrawn_at_ms"],
        row["withdrawn_by"] or "",
    )
