"""One profile's events, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.clickhouse import ClickHouse
from services.insight.store.queries.people import NIDS_OF_PROFILES
from services.insight.store.question import question


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands in its profile's history; `at` in UTC milliseconds."""

    at: int
    position: int
    row: int


# Sorts behind every event there can be.
NEWEST = Place(2**53, 2**63, 2**31)


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which events: of one of the kinds or names, without any of both all; times in UTC milliseconds."""

    kinds: Sequence[int] = ()
    names: Sequence[str] = ()
    from_ms: int = -(2**53)
    to_ms: int = 2**53


EVERYTHING = Sieve()


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event as stored; `kind` is the number of its EventKind."""

    place: Place
    kind: int
    name: str
    occurred_at: datetime
    received_at: datetime
    message_id: str
    nid: int
    channel: str
    payload: str


_EVENTS = question(
    f"""
    with people as ({NIDS_OF_PROFILES})
    select toUnixTimestamp64Milli(occurred_at) as at, position, row, kind, name, occurred_at, received_at,
        message_id, nid, channel, payload
    from {{{{events}}}}
    where nid in (select nid from people) and position <= {{position:UInt64}}
        and (toUnixTimestamp64Milli(occurred_at), position, row) < (
            {{before_at:Int64}}, {{before_position:UInt64}}, {{before_row:UInt32}}
        )
        and (empty({{kinds:Array(UInt8)}}) and empty({{names:Array(String)}})
            or has({{kinds:Array(UInt8)}}, kind) or has({{names:Array(String)}}, name))
        and toUnixTimestamp64Milli(occurred_at) >= {{from_ms:Int64}}
        and toUnixTimestamp64Milli(occurred_at) < {{to_ms:Int64}}
    order by occurred_at desc, position desc, row desc
    limit {{n_events:UInt32}}
    """
)


async def load_profile_events(
    clickhouse: ClickHouse,
    tenant_id: str,
    position: int,
    profile_id: int,
    *,
    before: Place,
    n_events: int,
    sieve: Sieve = EVERYTHING,
) -> list[StoredEvent]:
    """At most `n_events` events before a place."""
    answer = await clickhouse.fetch(
        _EVENTS,
        tenant_id,
        position=position,
        profile_ids=[profile_id],
        before_at=before.at,
        before_position=before.position,
        before_row=before.row,
        n_events=n_events,
        kinds=list(sieve.kinds),
        names=list(sieve.names),
        from_ms=sieve.from_ms,
        to_ms=sieve.to_ms,
    )
    return [
        StoredEvent(
            Place(int(row["at"]), int(row["position"]), int(row["row"])),
            int(row["kind"]),
            row["name"],
            row["occurred_at"].replace(tzinfo=UTC),
            row["received_at"].replace(tzinfo=UTC),
            row["message_id"],
            int(row["nid"]),
            row["channel"],
            row["payload"],
        )
        for row in answer.dicts()
    ]
