"""Partners act for tenants that granted it, for no others, and no longer than that."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.service.gateway.conftest import OPERATOR_KEY, Gateway, Shop

PASSWORD = "an owner's long enough secret"


async def make_partner(gateway: Gateway, name: str = "agency") -> dict[str, Any]:
    async with gateway.client(OPERATOR_KEY) as client:
        made = await client.post("/v1/operator/partners", json={"name": name})
    assert made.status_code == 201, made.text
    return made.json()


@asynccontextmanager
async def owner_of(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which the shop's owner is signed in."""
    email = f"owner-{shop.id[:8]}@shop.example"
    await shop.gateway.add_teammate(shop.id, email, PASSWORD)
    async with shop.gateway.client(headers={"sec-fetch-site": "same-origin"}) as client:
        signed_in = await client.post("/v1/session", json={"email": email, "password": PASSWORD})
        assert signed_in.status_code == 201, signed_in.text
        yield client


async def grant(shop: Shop, partner: dict[str, Any], *scopes: str) -> None:
    async with owner_of(shop) as client:
        granted = await client.put(
            f"/v1/partners/grants/{partner['client_id']}", json={"scopes": list(scopes)}
        )
    assert granted.status_code == 204, granted.text


async def ask_token(gateway: Gateway, partner: dict[str, Any], **more: str) -> httpx.Response:
    async with gateway.client() as client:
        return await client.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", **more},
            auth=(partner["client_id"], partner["client_secret"]),
        )


async def test_a_partner_does_what_the_tenant_granted_and_nothing_else(gateway: Gateway, shop: Shop) -> None:
    partner = await make_partner(gateway)
    await grant(shop, partner, "reports:read", "tenant:read")
    token = (await ask_token(gateway, partner, tenant=shop.id)).json()
    assert token["token_type"] == "Bearer" and token["scope"] == "reports:read tenant:read"
    async with gateway.client(token["access_token"]) as client:
        assert (await client.get("/v1/tenant")).json()["id"] == shop.id
        assert (await client.get("/v1/reports/overview")).status_code == 200
        refused = await client.get("/v1/profiles")
        assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")
        # The tenant is the token's, whatever the request says.
        assert (await client.get("/v1/tenant", headers={"x-tenant": "other"})).json()["id"] == shop.id


async def test_a_token_may_be_asked_for_less_and_never_for_more(gateway: Gateway, shop: Shop) -> None:
    partner = await make_partner(gateway)
    await grant(shop, partner, "reports:read", "tenant:read")
    less = await ask_token(gateway, partner, tenant=shop.id, scope="tenant:read")
    more = await ask_token(gateway, partner, tenant=shop.id, scope="tenant:read profiles:read")
    async with gateway.client(less.json()["access_token"]) as client:
        assert (await client.get("/v1/reports/overview")).status_code == 403
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


async def test_a_tenant_that_granted_nothing_is_closed(gateway: Gateway, shop: Shop) -> None:
    partner = await make_partner(gateway)
    other = await gateway.make_tenant("other")
    await grant(shop, partner, "tenant:read")
    refused = [
        await ask_token(gateway, partner, tenant=tenant)
        for tenant in (other.id, shop.id[:-1] + "x", "nobody")
    ]
    assert {(answer.status_code, answer.json()["error"]) for answer in refused} == {(400, "invalid_target")}


async def test_a_withdrawn_grant_ends_its_tokens_at_once(gateway: Gateway, shop: Shop) -> None:
    partner = await make_partner(gateway)
    await grant(shop, partner, "tenant:read", "reports:read")
    token = (await ask_token(gateway, partner, tenant=shop.id)).json()["access_token"]
    # Less than before.
    await grant(shop, partner, "tenant:read")
    async with gateway.client(token) as client:
        assert (await client.get("/v1/tenant")).status_code == 200
        assert (await client.get("/v1/reports/overview")).status_code == 403
    async with owner_of(shop) as client:
        path = f"/v1/partners/grants/{partner['client_id']}"
        assert [(await client.delete(path)).status_code for _ in range(2)] == [204, 404]
        listed = (await client.get("/v1/partners/grants")).json()["grants"]
    assert listed[0]["client_id"] == partner["client_id"] and listed[0]["revoked_at"]
    async with gateway.client(token) as client:
        assert (await client.get("/v1/tenant")).json()["code"] == "KEY_NOT_KNOWN"
    assert (await ask_token(gateway, partner, tenant=shop.id)).json()["error"] == "invalid_target"


async def test_secrets_rotate_with_an_overlap_and_a_closed_partner_can_do_nothing(
    gateway: Gateway, shop: Shop
) -> None:
    partner = await make_partner(gateway)
    await grant(shop, partner, "tenant:read")
    token = (await ask_token(gateway, partner, tenant=shop.id)).json()["access_token"]
    path = f"/v1/operator/partners/{partner['client_id']}"
    async with gateway.client(OPERATOR_KEY) as operator:
        second = (await operator.post(f"{path}/secrets", json={"overlap_hours": 1})).json()
        both = [
            await ask_token(gateway, partner | {"client_secret": secret})
            for secret in (partner["client_secret"], second["client_secret"])
        ]
        await operator.post(f"{path}/secrets", json={"overlap_hours": 0})
        ended = await ask_token(gateway, partner)
        assert (await operator.delete(path)).status_code == 204
        assert (await operator.delete(path)).status_code == 404
    assert [answer.status_code for answer in both] == [200, 200]
    assert (ended.status_code, ended.json()["error"]) == (401, "invalid_client")
    async with gateway.client(token) as client:
        assert (await client.get("/v1/tenant")).status_code == 401


async def test_a_partner_lists_the_tenants_that_granted_it_something(gateway: Gateway, shop: Shop) -> None:
    partner = await make_partner(gateway)
    other = await gateway.make_tenant("other")
    for one in (shop, other):
        await grant(one, partner, "tenant:read")
    token = (await ask_token(gateway, partner)).json()["access_token"]
    async with gateway.client(token) as client:
        first = (await client.get("/v1/partner/tenants", params={"limit": 1})).json()
        rest = (await client.get("/v1/partner/tenants", params={"cursor": first["next_cursor"]})).json()
        assert (await client.get("/v1/tenant")).json()["code"] == "NOT_ALLOWED"
    assert {tenant["id"] for tenant in first["tenants"] + rest["tenants"]} == {shop.id, other.id}


async def test_failures_of_the_token_endpoint_are_those_of_rfc_6749(gateway: Gateway) -> None:
    partner = await make_partner(gateway)
    wrong = await ask_token(gateway, partner | {"client_secret": "cs_live_wrong"})
    async with gateway.client() as client:
        answers = [
            await client.post("/oauth/token", data={"grant_type": "password"}),
            await client.post("/oauth/token", content=b"\xff\xfe"),
            await client.post("/oauth/token", content=b"grant_type=client_credentials&grant_type=x"),
            await client.post("/oauth/token", data={"grant_type": "client_credentials"}),
        ]
        metadata = (await client.get("/.well-known/oauth-authorization-server")).json()
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert [answer.json()["error"] for answer in answers] == [
        "unsupported_grant_type",
        "invalid_request",
        "invalid_request",
        "invalid_client",
    ]
    assert metadata["token_endpoint"].endswith("/oauth/token")


async def test_no_key_may_grant(gateway: Gateway, shop: Shop) -> None:
    partner = await make_partner(gateway)
    async with shop.client() as client:
        refused = await client.put(
            f"/v1/partners/grants/{partner['client_id']}", json={"scopes": ["tenant:read"]}
        )
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")


async def test_a_token_from_before_a_withdrawal_stays_ended_when_the_tenant_grants_anew(
    gateway: Gateway, shop: Shop
) -> None:
    partner = await make_partner(gateway)
    await grant(shop, partner, "tenant:read")
    old = (await ask_token(gateway, partner, tenant=shop.id)).json()["access_token"]
    async with owner_of(shop) as client:
        assert (await client.delete(f"/v1/partners/grants/{partner['client_id']}")).status_code == 204
    await grant(shop, partner, "tenant:read")
    new = (await ask_token(gateway, partner, tenant=shop.id)).json()["access_token"]
    statuses = []
    for token in (old, new):
        async with gateway.client(token) as client:
            statuses.append((await client.get("/v1/tenant")).status_code)
    assert statuses == [401, 200]


async def test_a_closing_tenant_ends_keys_and_tokens_and_its_teammates_are_told(
    gateway: Gateway, shop: Shop
) -> None:
    partner = await make_partner(gateway)
    await grant(shop, partner, "tenant:read")
    token = (await ask_token(gateway, partner, tenant=shop.id)).json()["access_token"]
    everywhere = (await ask_token(gateway, partner)).json()["access_token"]

    async def statuses() -> list[int]:
        found = []
        for credential in (token, shop.secret_key):
            async with gateway.client(credential) as client:
                found.append((await client.get("/v1/tenant")).status_code)
        return [*found, (await ask_token(gateway, partner, tenant=shop.id)).status_code]

    async with owner_of(shop) as owner, gateway.client(everywhere) as client:
        assert await statuses() == [200, 200, 200]
        asked = await owner.post("/v1/tenant/deletion", json={"name_confirmation": "shop"})
        assert asked.status_code == 202, asked.text
        assert await statuses() == [401, 401, 400]
        assert (await client.get("/v1/partner/tenants")).json()["tenants"] == []
        [told] = (await owner.get("/v1/session")).json()["tenants"]
        assert told["closing_at"] is not None
        assert (await owner.delete("/v1/tenant/deletion")).status_code == 204
        assert await statuses() == [200, 200, 200]
        [told] = (await owner.get("/v1/session")).json()["tenants"]
        assert told["closing_at"] is None
