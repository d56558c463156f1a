"""The map nid -> profile as of a position, read or as SQL that questions are built from.

A nid belongs to the profile of its row with the highest position; without one it is its own profile.
"""

from collections.abc import Iterator, Mapping, Sequence

from chassis.clickhouse import ClickHouse
from services.insight.store.question import question

# What fits into the address of a request, where values travel.
_NIDS_AT_ONCE = 4_000

# Values: profile_ids Array(UInt32), position UInt64. Columns: nid, profile_id.
NIDS_OF_PROFILES = """
    select nid, argMax(profile_id, position) as profile_id
    from (
        select nid, profile_id, position from {{profile_of}}
        where position <= {position:UInt64} and (
            has({profile_ids:Array(UInt32)}, nid)
            or nid in (
                select nid from {{profile_of}}
                where position <= {position:UInt64} and has({profile_ids:Array(UInt32)}, profile_id)
            )
        )
        union all
        select arrayJoin({profile_ids:Array(UInt32)}) as nid, nid as profile_id, toUInt64(0) as position
    )
    group by nid
    having has({profile_ids:Array(UInt32)}, profile_id)
"""

# Profiles with a user id. Values: position UInt64. Column: profile_id.
MEMBERS = """
    select distinct argMax(profile_id, position) as profile_id
    from {{profile_of}}
    where position <= {position:UInt64} and kind = 1
    group by nid
"""

_NIDS = question(NIDS_OF_PROFILES)


async def load_owners(
    clickhouse: ClickHouse, tenant_id: str, position: int, profile_ids: Sequence[int]
) -> Mapping[int, int]:
    """nid → profile, of all nids of some profiles."""
    answer = await clickhouse.fetch(_NIDS, tenant_id, position=position, profile_ids=list(profile_ids))
    return {int(nid): int(profile_id) for nid, profile_id in answer.rows}


def pieces(owners: Mapping[int, int]) -> Iterator[Sequence[int]]:
    """Their nids, as many as one question takes."""
    nids = sorted(owners)
    for start in range(0, len(nids), _NIDS_AT_ONCE):
        yield nids[start : start + _NIDS_AT_ONCE]
