"""Of whom there is something new, whose nids profiles are, and what changes facts of old places."""

from dataclasses import dataclass

import numpy as np

from chassis.clickhouse import ClickHouse
from services.insight.domain.genes.facts import U4
from services.insight.store.facts_blocks import Gathered
from services.insight.store.queries.facts_people import Moved
from services.insight.store.queries.facts_scope import Scope
from services.insight.store.question import of_the_erased, question

_BEHIND = "position > {after:UInt64} and position <= {position:UInt64}"

# An order is a matter of everybody who reported anything of it.
_TOUCHED = question(
    f"""
    select distinct nid from (
        select nid from {{{{events}}}} where {_BEHIND}
        union all
        select nid from {{{{profile_of}}}} where {_BEHIND}
        union all
        select profile_id as nid from {{{{reachability}}}} where {_BEHIND}
        union all
        select nid from {{{{order_facts}}}} where position <= {{position:UInt64}} and order_id in (
            select order_id from {{{{order_facts}}}} where {_BEHIND}
        )
    )
    """
)

_MAP = question(
    """
    select nid, argMax(profile_id, position) as profile_id, toUInt8(max(kind = 1)) as member
    from {{profile_of}}
    where position <= {position:UInt64} and (
        nid in (select arrayJoin({profile_ids:Array(UInt32)}))
        or nid in (
            select nid from {{profile_of}} where position <= {position:UInt64}
                and profile_id in (select arrayJoin({profile_ids:Array(UInt32)}))
        )
    )
    group by nid
    """
)
_PROFILES = question(
    """
    select argMax(profile_id, position) as profile_id, nid from {{profile_of}}
    where position <= {position:UInt64} and nid in (select arrayJoin({nids:Array(UInt32)}))
    group by nid
    """
)
_SHORTENED = question("select count() from {{shortened}}")
_PROOF = of_the_erased(
    """
    select count(), max(position), groupBitXor(cityHash64(position, row, nid, occurred_at))
    from {{events}} where position <= {position:UInt64}
        and nid not in (select nid from {{erased_nids}} where position <= {position:UInt64})
    """
)
_SIZE = question("select count() from {{events}} where position <= {position:UInt64}")

_PIECE = 4000


async def load_touched(scope: Scope, after: int) -> U4:
    """nids; of profiles whose reach changed their own numbers."""
    found = Gathered()
    await scope.clickhouse.read(_TOUCHED, scope.tenant_id, found.take, position=scope.position, after=after)
    return found.column("nid", np.uint32)


async def load_profiles(scope: Scope, nids: U4) -> U4:
    """The profiles of nids, sorted; those never announced are their own."""
    profiles = nids.copy()
    order = np.argsort(nids)
    for start in range(0, nids.size, _PIECE):
        found = Gathered()
        some = nids[start : start + _PIECE].tolist()
        await scope.clickhouse.read(
            _PROFILES, scope.tenant_id, found.take, position=scope.position, nids=some
        )
        places = order[np.searchsorted(nids, found.column("nid", np.uint32), sorter=order)]
        profiles[places] = found.column("profile_id", np.uint32)
    return np.unique(profiles)


async def load_map(scope: Scope, profile_ids: U4) -> tuple[Moved, U4]:
    """The announced nids of profiles, and all nids that may be theirs."""
    found = Gathered()
    for start in range(0, profile_ids.size, _PIECE):
        some = profile_ids[start : start + _PIECE].tolist()
        await scope.clickhouse.read(
            _MAP, scope.tenant_id, found.take, position=scope.position, profile_ids=some
        )
    nid, first = np.unique(found.column("nid", np.uint32), return_index=True)
    profile = found.column("profile_id", np.uint32)[first]
    member = found.column("member", np.uint8)[first]
    theirs = np.isin(profile, profile_ids)
    moved = Moved(nid[theirs], profile[theirs], member[theirs])
    # Who was never announced is a profile of their own.
    return moved, np.union1d(moved.nid, np.setdiff1d(profile_ids, nid)).astype(np.uint32)


async def load_size(scope: Scope) -> int:
    """How many events there are."""
    answer = await scope.clickhouse.fetch(_SIZE, scope.tenant_id, position=scope.position)
    return int(answer.rows[0][0])


@dataclass(frozen=True, slots=True)
class Upheavals:
    """Grow when rows of old places leave the files, or details are added to old events."""

    shortened: int
    backfilled: int


async def load_upheavals(clickhouse: ClickHouse, tenant_id: str) -> Upheavals:
    """Those of one tenant. Who was erased is left out by every question, whenever their rows leave."""
    answer = await clickhouse.fetch(_SHORTENED, tenant_id)
    backfilled = await clickhouse.fetch_unscoped("select max(step) from detail_backfills")
    return Upheavals(int(answer.rows[0][0]), int(backfilled.rows[0][0] or 0))


async def load_proof(scope: Scope) -> str:
    """Differs between stores that were written apart, and where rows left the files for another reason than
    that somebody had been erased by then.
    """
    answer = await scope.clickhouse.fetch(_PROOF, scope.tenant_id, position=scope.position)
    return " ".join(str(value) for value in answer.rows[0])
