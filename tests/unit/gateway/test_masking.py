"""Personal data as teammates see it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.masking import (
    Sight,
    is_personal,
    masked,
    masked_event,
    masked_identifier,
    masked_json,
    masked_text,
    masked_value,
)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("amy@shop.example", "a•••@shop.example"),
        ("a@shop.example", "•••@shop.example"),
        ("0912-345-678", "•••678"),
        ("+886912345678", "•••678"),
        ("王小明", "王•••"),
        ("王", "•••"),
    ],
)
def test_two_people_can_be_told_apart_but_not_written_to(text: str, seen: str) -> None:
    assert masked(text) == seen


@pytest.mark.parametrize(
    ("kind", "value", "seen"),
    [
        ("email", "amy@shop.example", "a•••@shop.example"),
        ("line_id", "U" + "0a" * 16, "•••a0a"),
        ("user_id", "M-0012", "M-0012"),
        ("user_id", "20261122000123", "20261122000123"),
        ("user_id", "amy@shop.example", "a•••@shop.example"),
        ("external_id", "0912345678", "•••678"),
    ],
)
def test_a_members_number_stays_unless_it_is_an_address(kind: str, value: str, seen: str) -> None:
    assert masked_identifier(kind, value) == seen


def test_addresses_are_found_within_text() -> None:
    page = "https://shop.example/thanks?mail=amy%40shop.example&order=0012345678&tel=0912345678"
    assert masked_text(page) == (
        "https://shop.example/thanks?mail=a•••@shop.example&order=0012345678&tel=•••678"
    )


@pytest.mark.parametrize("name", ["email", "lineId", "LINE_ID", "birthday", "phoneNumber", "手機號碼", "ip"])
def test_a_name_says_that_a_value_is_personal(name: str) -> None:
    assert is_personal(name, of_person=False)


@pytest.mark.parametrize("name", ["name", "product_name", "online", "zip", "timeline", "order_id", "title"])
def test_what_a_product_has_is_not_personal(name: str) -> None:
    assert not is_personal(name, of_person=False)


def test_of_an_event_the_traits_are_masked_and_the_products_are_not() -> None:
    sent = {
        "userId": "amy",
        "traits": {"name": "Amy", "vip": True, "address": {"city": "Taipei"}, "visits": 3, "tel": 912345678},
        "context": {"ip": "203.0.113.9", "page": {"title": "Mug", "url": "/?e=amy@shop.example"}},
        "properties": {"name": "Mug", "price": 12.5, "recipient": "Lin", "notes": ["call +886912345678"]},
    }
    assert masked_event(sent) == {
        "userId": "amy",
        "traits": {"name": "A•••", "vip": True, "address": {"city": "T•••"}, "visits": 3, "tel": "•••678"},
        "context": {"ip": "•••3.9", "page": {"title": "Mug", "url": "/?e=a•••@shop.example"}},
        "properties": {"name": "Mug", "price": 12.5, "recipient": "L•••", "notes": ["call •••678"]},
    }
    assert json.loads(masked_json(json.dumps(sent))) == masked_event(sent)
    assert masked_json("{broken, amy@shop.example") == "{broken, a•••@shop.example"


_LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
_PAYLOADS = st.recursive(
    _LEAVES | st.just("amy@shop.example"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(_PAYLOADS)
def test_no_address_passes_wherever_it_stands(payload: object) -> None:
    assert "amy@shop.example" not in json.dumps(masked_value("", payload, of_person=False))


def test_a_reveal_shows_one_person_only() -> None:
    assert Sight(everything=True).sees(4)
    assert Sight(profile_id=4).sees(4)
    assert not Sight(profile_id=4).sees(5)
    assert not Sight().sees(0)


def test_what_is_nested_too_deep_to_be_read_loses_addresses_all_the_same() -> None:
    deep = '{"a":' * 5_000 + '"amy@shop.example"' + "}" * 5_000
    assert "amy@" not in masked_json(deep)
    assert masked_json(deep).startswith('{"a":{"a":')


def test_long_words_are_looked_through_once() -> None:
    # Seconds to minutes if every letter were a beginning.
    assert masked_text("a" * 1_000_000) == "a" * 1_000_000
