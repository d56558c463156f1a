"""Whom identity moved or erased behind a place of the stream."""

from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from services.insight.store.queries.people import NIDS_OF_PROFILES
from services.insight.store.question import question

_BEHIND = "position > {after:UInt64} and position <= {position:UInt64}"
# A profile that is announced for the first time and bears its own number was moved nowhere.
_MOVED = question(
    f"""
    select nid, argMax(profile_id, position) as now,
        argMaxIf(profile_id, position, position <= {{after:UInt64}}) as before,
        countIf(position <= {{after:UInt64}}) as known
    from {{{{profile_of}}}}
    where position <= {{position:UInt64}} and nid in (
        select nid from {{{{profile_of}}}} where {_BEHIND}
    )
    group by nid
    having now != if(known = 0, nid, before)
    """
)
_TOUCHED = question(
    f"""
    select distinct profile_id from ({NIDS_OF_PROFILES}) where nid in (
        select nid from {{{{events}}}} where {_BEHIND} and nid in (select nid from ({NIDS_OF_PROFILES}))
    )
    """
)
_ERASED = question(f"select distinct nid from {{{{erased_nids}}}} where {_BEHIND}")


async def load_moved(clickhouse: ClickHouse, tenant_id: str, after: int, position: int) -> BitMap:
    """Profiles that numbers came to or went from."""
    answer = await clickhouse.fetch(_MOVED, tenant_id, after=after, position=position)
    found = BitMap()
    for nid, now, before, known in answer.rows:
        found.update((int(now), int(before) if known else int(nid)))
    return found


async def load_newly_erased(clickhouse: ClickHouse, tenant_id: str, after: int, position: int) -> BitMap:
    """nids."""
    answer = await clickhouse.fetch(_ERASED, tenant_id, after=after, position=position)
    return BitMap([int(row[0]) for row in answer.rows])


async def load_touched_among(
    clickhouse: ClickHouse, tenant_id: str, profile_ids: BitMap, after: int, position: int
) -> BitMap:
    """Those of some thousand profiles that have events behind a place."""
    answer = await clickhouse.fetch(
        _TOUCHED, tenant_id, profile_ids=list(profile_ids), after=after, position=position
    )
    return BitMap([int(row[0]) for row in answer.rows])
