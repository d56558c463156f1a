"""Promises of the judge: each event by itself, none lost, none invented."""

import json
from datetime import UTC, datetime

import pytest
from contracts.gateway.v1 import events_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.domain.bodies import open_batch, open_single
from services.gateway.domain.events import (
    MAX_EVENTS,
    AcceptedRows,
    BadRow,
    BodyTooLarge,
    EventKind,
    IdentifierKind,
    Intake,
    UnreadableBody,
)
from services.gateway.domain.intake import Intaker

RECEIVED_AT = datetime(2026, 11, 22, 5, 45, 12, tzinfo=UTC)
RECEIVED_AT_MS = round(RECEIVED_AT.timestamp() * 1000)
HOUR_MS = 3_600_000

browser = Intaker("browser", lambda: "random")
server = Intaker("server", lambda: "random")


def track(**fields: object) -> dict[str, object]:
    return {"type": "track", "messageId": "m1", "userId": "u1", "event": "Product Viewed"} | fields


def batch(*events: object, intaker: Intaker = browser, **outside: object) -> Intake:
    body = json.dumps({"batch": list(events)} | outside).encode()
    return intaker.judge(open_batch(body), None, RECEIVED_AT_MS)


def raw_batch(*events: bytes) -> Intake:
    return browser.judge(open_batch(b'{"batch":[' + b",".join(events) + b"]}"), None, RECEIVED_AT_MS)


def single(call: EventKind, event: object, *, intaker: Intaker = browser) -> Intake:
    body = json.dumps(event).encode()
    return intaker.judge(open_single(body, needs_key=False), call, RECEIVED_AT_MS)


def only(intake: Intake) -> AcceptedRows:
    assert intake.rejected == []
    assert len(intake.accepted.kinds) == 1
    return intake.accepted


def refused(intake: Intake) -> BadRow:
    assert intake.accepted.kinds == []
    assert len(intake.rejected) == 1
    return intake.rejected[0]


def claims(intake: Intake) -> list[tuple[IdentifierKind, str]]:
    return [(claim.kind, claim.value) for claim in only(intake).claims]


def test_numbers_of_the_domain_are_those_of_the_contract() -> None:
    for kind in EventKind:
        assert events_pb2.EventKind.Name(kind.value) == f"EVENT_KIND_{kind.name}"
    for identifier in IdentifierKind:
        assert events_pb2.IdentifierKind.Name(identifier.value) == f"IDENTIFIER_KIND_{identifier.name}"


def test_an_event_keeps_its_fields_and_its_payload_as_sent() -> None:
    event = (
        b'{ "type":"track", "messageId":"m1","userId":"u1" ,"event":"A","properties":{"price":1.10, "x":""}}'
    )
    rows = only(raw_batch(event))
    assert (rows.kinds, rows.names, rows.message_ids) == ([EventKind.TRACK], ["A"], ["m1"])
    assert (rows.user_ids, rows.anonymous_ids, rows.payloads) == (["u1"], [""], [event])
    assert rows.timestamps_ms == [RECEIVED_AT_MS]


def test_credentials_and_sent_at_do_not_stay_in_the_payload() -> None:
    event = track(writeKey="pk_live_x", sentAt="2026-11-22T05:45:12Z", properties={"writeKey": "kept"})
    payload = json.loads(only(batch(event)).payloads[0])
    assert payload == track(properties={"writeKey": "kept"})


def test_the_path_names_the_kind_of_a_single_call() -> None:
    assert only(single(EventKind.PAGE, {"userId": "u", "name": "Home"})).names == ["Home"]
    assert only(single(EventKind.GROUP, {"userId": "u", "groupId": "g", "type": "track"})).kinds == [
        EventKind.GROUP
    ]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(12345, "12345"), (12345.0, "12345"), (1.5, "1.5"), (-7, "-7"), (10**30, str(10**30)), ("x", "x")],
)
def test_a_number_as_an_identifier_becomes_its_text(sent: object, kept: str) -> None:
    assert only(batch(track(userId=sent))).user_ids == [kept]


@pytest.mark.parametrize(
    ("fields", "reason", "place"),
    [
        ({"userId": {"a": 1}}, "WRONG_TYPE", "userId"),
        ({"userId": ["a"]}, "WRONG_TYPE", "userId"),
        ({"anonymousId": True}, "WRONG_TYPE", "anonymousId"),
        ({"event": {"name": "x"}}, "WRONG_TYPE", "event"),
        ({"messageId": []}, "WRONG_TYPE", "messageId"),
        ({"timestamp": {}}, "WRONG_TYPE", "timestamp"),
        ({"properties": "text"}, "WRONG_TYPE", "properties"),
        ({"properties": []}, "WRONG_TYPE", "properties"),
        ({"context": 5}, "WRONG_TYPE", "context"),
        ({"traits": False}, "WRONG_TYPE", "traits"),
        ({"userId": None}, "MISSING_PERSON", "userId"),
        ({"userId": ""}, "MISSING_PERSON", "userId"),
        ({"event": None}, "MISSING_EVENT_NAME", "event"),
        ({"event": ""}, "MISSING_EVENT_NAME", "event"),
        ({"event": "x" * 201}, "NAME_TOO_LONG", "event"),
        ({"event": "a\0b"}, "NUL_CHARACTER", "event"),
        ({"type": "purchase"}, "UNKNOWN_TYPE", "type"),
        ({"type": None}, "UNKNOWN_TYPE", "type"),
        ({"type": 1}, "UNKNOWN_TYPE", "type"),
        ({"messageId": "x" * 101}, "MESSAGE_ID_TOO_LONG", "messageId"),
        ({"messageId": "a\0"}, "NUL_CHARACTER", "messageId"),
        ({"userId": "x" * 501}, "IDENTIFIER_TOO_LONG", "userId"),
        ({"anonymousId": "\0"}, "NUL_CHARACTER", "anonymousId"),
        ({"timestamp": "yesterday"}, "INVALID_TIMESTAMP", "timestamp"),
        ({"timestamp": "2026-13-01"}, "INVALID_TIMESTAMP", "timestamp"),
        ({"originalTimestamp": "soon"}, "INVALID_TIMESTAMP", "originalTimestamp"),
        ({"timestamp": 1e300}, "INVALID_TIMESTAMP", "timestamp"),
        ({"timestamp": "9999-12-31T23:59:59Z"}, "TIMESTAMP_IN_FUTURE", "timestamp"),
        ({"timestamp": "2026-11-23T05:45:13Z"}, "TIMESTAMP_IN_FUTURE", "timestamp"),
        ({"timestamp": "1899-12-31T23:59:59Z"}, "TIMESTAMP_OUT_OF_RANGE", "timestamp"),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "TIMESTAMP_OUT_OF_RANGE", "timestamp"),
        ({"properties": {"x": "y" * 33_000}}, "EVENT_TOO_LARGE", "bytes"),
        ({"type": "alias"}, "MISSING_PREVIOUS_ID", "previousId"),
    ],
)
def test_a_bad_event_says_why_and_costs_its_neighbours_nothing(
    fields: dict[str, object], reason: str, place: str
) -> None:
    bad = track(**fields)
    intake = batch(track(messageId="before"), bad, track(messageId="after"))
    assert intake.accepted.message_ids == ["before", "after"]
    (row,) = intake.rejected
    assert row.reason == reason
    assert place in row.detail
    assert json.loads(row.payload) == bad


NESTED = b"[" * 70 + b"]" * 70


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (b'{"type":"track","userId":"u","event":"a","properties":{"p":NaN}}', "INVALID_JSON"),
        (b'{"type":"track","userId":"u","event":"a","properties":{"p":-Infinity}}', "INVALID_JSON"),
        (b'{"type":"track","userId":"u","event":"a","properties":{"p":01}}', "INVALID_JSON"),
        (b'{"type":"track","userId":"u","event":"a","properties":{"p":tru}}', "INVALID_JSON"),
        (b'{"type":"track","userId":"u","event":"a\\q"}', "INVALID_JSON"),
        (b'{"type":"track","userId":"u","event":"a\x01"}', "INVALID_JSON"),
        (b'{"type":"track" "userId":"u"}', "INVALID_JSON"),
        (b'{"type":"track","userId":"u","event":"\xff"}', "BROKEN_TEXT"),
        (b'{"type":"track","userId":"u","event":"a","properties":{"\xe5\x95":1}}', "BROKEN_TEXT"),
        (b'{"type":"track","userId":"u","event":"\\ud83d"}', "LONE_SURROGATE"),
        (b'{"type":"track","userId":"u","event":"a","properties":{"p":"\\udc00x"}}', "LONE_SURROGATE"),
        (b'{"type":"track","userId":"u","event":"a","properties":{"p":' + NESTED + b"}}", "TOO_DEEP"),
        (b"[" * 5000 + b"]" * 5000, "TOO_DEEP"),
        (b'"text"', "NOT_AN_OBJECT"),
        (b"7", "NOT_AN_OBJECT"),
        (b"null", "NOT_AN_OBJECT"),
        (b"[]", "NOT_AN_OBJECT"),
    ],
)
def test_an_event_that_is_no_sound_json_object_is_kept_byte_for_byte(event: bytes, reason: str) -> None:
    good = json.dumps(track(event="商品", properties={"p": "\U0001f600"})).encode()
    intake = raw_batch(good, event, good)
    assert intake.accepted.payloads == [good, good]
    (row,) = intake.rejected
    assert (row.reason, row.payload) == (reason, event)


def test_a_whole_emoji_written_as_escapes_is_sound_beside_a_broken_neighbour() -> None:
    intake = raw_batch(b'{"type":"track","userId":"u","event":"\\ud83d\\ude00"}', b'{"a":"\\ud83d"}')
    assert intake.accepted.names == ["\U0001f600"]


def test_nesting_up_to_the_limit_is_taken() -> None:
    event = (
        b'{"type":"track","userId":"u","event":"a","properties":' + b'{"a":' * 62 + b"1" + b"}" * 62 + b"}"
    )
    only(raw_batch(event))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"nonsense",
        b'{"batch":[{]}',
        b'{"batch":{}}',
        b'{"batch":[{}],',
        b'{"batch":"',
        b"{}",
    ],
)
def test_a_body_that_is_no_batch_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(UnreadableBody):
        open_batch(body)


def test_a_batch_of_too_many_events_is_refused_as_a_whole() -> None:
    assert len(open_batch(b'{"batch":[' + b",".join([b"{}"] * MAX_EVENTS) + b"]}").events) == MAX_EVENTS
    for event in (b"{}", b"NaN"):
        with pytest.raises(BodyTooLarge):
            open_batch(b'{"batch":[' + b",".join([event] * (MAX_EVENTS + 1)) + b"]}")


def test_a_single_call_that_is_no_json_object_is_refused() -> None:
    for body in (b"[1]", b"x", b'{"userId":', b'"u"', b""):
        with pytest.raises(UnreadableBody):
            browser.judge(open_single(body, needs_key=True), EventKind.TRACK, RECEIVED_AT_MS)


def test_the_key_is_found_in_bodies_sound_and_damaged() -> None:
    assert open_single(b'{"writeKey":"k","a":"\xff"}', needs_key=True).write_key == "k"
    assert open_single(b'\xef\xbb\xbf {"writeKey":"k"}', needs_key=True).write_key == "k"
    assert open_batch(b'{"batch":[{"a":NaN}],"writeKey":"k"}').write_key == "k"
    assert open_batch(b'{"writeKey":"k","batch":[]}').write_key == "k"


def test_the_clock_is_corrected_by_what_sent_at_is_wrong() -> None:
    events = batch(track(timestamp="2026-11-22T10:00:00Z"), sentAt="2026-11-22T10:30:00+00:00")
    assert only(events).timestamps_ms == [RECEIVED_AT_MS - HOUR_MS // 2]
    alone = single(EventKind.TRACK, track(timestamp="2026-11-22T10:00:00Z", sentAt="2026-11-22T10:30:00Z"))
    assert only(alone).timestamps_ms == [RECEIVED_AT_MS - HOUR_MS // 2]


def test_the_time_on_the_network_is_not_taken_for_a_wrong_clock() -> None:
    events = batch(track(timestamp="2011-01-01T00:00:00Z"), sentAt="2026-11-22T05:45:10Z")
    assert only(events).timestamps_ms == [round(datetime(2011, 1, 1, tzinfo=UTC).timestamp() * 1000)]


@pytest.mark.parametrize("sent_at", ["never", "", None, 17, {}])
def test_an_unreadable_sent_at_corrects_nothing(sent_at: object) -> None:
    rows = only(batch(track(timestamp="2026-11-22T04:45:12Z"), sentAt=sent_at))
    assert rows.timestamps_ms == [RECEIVED_AT_MS - HOUR_MS]


@pytest.mark.parametrize(
    ("fields", "age_ms"),
    [
        ({"timestamp": "2026-11-22T04:45:12Z"}, HOUR_MS),
        ({"timestamp": "2026-11-22T12:45:12+08:00"}, HOUR_MS),
        ({"timestamp": "2026-11-22 04:45:12"}, HOUR_MS),
        ({"timestamp": "2026-11-22t04:45:12z"}, HOUR_MS),
        ({"timestamp": "2026-11-22T04:45:12.123456789Z"}, HOUR_MS - 123),
        ({"timestamp": RECEIVED_AT_MS - HOUR_MS}, HOUR_MS),
        ({"timestamp": (RECEIVED_AT_MS - HOUR_MS) / 1000}, HOUR_MS),
        ({"originalTimestamp": "2026-11-22T04:45:12Z"}, HOUR_MS),
        ({"timestamp": "", "originalTimestamp": "2026-11-22T04:45:12Z"}, HOUR_MS),
        ({"timestamp": "2026-11-23T05:45:12Z"}, 0),
        ({"timestamp": None}, 0),
    ],
)
def test_times_are_read_as_sdks_write_them_and_never_lie_after_receipt(
    fields: dict[str, object], age_ms: int
) -> None:
    assert only(batch(track(**fields))).timestamps_ms == [RECEIVED_AT_MS - age_ms]


def test_a_dated_event_without_an_id_gets_the_same_one_in_every_retry() -> None:
    event = track(messageId=None, timestamp="2026-11-22T04:45:12Z")
    for retry in ({}, {"sentAt": "2026-11-22T05:45:12Z"}):
        first = only(batch(event | retry, sentAt="2026-11-22T05:45:12Z")).message_ids
        later = dict.fromkeys(retry, "2026-11-22T07:00:00Z")
        assert only(batch(event | later, sentAt="2026-11-22T07:00:00Z")).message_ids == first
    assert first[0].startswith("~")
    assert len(first[0]) <= 100
    assert only(batch(event | {"event": "Other"})).message_ids != first
    assert only(batch(track(messageId=""))).message_ids == ["~random"]


def test_a_secret_key_claims_what_identify_and_external_ids_name() -> None:
    traits = {"email": " Ann@Example.COM ", "phone": "0912-345-678", "line_id": {"provider": 165, "id": "U1"}}
    event = {"type": "identify", "userId": "u", "messageId": "m", "traits": traits}
    assert claims(batch(event, intaker=server)) == [
        (IdentifierKind.EMAIL, "ann@example.com"),
        (IdentifierKind.PHONE, "0912345678"),
        (IdentifierKind.LINE_ID, "165:U1"),
    ]
    external_ids = [
        {"type": "email", "id": "b@c.de"},
        {"type": "pos_card", "id": 77},
        {"type": "line_id", "provider": "165", "id": "U2"},
        {"type": "line_id", "id": "U3"},
    ]
    assert claims(batch(track(context={"externalIds": external_ids}), intaker=server)) == [
        (IdentifierKind.EMAIL, "b@c.de"),
        (IdentifierKind.EXTERNAL_ID, "pos_card:77"),
        (IdentifierKind.LINE_ID, "165:U2"),
    ]


def test_a_browser_key_claims_nobody_by_traits_or_external_ids() -> None:
    event = {
        "type": "identify",
        "userId": "u",
        "traits": {"email": "a@b.cd"},
        "context": {"externalIds": "anything"},
    }
    assert claims(batch(event)) == []


def test_traits_of_other_calls_and_unusable_values_claim_nothing() -> None:
    assert claims(batch(track(traits={"email": "a@b.cd"}), intaker=server)) == []
    traits = {"email": "n/a", "phone": "ask", "line_id": "U1"}
    assert claims(batch({"type": "identify", "userId": "u", "traits": traits}, intaker=server)) == []


def test_malformed_external_ids_of_a_secret_key_are_a_bad_row() -> None:
    for wrong in ("x", [1], [{"type": "a"}], [{"id": "a"}], [{"type": "a", "id": "x" * 600}]):
        row = refused(batch(track(context={"externalIds": wrong}), intaker=server))
        assert row.reason == "INVALID_EXTERNAL_ID"
        assert "context.externalIds" in row.detail


def test_alias_claims_the_identifier_it_replaces() -> None:
    event = {"type": "alias", "userId": "u", "previousId": "anon", "messageId": "m"}
    assert claims(batch(event)) == [(IdentifierKind.ANONYMOUS_ID, "anon")]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
fields = st.sampled_from(
    ["type", "messageId", "userId", "anonymousId", "event", "timestamp", "context", "traits", "sentAt"]
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.dictionaries(fields, json_values | st.sampled_from(["track", "alias"])) | json_values),
    st.sampled_from([browser, server]),
)
def test_good_and_bad_make_all_whatever_is_sent(events: list[object], intaker: Intaker) -> None:
    intake = batch(*events, intaker=intaker)
    assert len(intake.accepted.kinds) + len(intake.rejected) == len(events)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_between_two_events_either_refuse_the_body_or_spare_the_neighbours(noise: bytes) -> None:
    good = json.dumps(track()).encode()
    try:
        intake = raw_batch(good, noise, good)
    except UnreadableBody:
        return
    assert intake.accepted.payloads[0] == good
    assert intake.accepted.payloads[-1] == good
