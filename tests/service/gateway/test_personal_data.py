"""What teammates see of people: masked, until they ask for one person in the audit log's sight."""

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest
from contracts.gateway.v1 import events_pb2
from contracts.identity.v1 import events_pb2 as identity_events
from contracts.identity.v1 import identity_service_pb2 as identity_pb
from contracts.insight.v1 import insight_service_pb2 as insight_pb

from tests.service.gateway.conftest import Shop, a_profile, bare_client
from tests.service.gateway.teammates_door import teammate

EMAIL, NAME = "amy@shop.example", "Amy Lin"


def amy() -> identity_pb.Profile:
    found = a_profile(4, "m-4")
    found.identifiers.add(nid=5, kind=events_pb2.IDENTIFIER_KIND_EMAIL, value=EMAIL)
    return found


@pytest.fixture
def amys_shop(shop: Shop) -> Shop:
    people = shop.gateway.people
    people.profiles[shop.id] = [amy(), a_profile(7, "ben@shop.example")]
    people.traits[shop.id] = {4: NAME}
    sent = {"type": "identify", "traits": {"email": EMAIL, "name": NAME, "tier": "gold"}}
    people.events[shop.id] = [
        insight_pb.Event(kind=events_pb2.EVENT_KIND_IDENTIFY, payload_json=json.dumps(sent))
    ]
    return shop


async def seen(client: httpx.AsyncClient, reveal: str = "") -> list[Any]:
    """All that can be asked about her."""
    headers = {"x-reveal": reveal} if reveal else {}
    answers = [
        await client.get(path, headers=headers)
        for path in ("/v1/profiles?q=m-4", "/v1/profiles/4", "/v1/profiles/5/events")
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200], answers[0].text
    return [answer.json() for answer in answers]


async def test_personal_data_are_masked_by_the_server_until_they_are_revealed(amys_shop: Shop) -> None:
    async with teammate(amys_shop, "analyst") as client:
        masked = await seen(client)
        assert EMAIL not in json.dumps(masked) and NAME not in json.dumps(masked)
        assert {one["value"] for one in masked[1]["profile"]["identifiers"]} == {"m-4", "a•••@shop.example"}
        assert masked[2]["events"][0]["payload"]["traits"] | {"email": ""} == {
            "email": "",
            "name": "A•••",
            "tier": "gold",
        }
        reveal = (await client.post("/v1/profiles/5/reveal")).json()
        shown = await seen(client, reveal["reveal"])
        other = (await client.get("/v1/profiles/7", headers={"x-reveal": reveal["reveal"]})).json()
    assert reveal["profile_id"] == 4
    assert [answer.get("masked") for answer in masked] == [None, True, True]
    assert [answer.get("masked") for answer in shown] == [None, False, False]
    assert all(text in json.dumps(shown[1]) for text in (EMAIL, NAME))
    assert shown[2]["events"][0]["payload"]["traits"]["email"] == EMAIL
    assert (other["masked"], "ben@shop.example" in json.dumps(other)) == (True, False)
    async with amys_shop.client() as key:
        [entry] = (await key.get("/v1/audit", params={"action": "profile.revealed"})).json()["entries"]
    assert (entry["subject"], entry["actor"].split(":")[0]) == ("profile:4", "teammate")


async def test_the_live_feed_masks_what_a_shop_writes_into_names(shop: Shop) -> None:
    resolved = identity_events.ResolvedEvents(nids=[5], nid_kinds=[1], accepted_to=9)
    resolved.events.kinds.append(events_pb2.EVENT_KIND_TRACK)
    resolved.events.names.append(f"Letter to {EMAIL}")
    resolved.events.timestamps_ms.append(1_700_000_000_000)
    resolved.events.received_at_ms.append(1_700_000_000_000)
    resolved.events.user_ids.append("m-4")
    async with (
        teammate(shop, "analyst") as person,
        shop.client(timeout=60) as key,
        bare_client(shop.gateway.engines.bus_url("identity")) as bus,
        person.stream("GET", "/v1/events/live", timeout=60) as masked,
        key.stream("GET", "/v1/events/live") as whole,
    ):
        feeds = [masked.aiter_lines(), whole.aiter_lines()]
        assert [await anext(feed) for feed in feeds] == ["retry: 2000"] * 2
        await asyncio.sleep(0.3)
        await bus.publish(f"identity.events.resolved.v1.{shop.id}", resolved.SerializeToString())
        await bus.flush()
        told = []
        for feed in feeds:
            line = ""
            while not line.startswith("data: "):
                line = await asyncio.wait_for(anext(feed), 60)
            told.append(json.loads(line.removeprefix("data: "))["events"][0]["name"])
    assert told == ["Letter to a•••@shop.example", f"Letter to {EMAIL}"]


async def test_a_reveal_is_good_for_who_asked_only_and_nobody_asks_who_may_not(amys_shop: Shop) -> None:
    async with teammate(amys_shop, "marketer") as asking, teammate(amys_shop, "marketer") as other:
        reveal = (await asking.post("/v1/profiles/4/reveal")).json()["reveal"]
        borrowed = await seen(other, reveal)
        broken = await seen(asking, reveal[:-4] + "AAAA")
    async with teammate(amys_shop, "viewer") as viewer:
        refused = await viewer.post("/v1/profiles/4/reveal")
    assert [borrowed[1]["masked"], broken[1]["masked"]] == [True, True]
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")


async def test_a_key_that_may_read_people_sees_them_as_they_are(amys_shop: Shop) -> None:
    async with amys_shop.client() as client:
        shown = await seen(client)
    assert all(EMAIL in json.dumps(answer) for answer in shown)
    assert shown[1]["masked"] is False


async def test_what_was_set_aside_is_masked_too(amys_shop: Shop) -> None:
    await amys_shop.send({"type": "track", "userId": "u", "traits": {"email": EMAIL}, "properties": 7})
    async with amys_shop.client() as key, teammate(amys_shop, "analyst") as client:
        [whole] = (await key.get("/v1/bad-rows")).json()["bad_rows"]
        [row] = (await client.get("/v1/bad-rows")).json()["bad_rows"]
        opened = (await client.get(f"/v1/bad-rows/{row['id']}")).json()
    assert EMAIL in whole["payload"] and EMAIL not in row["payload"]
    assert EMAIL.encode() not in base64.b64decode(opened["payload_base64"])
    assert json.loads(opened["payload"])["traits"]["email"] == "a•••@shop.example"
