"""Exact money: amounts as people send them, and conversion at a day's rate."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

# ISO 4217 knows no finer minor unit; sums of doubles as JavaScript sends them end far below it.
SCALE = 4
_UNIT = Decimal(1).scaleb(-SCALE)
# Room for any currency's largest order, and for sums of 10^15 of them in 38 digits.
_ABSURD = Decimal(10) ** 16
_EXACT = Context(prec=76, rounding=ROUND_HALF_EVEN)
_AMOUNT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][+-]?\d{1,3})?")
_AMOUNT_LENGTH = 64
_CURRENCY_LENGTH = 8


class UnreadableAmount(ValueError):
    """Something was sent as money that is no amount of money."""


def amount(text: str) -> Decimal:
    """The amount a number or text stands for, to four decimals; raises UnreadableAmount.

    Commas are read as thousands where they stand as such ("1,299.50") and refused otherwise.
    """
    text = text.strip()
    if not text or len(text) > _AMOUNT_LENGTH or not _AMOUNT.fullmatch(text):
        raise UnreadableAmount(text[:_AMOUNT_LENGTH])
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise UnreadableAmount(text) from error
    return rounded(value)


def rounded(value: Decimal) -> Decimal:
    """The amount to four decimals; raises UnreadableAmount for one that cannot be meant."""
    if not value.is_finite() or abs(value) >= _ABSURD:
        raise UnreadableAmount("out of range")
    return value.quantize(_UNIT, context=_EXACT)


def currency(text: str) -> str:
    """The currency code as kept; what is no code is kept too, and never has a rate."""
    return text.strip().upper()[:_CURRENCY_LENGTH]


def as_text(value: Decimal) -> str:
    """Decimal text with at least two decimals and no further trailing zeros."""
    text = format(value.quantize(_UNIT, context=_EXACT), "f").rstrip("0")
    whole, _, fraction = text.partition(".")
    text = f"{whole}.{fraction:0<2}"
    return text.removeprefix("-") if not value else text


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `currency` is `rate` units of the tenant's currency, from `on`."""

    currency: str
    on: date
    rate: Decimal


class Rates:
    """A tenant's exchange rates; a day without its own rate has the latest before it."""

    def __init__(self, home: str, rates: Iterable[Rate] = ()) -> None:
        self.home = home
        self._days: dict[str, list[date]] = {}
        self._rates: dict[str, list[Decimal]] = {}
        for rate in sorted(rates, key=lambda rate: rate.on):
            self._days.setdefault(rate.currency, []).append(rate.on)
            self._rates.setdefault(rate.currency, []).append(rate.rate)

    def at(self, code: str, on: date) -> Decimal | None:
        """The day's rate; None when the tenant gave none that early."""
        if code == self.home:
            return Decimal(1)
        index = bisect_right(self._days.get(code, []), on)
        return self._rates[code][index - 1] if index else None

    def listed(self) -> Mapping[str, Sequence[tuple[date, Decimal]]]:
        """Currency -> the days it has rates of, in their order."""
        return {code: list(zip(days, self._rates[code], strict=True)) for code, days in self._days.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """Net money on one local day, in one currency: of many orders, or of one with `foreign` refunds.

    `foreign` are refunds in other currencies than the order's; they are not yet taken off `amount`.
    """

    on: date
    currency: str
    amount: Decimal
    orders: int
    foreign: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Revenue:
    """Orders and their money: what could be converted, and what could not, by currency."""

    orders: int
    amount: Decimal
    unconverted: Mapping[str, tuple[Decimal, int]]


def revenue(parts: Iterable[Part], rates: Rates) -> Revenue:
    """The sum in the tenant's currency; a part without a rate is kept apart, never silently added."""
    orders, total = 0, Decimal(0)
    unconverted: dict[str, tuple[Decimal, int]] = {}
    for part in parts:
        net = _converted(part, rates)
        if net is None:
            amount, count = unconverted.get(part.currency, (Decimal(0), 0))
            unconverted[part.currency] = (_EXACT.add(amount, part.amount), count + part.orders)
            orders += part.orders
            continue
        # An order that refunds in other currencies have used up is no order.
        orders += part.orders if net or not part.foreign else 0
        total = _EXACT.add(total, net)
    return Revenue(orders, total, unconverted)


def _converted(part: Part, rates: Rates) -> Decimal | None:
    rate = rates.at(part.currency, part.on)
    if rate is None:
        return None
    net = _EXACT.multiply(part.amount, rate)
    for code, refunded in part.foreign:
        rate = rates.at(code, part.on)
        if rate is None:
            return None
        net = _EXACT.subtract(net, _EXACT.multiply(refunded, rate))
    return max(net, Decimal(0)) if part.foreign else net
