"""Conversion of money, and local days."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from services.insight.domain.days import NoSuchRange, begins_at, days, is_zone
from services.insight.domain.money import Part, Rate, Rates, as_text, revenue

ON = date(2026, 11, 20)
RATES = Rates("TWD", [Rate("USD", ON, Decimal("31.5")), Rate("USD", ON + timedelta(5), Decimal(32))])


def part(currency: str, amount: str, **given: object) -> Part:
    return Part(given.pop("on", ON), currency, Decimal(amount), orders=1, **given)  # type: ignore[arg-type]


def test_a_days_rate_is_its_own_or_the_latest_before_it() -> None:
    assert RATES.at("USD", ON) == Decimal("31.5")
    assert RATES.at("USD", ON + timedelta(4)) == Decimal("31.5")
    assert RATES.at("USD", ON + timedelta(9)) == Decimal(32)
    assert RATES.at("USD", ON - timedelta(1)) is None
    assert RATES.at("TWD", date(1970, 1, 1)) == 1


def test_money_is_converted_at_its_days_rate_or_kept_apart() -> None:
    total = revenue([part("TWD", "10"), part("USD", "2"), part("EUR", "5"), part("EUR", "1")], RATES)
    assert (total.orders, total.amount) == (4, Decimal(73))
    assert total.unconverted == {"EUR": (Decimal(6), 2)}


def test_an_order_less_a_refund_in_another_currency_is_never_below_zero() -> None:
    total = revenue([part("TWD", "100", foreign=(("USD", Decimal(1)),))], RATES)
    assert (total.orders, total.amount) == (1, Decimal("68.5"))
    used_up = revenue([part("TWD", "100", foreign=(("USD", Decimal(9)),))], RATES)
    assert (used_up.orders, used_up.amount) == (0, Decimal(0))
    unknown = revenue([part("TWD", "100", foreign=(("EUR", Decimal(1)),))], RATES)
    assert unknown.unconverted == {"TWD": (Decimal(100), 1)}


@pytest.mark.parametrize(
    ("value", "text"),
    [("0", "0.00"), ("-0.0000", "0.00"), ("12.5", "12.50"), ("-1.2340", "-1.234"), ("100", "100.00")],
)
def test_money_is_written_with_at_least_two_decimals(value: str, text: str) -> None:
    assert as_text(Decimal(value)) == text


@pytest.mark.parametrize(
    ("zone", "on", "begins"),
    [
        ("Asia/Taipei", date(2026, 11, 20), datetime(2026, 11, 19, 16, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 9), datetime(2026, 3, 9, 4, tzinfo=UTC)),
        # Midnight itself was skipped: the day began at 01:00 summer time.
        ("America/Sao_Paulo", date(2018, 11, 4), datetime(2018, 11, 4, 3, tzinfo=UTC)),
        # Midnight came twice: the day began with the first.
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_its_first_moment(zone: str, on: date, begins: datetime) -> None:
    assert begins_at(on, zone) == begins


def test_no_range_is_the_last_thirty_days() -> None:
    assert days("", "", today=ON) == (ON - timedelta(29), ON)
    with pytest.raises(NoSuchRange):
        days("0001-01-01", "0001-01-05", today=ON)


def test_zones_are_those_of_iana() -> None:
    assert is_zone("Asia/Taipei")
    assert not is_zone("../etc/passwd")
