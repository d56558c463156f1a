"""Signing in, staying within one's tenants, and requests that other sites' pages make."""

import uuid

import httpx
import pytest

from tests.service.gateway.conftest import Gateway, Shop

PASSWORD = "correct horse battery"
OWN_PAGE = {"sec-fetch-site": "same-origin"}


def an_address() -> str:
    return f"{uuid.uuid4().hex}@shop.example"


async def signed_in(gateway: Gateway, email: str) -> httpx.AsyncClient:
    client = gateway.client(headers=OWN_PAGE)
    answer = await client.post("/v1/session", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return client


async def test_a_teammate_signs_in_looks_and_signs_out(gateway: Gateway, shop: Shop) -> None:
    email = an_address()
    await gateway.add_teammate(shop.id, email, PASSWORD)
    client = gateway.client(headers=OWN_PAGE)
    answer = await client.post("/v1/session", json={"email": email.upper(), "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Secure" not in cookie
    assert (await client.get("/v1/tenant")).json()["id"] == shop.id
    kept = dict(client.cookies)
    assert (await client.delete("/v1/session")).status_code == 204
    assert (await client.get("/v1/tenant")).json()["code"] == "KEY_MISSING"
    replayed = await gateway.client(cookies=kept).get("/v1/tenant")
    assert replayed.json()["code"] == "NOT_SIGNED_IN"
    await client.aclose()


async def test_an_unknown_address_is_refused_exactly_as_a_wrong_password(
    gateway: Gateway, shop: Shop
) -> None:
    email = an_address()
    await gateway.add_teammate(shop.id, email, PASSWORD)
    async with gateway.client() as client:
        answers = [
            await client.post("/v1/session", json={"email": address, "password": "wrong password"})
            for address in (email, an_address())
        ]
    told = [
        {name: text for name, text in answer.json().items() if name != "request_id"} for answer in answers
    ]
    assert told[0] == told[1]
    assert told[0]["code"] == "SIGN_IN_FAILED"


async def test_guessing_one_password_is_slowed_down(gateway: Gateway) -> None:
    email = an_address()
    async with gateway.client() as client:
        answers = [
            await client.post("/v1/session", json={"email": email, "password": str(n)}) for n in range(12)
        ]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_a_teammate_enters_only_tenants_they_belong_to(gateway: Gateway) -> None:
    first, second, foreign = [await gateway.make_tenant(name) for name in ("a", "b", "c")]
    email = an_address()
    for shop in (first, second):
        await gateway.add_teammate(shop.id, email, PASSWORD)
    client = await signed_in(gateway, email)
    assert (await client.get("/v1/tenant")).json()["id"] == first.id
    chosen = await client.put("/v1/session/tenant", json={"tenant_id": second.id})
    assert [tenant["id"] for tenant in chosen.json()["tenants"]] == [first.id, second.id]
    assert (await client.get("/v1/tenant")).json()["id"] == second.id
    assert (await client.get("/v1/tenant", headers={"x-tenant": first.id})).json()["id"] == first.id
    for refused in (
        await client.get("/v1/tenant", headers={"x-tenant": foreign.id}),
        await client.put("/v1/session/tenant", json={"tenant_id": foreign.id}),
    ):
        assert refused.json()["code"] == "TENANT_NOT_FOUND"
    await client.aclose()


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "https://evil.example"}, False),
        ({}, False),
    ],
)
async def test_another_sites_page_changes_nothing(
    gateway: Gateway, shop: Shop, headers: dict[str, str], allowed: bool
) -> None:
    email = an_address()
    await gateway.add_teammate(shop.id, email, PASSWORD)
    session = await signed_in(gateway, email)
    async with gateway.client(headers=headers, cookies=dict(session.cookies)) as client:
        answer = await client.post("/v1/keys", json={"kind": "browser"})
    assert answer.status_code == (201 if allowed else 403)
    await session.aclose()


async def test_a_viewer_reads_and_changes_nothing(gateway: Gateway, shop: Shop) -> None:
    email = an_address()
    await gateway.add_teammate(shop.id, email, PASSWORD, role="viewer")
    client = await signed_in(gateway, email)
    assert (await client.get("/v1/tenant")).status_code == 200
    refused = await client.post("/v1/keys", json={"kind": "browser"})
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")
    await client.aclose()
