"""Which products a report shows, in which order, and what their prices and carts come to."""

from decimal import Decimal

import pytest

from services.insight.domain.details import name_of
from services.insight.domain.product_reports.ranking import (
    SORTS,
    Choice,
    Known,
    Money,
    Price,
    Ranking,
    Tally,
    ranked,
    total_value,
)
from services.insight.domain.product_reports.searches import Alike

RATES = {"TWD": Decimal(1), "USD": Decimal("31.5"), "JPY": Decimal("0.21")}
MONEY = Money("TWD", RATES.get)
KNOWN = {
    "a": Known("wear > shoes", "Acme", Decimal("100")),
    "b": Known("wear > shoes", "Beta", Decimal("10"), "USD"),
    "c": Known("wear > shoes > boots", "Acme", Decimal("1000"), "JPY"),
    "d": Known("wear > shoes", "Acme", Decimal("5"), "XAU"),
    "e": Known("wear > shoes", "Acme", Decimal("200")),
}
TALLIES = {
    "a": Tally(3, 40_000),
    "b": Tally(3, 5_000),
    "c": Tally(7, 10_000),
    "d": Tally(1, 90_000),
    "x": Tally(2, 20_000),
}


def shown(choice: Choice) -> str:
    return "".join(row.product for row in report(choice).rows(0, 10))


def report(choice: Choice) -> Ranking:
    return ranked(TALLIES, KNOWN, choice, MONEY)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("people", "cabxd"),
        ("amount", "daxcb"),
        # In the tenant's currency: 100, 315, 210; what has no such price comes last, by people.
        ("price", "bcaxd"),
        # Against the medians of their categories: 100 and 315 against 200, 210 against itself.
        ("against_category", "bcaxd"),
        # 400, 157.5, 210.
        ("value", "acbxd"),
    ],
)
def test_the_largest_comes_first_and_the_unknown_last(sort: str, order: str) -> None:
    assert shown(Choice(sort=sort)) == order
    assert sort in SORTS


def test_a_category_has_what_is_below_it_and_filters_go_together() -> None:
    assert shown(Choice(category="wear > shoes")) == "cabd"
    assert shown(Choice(category="wear > shoes > boots")) == "c"
    assert shown(Choice(category="wear > sho")) == ""
    assert shown(Choice(brand="Acme", min_people=2)) == "ca"


def test_prices_are_compared_in_the_tenants_currency_and_only_within_a_category() -> None:
    rows = {row.product: row for row in report(Choice()).rows(0, 10)}
    # The median of 100, 315 and 200: d has no rate.
    assert (rows["a"].category_price, rows["a"].against_category) == (Decimal(200), Decimal("-0.5"))
    assert (rows["b"].price, rows["b"].against_category) == (
        Price(Decimal(10), "USD", Decimal(315)),
        Decimal("0.575"),
    )
    assert (rows["c"].category_price, rows["c"].against_category) == (Decimal(210), Decimal(0))
    assert (rows["d"].price, rows["d"].against_category) == (Price(Decimal(5), "XAU", None), None)
    assert (rows["x"].price, rows["x"].category_price, rows["x"].value) == (None, None, None)


def test_what_lies_in_carts_adds_up_exactly_and_apart_where_there_is_no_rate() -> None:
    assert total_value(report(Choice())) == (Decimal("767.5"), {"XAU": Decimal(45)})


def test_terms_alike_share_most_of_their_letter_pairs() -> None:
    others = Alike.of(["sneakers", "sneaker", "speaker", "socks", "運動鞋", "跑鞋", "鞋"])
    assert others.to("sneakres") == ["sneaker", "sneakers"]
    assert others.to("運動鞋") == []
    assert others.to("運動跑鞋") == ["跑鞋"]
    assert others.to("") == []


def test_a_products_name_is_that_of_its_own_line() -> None:
    lines = '{"properties": {"products": [{"sku": "a", "name": "A"}, {"sku": "b", "item_name": " B "}, 7]}}'
    assert [name_of(product, lines) for product in ("a", "b", "c")] == ["A", "B", ""]
    assert name_of("a", '{"properties": {"product_id": "a", "name": "Own"}}') == "Own"
    assert name_of("a", '{"properties": null}') == name_of("a", "") == ""
