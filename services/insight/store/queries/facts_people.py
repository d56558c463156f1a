"""Who there is, as genes see people: by nid, before nids are folded into profiles."""

from dataclasses import dataclass

import numpy as np

from services.insight.domain.genes.facts import I8, U1, U4
from services.insight.store.facts_blocks import Codes, Gathered
from services.insight.store.queries.facts_scope import (
    AT,
    NEVER,
    PAIR,
    PLACE,
    SO_FAR,
    Scope,
    moment_of,
    place_of,
    read,
)
from services.insight.store.question import Wide, question, wide

_MOVED = wide(
    lambda who: (
        f"""
    select nid, argMax(profile_id, position) as profile_id, toUInt8(max(kind = 1)) as member
    from {{{{profile_of}}}} where position <= {{position:UInt64}} {who}
    group by nid
    """
    )
)

# Somebody whose events all lie ahead is somebody who did nothing yet. Pairs of moment and place are compared
# as one number: the engine is slow at comparing tuples.
_SEEN = wide(
    lambda who: (
        f"""
    select nid, if(now = 0, {NEVER}, first) as first_at,
        minIf(at, at > {{until_ms:Int64}}) as next, if(next = 0, {NEVER}, next) as next_at,
        toUInt8(max(nid_kind = 1)) as member,
        countIf(now_known) as now, minIf(at, now_known) as first,
        if(countIf(now_known and joins) = 0, {NEVER}, minIf(at, now_known and joins)) as joined_at,
        minIf(pair, now_known and is_visit = 1) as visit,
        minIf(pair, now_known and is_visit = 0 and name = 'order_completed') as offline,
        {moment_of("visit")} as visit_at, {place_of("visit")} as visit_place,
        {moment_of("offline")} as offline_at, {place_of("offline")} as offline_place
    from (
        select nid, nid_kind, name, is_visit, {AT} as at, at <= {{until_ms:Int64}} as now_known,
            name = 'signed_up' or nid_kind = 1 as joins, {PAIR} as pair
        from {{{{events}}}} where position <= {{position:UInt64}} {who}
    )
    group by nid
    """
    )
)

_DELETED = wide(
    lambda who: (
        f"""
    select nid, min(toUnixTimestamp64Milli(first_at)) as first_at
    from {{{{first_seen}}}} where 1 {who}
    group by nid
    """
    )
)

_SAID = wide(
    lambda who: (
        f"""
    select nid from {{{{traits}}}} where position <= {{position:UInt64}} {who} group by nid
    """
    )
)

_CREATED = wide(
    lambda who: (
        f"""
    select nid, toUInt8(name = 'createdAt') as camel,
        newest.1 as at, toInt64(newest.2) as place, newest.3 as value
    from (
        select nid, name, max(({AT}, {PLACE}, value)) as newest from {{{{traits}}}}
        where {SO_FAR} and name in ('createdAt', 'created_at') {who}
        group by nid, name
    )
    """
    )
)

_REACHABLE = """
    select profile_id, argMax(channels, (position, row)) as channels
    from {{reachability}} where position <= {position:UInt64}
"""
_REACHABLE_PROFILES = Wide(
    question(f"{_REACHABLE} group by profile_id"),
    question(
        f"{_REACHABLE} and profile_id in (select arrayJoin({{nids:Array(UInt32)}})) group by profile_id"
    ),
)


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows of the map nid → profile."""

    nid: U4
    profile_id: U4
    member: U1


@dataclass(frozen=True, slots=True)
class Seen:
    """What a nid's events say of its person; a moment is NEVER where there is none."""

    nid: U4
    first_at: I8
    # The first event that lies ahead of what is known.
    next_at: I8
    member: U1
    # Signed up, or known by a user id.
    joined_at: I8
    visit_at: I8
    visit_place: I8
    # An order that was no visit.
    offline_at: I8
    offline_place: I8


@dataclass(frozen=True, slots=True)
class Created:
    """What the newest createdAt (`camel`) or created_at of a nid says, as JSON."""

    nid: U4
    camel: U1
    at: I8
    place: I8
    value: U4
    texts: list[str]


async def load_moved(scope: Scope) -> Moved:
    found = await read(scope, _MOVED, Gathered())
    return Moved(
        found.column("nid", np.uint32),
        found.column("profile_id", np.uint32),
        found.column("member", np.uint8),
    )


async def load_seen(scope: Scope) -> Seen:
    found = await read(scope, _SEEN, Gathered())
    return Seen(
        nid=found.column("nid", np.uint32),
        first_at=found.column("first_at", np.int64),
        next_at=found.column("next_at", np.int64),
        member=found.column("member", np.uint8),
        joined_at=found.column("joined_at", np.int64),
        visit_at=found.column("visit_at", np.int64),
        visit_place=found.column("visit_place", np.int64),
        offline_at=found.column("offline_at", np.int64),
        offline_place=found.column("offline_place", np.int64),
    )


async def load_deleted(scope: Scope) -> tuple[U4, I8]:
    """nids whose first events retention has deleted, and when those happened."""
    found = await read(scope, _DELETED, Gathered())
    return found.column("nid", np.uint32), found.column("first_at", np.int64)


async def load_said(scope: Scope) -> U4:
    """nids with a trait."""
    return (await read(scope, _SAID, Gathered())).column("nid", np.uint32)


async def load_created(scope: Scope) -> Created:
    codes = Codes()
    found = await read(scope, _CREATED, Gathered({"value": codes}))
    return Created(
        nid=found.column("nid", np.uint32),
        camel=found.column("camel", np.uint8),
        at=found.column("at", np.int64),
        place=found.column("place", np.int64),
        value=found.column("value", np.uint32),
        texts=codes.texts,
    )


async def load_reachable(scope: Scope) -> tuple[U4, U1]:
    """Profiles (`scope.nids` are their ids here) and bits: 1 email, 2 sms, 4 line."""
    found = await read(scope, _REACHABLE_PROFILES, Gathered())
    return found.column("profile_id", np.uint32), found.column("channels", np.uint8)
