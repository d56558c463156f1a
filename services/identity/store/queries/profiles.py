"""Profiles for the API: one with its links, or a page of those that match."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction
from services.identity.domain.identifiers import Kind
from services.identity.domain.people import ExplainedProfile, Profile, ShownIdentifier, Whom, after_prefix
from services.identity.store.queries.shown_links import MAX_PLACE, count_links, load_shown_links
from services.identity.store.reading import driver_of

# Links that come with a profile; a list of its own has all.
_LINKS_SHOWN = 200

_OF_NID = sa.text("select profile_id from identifiers where tenant_id = :tenant_id and nid = :nid")
_OF_NIDS = sa.text("""
select distinct profile_id from identifiers
where tenant_id = :tenant_id and nid = any (cast(:nids as integer[])) order by profile_id
""")

# Whoever shares a profile shares a cluster; `identifiers_cluster` holds its members but for the first.
_IDENTIFIERS = sa.text("""
with heads as (
    select distinct profile_id, cluster from identifiers
    where tenant_id = :tenant_id and nid = any (cast(:profile_ids as integer[]))
)
select h.profile_id, i.nid, i.kind, i.value, i.first_seen_at_ms
from heads h join identifiers i on i.tenant_id = :tenant_id and i.nid = h.profile_id
union all
select h.profile_id, i.nid, i.kind, i.value, i.first_seen_at_ms
from heads h join identifiers i
    on i.tenant_id = :tenant_id and i.cluster = h.cluster and i.cluster <> i.nid
    and i.profile_id = h.profile_id and i.nid <> h.profile_id
order by 1, 3, 2
""")

_EVERYBODY = """
select nid as profile_id from identifiers
where tenant_id = :tenant_id and nid = profile_id and nid < :before
order by nid desc limit :size
"""
_MEMBERS = """
select profile_id from identifiers
where tenant_id = :tenant_id and kind = 1 and profile_id < :before
order by profile_id desc limit :size
"""
_VISITORS = """
select i.nid as profile_id from identifiers i
where i.tenant_id = :tenant_id and i.nid = i.profile_id and i.nid < :before and not exists (
    select from identifiers m
    where m.tenant_id = :tenant_id and m.profile_id = i.profile_id and m.kind = 1
)
order by i.nid desc limit :size
"""
_PAGES = {
    Whom.EVERYBODY: sa.text(_EVERYBODY),
    Whom.MEMBERS: sa.text(_MEMBERS),
    Whom.VISITORS: sa.text(_VISITORS),
}

# Each kind is one range of the unique index.
_MATCHING = """
select distinct i.profile_id from identifiers i
where i.tenant_id = :tenant_id and i.kind = any (array[1, 2, 3, 4, 5, 6]::smallint[])
    and i.value >= :prefix and (cast(:behind as text) is null or i.value < :behind) and i.profile_id < :before
    and (:whom = 'everybody' or (:whom = 'members') = exists (
        select from identifiers m
        where m.tenant_id = :tenant_id and m.profile_id = i.profile_id and m.kind = 1
    ))
order by i.profile_id desc limit :size
"""
_MATCHING_PAGE = sa.text(_MATCHING)


_COUNT = sa.text("""
select count(*) filter (where nid = profile_id) as profiles,
    count(distinct profile_id) filter (where kind = 1) as members
from identifiers where tenant_id = :tenant_id
""")


async def count_profiles(engine: AsyncEngine, tenant_id: str) -> tuple[int, int]:
    """(profiles, members among them); reads every identifier, so not for pages that are asked often."""
    async with open_transaction(engine, tenant_id) as connection:
        row = (await connection.execute(_COUNT, {"tenant_id": tenant_id})).one()
    return row.profiles, row.members


async def load_profile(engine: AsyncEngine, tenant_id: str, nid: int) -> ExplainedProfile | None:
    """The profile that `nid` belongs to; None when the tenant has no such number."""
    async with open_transaction(engine, tenant_id) as connection:
        profile_id = await connection.scalar(_OF_NID, {"tenant_id": tenant_id, "nid": nid})
        if profile_id is None:
            return None
        people = await _load(connection, tenant_id, [profile_id])
        if not people:
            return None
        profile = people[0]
        nids = [identifier.nid for identifier in profile.identifiers]
        driver = await driver_of(connection)
        links = await load_shown_links(driver, tenant_id, nids, None, before=MAX_PLACE, size=_LINKS_SHOWN)
        counts = await count_links(driver, tenant_id, nids)
    return ExplainedProfile(profile, links, counts)


async def load_profiles_of(engine: AsyncEngine, tenant_id: str, nids: Sequence[int]) -> list[Profile]:
    """The profiles that these nids belong to, each once; nids of nobody are passed over."""
    async with open_transaction(engine, tenant_id) as connection:
        rows = await connection.execute(_OF_NIDS, {"tenant_id": tenant_id, "nids": list(nids)})
        return await _load(connection, tenant_id, [row.profile_id for row in rows])


async def load_profiles(
    engine: AsyncEngine, tenant_id: str, prefix: str, whom: Whom, *, before: int, size: int
) -> list[Profile]:
    """Up to `size` profiles with an id below `before`, newest first; a `prefix` restricts them."""
    async with open_transaction(engine, tenant_id) as connection:
        values = {"tenant_id": tenant_id, "before": before, "size": size}
        if prefix:
            values |= {"prefix": prefix, "behind": after_prefix(prefix), "whom": whom.value}
            rows = await connection.execute(_MATCHING_PAGE, values)
        else:
            rows = await connection.execute(_PAGES[whom], values)
        return await _load(connection, tenant_id, [row.profile_id for row in rows])


async def _load(connection: AsyncConnection, tenant_id: str, profile_ids: Sequence[int]) -> list[Profile]:
    rows = await connection.execute(_IDENTIFIERS, {"tenant_id": tenant_id, "profile_ids": list(profile_ids)})
    found: dict[int, list[ShownIdentifier]] = {profile_id: [] for profile_id in profile_ids}
    for row in rows:
        shown = ShownIdentifier(row.nid, Kind(row.kind), row.value, row.first_seen_at_ms)
        # One that was merged since its id was read comes as its survivor; one that was erased is gone.
        found.setdefault(row.profile_id, []).append(shown)
    return [Profile(profile_id, identifiers) for profile_id, identifiers in found.items() if identifiers]
