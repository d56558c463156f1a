"""Rows of the reports on products: what is known of each, what it costs, which are shown, in which order."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from statistics import median

from services.insight.domain.genes.facts import UNIT
from services.insight.domain.genes.vocabulary import BELOW

_EXACT = Context(prec=76, rounding=ROUND_HALF_EVEN)
_MONEY = Decimal("0.0001")
_RATIO = Decimal("0.000001")
# Of a currency at the report's day; None where the tenant has no rate.
RateOf = Callable[[str], Decimal | None]


@dataclass(frozen=True, slots=True)
class Known:
    """What events say of a product, "" and None where none does.

    `price` is the newest that a view or a cart event named, in `currency` ("" is the tenant's own).
    """

    category: str = ""
    brand: str = ""
    price: Decimal | None = None
    currency: str = ""


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one product: people, and how much of what the report counts (views, or 1/10,000 in carts)."""

    people: int
    amount: int


@dataclass(frozen=True, slots=True)
class Price:
    """An amount as named, and in the tenant's currency; None without a rate."""

    amount: Decimal
    currency: str
    home: Decimal | None


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product of a report.

    `category_price` is the median of the prices of all products of its category, its own among them, in the
    tenant's currency; `against_category` 0.1 is ten per cent dearer than that. `value` is what lies in carts.
    """

    product: str
    known: Known
    tally: Tally
    price: Price | None
    category_price: Decimal | None
    against_category: Decimal | None
    value: Price | None

    @property
    def quantity(self) -> Decimal:
        return Decimal(self.tally.amount) / UNIT


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows, and their order; ties go by people, then by product."""

    category: str = ""
    brand: str = ""
    min_people: int = 1
    # One of SORTS.
    sort: str = "people"


# By what the rows are ordered: the largest first, rows without the number last.
SORTS = ("people", "amount", "price", "against_category", "value")


@dataclass(frozen=True, slots=True)
class Money:
    """The tenant's currency, and what others are worth in it at the report's day."""

    home: str
    rate_of: RateOf

    def price(self, amount: Decimal, code: str) -> Price:
        code = code or self.home
        rate = self.rate_of(code)
        amount = amount.quantize(_MONEY, context=_EXACT)
        if rate is None:
            return Price(amount, code, None)
        return Price(amount, code, _EXACT.multiply(amount, rate).quantize(_MONEY, context=_EXACT))


@dataclass(frozen=True, slots=True)
class Ranking:
    """Products in their order; a row is made when it is shown."""

    products: Sequence[tuple[str, Tally, Known]]
    medians: Mapping[str, Decimal]
    money: Money

    def rows(self, begin: int, end: int) -> list[ProductRow]:
        return [_row(*one, self.medians, self.money) for one in self.products[begin:end]]


def ranked(tallies: Mapping[str, Tally], known: Mapping[str, Known], choice: Choice, money: Money) -> Ranking:
    """The products that were chosen."""
    medians = category_prices(known, money)
    below = choice.category + BELOW
    chosen = []
    for product, tally in tallies.items():
        told = known.get(product, NOTHING_KNOWN)
        if tally.people < choice.min_people or (choice.brand and told.brand != choice.brand):
            continue
        if choice.category and told.category != choice.category and not told.category.startswith(below):
            continue
        chosen.append((product, tally, told))

    def key(one: tuple[str, Tally, Known]) -> tuple[Decimal | int, ...]:
        tally = one[1]
        if choice.sort in ("people", "amount"):
            return (tally.people if choice.sort == "people" else tally.amount, tally.people)
        row = _row(*one, medians, money)
        numbers = {
            "price": row.price.home if row.price else None,
            "against_category": row.against_category,
            "value": row.value.home if row.value else None,
        }
        number = numbers[choice.sort]
        return (0, 0, tally.people) if number is None else (1, number, tally.people)

    chosen.sort(key=lambda one: one[0])
    chosen.sort(key=key, reverse=True)
    return Ranking(chosen, medians, money)


def category_prices(known: Mapping[str, Known], money: Money) -> dict[str, Decimal]:
    """The median price of each category, of all products that are in it and not below it."""
    prices: dict[str, list[Decimal]] = defaultdict(list)
    for one in known.values():
        if one.category and one.price is not None:
            price = money.price(one.price, one.currency).home
            if price is not None:
                prices[one.category].append(price)
    return {category: median(some).quantize(_MONEY, context=_EXACT) for category, some in prices.items()}


def total_value(ranking: Ranking) -> tuple[Decimal, dict[str, Decimal]]:
    """What lies in all the carts in the tenant's currency, and by currency what has no rate."""
    total, apart = Decimal(0), dict[str, Decimal]()
    for row in ranking.rows(0, len(ranking.products)):
        if row.value is None:
            continue
        if row.value.home is not None:
            total = _EXACT.add(total, row.value.home)
        else:
            code = row.value.currency
            apart[code] = _EXACT.add(apart.get(code, Decimal(0)), row.value.amount)
    return total, apart


def _row(
    product: str, tally: Tally, known: Known, medians: Mapping[str, Decimal], money: Money
) -> ProductRow:
    middle = medians.get(known.category)
    if known.price is None:
        return ProductRow(product, known, tally, None, middle, None, None)
    price = money.price(known.price, known.currency)
    against = None
    if middle and price.home is not None:
        against = _EXACT.subtract(_EXACT.divide(price.home, middle), Decimal(1)).quantize(_RATIO)
    left = _EXACT.divide(_EXACT.multiply(known.price, Decimal(tally.amount)), Decimal(UNIT))
    value = money.price(left, known.currency)
    return ProductRow(product, known, tally, price, middle, against, value)
