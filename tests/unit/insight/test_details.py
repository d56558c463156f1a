"""What is taken from inside of events, in the shapes of Segment and of GA4."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.insight.domain.details import DETAILED, UNTOLD, Aspect, Detail, details, reachable_bits
from services.insight.domain.payloads import setting
from services.insight.domain.sources import Source, source


def said(name: str, properties: Any, **context: Any) -> list[Detail]:
    return list(details(name, json.dumps({"properties": properties, "context": context}).encode()))


def came_from(**event: Any) -> Source | None:
    payload = json.dumps(event).encode()
    told = setting(payload)
    return source(payload, told.campaign, told.page)


def test_a_viewed_product_is_a_line_of_its_own_properties() -> None:
    # Segment's documented example of Product Viewed, with a path as our sites send it.
    found = said(
        "product_viewed",
        {
            "product_id": "507f1f77bcf86cd799439011",
            "sku": "G-32",
            "category": "Games > Board>  Classic ",
            "brand": "Hasbro",
            "price": 18.99,
            "quantity": 2,
        },
    )
    assert found == [
        Detail(
            Aspect.ITEM,
            product="507f1f77bcf86cd799439011",
            category="Games > Board > Classic",
            brand="Hasbro",
            quantity=Decimal(2),
            price=Decimal("18.99"),
        )
    ]


def test_ga4_names_lines_items_and_splits_a_category_over_five_fields() -> None:
    # The purchase of GA4's documentation.
    item = {"item_id": "SKU_12345", "item_brand": "Google", "price": 10.01, "quantity": 3, "discount": 2.22}
    levels = {"item_category": "Apparel", "item_category2": "Adult", "item_category4": "Crew"}
    found = said("order_completed", {"transaction_id": "T_1", "items": [item | levels, {"item_id": "SKU_2"}]})
    assert [(line.product, line.category, line.brand, line.quantity) for line in found] == [
        ("SKU_12345", "Apparel > Adult > Crew", "Google", Decimal(3)),
        ("SKU_2", "", "", Decimal(1)),
    ]
    assert (found[0].price, found[0].discount) == (Decimal("10.01"), Decimal("2.22"))
    assert (found[1].price, found[1].discount) == (None, None)


def test_an_orders_own_discount_is_told_beside_its_lines() -> None:
    found = said("order_completed", {"order_id": "A", "discount": "1,000.5", "products": [{"sku": "x"}]})
    assert [(one.aspect, one.product, one.discount) for one in found] == [
        (Aspect.ITEM, "x", None),
        (Aspect.ORDER, "", Decimal("1000.5")),
    ]
    assert said("order_completed", {"order_id": "A", "price": 5}) == []


@pytest.mark.parametrize(
    ("sent", "kept"), [(None, 1), ("two", 1), (-3, 0), ("1.5", Decimal("1.5")), (1e15, 1), ([2], 1), (0, 0)]
)
def test_a_quantity_nobody_can_mean_is_one_and_none_is_below_zero(sent: Any, kept: Any) -> None:
    assert said("product_added", {"product_id": 7, "quantity": sent})[0].quantity == kept


def test_the_first_name_of_a_product_that_says_anything_counts() -> None:
    assert (
        said("product_added", {"product_id": "", "productId": None, "sku": 42, "id": "z"})[0].product == "42"
    )


@pytest.mark.parametrize("properties", [None, [], "text", 7, {"products": "a"}, {"products": [1, "b", None]}])
def test_a_viewed_product_that_is_not_named_is_still_a_view(properties: Any) -> None:
    assert said("product_viewed", properties) == [Detail(Aspect.ITEM, quantity=Decimal(1))]
    assert said("order_completed", properties) == []


def test_lines_that_name_nothing_cannot_become_rows_without_end() -> None:
    assert len(said("order_completed", {"order_id": "A", "products": [{}] * 10_000})) == 2_000


def test_terms_are_compared_without_case_width_or_spaces() -> None:
    # U+FF21 is a wide A, U+3000 a wide space; casefold makes ß ss.
    assert [one.value for one in said("products_searched", {"query": " \uff21b\u3000 Straße "})] == [
        "ab strasse"
    ]
    assert [one.value for one in said("products_searched", {"search_term": "Red Shoes"})] == ["red shoes"]
    assert said("products_searched", {"query": "  "}) == []


@pytest.mark.parametrize("sent", [["Wine", " Tea ", "Wine", 7, None], "Wine, Tea ,,Wine,7"])
def test_topics_come_as_a_list_or_between_commas(sent: Any) -> None:
    assert [one.value for one in said("article_read", {"topics": sent})] == ["Wine", "Tea", "7"]


def test_a_clicked_message_tells_its_channel() -> None:
    assert [one.value for one in said("message_clicked", {"channel": "E-Mail"})] == ["email"]
    assert [one.value for one in said("message_clicked", {}, channel="LINE")] == ["line"]
    assert said("message_clicked", {}, channel="web") == []


def test_a_campaign_names_source_and_medium() -> None:
    page = {"url": "https://shop.tw/", "referrer": "https://www.google.com/"}
    campaign = {"source": " google ", "medium": "cpc", "name": "November"}
    assert came_from(context={"campaign": campaign, "page": page}) == Source("google / cpc", utm=True)
    assert came_from(context={"campaign": {"source": "edm"}}) == Source("edm", utm=True)
    assert came_from(context={"campaign": {"medium": "cpc"}, "page": page}) == Source("search", utm=False)


@pytest.mark.parametrize(
    ("referrer", "value"),
    [
        ("https://www.google.com.tw/", "search"),
        ("https://tw.search.yahoo.com/search?p=x", "search"),
        ("android-app://com.google.android.googlequicksearchbox/", "search"),
        ("https://l.facebook.com/", "social"),
        ("https://t.co/abc", "social"),
        ("https://liff.line.me/1", "social"),
        ("https://about.co/", "referral"),
        ("https://blog.example.org/post", "referral"),
        ("https://shop.tw/c/1", None),
        ("https://www.shop.tw", None),
        ("https://shop.tw.evil.example/", "referral"),
        ("https://[broken", None),
        ("nowhere", None),
        ("", None),
    ],
)
def test_a_referrer_of_another_host_has_a_class(referrer: str, value: str | None) -> None:
    expected = Source(value, utm=False) if value else None
    assert came_from(context={"page": {"url": "https://shop.tw/p/2", "referrer": referrer}}) == expected
    assert (
        came_from(properties={"page_location": "https://shop.tw/p/2", "page_referrer": referrer}) == expected
    )


@pytest.mark.parametrize("odd", [5, "text", None, [], {"source": {}}, {"referrer": 5}])
def test_odd_types_are_no_source(odd: Any) -> None:
    assert came_from(context={"campaign": odd, "page": odd}, properties=odd) is None


def test_bytes_that_are_no_text_keep_no_event_away() -> None:
    payload = (
        b'{"context": {"page": {"referrer": "\xff"}, "channel": "web"}, "properties": {"query": "\xff"}}'
    )
    assert setting(payload).channel == "web"
    assert details("products_searched", payload) == []


def test_channels_are_bits_in_their_order() -> None:
    assert [reachable_bits([one]) for one in ("email", "sms", "line", "fax")] == [1, 2, 4, 0]
    assert reachable_bits(["line", "email"]) == 5


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["products", "items", "sku", "quantity", "topics", "query"]), inner)
    ),
    max_leaves=12,
)


@given(name=st.sampled_from(sorted(DETAILED)), properties=_JSON, context=_JSON)
@settings(max_examples=100)
def test_no_object_can_stop_the_taking_of_details(name: str, properties: Any, context: Any) -> None:
    payload = msgspec.json.encode({"properties": properties, "context": context})
    told = setting(payload)
    source(payload, told.campaign, told.page)
    for one in details(name, payload):
        assert 0 <= one.quantity < 10**14


def test_a_price_is_in_the_lines_own_currency_or_in_that_of_its_event() -> None:
    lines = [{"sku": "a", "price": 1}, {"sku": "b", "price": 2, "currency": " usd "}]
    found = said("product_added", {"currency": "eur", "products": lines})
    assert [(line.product, line.currency) for line in found] == [("a", "EUR"), ("b", "USD")]
    assert said("product_viewed", {"sku": "a", "price": 1})[0].currency == ""


@pytest.mark.parametrize(
    ("told", "results"),
    [
        ({}, UNTOLD),
        ({"results": 0}, 0),
        ({"result_count": "12"}, 12),
        ({"results": "many", "number_of_results": 3}, 3),
        ({"results": []}, 0),
        ({"results": [{"sku": "a"}, {"sku": "b"}]}, 2),
        ({"results": -1}, UNTOLD),
        ({"total_results": 1e12}, UNTOLD),
    ],
)
def test_what_a_search_found_is_told_by_the_first_name_that_can_be_read(
    told: dict[str, Any], results: int
) -> None:
    assert [one.results for one in said("products_searched", {"query": "tea"} | told)] == [results]
