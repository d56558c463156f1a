"""Visitors, members, orders and revenue by local day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from services.insight.domain.money import Part, Rates, Revenue, revenue


@dataclass(frozen=True, slots=True)
class Traffic:
    """One local day, or all days together (`on` is None) with each person counted once."""

    on: date | None
    visitors: int
    members: int
    events: int


@dataclass(frozen=True, slots=True)
class Sales:
    """Orders and refunds of one local day that share a currency."""

    part: Part
    refunds: int
    # Orders whose money nobody could read.
    unpriced: int


@dataclass(frozen=True, slots=True)
class Day:
    """One local day; the total is a day without date."""

    on: date | None
    visitors: int
    members: int
    events: int
    orders: int
    refunds: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class Overview:
    """Every day of a range, also the empty ones, and their total."""

    days: list[Day]
    total: Day
    unconverted: Mapping[str, tuple[Decimal, int]]
    unpriced_orders: int


def overview(
    days: tuple[date, date], traffic: Iterable[Traffic], sales: Iterable[Sales], rates: Rates
) -> Overview:
    """Both days included. Persons do not add up over days, so the total's come from `traffic`."""
    first, last = days
    counted = {day.on: day for day in traffic}
    sold: dict[date, list[Sales]] = {}
    for sale in sales:
        sold.setdefault(sale.part.on, []).append(sale)
    range_ = [first + timedelta(number) for number in range((last - first).days + 1)]
    rows = [_day(on, counted.get(on), sold.get(on, []), rates) for on in range_]
    everything = [sale for on in range_ for sale in sold.get(on, [])]
    total, money = _day(None, counted.get(None), everything, rates)
    return Overview(
        [row for row, _ in rows], total, money.unconverted, sum(sale.unpriced for sale in everything)
    )


def _day(on: date | None, traffic: Traffic | None, sales: list[Sales], rates: Rates) -> tuple[Day, Revenue]:
    money = revenue((sale.part for sale in sales), rates)
    traffic = traffic or Traffic(on, 0, 0, 0)
    return (
        Day(
            on,
            traffic.visitors,
            traffic.members,
            traffic.events,
            money.orders,
            sum(sale.refunds for sale in sales),
            money.amount,
        ),
        money,
    )
