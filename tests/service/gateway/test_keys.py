"""Keys that may do only what they name, that are rotated without a failure, and that end by themselves."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.domain.permissions import SCOPES
from tests.service.gateway.conftest import PATIENCE_SECONDS, Shop


async def test_a_restricted_key_does_what_its_scopes_name_and_nothing_else(shop: Shop) -> None:
    async with shop.client() as client:
        made = await client.post("/v1/keys", json={"kind": "restricted", "scopes": ["reports:read"]})
    assert made.status_code == 201 and made.json()["key"].startswith("rk_live_")
    async with shop.gateway.client(made.json()["key"]) as client:
        assert (await client.get("/v1/reports/overview")).status_code == 200
        for refused in (
            await client.get("/v1/profiles"),
            await client.get("/v1/keys"),
            await client.post("/v1/keys", json={"kind": "browser"}),
            await client.post("/v1/track", json={"event": "x", "userId": "u"}),
        ):
            assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")


async def test_a_restricted_key_sends_events_when_it_says_so(shop: Shop) -> None:
    async with shop.client() as client:
        made = await client.post("/v1/keys", json={"kind": "restricted", "scopes": ["events:write"]})
    async with shop.gateway.client(made.json()["key"]) as client:
        sent = await client.post("/v1/track", json={"event": "x", "userId": "u"})
    assert sent.status_code == 200


async def test_a_key_makes_no_key_that_may_do_more_than_itself(shop: Shop) -> None:
    scopes = ["keys:write", "reports:read"]
    async with shop.client() as client:
        made = (await client.post("/v1/keys", json={"kind": "restricted", "scopes": scopes})).json()
    async with shop.gateway.client(made["key"]) as client:
        more = await client.post("/v1/keys", json={"kind": "server", "scopes": ["read"]})
        other = await client.post("/v1/keys", json={"kind": "restricted", "scopes": ["profiles:read"]})
        own = await client.post("/v1/keys", json={"kind": "restricted", "scopes": ["reports:read"]})
    assert [more.status_code, other.status_code, own.status_code] == [403, 403, 201]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "restricted"},
        {"kind": "restricted", "scopes": ["manage"]},
        {"kind": "restricted", "scopes": ["everything"]},
        {"kind": "server", "scopes": ["profiles:read"]},
        {"kind": "browser", "scopes": ["profiles:read"]},
        {"kind": "server", "expires_at": "2020-01-01T00:00:00Z"},
        {"kind": "server", "expires_at": "2099-01-01T00:00:00"},
        {"kind": "server", "tenant_id": "3f1f3f3e-0000-4000-8000-000000000000"},
    ],
)
async def test_a_key_that_makes_no_sense_is_refused_with_the_reason(
    shop: Shop, body: dict[str, object]
) -> None:
    async with shop.client() as client:
        refused = await client.post("/v1/keys", json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, "REQUEST_NOT_VALID")
    assert refused.json()["errors"]


async def test_rotation_under_load_refuses_nothing(shop: Shop) -> None:
    statuses: list[int] = []
    in_use = shop.secret_key
    done = asyncio.Event()

    async def send() -> None:
        number = 0
        async with shop.gateway.client() as client:
            while not done.is_set():
                number += 1
                event = {"event": "x", "userId": f"u{number}"}
                sent = await client.post("/v1/track", json=event, auth=(in_use, ""))
                asked = await client.get("/v1/tenant", headers={"authorization": f"Bearer {in_use}"})
                statuses.extend([sent.status_code, asked.status_code])

    senders = [asyncio.create_task(send()) for _ in range(4)]
    for _ in range(3):
        async with shop.gateway.client(in_use) as client:
            listed = (await client.get("/v1/keys")).json()["keys"]
            old = next(key for key in listed if in_use.endswith(key["hint"][-4:]) and not key["replaced_by"])
            rotated = await client.post(f"/v1/keys/{old['id']}/rotation", json={"overlap_hours": 1})
        assert rotated.status_code == 201
        await asyncio.sleep(0.1)
        in_use = rotated.json()["key"]
        await asyncio.sleep(0.1)
    done.set()
    await asyncio.gather(*senders)
    assert len(statuses) > 30 and set(statuses) == {200}


async def test_the_old_key_ends_with_its_overlap(shop: Shop) -> None:
    async with shop.client() as client:
        made = (await client.post("/v1/keys", json={"kind": "server", "scopes": ["read"]})).json()
        rotated = await client.post(f"/v1/keys/{made['id']}/rotation", json={"overlap_hours": 0})
        again = await client.post(f"/v1/keys/{made['id']}/rotation", json={"overlap_hours": 0})
        listed = {key["id"]: key for key in (await client.get("/v1/keys")).json()["keys"]}
    assert again.json()["code"] == "KEY_NOT_FOUND"
    assert listed[made["id"]]["replaced_by"] == rotated.json()["id"]
    async with shop.gateway.client(made["key"]) as client:
        assert (await client.get("/v1/tenant")).json()["code"] == "KEY_NOT_KNOWN"
    async with shop.gateway.client(rotated.json()["key"]) as client:
        assert (await client.get("/v1/tenant")).status_code == 200
        assert rotated.json()["scopes"] == ["read"]


async def test_a_key_ends_when_it_says(shop: Shop) -> None:
    ends_at = datetime.now(UTC) + timedelta(seconds=5)
    async with shop.client() as client:
        made = await client.post("/v1/keys", json={"kind": "server", "expires_at": ends_at.isoformat()})
    async with shop.gateway.client(made.json()["key"]) as client:
        while (answer := await client.get("/v1/tenant")).status_code == 200:
            assert datetime.now(UTC) < ends_at + timedelta(seconds=PATIENCE_SECONDS)
            await asyncio.sleep(0.1)
        assert answer.json()["code"] == "KEY_NOT_KNOWN"
        assert datetime.now(UTC) >= ends_at


async def test_the_origins_of_a_browser_key_can_be_changed(shop: Shop) -> None:
    async with shop.client() as client:
        made = (await client.post("/v1/keys", json={"kind": "browser"})).json()
        changed = await client.patch(
            f"/v1/keys/{made['id']}", json={"allowed_origins": ["https://shop.example"], "name": "site"}
        )
        event = {"event": "x", "anonymousId": "a"}
        sent = [
            await client.post("/v1/track", json=event, auth=(made["key"], ""), headers={"origin": origin})
            for origin in ("https://shop.example", "https://other.example")
        ]
    assert (changed.json()["name"], changed.json()["allowed_origins"]) == ("site", ["https://shop.example"])
    assert [answer.status_code for answer in sent] == [200, 403]


async def test_keys_are_listed_in_pages(shop: Shop) -> None:
    async with shop.client() as client:
        for number in range(5):
            await client.post("/v1/keys", json={"kind": "browser", "name": f"k{number}"})
        names, cursor = [], ""
        while cursor is not None:
            page = (await client.get("/v1/keys", params={"limit": 3, "cursor": cursor})).json()
            names += [key["name"] for key in page["keys"]]
            cursor = page["next_cursor"]
    assert sorted(names) == sorted(["website", "server", "k0", "k1", "k2", "k3", "k4"])


async def test_every_change_of_a_key_is_in_the_audit_log_without_the_key(shop: Shop) -> None:
    async with shop.client() as client:
        made = (await client.post("/v1/keys", json={"kind": "server"})).json()
        await client.delete(f"/v1/keys/{made['id']}")
        log = await client.get("/v1/audit")
    actions = [(entry["action"], entry["subject"]) for entry in log.json()["entries"]]
    assert ("key.made", f"key:{made['id']}") in actions and ("key.revoked", f"key:{made['id']}") in actions
    assert made["key"] not in log.text


async def test_a_key_that_may_not_send_makes_and_rotates_none_that_sends(shop: Shop) -> None:
    readings = ["keys:write", *(scope for scope in SCOPES if scope.endswith(":read"))]
    async with shop.client() as client:
        made = (await client.post("/v1/keys", json={"kind": "restricted", "scopes": readings})).json()
        [website] = [key for key in (await client.get("/v1/keys")).json()["keys"] if key["kind"] == "browser"]
    async with shop.gateway.client(made["key"]) as client:
        answers = [
            await client.post("/v1/keys", json={"kind": "browser"}),
            await client.post("/v1/keys", json={"kind": "server", "scopes": ["read"]}),
            await client.post(f"/v1/keys/{website['id']}/rotation", json={}),
            await client.post("/v1/keys", json={"kind": "restricted", "scopes": ["events:write"]}),
        ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "NOT_ALLOWED")] * 4


async def test_a_key_that_ends_makes_none_that_lasts_longer(shop: Shop) -> None:
    now = datetime.now(UTC)
    ends_at, sooner, later = ((now + timedelta(hours=hours)).isoformat() for hours in (2, 1, 3))
    temporary = {"kind": "restricted", "scopes": ["keys:write", "keys:read"], "expires_at": ends_at}
    own = {"kind": "restricted", "scopes": ["keys:read"]}
    async with shop.client() as client:
        made = (await client.post("/v1/keys", json=temporary)).json()
    async with shop.gateway.client(made["key"]) as client:
        for_ever = await client.post("/v1/keys", json=own)
        longer = await client.post("/v1/keys", json=own | {"expires_at": later})
        shorter = await client.post("/v1/keys", json=own | {"expires_at": sooner})
        rotated = await client.post(f"/v1/keys/{made['id']}/rotation", json={"overlap_hours": 0})
    assert [for_ever.status_code, longer.status_code, shorter.status_code] == [403, 403, 201]
    assert datetime.fromisoformat(rotated.json()["expires_at"]) == datetime.fromisoformat(ends_at)


async def test_as_many_origins_as_a_key_takes_fit_the_audit_log(shop: Shop) -> None:
    origins = [f"https://{number:02}.{'long.' * 46}example" for number in range(50)]
    async with shop.client() as client:
        made = await client.post("/v1/keys", json={"kind": "browser", "allowed_origins": origins})
        foreign = await client.post(
            "/v1/keys", json={"kind": "browser", "allowed_origins": ["https://商店.example"]}
        )
        log = (await client.get("/v1/audit", params={"action": "key.made"})).json()["entries"]
    assert made.status_code == 201, made.text
    assert log[0]["after"]["n_allowed_origins"] == 50 and log[0]["after"]["allowed_origins"] == origins[:20]
    assert foreign.status_code == 400
