"""Consents of a person from what was said of their identifiers, whatever the order it came in."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.consent import (
    Consent,
    Heard,
    Statement,
    consents,
    is_purpose,
    lasting,
)
from services.identity.domain.facts import ChannelReach
from services.identity.domain.identifiers import Kind
from services.identity.domain.reachability import Address, channels


def said(
    nid: int,
    granted: bool,
    at_ms: int,
    *,
    purpose: str = "email",
    trusted: bool = True,
    message_id: str = "m",
) -> Statement:
    return Statement(nid, purpose, granted, at_ms, "event", trusted, message_id)


STATEMENTS = st.lists(
    st.builds(
        Statement,
        nid=st.integers(1, 3),
        purpose=st.sampled_from(["email", "sms"]),
        granted=st.booleans(),
        stated_at_ms=st.integers(1, 4),
        source=st.just("event"),
        trusted=st.booleans(),
        message_id=st.sampled_from(["a", "b"]),
    ),
    max_size=12,
)


def test_the_strictest_of_the_identifiers_counts() -> None:
    assert consents([said(1, True, 1), said(2, False, 2), said(3, True, 3)]) == [Consent("email", False, 2)]


def test_the_last_statement_about_an_identifier_counts() -> None:
    assert consents([said(1, False, 1), said(1, True, 2)]) == [Consent("email", True, 2)]
    assert consents([said(1, True, 1, message_id="b"), said(1, False, 1, message_id="a")]) == [
        Consent("email", True, 1)
    ]


def test_of_two_statements_at_one_moment_by_one_event_the_denial_counts() -> None:
    assert consents([said(1, False, 1), said(1, True, 1)]) == [Consent("email", False, 1)]


def test_a_trusted_denial_is_lifted_by_a_trusted_statement_only() -> None:
    refused = said(1, False, 1)
    assert consents([refused, said(1, True, 2, trusted=False)]) == [Consent("email", False, 1)]
    assert consents([refused, said(1, True, 2)]) == [Consent("email", True, 2)]


def test_a_browser_takes_back_what_it_or_a_server_agreed_to() -> None:
    agreed = said(1, True, 1)
    assert consents([agreed, said(1, False, 2, trusted=False)]) == [Consent("email", False, 2)]
    earlier = said(1, False, 1, trusted=False)
    assert consents([earlier, said(1, True, 2, trusted=False)]) == [Consent("email", True, 2)]


@given(STATEMENTS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_nor_the_batches_change_what_counts(
    statements: list[Statement], chance: random.Random
) -> None:
    once = consents(statements)
    shuffled = statements + statements
    chance.shuffle(shuffled)
    assert consents(shuffled) == once
    # What the tables keep between batches: the lasting statements so far.
    kept: list[Statement] = []
    while shuffled:
        size = chance.randint(1, len(shuffled))
        kept, shuffled = lasting(kept + shuffled[:size]), shuffled[size:]
    assert consents(kept) == once


@given(STATEMENTS, STATEMENTS)
def test_joining_people_never_adds_a_consent(first: list[Statement], second: list[Statement]) -> None:
    second = [
        Statement(one.nid + 10, one.purpose, one.granted, one.stated_at_ms, "event", one.trusted, "m")
        for one in second
    ]
    denied = {one.purpose for part in (first, second) for one in consents(part) if not one.granted}
    joined = {one.purpose: one.granted for one in consents(first + second)}
    assert {purpose for purpose, granted in joined.items() if not granted} == denied


@given(STATEMENTS, st.integers(1, 5))
def test_what_is_told_and_kept_leaves_out_only_repetitions(statements: list[Statement], size: int) -> None:
    """What was agreed to is the same by what was told, by what is kept and by all that was said."""
    heard, told, kept, everything = Heard(100), [], [], list[Statement]()
    while statements:
        now, statements = statements[:size], statements[size:]
        news, lasts = heard.take(now)
        told, kept, everything = told + news, kept + lasts, everything + now
        assert _granted(told) == _granted(kept) == _granted(everything)


def _granted(statements: list[Statement]) -> dict[tuple[int, str], bool]:
    return {
        (nid, one.purpose): one.granted
        for nid in {one.nid for one in statements}
        for one in consents(each for each in statements if each.nid == nid)
    }


def test_repetitions_are_kept_once_a_minute_and_a_late_opposite_loses_to_the_last_of_them() -> None:
    heard = Heard(100)
    first, soon, late = said(1, True, 1), said(1, True, 30_000), said(1, True, 90_000)
    assert heard.take([first]) == ([first], [first])
    assert heard.take([soon]) == ([], [])
    opposite = said(1, False, 20_000)
    assert heard.take([opposite]) == ([soon, opposite], [soon])
    assert heard.take([late]) == ([], [late])


def test_a_repetition_counts_anew_when_somebody_else_said_the_opposite_meanwhile() -> None:
    heard = Heard(100)
    denied, agreed = said(1, False, 1, trusted=False), said(1, True, 5)
    again, once_more = said(1, False, 9, trusted=False), said(1, False, 12, trusted=False)
    assert heard.take([denied]) == ([denied], [denied])
    assert heard.take([agreed]) == ([agreed], [agreed])
    assert heard.take([again]) == ([again], [again])
    assert heard.take([once_more]) == ([], [])


def test_what_the_tables_know_is_not_told_again() -> None:
    heard = Heard(100)
    known = said(1, True, 1)
    assert heard.unknown([known]) == {1}
    heard.remember([known])
    assert heard.unknown([known]) == set()
    assert heard.take([said(1, True, 2)]) == ([], [])


@pytest.mark.parametrize("name", ["email", "my_purpose_2", "a" * 64])
def test_purposes_are_plain_words(name: str) -> None:
    assert is_purpose(name)


@pytest.mark.parametrize("name", ["", "Email", "1st", "a-b", "a" * 65, "email\n", "電郵"])
def test_anything_else_is_no_purpose(name: str) -> None:
    assert not is_purpose(name)


def reach(
    addresses: list[Address], *granted: str, denied: tuple[str, ...] = (), suppressed: bool = False
) -> dict[str, tuple[str, str]]:
    """Channel → (why not, where to)."""
    said_of = [Consent(purpose, True, 1) for purpose in granted] + [
        Consent(purpose, False, 1) for purpose in denied
    ]
    found = channels(addresses, said_of, suppressed=suppressed)
    assert all(
        one.reach == ChannelReach(one.reach.channel, not one.reach.reason, one.reach.reason) for one in found
    )
    return {one.reach.channel: (one.reach.reason, one.address) for one in found}


def address(kind: Kind, value: str, *, first_seen_at_ms: int = 1, deliverable: bool = True) -> Address:
    return Address(1, kind, value, first_seen_at_ms, deliverable)


def test_a_channel_needs_an_address_and_its_own_consent() -> None:
    email, phone = address(Kind.EMAIL, "a@x.tw"), address(Kind.PHONE, "+886912345678")
    assert reach([email, phone], "email") == {
        "email": ("", "a@x.tw"),
        "sms": ("NO_CONSENT", ""),
        "line": ("NO_ADDRESS", ""),
    }
    assert reach([email], denied=("email",))["email"] == ("DENIED", "")


def test_the_newest_address_whose_messages_arrive_is_used() -> None:
    old = address(Kind.EMAIL, "old@x.tw", first_seen_at_ms=1)
    new = address(Kind.EMAIL, "new@x.tw", first_seen_at_ms=2)
    gone = address(Kind.EMAIL, "gone@x.tw", first_seen_at_ms=3, deliverable=False)
    assert reach([old, new, gone], "email")["email"] == ("", "new@x.tw")
    assert reach([gone], "email")["email"] == ("UNDELIVERABLE", "")


def test_suppression_stands_above_everything() -> None:
    everything = reach([address(Kind.EMAIL, "a@x.tw")], "email", suppressed=True)
    assert set(everything.values()) == {("SUPPRESSED", "")}
