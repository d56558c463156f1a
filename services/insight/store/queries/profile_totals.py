"""What profiles' events and orders add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.clickhouse import ClickHouse
from services.insight.domain.money import Part
from services.insight.store.queries.people import NIDS_OF_PROFILES
from services.insight.store.queries.settled import settled
from services.insight.store.question import question


@dataclass(frozen=True, slots=True)
class Activity:
    """One profile that has events, or had: then `last_seen_at` is None and only the first moment is kept."""

    profile_id: int
    events: int
    first_seen_at: datetime
    last_seen_at: datetime | None


_ACTIVITY = question(
    f"""
    with people as ({NIDS_OF_PROFILES})
    select profile_id, sum(n_events), min(first_at), max(last_at)
    from (
        select nid, count() as n_events, min(occurred_at) as first_at, toNullable(max(occurred_at)) as last_at
        from {{{{events}}}}
        where nid in (select nid from people) and position <= {{position:UInt64}}
        group by nid
        union all
        select nid, toUInt64(0) as n_events, min(first_at) as first_at, null as last_at
        from {{{{first_seen}}}}
        where nid in (select nid from people)
        group by nid
    ) as seen join people using (nid)
    group by profile_id
    """
)

_REPORTED_BY_PEOPLE = """
    select order_id from {{order_facts}}
    where nid in (select nid from people) and position <= {position:UInt64}
"""

_PURCHASES = question(
    f"""
    with people as ({NIDS_OF_PROFILES})
    select profile_id, toDate32(at, {{zone:String}}) as day, currency,
        sum(ifNull(amount, toDecimal128(0, 4))), sum(orders), foreign
    from ({settled(_REPORTED_BY_PEOPLE)}) as entries join people using (nid)
    group by profile_id, day, currency, foreign, if(empty(foreign), '', order_id)
    """
)


async def load_activity(
    clickhouse: ClickHouse, tenant_id: str, position: int, profile_ids: Sequence[int]
) -> list[Activity]:
    """Profiles that never had events are missing."""
    answer = await clickhouse.fetch(_ACTIVITY, tenant_id, position=position, profile_ids=list(profile_ids))
    return [
        Activity(
            int(profile),
            int(events),
            first.replace(tzinfo=UTC),
            None if last is None else last.replace(tzinfo=UTC),
        )
        for profile, events, first, last in answer.rows
    ]


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whose purchases are asked for, and how they count."""

    profile_ids: Sequence[int]
    zone: str
    home: str


async def load_purchases(
    clickhouse: ClickHouse, tenant_id: str, position: int, buyer: Buyer
) -> list[tuple[int, Part]]:
    """(profile, what it bought on one day in one currency)."""
    answer = await clickhouse.fetch(
        _PURCHASES,
        tenant_id,
        position=position,
        profile_ids=list(buyer.profile_ids),
        zone=buyer.zone,
        home=buyer.home,
    )
    return [
        (int(profile), Part(day, currency, amount, int(orders), tuple(tuple(part) for part in foreign)))
        for profile, day, currency, amount, orders, foreign in answer.rows
    ]
