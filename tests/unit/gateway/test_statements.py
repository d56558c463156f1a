"""What events say of consents and addresses; malformed consent costs no event."""

import json
from typing import Any

import pytest

from services.gateway.domain.bodies import OpenedBody
from services.gateway.domain.events import AcceptedRows, Address, IdentifierKind
from services.gateway.domain.intake import Circumstances, Intaker
from services.gateway.domain.keys import SourceKind

NOW_MS = 1_790_000_000_000
ADDRESSED = {"email": "Amy@X.tw", "phone": "0912 345 678", "line_id": "U1", "line_provider": "shop"}


def judged(*events: dict[str, Any], key: SourceKind = "browser", gpc: bool = False) -> AcceptedRows:
    """The rows of events that all have to be taken."""
    sent = [
        json.dumps({"type": "track", "event": "Seen", "anonymousId": "a"} | event).encode()
        for event in events
    ]
    body = OpenedBody(sent, None, None, False)
    intake = Intaker(key, lambda: "random").judge(body, None, NOW_MS, Circumstances(gpc=gpc))
    assert intake.rejected == []
    return intake.accepted


def said(rows: AcceptedRows) -> list[tuple[int, str, bool, int]]:
    return [(one.row, one.purpose, one.granted, one.basis) for one in rows.consents]


def consent(**consent: Any) -> dict[str, Any]:
    return {"context": {"consent": consent}}


def test_segments_category_preferences_are_statements() -> None:
    rows = judged({}, consent(categoryPreferences={"Advertising": False, "C0001": True, "My-Own": True}))
    assert said(rows) == [(1, "advertising", False, 1), (1, "c0001", True, 1), (1, "my_own", True, 1)]
    assert rows.unclear_consents == 0


@pytest.mark.parametrize("key", ["browser", "server"])
def test_the_privacy_signal_in_the_context_denies_advertising(key: SourceKind) -> None:
    event = consent(gpc=True, categoryPreferences={"advertising": True, "analytics": True})
    assert said(judged(event, key=key)) == [(0, "advertising", False, 2), (0, "analytics", True, 1)]
    assert said(judged(consent(gpc=False), key=key)) == []


def test_the_privacy_signal_of_the_request_is_said_by_each_of_its_events() -> None:
    assert said(judged({}, {"type": "page"}, gpc=True)) == [
        (0, "advertising", False, 2),
        (1, "advertising", False, 2),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"consent": "yes"},
        {"consent": ["email"]},
        {"consent": {"categoryPreferences": ["email"]}},
        {"consent": {"categoryPreferences": {"email": "true"}}},
        {"consent": {"categoryPreferences": {"": True}}},
        {"consent": {"categoryPreferences": {"x" * 65: True}}},
        {"consent": {"categoryPreferences": {"電郵": True}}},
        {"consent": {"gpc": "1"}},
    ],
)
def test_malformed_consent_is_left_out_and_counted_and_the_event_stays(wrong: dict[str, Any]) -> None:
    rows = judged({"context": wrong})
    assert len(rows.kinds) == 1
    assert (said(rows), rows.unclear_consents) == ([], 1)


def test_what_is_clear_counts_beside_what_is_not() -> None:
    rows = judged(consent(categoryPreferences={"email": True, "sms": None}))
    assert (said(rows), rows.unclear_consents) == ([(0, "email", True, 1)], 1)


def test_more_purposes_than_anybody_has_are_left_out() -> None:
    rows = judged(consent(categoryPreferences={f"p{number}": True for number in range(60)}))
    assert (len(rows.consents), rows.unclear_consents) == (50, 10)


@pytest.mark.parametrize("key", ["browser", "server"])
@pytest.mark.parametrize(
    ("name", "properties", "channels"),
    [
        ("Email Unsubscribed", {}, ["email"]),
        ("message_unsubscribed", {"channel": "SMS"}, ["sms"]),
        ("message_unsubscribed", {"channel": "pigeon"}, ["email", "sms", "line"]),
        ("message_unsubscribed", None, ["email", "sms", "line"]),
    ],
)
def test_who_unsubscribes_denies_that_channel_or_all(
    key: SourceKind, name: str, properties: Any, channels: list[str]
) -> None:
    rows = judged({"event": name, "properties": properties}, key=key)
    assert said(rows) == [(0, channel, False, 3) for channel in channels]


def test_only_a_server_says_that_line_was_followed() -> None:
    followed, left = {"event": "line_followed"}, {"event": "line_unfollowed"}
    assert said(judged(followed, left, key="server")) == [(0, "line", True, 1), (1, "line", False, 1)]
    assert said(judged(followed, left)) == []


@pytest.mark.parametrize(
    ("name", "properties", "address"),
    [
        ("Email Bounced", {}, Address(IdentifierKind.EMAIL, "amy@x.tw", False)),
        (
            "message_bounced",
            {"channel": "email", "bounce_type": "Hard"},
            Address(IdentifierKind.EMAIL, "amy@x.tw", False),
        ),
        (
            "message_bounced",
            {"channel": "sms", "bounce_type": "hard"},
            Address(IdentifierKind.PHONE, "0912345678", False),
        ),
        (
            "message_bounced",
            {"channel": "line", "bounce_type": "hard"},
            Address(IdentifierKind.LINE_ID, "shop:U1", False),
        ),
        ("Email Delivered", {}, Address(IdentifierKind.EMAIL, "amy@x.tw", True)),
    ],
)
def test_a_server_says_whether_messages_to_an_address_arrive(
    name: str, properties: dict[str, Any], address: Address
) -> None:
    inside = {"event": name, "properties": properties | ADDRESSED}
    beside = {"event": name, "properties": properties, "context": {"traits": ADDRESSED}}
    assert judged(inside, beside, key="server").address_reports == [(0, address), (1, address)]
    assert judged(inside, beside).address_reports == []


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        ("Email Bounced", {"bounce_type": "soft", "email": "amy@x.tw"}),
        ("message_bounced", {"channel": "email", "email": "amy@x.tw"}),
        ("message_bounced", {"bounce_type": "hard", "email": "amy@x.tw"}),
        ("Email Bounced", {"email": "nobody"}),
        ("Email Bounced", None),
    ],
)
def test_a_bounce_that_may_pass_or_names_no_address_reports_nothing(name: str, properties: Any) -> None:
    rows = judged({"event": name, "properties": properties}, key="server")
    assert rows.address_reports == []
