"""What profiles' events and orders add up to."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chassis.clickhouse import ClickHouse
from services.insight.domain.money import Part
from services.insight.domain.orders import part
from services.insight.store.queries.order_facts import AT_MOST, Counting, entries, facts
from services.insight.store.queries.people import pieces
from services.insight.store.queries.settled import settled
from services.insight.store.question import question


@dataclass(frozen=True, slots=True)
class Activity:
    """One profile that has events, or had: then `last_seen_at` is None and only the first moment is kept."""

    profile_id: int
    events: int
    first_seen_at: datetime
    last_seen_at: datetime | None


# Simple questions, put together here: of few people most of the time goes into analysing what is asked.
_EVENTS = question(
    """
    select nid, count(), min(occurred_at), max(occurred_at) from {{events}}
    where nid in {nids:Array(UInt32)} and position <= {position:UInt64}
    group by nid
    """
)
_FIRST_SEEN = question(
    """
    select nid, toUInt64(0), min(first_at), null from {{first_seen}}
    where nid in {nids:Array(UInt32)} group by nid
    """
)

_REPORTED_BY_PEOPLE = """
    select order_id from {{order_facts}}
    where nid in {nids:Array(UInt32)} and position <= {position:UInt64}
"""

_FACTS = question(facts(_REPORTED_BY_PEOPLE))
_PURCHASES = question(
    f"""
    select nid, toDate32(at, {{zone:String}}) as day, currency,
        sum(ifNull(amount, toDecimal128(0, 4))), sum(orders), foreign
    from ({settled(_REPORTED_BY_PEOPLE)})
    where nid in {{nids:Array(UInt32)}} and counts_on <= toInt32({{today:Date32}})
    group by nid, day, currency, foreign, if(empty(foreign), '', order_id)
    """
)


async def load_activity(
    clickhouse: ClickHouse, tenant_id: str, position: int, owners: Mapping[int, int]
) -> Mapping[int, Activity]:
    """By profile; those that never had events are missing."""
    found: dict[int, Activity] = {}
    for nids in pieces(owners):
        events, first_seen = await asyncio.gather(
            clickhouse.fetch(_EVENTS, tenant_id, position=position, nids=nids),
            clickhouse.fetch(_FIRST_SEEN, tenant_id, nids=nids),
        )
        for nid, n_events, first, last in (*events.rows, *first_seen.rows):
            profile_id = owners[nid]
            seen = Activity(
                profile_id,
                int(n_events),
                first.replace(tzinfo=UTC),
                None if last is None else last.replace(tzinfo=UTC),
            )
            found[profile_id] = _together(found[profile_id], seen) if profile_id in found else seen
    return found


def _together(one: Activity, other: Activity) -> Activity:
    lasts = [last for last in (one.last_seen_at, other.last_seen_at) if last is not None]
    first = min(one.first_seen_at, other.first_seen_at)
    return Activity(one.profile_id, one.events + other.events, first, max(lasts, default=None))


@dataclass(frozen=True, slots=True)
class Buyers:
    """Whose purchases are asked for (nid → profile), and how they count."""

    owners: Mapping[int, int]
    how: Counting


async def load_purchases(
    clickhouse: ClickHouse, tenant_id: str, position: int, buyers: Buyers, *, at_most: int = AT_MOST
) -> list[tuple[int, Part]]:
    """(profile, what it bought on one day in one currency)."""
    found: list[tuple[int, Part]] = []
    for nids in pieces(buyers.owners):
        bound: dict[str, Any] = {"position": position, "nids": nids}
        few = entries(
            await clickhouse.fetch(_FACTS, tenant_id, most=at_most + 1, **bound), buyers.how, at_most
        )
        if few is not None:
            asked = frozenset(nids)
            found += [
                (buyers.owners[entry.nid], part(entry, buyers.how.rule.zone))
                for entry in few
                if entry.nid in asked
            ]
            continue
        many = await clickhouse.fetch(_PURCHASES, tenant_id, **buyers.how.bound, **bound)
        found += [
            (
                buyers.owners[nid],
                Part(day, currency, amount, int(orders), tuple(tuple(one) for one in foreign)),
            )
            for nid, day, currency, amount, orders, foreign in many.rows
        ]
    return found
