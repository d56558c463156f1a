"""The demo shops' totals by day, computed by plain SQL over their files alone."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from demo.shops import SHOPS, Shop
from demo.state import load_state


@dataclass(frozen=True, slots=True)
class DayTotals:
    """What one local day of one shop must add up to; fields as in the overview report."""

    on: date
    revenue: Decimal
    events: int
    orders: int
    refunds: int
    visitors: int
    members: int


def day_totals(shop: Shop, weeks: int) -> list[DayTotals]:
    """Every day with a row in the file, oldest first, moved by whole weeks."""
    sql = (Path(__file__).parent / f"{shop.key}.sql").read_text()
    with duckdb.connect() as connection:
        rows = connection.execute(sql, {"file": str(shop.data)}).fetchall()
    return [DayTotals(day + timedelta(weeks=weeks), *counts) for day, *counts in rows]


HEADER = "day         events  visitors  members  orders  refunds        revenue"
ROW = (
    "{day.on}  {day.events:6}  {day.visitors:8}  {day.members:7}  {day.orders:6}  {day.refunds:7}"
    "  {day.revenue:13}"
)


def print_totals(state_path: Path | None) -> None:
    """A table a shop, and its sum. Visitors are per day: their sum counts a person once a day."""
    state = load_state(state_path) if state_path else None
    weeks = {tenant.key: tenant.weeks for tenant in state.tenants} if state else {}
    for shop in SHOPS:
        days = day_totals(shop, weeks.get(shop.key, 0))
        print(f"{shop.name} ({shop.time_zone}, {shop.currency})")
        print(HEADER)
        for day in days:
            print(ROW.format(day=day))
        total = DayTotals(days[-1].on, sum((day.revenue for day in days), Decimal(0)), *_sums(days))
        print(f"sum to\n{ROW.format(day=total)}\n")


def _sums(days: list[DayTotals]) -> tuple[int, ...]:
    names = ("events", "orders", "refunds", "visitors", "members")
    return tuple(sum(getattr(day, name) for day in days) for name in names)
