"""All nids of some profiles as of a position."""

from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from services.insight.store.queries.people import NIDS_OF_PROFILES
from services.insight.store.question import question

_OF_SOME = question(f"select nid from ({NIDS_OF_PROFILES})")
_OF_ALL = question(
    """
    select nid, argMax(profile_id, position) from {{profile_of}}
    where position <= {position:UInt64} group by nid
    """
)
# More are not sent with a question.
_MOST_SENT = 5_000


async def load_nids(clickhouse: ClickHouse, tenant_id: str, position: int, profile_ids: BitMap) -> BitMap:
    """A profile that nothing was moved to or from is its own nid."""
    if len(profile_ids) <= _MOST_SENT:
        some = await clickhouse.fetch(_OF_SOME, tenant_id, position=position, profile_ids=list(profile_ids))
        return BitMap([int(nid) for (nid,) in some.rows])
    moved = (await clickhouse.fetch(_OF_ALL, tenant_id, position=position)).rows
    elsewhere = BitMap([int(nid) for nid, profile_id in moved if int(profile_id) not in profile_ids])
    here = BitMap([int(nid) for nid, profile_id in moved if int(profile_id) in profile_ids])
    return (profile_ids - elsewhere) | here
