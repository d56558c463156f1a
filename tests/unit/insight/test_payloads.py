"""What is read from an event as sent, and that nothing sent can break the reading."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insight.domain.orders import NONE, UNREADABLE
from services.insight.domain.payloads import Setting, order_report, setting, traits


def report(**properties: object) -> tuple[Decimal | None, str]:
    found = order_report(msgspec.json.encode({"properties": properties}))
    return found.value, found.basis


@pytest.mark.parametrize(
    ("properties", "value", "basis"),
    [
        ({"revenue": 10, "value": 20, "total": 30}, "10", "revenue"),
        ({"value": "20.50", "total": 30}, "20.50", "value"),
        ({"total": 30, "tax": 1.5, "shipping": "2"}, "26.50", "total"),
        ({"products": [{"price": 3.333, "quantity": 3}, {"price": "5", "discount": 1}]}, "13.999", "lines"),
        ({"items": [{"price": 2}]}, "2", "lines"),
        ({"revenue": None, "value": "", "total": 7}, "7", "total"),
        # 0.1 + 0.2 as JavaScript sends it.
        ({"revenue": 0.30000000000000004}, "0.3", "revenue"),
    ],
)
def test_the_value_is_revenue_else_value_else_total_else_the_lines(
    properties: dict[str, object], value: str, basis: str
) -> None:
    found, found_basis = report(**properties)
    assert found == Decimal(value)
    assert found_basis == basis


@pytest.mark.parametrize(
    "money", ["NaN", "Infinity", "1e99", 1e300, "12,50", "$5", "五", {"amount": 1}, [1], True, "9" * 70]
)
def test_money_that_is_none_is_unknown_and_never_guessed(money: object) -> None:
    assert report(revenue=money, total=5) == (None, UNREADABLE)


def test_an_order_without_any_money_says_none() -> None:
    assert report() == (None, NONE)
    assert report(products=[{"product_id": "1"}]) == (None, NONE)


def test_a_line_without_a_price_makes_the_sum_unknown() -> None:
    assert report(products=[{"price": 1}, {"quantity": 2}]) == (None, UNREADABLE)


def test_a_number_keeps_every_digit_it_was_sent_with() -> None:
    found = order_report(b'{"properties":{"order_id":123,"revenue":12345678901234.5678}}')
    assert (found.order_id, found.value) == ("123", Decimal("12345678901234.5678"))


def test_order_ids_currencies_and_statuses_come_in_many_spellings() -> None:
    found = order_report(
        b'{"properties":{"transaction_id":" T-1 ","currency":"usd","status":"Ready for-Pickup"}}'
    )
    assert (found.order_id, found.currency, found.status) == ("T-1", "USD", "ready_for_pickup")


def test_a_context_of_odd_types_is_read_as_silence() -> None:
    odd = b'{"context":{"channel":5,"library":"x","device":[1]},"channel":"web"}'
    assert setting(odd) == Setting("web", "", device=False)
    assert setting(b'{"context":null}') == Setting("", "", device=False)


@pytest.mark.parametrize("payload", [b"", b"not json", b"[1]", b'"text"', b'{"a":'])
def test_what_is_no_object_is_refused(payload: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        setting(payload)


def test_traits_are_json_without_escapes_and_with_exact_numbers() -> None:
    assert traits(b'{"traits":{"city":"\\u81fa\\u5357","spent":1.10,"mixed":{"a":"\\u00e9","b":1.10}}}') == {
        "city": '"臺南"',
        "spent": "1.10",
        "mixed": '{"a":"é","b":1.10}',
    }
    assert traits(b'{"traits":[1]}') == {}


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
_fields = st.sampled_from(
    ["order_id", "revenue", "value", "total", "tax", "products", "items", "currency", "status"]
)


@given(st.dictionaries(_fields, _json), st.dictionaries(st.text(), _json))
def test_no_json_object_breaks_the_reading(properties: dict[str, object], context: dict[str, object]) -> None:
    payload = msgspec.json.encode({"properties": properties, "context": context, "traits": context})
    setting(payload)
    traits(payload)
    found = order_report(payload)
    assert (found.value is None) == (found.basis in (NONE, UNREADABLE))
    found.order_id.encode()
