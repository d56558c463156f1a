"""The profiles that some nids belong to."""

from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from services.insight.store.question import question

_MOVED = """
    select nid, argMax(profile_id, position) from {{{{profile_of}}}}
    where position <= {{position:UInt64}} {condition} group by nid
"""
_MOVED_OF_ALL = question(_MOVED.format(condition=""))
_MOVED_OF_SOME = question(_MOVED.format(condition="and has({nids:Array(UInt32)}, nid)"))
# More are not sent with a question.
_MOST_SENT = 5_000


async def load_people(clickhouse: ClickHouse, tenant_id: str, position: int, nids: BitMap) -> BitMap:
    """Profile ids as of a position; a nid that never moved is its own profile."""
    if len(nids) <= _MOST_SENT:
        answer = await clickhouse.fetch(_MOVED_OF_SOME, tenant_id, position=position, nids=list(nids))
    else:
        answer = await clickhouse.fetch(_MOVED_OF_ALL, tenant_id, position=position)
    moved = {int(nid): int(profile_id) for nid, profile_id in answer.rows if int(nid) in nids}
    return (nids - BitMap(moved)) | BitMap(moved.values())
