"""Single sign-on against a real provider: who gets in, how far, and tokens that must not open anything."""

import base64
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.service.gateway.conftest import Gateway, Shop, running_gateway
from tests.service.gateway.identity_provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider
from tests.service.gateway.test_sign_in import OWN_PAGE, PASSWORD


@dataclass
class Office:
    """A shop whose teammates sign in through a provider; its domain is its own."""

    gateway: Gateway
    shop: Shop
    provider: Provider
    domain: str
    owner: httpx.AsyncClient

    def person(self, name: str = "lin", **more: Any) -> str:
        """From now on the provider vouches for them."""
        email = f"{name}@{self.domain}"
        self.provider.claims = {"sub": f"subject of {name}", "email": email, "email_verified": True, **more}
        return email

    async def set_up(self, **more: Any) -> httpx.Response:
        body = {
            "issuer": self.provider.issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "email_domains": [self.domain],
            "default_role": "analyst",
            **more,
        }
        return await self.owner.put("/v1/tenant/single-sign-on", json=body)

    async def begin(self, client: httpx.AsyncClient, path: str = "/") -> str:
        begun = await client.post(
            "/v1/session/single-sign-on", json={"email": f"somebody@{self.domain}", "next": path}
        )
        assert begun.status_code == 201, begun.text
        return str(begun.json()["url"])

    async def arrive(self, path: str = "/") -> tuple[httpx.AsyncClient, httpx.Response]:
        """A whole trip of a new browser."""
        client = self.gateway.client(headers=OWN_PAGE)
        back = self.provider.authorize(await self.begin(client, path))
        return client, await client.get(back.removeprefix(self.gateway.settings.public_url))


@pytest.fixture(scope="module")
async def office_gateway(engines: Any) -> AsyncIterator[Gateway]:
    async with running_gateway(engines, private_outbound=True) as running:
        yield running


@pytest.fixture
async def office(office_gateway: Gateway) -> AsyncIterator[Office]:
    domain = f"{uuid.uuid4().hex[:12]}.example"
    shop = await office_gateway.make_tenant("office")
    await office_gateway.add_teammate(shop.id, f"owner@{domain}", PASSWORD)
    owner = office_gateway.client(headers=OWN_PAGE)
    signed = await owner.post("/v1/session", json={"email": f"owner@{domain}", "password": PASSWORD})
    assert signed.status_code == 201, signed.text
    async with running_provider() as provider:
        made = Office(office_gateway, shop, provider, domain, owner)
        put = await made.set_up()
        assert put.status_code == 200, put.text
        assert CLIENT_SECRET not in put.text
        yield made
    await owner.aclose()


async def test_a_colleague_comes_in_with_the_default_role_and_for_this_tenant_only(office: Office) -> None:
    email = office.person()
    client, arrived = await office.arrive("/team")
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/team")
    session = (await client.get("/v1/session")).json()
    assert session["email"] == email and session["only_tenant"] == office.shop.id
    assert [(one["id"], one["role"]) for one in session["tenants"]] == [(office.shop.id, "analyst")]
    other = await office.gateway.make_tenant("another")
    await office.gateway.add_teammate(other.id, email, PASSWORD)
    refused = await client.get("/v1/tenant", headers={"x-tenant": other.id})
    assert refused.json()["code"] == "TENANT_NOT_FOUND"
    joined = (await office.owner.get("/v1/audit", params={"action": "teammate.joined"})).json()["entries"]
    assert [entry["after"] for entry in joined] == [{"role": "analyst", "teammate_email": email}]
    for method, path in (("POST", "/v1/account/authenticator"), ("POST", "/v1/account/passkey-challenge")):
        answer = await client.request(method, path)
        assert answer.json()["code"] == "OWN_SIGN_IN_NEEDED"
    await client.aclose()


async def test_an_owner_who_comes_this_way_is_an_admin_until_they_show_themselves(office: Office) -> None:
    office.person("owner")
    client, _ = await office.arrive()
    assert [one["role"] for one in (await client.get("/v1/session")).json()["tenants"]] == ["admin"]
    await client.aclose()


async def test_without_a_default_role_only_the_invited_come_in(office: Office) -> None:
    assert (await office.set_up(default_role=None)).status_code == 200
    office.person("stranger")
    client, arrived = await office.arrive()
    assert arrived.headers["location"].startswith("/sign-in#code=SINGLE_SIGN_ON_FAILED")
    assert (await client.get("/v1/session")).status_code == 401
    email = office.person("invited")
    await office.gateway.add_teammate(office.shop.id, email, PASSWORD, role="viewer")
    invited, arrived = await office.arrive()
    assert arrived.headers["location"] == "/"
    for one in (client, invited):
        await one.aclose()


async def test_a_subject_stays_who_they_were_when_their_address_changes(office: Office) -> None:
    email = office.person()
    first, _ = await office.arrive()
    office.provider.claims["email"] = f"owner@{office.domain}"
    second, _ = await office.arrive()
    assert (await second.get("/v1/session")).json()["email"] == email
    for one in (first, second):
        await one.aclose()


def unsigned(claims: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def bent(**more: Any) -> Callable[[Provider], Callable[[dict[str, Any]], str]]:
    return lambda provider: lambda claims: provider.sign(claims | more)


def with_our_secret(provider: Provider) -> Callable[[dict[str, Any]], str]:
    return lambda claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET * 4))


def with_another_key(provider: Provider) -> Callable[[dict[str, Any]], str]:
    other = RSAKey.generate_key(2048, {"kid": "k1"})
    return lambda claims: jwt.encode({"alg": "RS256", "kid": "k1"}, claims, other)


FORGED = {
    "another audience": bent(aud="somebody else"),
    "several audiences without azp": bent(aud=[CLIENT_ID, "somebody else"]),
    "made for another party": bent(azp="somebody else"),
    "another issuer": bent(iss="https://evil.example"),
    "expired": bent(exp=int(time.time()) - 3600, iat=int(time.time()) - 7200),
    "from the future": bent(iat=int(time.time()) + 3600),
    "another nonce": bent(nonce="replayed"),
    "an address nobody verified": bent(email_verified=False),
    "an address elsewhere": bent(email="ceo@bigcorp.example"),
    "nobody": bent(sub=""),
    "unsigned": lambda provider: unsigned,
    "signed with the client's secret": with_our_secret,
    "signed with another key": with_another_key,
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_token_that_is_not_for_us_opens_nothing(office: Office, name: str) -> None:
    office.person("mallory")
    office.provider.signed = FORGED[name](office.provider)
    client, arrived = await office.arrive()
    assert arrived.headers["location"].startswith("/sign-in#code=SINGLE_SIGN_ON_FAILED"), name
    assert (await client.get("/v1/session")).status_code == 401
    await client.aclose()


async def test_a_trip_ends_once_and_in_the_browser_where_it_began(office: Office) -> None:
    office.person()
    victim, attacker = office.gateway.client(headers=OWN_PAGE), office.gateway.client(headers=OWN_PAGE)
    back = office.provider.authorize(await office.begin(attacker))
    path = back.removeprefix(office.gateway.settings.public_url)
    # A link that would sign the victim in as the attacker.
    planted = await victim.get(path)
    assert "SINGLE_SIGN_ON_FAILED" in planted.headers["location"]
    again = await attacker.get(path)
    assert "SINGLE_SIGN_ON_FAILED" in again.headers["location"]
    back = office.provider.authorize(await office.begin(attacker))
    forged = back.replace("state=", "state=x")
    refused = await attacker.get(forged.removeprefix(office.gateway.settings.public_url))
    assert "SINGLE_SIGN_ON_FAILED" in refused.headers["location"]
    mixed = back.replace("iss=", "iss=https%3A%2F%2Fevil.example&was=")
    refused = await attacker.get(mixed.removeprefix(office.gateway.settings.public_url))
    assert "SINGLE_SIGN_ON_FAILED" in refused.headers["location"]
    for one in (victim, attacker):
        await one.aclose()


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"]
)
async def test_the_way_back_leads_to_no_other_site(office: Office, path: str) -> None:
    office.person()
    client, arrived = await office.arrive(path)
    assert arrived.headers["location"] == "/"
    await client.aclose()


@pytest.mark.parametrize("domain", ["gmail.com", "bigcorp.example", "shop.example"])
async def test_a_domain_is_named_only_by_who_has_an_address_there(office: Office, domain: str) -> None:
    refused = await office.set_up(email_domains=[office.domain, domain])
    assert refused.json()["code"] == "DOMAIN_NOT_PROVEN"


async def test_a_stored_secret_never_goes_to_another_provider(office: Office) -> None:
    async with running_provider() as other:
        refused = await office.set_up(issuer=other.issuer, client_secret=None)
    assert refused.status_code == 400


async def test_turning_it_off_ends_what_it_opened(office: Office) -> None:
    office.person()
    client, _ = await office.arrive()
    assert (await client.get("/v1/session")).status_code == 200
    assert (await office.owner.delete("/v1/tenant/single-sign-on")).status_code == 204
    assert (await client.get("/v1/session")).status_code == 401
    await client.aclose()


async def test_discovery_that_names_another_issuer_is_refused(office: Office) -> None:
    office.provider.bent = {"issuer": "https://evil.example"}
    assert (await office.set_up()).json()["code"] == "SINGLE_SIGN_ON_FAILED"


@pytest.mark.parametrize(
    "issuer",
    [
        "http://169.254.169.254/latest",
        "https://127.0.0.1:1",
        "https://localhost:1",
        "https://[::1]:1",
        "http://x.example",
    ],
)
async def test_a_tenant_cannot_have_us_look_inside(gateway: Gateway, issuer: str) -> None:
    domain = f"{uuid.uuid4().hex[:12]}.example"
    shop = await gateway.make_tenant()
    await gateway.add_teammate(shop.id, f"owner@{domain}", PASSWORD)
    async with gateway.client(headers=OWN_PAGE) as owner:
        await owner.post("/v1/session", json={"email": f"owner@{domain}", "password": PASSWORD})
        body = {"issuer": issuer, "client_id": "x", "client_secret": "y", "email_domains": [domain]}
        refused = await owner.put("/v1/tenant/single-sign-on", json=body)
    assert refused.json()["code"] == "ADDRESS_NOT_REACHABLE"
