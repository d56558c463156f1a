"""Answers that take more than one question, all at one position."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chassis.clickhouse import ClickHouse
from services.insight.domain.days import MAX_DAYS, NoSuchRange, begins_at, days
from services.insight.domain.money import Part, Revenue, revenue
from services.insight.domain.overview import Overview, overview
from services.insight.errors import RangeNotValid
from services.insight.store.queries.order_facts import Counting
from services.insight.store.queries.overview import Span, load_sales, load_traffic
from services.insight.store.queries.people import load_owners
from services.insight.store.queries.profile_totals import Activity, Buyers, load_activity, load_purchases
from services.insight.store.queries.profile_traits import LatestTrait, load_traits
from services.insight.store.tenants import Tenant


@dataclass(frozen=True, slots=True)
class Summary:
    """One profile; `activity` is None without events."""

    profile_id: int
    activity: Activity | None
    revenue: Revenue
    traits: Sequence[LatestTrait]


def span(from_on: str, to_on: str, zone: str, now: datetime) -> Span:
    """Raises RangeNotValid."""
    try:
        first, last = days(from_on, to_on, today=now.astimezone(ZoneInfo(zone)).date())
    except NoSuchRange as error:
        raise RangeNotValid(
            f"Ask for ISO dates, the first not after the last, at most {MAX_DAYS} days: {error}.",
            from_on=from_on,
            to_on=to_on,
        ) from error
    return Span(first, last, begins_at(first, zone), begins_at(last + timedelta(1), zone), zone)


def how_orders_count(tenant: Tenant, now: datetime) -> Counting:
    today = now.astimezone(ZoneInfo(tenant.time_zone)).date()
    return Counting(tenant.rates, tenant.rules.counting(tenant.time_zone), today)


async def load_overview(
    clickhouse: ClickHouse, tenant_id: str, position: int, how: Counting, range_: Span
) -> Overview:
    traffic, sales = await asyncio.gather(
        load_traffic(clickhouse, tenant_id, position, range_),
        load_sales(clickhouse, tenant_id, position, how, range_),
    )
    return overview((range_.from_on, range_.to_on), traffic, sales, how.rates)


async def load_summaries(
    clickhouse: ClickHouse, tenant_id: str, position: int, how: Counting, profile_ids: Sequence[int]
) -> list[Summary]:
    """In the order asked for."""
    owners = await load_owners(clickhouse, tenant_id, position, profile_ids)
    active, purchases, traits = await asyncio.gather(
        load_activity(clickhouse, tenant_id, position, owners),
        load_purchases(clickhouse, tenant_id, position, Buyers(owners, how)),
        load_traits(clickhouse, tenant_id, position, owners),
    )
    bought: dict[int, list[Part]] = {}
    for profile_id, part in purchases:
        bought.setdefault(profile_id, []).append(part)
    said: dict[int, list[LatestTrait]] = {}
    for trait in traits:
        said.setdefault(trait.profile_id, []).append(trait)
    return [
        Summary(
            profile_id,
            active.get(profile_id),
            revenue(bought.get(profile_id, []), how.rates),
            said.get(profile_id, []),
        )
        for profile_id in profile_ids
    ]
