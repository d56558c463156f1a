"""People at the gateway's door, for tests: signed in, invited, operators, and the letters they get."""

import secrets
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.service.gateway.conftest import OPERATOR_KEY, Gateway, Shop
from tests.smtp_server import Letters, link_of

PASSWORD = "a lamp, a river, 27 geese"
OWN_PAGE = {"sec-fetch-site": "same-origin"}


def an_address() -> str:
    return f"{uuid.uuid4().hex}@shop.example"


async def signed_in(gateway: Gateway, email: str) -> httpx.AsyncClient:
    """A browser with a session; close it."""
    # Each from a place of its own: many sign-ins from one are slowed down. Only some gateways listen to it.
    place = f"198.51.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    client = gateway.client(headers={**OWN_PAGE, "x-forwarded-for": place})
    answer = await client.post("/v1/session", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return client


@asynccontextmanager
async def teammate(shop: Shop, role: str, email: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in browser of somebody with this role."""
    address = email or an_address()
    await shop.gateway.add_teammate(shop.id, address, PASSWORD, role)
    client = await signed_in(shop.gateway, address)
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def operator(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in operator of the platform; home is a tenant of their own."""
    home, email = await gateway.make_tenant("platform office"), an_address()
    await gateway.add_teammate(home.id, email, PASSWORD)
    async with gateway.client(OPERATOR_KEY) as key:
        made = await key.post("/v1/operator/operators", json={"email": email})
    assert made.status_code == 201, made.text
    client = await signed_in(gateway, email)
    try:
        yield client
    finally:
        await client.aclose()


async def own_id(client: httpx.AsyncClient) -> str:
    return str((await client.get("/v1/session")).json()["teammate_id"])


async def invite(client: httpx.AsyncClient, email: str, role: str, **more: str) -> dict[str, Any]:
    invited = await client.post("/v1/invitations", json={"email": email, "role": role, **more})
    assert invited.status_code == 201, invited.text
    answer: dict[str, Any] = invited.json()
    return answer


async def token_to(letters: Letters, email: str, after: int = 0) -> str:
    """The token in an invitation's link, after so many others; letters of other kinds are passed by."""
    number = 0
    while True:
        page, _, token = link_of(await letters.next_to(email, number)).partition("#")
        number += 1
        if page.endswith("/invitation"):
            if not after:
                return token
            after -= 1


async def actions(client: httpx.AsyncClient, **query: str) -> list[str]:
    """Actions of the audit log, newest first."""
    answer = await client.get("/v1/audit", params={"limit": "200", **query})
    assert answer.status_code == 200, answer.text
    return [entry["action"] for entry in answer.json()["entries"]]
