"""Promises of the tracking API to the SDKs, through the real HTTP server onto a real stream."""

import base64
import gzip
import json
from collections.abc import AsyncIterator

import pytest
from contracts.gateway.v1 import events_pb2

from tests.service.gateway.tracking_door import Door, open_door


@pytest.fixture(scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    async with open_door(tmp_path_factory.mktemp("bus")) as door:
        yield door


@pytest.fixture
def key(door: Door) -> str:
    return door.keys.add("browser")


def basic(key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def event(number: int = 0, **more: object) -> dict[str, object]:
    return {"type": "track", "messageId": f"m{number}", "anonymousId": "a", "event": "Seen"} | more


def merged(messages: list[events_pb2.AcceptedEvents]) -> events_pb2.AcceptedEvents:
    whole = events_pb2.AcceptedEvents()
    for message in messages:
        whole.MergeFrom(message)
    return whole


async def test_a_batch_is_answered_once_it_is_in_the_stream(door: Door, key: str) -> None:
    body = {"batch": [event(n) for n in range(20)], "sentAt": "2026-11-22T05:45:12Z"}
    answer = await door.client.post("/v1/batch", json=body, headers=basic(key))
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    (message,) = await door.accepted(key)
    assert list(message.message_ids) == [f"m{n}" for n in range(20)]
    assert [len(column) for column in (message.kinds, message.payloads, message.source_rows)] == [20] * 3
    (source,) = message.sources
    assert (source.key_id, source.kind) == (door.keys.keys[key].key_id, events_pb2.SOURCE_KIND_BROWSER)
    assert json.loads(message.payloads[3]) == event(3)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("track", events_pb2.EVENT_KIND_TRACK),
        ("identify", events_pb2.EVENT_KIND_IDENTIFY),
        ("page", events_pb2.EVENT_KIND_PAGE),
        ("screen", events_pb2.EVENT_KIND_SCREEN),
        ("group", events_pb2.EVENT_KIND_GROUP),
        ("alias", events_pb2.EVENT_KIND_ALIAS),
        ("t", events_pb2.EVENT_KIND_TRACK),
        ("i", events_pb2.EVENT_KIND_IDENTIFY),
        ("p", events_pb2.EVENT_KIND_PAGE),
        ("s", events_pb2.EVENT_KIND_SCREEN),
        ("g", events_pb2.EVENT_KIND_GROUP),
        ("a", events_pb2.EVENT_KIND_ALIAS),
    ],
)
async def test_every_single_call_is_taken(door: Door, key: str, path: str, kind: int) -> None:
    body = event(previousId="before")
    del body["type"]
    answer = await door.client.post(f"/v1/{path}", json=body, headers=basic(key))
    assert answer.status_code == 200
    assert list(merged(await door.accepted(key)).kinds) == [kind]


@pytest.mark.parametrize("path", ["batch", "import", "b"])
async def test_every_batch_call_is_taken(door: Door, key: str, path: str) -> None:
    answer = await door.client.post(f"/v1/{path}", json={"batch": [event()]}, headers=basic(key))
    assert answer.status_code == 200
    assert len(merged(await door.accepted(key)).kinds) == 1


async def test_the_key_may_come_as_basic_bearer_or_in_the_body(door: Door, key: str) -> None:
    bearer = {"authorization": f"Bearer {key}"}
    for body, headers in [
        (event(1), basic(key)),
        (event(2), bearer),
        (event(3, writeKey=key), {}),
    ]:
        assert (await door.client.post("/v1/track", json=body, headers=headers)).status_code == 200
    whole = {"batch": [event(4)], "writeKey": key}
    assert (await door.client.post("/v1/batch", json=whole)).status_code == 200
    rows = merged(await door.accepted(key))
    assert list(rows.message_ids) == ["m1", "m2", "m3", "m4"]
    assert not any(b"writeKey" in payload for payload in rows.payloads)


async def test_gzip_bodies_are_unpacked_announced_or_not_and_in_several_members(door: Door, key: str) -> None:
    body = json.dumps({"batch": [event()]}).encode()
    members = gzip.compress(body[:10]) + gzip.compress(body[10:])
    for packed, headers in [
        (gzip.compress(body), {"content-encoding": "gzip"}),
        (members, {"content-encoding": "gzip"}),
        (gzip.compress(body), {}),
    ]:
        answer = await door.client.post("/v1/batch", content=packed, headers=basic(key) | headers)
        assert answer.status_code == 200, answer.text
    assert len(merged(await door.accepted(key)).kinds) == 3


async def test_a_beacon_is_taken(door: Door, key: str) -> None:
    headers = {"content-type": "text/plain;charset=UTF-8", "origin": "https://shop.example"}
    answer = await door.client.post("/v1/t", content=json.dumps(event(writeKey=key)), headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"


async def test_a_preflight_is_answered_without_a_key(door: Door) -> None:
    headers = {
        "origin": "https://shop.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-retry-count",
    }
    answer = await door.client.options("/v1/t", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type,x-retry-count"


async def test_a_key_with_origins_takes_events_from_those_only(door: Door) -> None:
    key = door.keys.add("browser", origins=("https://shop.example",))
    for origin, status in [("https://shop.example", 200), ("https://evil.example", 403), (None, 200)]:
        headers = basic(key) | ({"origin": origin} if origin else {})
        answer = await door.client.post("/v1/t", json=event(), headers=headers)
        assert answer.status_code == status
    assert len(merged(await door.accepted(key)).kinds) == 2


async def test_missing_and_unknown_keys_are_told_apart_and_take_nothing(door: Door) -> None:
    answer = await door.client.post("/v1/track", json=event())
    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_MISSING")
    answer = await door.client.post("/v1/track", json=event(), headers=basic("pk_live_nobody"))
    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_NOT_KNOWN")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "basic" not in answer.headers["www-authenticate"].lower()


async def test_known_keys_work_and_unknown_ones_are_asked_to_wait_while_the_database_is_away(
    door: Door, key: str
) -> None:
    door.keys.cut_off = True
    try:
        assert (await door.client.post("/v1/t", json=event(), headers=basic(key))).status_code == 200
        answer = await door.client.post("/v1/t", json=event(), headers=basic("pk_live_new"))
    finally:
        door.keys.cut_off = False
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1


async def test_a_tenant_over_its_quota_waits_and_others_do_not(door: Door, key: str) -> None:
    slow = door.keys.add("server", rate=1)
    body = {"batch": [event(n) for n in range(50)]}
    assert (await door.client.post("/v1/batch", json=body, headers=basic(slow))).status_code == 200
    answer = await door.client.post("/v1/batch", json=body, headers=basic(slow))
    assert (answer.status_code, answer.json()["code"]) == (429, "QUOTA_EXCEEDED")
    assert 35 <= int(answer.headers["retry-after"]) <= 41
    assert (await door.client.post("/v1/batch", json=body, headers=basic(key))).status_code == 200
    assert len(merged(await door.accepted(slow)).kinds) == 50


async def test_bad_rows_are_stored_with_reason_source_and_exact_bytes(door: Door, key: str) -> None:
    broken = b'{"type":"track","userId":"u","event":"\xff"}'
    good = json.dumps(event()).encode()
    content = b'{"batch":[' + good + b"," + broken + b'],"sentAt":"2026-11-22T05:45:12Z"}'
    assert (await door.client.post("/v1/batch", content=content, headers=basic(key))).status_code == 200
    (row,) = await door.rejected(key)
    assert (row.stage, row.reason, row.payload) == ("gateway.validate", "BROKEN_TEXT", broken)
    assert (row.source.key_id, row.sent_at) == (door.keys.keys[key].key_id, "2026-11-22T05:45:12Z")
    assert list(merged(await door.accepted(key)).payloads) == [good]


async def test_what_is_too_large_is_refused_or_set_aside(door: Door, key: str) -> None:
    huge = json.dumps({"batch": [event(pad="x" * 600_000)]})
    answer = await door.client.post("/v1/batch", content=huge, headers=basic(key))
    assert (answer.status_code, answer.json()["code"]) == (413, "REQUEST_TOO_LARGE")
    bomb = gzip.compress(b'{"batch":["' + b"x" * 200_000_000 + b'"]}')
    answer = await door.client.post("/v1/batch", content=bomb, headers=basic(key))
    assert answer.status_code == 413
    body = {"batch": [event(1, pad="x" * 40_000), event(2)]}
    assert (await door.client.post("/v1/batch", json=body, headers=basic(key))).status_code == 200
    assert [row.reason for row in await door.rejected(key)] == ["EVENT_TOO_LARGE"]
    assert list(merged(await door.accepted(key)).message_ids) == ["m2"]


async def test_analytics_js_is_told_to_send_here(door: Door, key: str) -> None:
    answer = await door.client.get(f"/v1/projects/{key}/settings", headers={"origin": "https://shop.example"})
    assert answer.status_code == 200
    sink = answer.json()["integrations"]["Segment.io"]
    host = door.url.removeprefix("http://").rstrip("/")
    assert (sink["apiKey"], sink["apiHost"], sink["protocol"]) == (key, f"{host}/v1", "http")
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    secret = door.keys.add("server")
    for unfit in ("pk_live_nobody", secret):
        assert (await door.client.get(f"/v1/projects/{unfit}/settings")).status_code == 401
    assert (await door.client.post("/v1/m", content=b'{"series":[]}')).status_code == 200


async def test_only_post_sends_events(door: Door, key: str) -> None:
    answer = await door.client.get("/v1/track", headers=basic(key))
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert "POST" in answer.headers["allow"]
