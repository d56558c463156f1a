"""Links, the ledger and the rules over HTTP, with the real services behind the gateway."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import async_playwright, expect

from tests.service.gateway.conftest import PATIENCE_SECONDS, Backstage, Gateway, running_gateway
from tests.service.gateway.test_sign_in import PASSWORD, an_address
from tests.service.gateway.test_sign_in_pages import ARGUMENTS


@pytest.fixture(scope="module")
async def whole(engines: Any, backstage: Backstage) -> AsyncIterator[Gateway]:
    url = engines.postgres_url("gateway_who_is_who", of="gateway")
    async with running_gateway(engines, database_url=url, **backstage.settings) as gateway:
        yield gateway


@pytest.fixture
async def client(whole: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    """A new tenant's secret key; two members have used one tablet, each a phone of their own."""
    shop = await whole.make_tenant()
    made = await shop.client().post("/v1/keys", json={"kind": "server", "scopes": ["manage"]})
    key = made.json()["key"]
    await shop.send(
        {"type": "track", "event": "Visited", "messageId": "m1", "userId": "anna", "anonymousId": "tablet"},
        {"type": "track", "event": "Visited", "messageId": "m2", "userId": "ben", "anonymousId": "tablet"},
        {"type": "track", "event": "Visited", "messageId": "m3", "userId": "ben", "anonymousId": "phone"},
    )
    async with whole.client(key, timeout=30) as client:
        await settled(client, {"anna tablet", "ben phone"})
        yield client


@pytest.fixture
def patience() -> Iterator[None]:
    """Pages wait for insight too, on a busy machine for long."""
    expect.set_options(timeout=90_000)
    yield
    expect.set_options(timeout=5_000)


async def people(client: httpx.AsyncClient) -> dict[str, int]:
    found = (await client.get("/v1/profiles")).json()["profiles"]
    return {" ".join(sorted(one["value"] for one in each["identifiers"])): each["id"] for each in found}


async def settled(client: httpx.AsyncClient, expected: set[str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while set(await people(client)) != expected:
        assert time.monotonic() < deadline, await people(client)
        await asyncio.sleep(0.1)


async def test_a_profile_says_which_event_joined_it_and_what_was_refused(client: httpx.AsyncClient) -> None:
    ben = (await people(client))["ben phone"]
    answer = (await client.get(f"/v1/profiles/{ben}/links")).json()
    told = {
        (frozenset({link["a"]["value"], link["b"]["value"]}), link["state"], link["message_id"])
        for link in answer["links"]
    }
    assert told == {
        (frozenset({"ben", "phone"}), "joining", "m3"),
        (frozenset({"ben", "tablet"}), "refused", "m2"),
    }
    refused = (await client.get(f"/v1/profiles/{ben}/links", params={"state": "refused"})).json()["links"]
    assert [link["refused_reason"] for link in refused] == ["USER_ID_LIMIT"]
    shown = (await client.get(f"/v1/profiles/{ben}")).json()
    assert (shown["links"], shown["refused_links"]) == (1, 1)


async def test_parting_and_restoring_are_recorded_with_who_did_it(client: httpx.AsyncClient) -> None:
    anna = (await people(client))["anna tablet"]
    links = (await client.get(f"/v1/profiles/{anna}/links", params={"state": "joining"})).json()["links"]
    ends = [{"a": link["a"]["nid"], "b": link["b"]["nid"]} for link in links]
    parted = await client.post(f"/v1/profiles/{anna}/links/withdraw", json={"links": ends})
    assert parted.status_code == 200, parted.text
    assert parted.json()["remaining"] == []
    await settled(client, {"anna", "ben phone tablet"})
    ledger = (await client.get("/v1/ledger", params={"profile": anna})).json()
    [entry] = [one for one in ledger["entries"] if one["cause"] == "unlink"]
    assert entry["actor"].startswith("key:")
    assert {one["value"] for one in ledger["identifiers"]} >= {"anna", "tablet"}
    again = await client.post(f"/v1/profiles/{anna}/links/restore", json={"links": ends})
    assert again.status_code == 200, again.text
    await settled(client, {"anna tablet", "ben phone"})
    acts = [one["action"] for one in (await client.get("/v1/audit")).json()["entries"]]
    assert {"profile.unlinked", "profile.links_restored"} <= set(acts)


async def test_two_members_are_not_joined_and_the_answer_says_why(client: httpx.AsyncClient) -> None:
    found = await people(client)
    nids = {}
    for profile_id in found.values():
        shown = (await client.get(f"/v1/profiles/{profile_id}")).json()["profile"]
        nids |= {one["value"]: one["nid"] for one in shown["identifiers"]}
    order = {"nid": nids["anna"], "other_nid": nids["ben"]}
    headers = {"idempotency-key": str(uuid.uuid4())}
    url = f"/v1/profiles/{found['anna tablet']}/links"
    for _ in range(2):
        answer = await client.post(url, json=order, headers=headers)
        assert answer.status_code == 200, answer.text
        link = answer.json()["link"]
        assert (link["state"], link["refused_reason"]) == ("refused", "USER_ID_LIMIT")
    assert set(await people(client)) == {"anna tablet", "ben phone"}


async def test_rules_are_tried_changed_and_protected_from_each_other(client: httpx.AsyncClient) -> None:
    rules = (await client.get("/v1/identity/rules")).json()
    assert (rules["version"], rules["limits"]["user_id"], rules["limits"]["anonymous_id"]) == (0, 1, 100)
    other = {"blocked_values": ["TABLET"]}
    tried = (await client.post("/v1/identity/rules/preview", json=other)).json()
    assert (tried["profiles_split"], tried["complete"]) == (1, True)
    put = await client.put("/v1/identity/rules", json={**other, "version": 0})
    assert (put.status_code, put.json()["version"]) == (200, 1), put.text
    await settled(client, {"anna", "tablet", "ben phone"})
    late = await client.put("/v1/identity/rules", json={"version": 0})
    assert (late.status_code, late.json()["code"]) == (409, "RULES_CHANGED")
    two = await client.put("/v1/identity/rules", json={"version": 1, "limits": {"user_id": 2}})
    assert (two.status_code, two.json()["code"]) == (400, "INVALID_RULES")


async def test_a_cursor_pages_through_links_and_the_ledger(client: httpx.AsyncClient) -> None:
    ben = (await people(client))["ben phone"]
    first = (await client.get(f"/v1/profiles/{ben}/links", params={"limit": 1})).json()
    second = (
        await client.get(f"/v1/profiles/{ben}/links", params={"limit": 1, "cursor": first["next_cursor"]})
    ).json()
    assert first["links"] != second["links"]
    assert second["next_cursor"] is None
    wrong = await client.get("/v1/ledger", params={"cursor": first["next_cursor"]})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "CURSOR_NOT_VALID")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v1/profiles/1/links", {"nid": 1, "other_nid": 1}, "INVALID_LINK"),
        ("/v1/profiles/1/links", {"nid": 1, "other_nid": 99}, "IDENTIFIER_NOT_FOUND"),
        ("/v1/profiles/1/links/withdraw", {}, "INVALID_LINK"),
        ("/v1/profiles/1/links/withdraw", {"ledger_entry": 9_999_999}, "LEDGER_ENTRY_NOT_FOUND"),
        ("/v1/profiles/1/links/restore", {"links": [{"a": 1, "b": 4}]}, "LINK_NOT_FOUND"),
    ],
)
async def test_what_cannot_be_done_is_told(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], code: str
) -> None:
    answer = await client.post(path, json=body)
    assert answer.json()["code"] == code, answer.text


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.usefixtures("patience")
async def test_a_marketer_parts_and_joins_people_on_the_page(
    whole: Gateway, client: httpx.AsyncClient
) -> None:
    tenant_id = (await client.get("/v1/tenant")).json()["id"]
    await whole.add_teammate(tenant_id, email := an_address(), PASSWORD, role="marketer")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = await browser.new_page(base_url=whole.settings.public_url, locale="en-GB")
        await page.goto("/sign-in?next=/account")
        await page.locator("#sign-in [name=email]").fill(email)
        await page.locator("#sign-in [name=password]").fill(PASSWORD)
        await page.locator("#sign-in button[type=submit]").click()
        await page.wait_for_url(lambda url: urlsplit(url).path == "/account")
        await page.goto(f"/people/{(await people(client))['anna tablet']}?tab=joined")
        links = page.locator("ul.timeline li")
        await expect(links).to_have_count(2)
        await expect(links.filter(has_text="ben")).to_contain_text("two members are never joined")
        await links.filter(has_text="joins").get_by_role("button", name="Withdraw").click()
        await page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
        await settled(client, {"anna", "ben phone tablet"})
        await links.filter(has_text="withdrawn").get_by_role("button", name="Restore").click()
        await settled(client, {"anna tablet", "ben phone"})
        await browser.close()
