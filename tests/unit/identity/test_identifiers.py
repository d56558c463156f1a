"""Identifiers: what names somebody, and in which form."""

import pytest

from services.identity.domain.identifiers import Kind, Rules, Unusable, normalised, usable_identifiers

RULES = Rules()


BROKEN = """|  |null|NULL|0|0000|00000000-0000-0000-0000-000000000000|-1|Guest|undefined|None|NaN
|[object Object]|anonymous|unknown| n/a """


@pytest.mark.parametrize("value", BROKEN.split("|"))
def test_what_broken_clients_send_names_nobody(value: str) -> None:
    assert normalised(Kind.USER_ID, value, RULES) is None
    assert normalised(Kind.ANONYMOUS_ID, value, RULES) is None
    assert normalised(Kind.EXTERNAL_ID, f"crm:{value}", RULES) is None


@pytest.mark.parametrize("value", ["1", "100", "10-0", "U-1", "王小明", "nobody@null"])
def test_ordinary_values_name_somebody_as_they_are(value: str) -> None:
    assert normalised(Kind.USER_ID, value, RULES) == value


def test_an_e_mail_address_is_compared_without_case_and_needs_an_at_sign() -> None:
    assert normalised(Kind.EMAIL, " Amy@Example.COM ", RULES) == "amy@example.com"
    assert normalised(Kind.EMAIL, "amy", RULES) is None


@pytest.mark.parametrize("value", ["0912-345-678", "+886 912 345 678", "00886912345678", "(0912) 345678"])
def test_one_phone_in_many_spellings_is_one_phone(value: str) -> None:
    assert normalised(Kind.PHONE, value, RULES) == "+886912345678"


def test_a_phone_that_is_no_number_names_nobody() -> None:
    assert normalised(Kind.PHONE, "call me", RULES) is None


def test_the_highest_kind_comes_first_and_blocked_ones_are_left_out() -> None:
    claimed = [
        (Kind.ANONYMOUS_ID, "a"),
        (Kind.EMAIL, "e@x"),
        (Kind.USER_ID, "null"),
        (Kind.ANONYMOUS_ID, "a"),
    ]
    assert usable_identifiers(claimed, RULES) == [(Kind.EMAIL, "e@x"), (Kind.ANONYMOUS_ID, "a")]


@pytest.mark.parametrize(
    ("claimed", "reason"),
    [
        ([(Kind.USER_ID, "null")], "NO_USABLE_IDENTIFIER"),
        ([], "NO_USABLE_IDENTIFIER"),
        ([(Kind.USER_ID, "x" * 513)], "IDENTIFIER_TOO_LONG"),
        ([(Kind.ANONYMOUS_ID, "a\0b")], "IDENTIFIER_NOT_TEXT"),
    ],
)
def test_an_event_that_cannot_be_resolved_says_why(claimed: list[tuple[Kind, str]], reason: str) -> None:
    with pytest.raises(Unusable) as caught:
        usable_identifiers(claimed, RULES)
    assert caught.value.reason == reason
