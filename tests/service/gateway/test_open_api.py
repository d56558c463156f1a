"""The open API: people, reports, keys, the live feed, and failures anybody can read."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from contracts.gateway.v1 import events_pb2
from contracts.identity.v1 import events_pb2 as identity_events
from contracts.insight.v1 import insight_service_pb2 as insight_pb

from chassis.tenancy import new_signing_key
from services.gateway.domain.cursors import cursor_of
from services.gateway.routes import live
from services.gateway.routes.pages import promised_failures
from tests.service.gateway.conftest import (
    Gateway,
    Shop,
    a_profile,
    bare_client,
    free_port,
    running_gateway,
)


async def test_a_search_finds_identifiers_first_and_then_what_only_traits_say(shop: Shop) -> None:
    people = shop.gateway.people
    people.profiles[shop.id] = [a_profile(1, "lin-1"), a_profile(2, "lin-2"), a_profile(3, "chen-3")]
    people.traits[shop.id] = {1: "Lin Yi", 3: "Lin Chen"}
    seen: list[int] = []
    async with shop.client() as client:
        cursor = ""
        while cursor is not None:
            answer = await client.get("/v1/profiles", params={"q": "lin", "limit": 1, "cursor": cursor})
            page = answer.json()
            seen += [profile["id"] for profile in page["profiles"]]
            cursor = page["next_cursor"]
        visitors = (await client.get("/v1/profiles", params={"q": "lin", "kind": "visitor"})).json()
        borrowed = await client.get(
            "/v1/profiles", params={"q": "chen", "cursor": page["next_cursor"] or "x"}
        )
    assert seen == [1, 2, 3]
    assert {"as_of", "position"} <= set(page)
    assert 3 not in [profile["id"] for profile in visitors["profiles"]]
    assert borrowed.json()["code"] == "CURSOR_NOT_VALID"


async def test_a_merged_id_leads_to_the_survivor_and_its_whole_timeline(shop: Shop) -> None:
    survivor = a_profile(4, "u")
    survivor.identifiers.add(nid=9, kind=events_pb2.IDENTIFIER_KIND_ANONYMOUS_ID, value="browser")
    shop.gateway.people.profiles[shop.id] = [survivor]
    shop.gateway.people.events[shop.id] = [
        insight_pb.Event(kind=events_pb2.EVENT_KIND_TRACK, name=f"e{n}", payload_json='{"price": NaN}')
        for n in range(5)
    ]
    async with shop.client() as client:
        first = (await client.get("/v1/profiles/9", params={"limit": 2})).json()
        names = [event["name"] for event in first["events"]]
        cursor = first["next_cursor"]
        while cursor is not None:
            page = (await client.get("/v1/profiles/4/events", params={"limit": 2, "cursor": cursor})).json()
            names += [event["name"] for event in page["events"]]
            cursor = page["next_cursor"]
        missing = await client.get("/v1/profiles/77")
        looked = await client.post("/v1/profiles/9/reveal")
        [entry] = (await client.get("/v1/audit", params={"action": "profile.revealed"})).json()["entries"]
    assert first["profile"]["id"] == 4
    assert names == ["e0", "e1", "e2", "e3", "e4"]
    assert (looked.json()["profile_id"], entry["subject"]) == (4, "profile:4")
    assert (missing.status_code, missing.json()["code"]) == (404, "PROFILE_NOT_FOUND")


async def test_the_overview_takes_a_range_of_at_most_800_days(shop: Shop) -> None:
    async with shop.client() as client:
        day = {"from": "2026-01-01", "to": "2026-01-01"}
        good = await client.get("/v1/reports/overview", params=day)
        bad = [
            await client.get("/v1/reports/overview", params=query)
            for query in (
                {"from": "2026-01-02", "to": "2026-01-01"},
                {"from": "2020-01-01", "to": "2026-01-01"},
            )
        ]
    assert good.json()["days"][0] | {"on": "2026-01-01", "revenue": "12.50"} == good.json()["days"][0]
    assert [answer.status_code for answer in bad] == [400, 400]


async def test_a_new_key_works_at_once_and_a_revoked_one_no_more(shop: Shop) -> None:
    async with shop.client() as client:
        made = (await client.post("/v1/keys", json={"kind": "server", "scopes": ["read"]})).json()
        listed = (await client.get("/v1/keys")).text
    assert made["key"] not in listed and made["hint"] in listed
    async with shop.gateway.client(made["key"]) as client:
        assert (await client.get("/v1/tenant")).status_code == 200
        assert (await client.post("/v1/keys", json={"kind": "server"})).json()["code"] == "NOT_ALLOWED"
    async with shop.client() as client:
        assert (await client.delete(f"/v1/keys/{made['id']}")).status_code == 204
        assert (await client.delete(f"/v1/keys/{made['id']}")).status_code == 404
    async with shop.gateway.client(made["key"]) as client:
        assert (await client.get("/v1/tenant")).json()["code"] == "KEY_NOT_KNOWN"
        sent = await client.post("/v1/track", json={"event": "x", "userId": "u"})
        assert sent.status_code == 401


async def test_a_browser_key_reads_nothing(shop: Shop) -> None:
    async with shop.gateway.client(shop.write_key) as client:
        refused = await client.get("/v1/profiles")
    assert (refused.status_code, refused.json()["code"]) == (403, "SECRET_KEY_REQUIRED")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/profiles?limit=0", None, 400),
        ("GET", "/v1/profiles?q=%00", None, 400),
        ("GET", "/v1/profiles?cursor=%F0%9F%98%80", None, 400),
        ("GET", "/v1/profiles/4/events?from=0001-01-01T00:00:00%2B14:00", None, 400),
        ("GET", "/v1/profiles/4/events?kind=none", None, 400),
        ("GET", "/v1/profiles/0", None, 400),
        ("GET", "/v1/profiles/abc", None, 400),
        ("GET", "/v1/bad-rows/1", None, 400),
        ("GET", "/v1/bad-rows/999999999999999999-999999999", None, 404),
        ("GET", "/v1/bad-rows?cursor=WyJiYWQtcm93cyIsLTEsLTFd", None, 400),
        ("POST", "/v1/keys", b"{", 400),
        ("POST", "/v1/keys", b'{"kind": "server", "name": "\\ud800"}', 400),
        ("POST", "/v1/keys", b'{"kind": "server", "name": "a\\u0000"}', 400),
        ("POST", "/v1/bad-rows/replay", b'{"q": 1}', 400),
        ("PUT", "/v1/profiles", None, 405),
        ("GET", "/v1/nothing", None, 404),
        ("GET", "/static/..%2fmain.py", None, 404),
    ],
)
async def test_every_failure_is_a_problem_with_a_documented_code(
    shop: Shop, method: str, path: str, body: bytes | None, status: int
) -> None:
    async with shop.client(headers={"content-type": "application/json"}) as client:
        answer = await client.request(method, path, content=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] in {failure.reason for failure in promised_failures()}
    assert problem["request_id"] == answer.headers["x-request-id"]


async def test_a_made_up_place_in_a_cursor_is_no_cursor_of_ours(shop: Shop) -> None:
    shop.gateway.people.profiles[shop.id] = [a_profile(4, "u")]
    async with shop.client() as client:
        answer = await client.get("/v1/profiles/4/events", params={"cursor": cursor_of("events", 4, "oops")})
    assert (answer.status_code, answer.json()["code"]) == (400, "CURSOR_NOT_VALID")


async def test_a_service_that_does_not_trust_us_is_no_fault_of_the_caller(engines: Any) -> None:
    stranger, _ = new_signing_key()
    async with running_gateway(engines) as first:
        shop = await first.make_tenant()
    async with (
        running_gateway(engines, signing_key=stranger) as gateway,
        gateway.client(shop.secret_key) as c,
    ):
        answer = await c.get("/v1/reports/overview")
    assert (answer.status_code, answer.json()["code"]) == (503, "SERVICE_AWAY")


async def test_every_promised_failure_is_explained(gateway: Gateway) -> None:
    async with gateway.client() as client:
        page = (await client.get("/docs/errors")).text
    for failure in promised_failures():
        assert failure.__doc__, failure
        assert f'id="{failure.reason}"' in page


async def test_the_documentation_lists_every_path_and_asks_nobody_else(gateway: Gateway) -> None:
    async with gateway.client() as client:
        document = (await client.get("/openapi.json")).json()
        pages = [await client.get(path) for path in ("/", "/docs", "/docs/errors", "/static/rapidoc-min.js")]
    assert document["openapi"].startswith("3.1")
    wanted = {"/v1/batch", "/v1/profiles", "/v1/bad-rows/{row_id}/replay", "/v1/events/live"}
    assert wanted <= set(document["paths"])
    for page in pages:
        assert page.status_code == 200, page.url
    for page in pages[:3]:
        assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page.text)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "script-src 'self';" in page.headers["content-security-policy"]


async def test_a_stranger_cannot_fill_the_memory_with_a_body(gateway: Gateway) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 100_000_000:
            read += 65_536
            yield b" " * 65_536

    async with gateway.client(timeout=20) as client:
        json_type = {"content-type": "application/json"}
        refused = await client.post("/v1/session", content=b" " * 70_000, headers=json_type)
        with pytest.raises(httpx.TransportError):
            await client.post("/v1/session", content=endless(), headers=json_type)
    assert (refused.status_code, refused.json()["code"]) == (413, "REQUEST_TOO_LARGE")
    assert refused.json()["facts"]["limit"] == "65536"
    assert read < 20_000_000


async def test_the_live_feed_tells_what_happens_and_nothing_personal(shop: Shop) -> None:
    resolved = identity_events.ResolvedEvents(nids=[5] * 30, nid_kinds=[1] * 30, accepted_to=9)
    for number in range(30):
        resolved.events.kinds.append(events_pb2.EVENT_KIND_TRACK)
        resolved.events.names.append(f"Order {number}")
        resolved.events.timestamps_ms.append(1_700_000_000_000)
        resolved.events.received_at_ms.append(1_700_000_000_000)
        resolved.events.user_ids.append("secret-person")
    engines = shop.gateway.engines
    async with (
        shop.client(timeout=60) as client,
        client.stream("GET", "/v1/events/live") as feed,
        bare_client(engines.bus_url("identity")) as nats_client,
    ):
        assert feed.headers["content-type"].startswith("text/event-stream")
        lines = feed.aiter_lines()
        assert await anext(lines) == "retry: 2000"
        await asyncio.sleep(0.3)
        for tenant_id in ("00000000-0000-0000-0000-000000000001", shop.id):
            subject = f"identity.events.resolved.v1.{tenant_id}"
            await nats_client.publish(subject, resolved.SerializeToString())
        await nats_client.flush()
        told = [await asyncio.wait_for(anext(lines), 60) for _ in range(4)]
    data = json.loads(told[3].removeprefix("data: "))
    assert (told[1], data["count"], len(data["events"])) == ("id: 9", 30, 20)
    assert data["events"][0]["name"] == "Order 29"
    assert "secret-person" not in told[3]


async def test_a_revoked_key_ends_its_feed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr(live, "_TRUST_SECONDS", 0.2)
    async with shop.client() as client:
        made = (await client.post("/v1/keys", json={"kind": "server", "scopes": ["read"]})).json()
        watcher = shop.gateway.client(made["key"], timeout=10)
        async with watcher, watcher.stream("GET", "/v1/events/live") as feed:
            lines = feed.aiter_lines()
            while await anext(lines) != ": still here":
                pass
            await client.delete(f"/v1/keys/{made['id']}")
            async with asyncio.timeout(60):
                async for _ in lines:
                    pass
            refused = await watcher.get("/v1/events/live")
    assert refused.json()["code"] == "KEY_NOT_KNOWN"


async def test_the_gateway_starts_and_accepts_before_the_others_are_there(engines: Any) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    async with running_gateway(engines) as first:
        shop = await first.make_tenant()
    started = time.monotonic()
    async with running_gateway(engines, identity_address=nobody, insight_address=nobody) as gateway:
        assert time.monotonic() - started < 60
        await Shop(gateway, shop.id, shop.write_key, shop.secret_key).send(
            {"type": "track", "event": "x", "userId": "u"}
        )
        async with gateway.client(shop.secret_key, timeout=20) as client:
            away = await client.get("/v1/reports/overview")
        assert (away.status_code, away.json()["code"]) == (503, "SERVICE_AWAY")
        assert "retry-after" in away.headers


async def test_an_open_feed_does_not_hold_up_a_restart(engines: Any) -> None:
    async with running_gateway(engines) as gateway:
        shop = await gateway.make_tenant()
        client = shop.client(timeout=20)
        feed = client.stream("GET", "/v1/events/live")
        answer = await feed.__aenter__()
        lines = answer.aiter_lines()
        await anext(lines)
        left = time.monotonic()
    assert time.monotonic() - left < 12
    await feed.__aexit__(None, None, None)
    await client.aclose()
