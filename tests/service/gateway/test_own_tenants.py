"""Opening a shop in the console: who may, how often, and what is there afterwards."""

import uuid
from typing import Any

import httpx
import pytest

from tests.service.gateway.conftest import Gateway, Shop, running_gateway
from tests.service.gateway.teammates_door import operator, teammate

SHOP = {"name": "月光小舖", "time_zone": "Asia/Tokyo", "currency": "JPY", "locale": "en"}


async def open_shop(client: httpx.AsyncClient, key: str = "", **more: str) -> httpx.Response:
    headers = {"idempotency-key": key or str(uuid.uuid4())}
    return await client.post("/v1/tenants", json=SHOP | more, headers=headers)


async def test_an_owner_opens_another_shop_and_owns_it(shop: Shop) -> None:
    async with teammate(shop, "owner") as owner:
        key = str(uuid.uuid4())
        made = await open_shop(owner, key)
        again = await open_shop(owner, key)
        assert made.status_code == again.status_code == 201, made.text
        assert made.json() == again.json()
        other = await open_shop(owner, key, name="another")
        assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")

        session = (await owner.get("/v1/session")).json()
        assert [one["role"] for one in session["tenants"] if one["id"] == made.json()["id"]] == ["owner"]
        inside = {"x-tenant": made.json()["id"]}
        tenant = (await owner.get("/v1/tenant", headers=inside)).json()
        assert {name: tenant[name] for name in SHOP} == SHOP
        assert (await owner.get("/v1/keys", headers=inside)).json()["keys"] == []
        log = (await owner.get("/v1/audit", headers=inside)).json()["entries"]
        assert log[-1]["action"] == "tenant.made"
    told = shop.gateway.people.settings[made.json()["id"]]
    assert (told.time_zone, told.currency) == ("Asia/Tokyo", "JPY")


@pytest.mark.parametrize("role", ["admin", "viewer"])
async def test_who_owns_no_shop_opens_none(shop: Shop, role: str) -> None:
    async with teammate(shop, role) as somebody:
        refused = await open_shop(somebody)
    assert (refused.status_code, refused.json()["code"]) == (403, "OWNERS_OPEN_SHOPS")


async def test_keys_open_no_shop(shop: Shop) -> None:
    async with shop.client() as server:
        assert (await open_shop(server)).status_code == 401


async def test_an_operator_opens_shops_but_not_while_acting(gateway: Gateway, shop: Shop) -> None:
    async with operator(gateway) as somebody:
        assert (await open_shop(somebody)).status_code == 201
        body = {"tenant_id": shop.id, "reason": "looking at a question", "role": "admin", "minutes": 5}
        assert (await somebody.post("/v1/operator/impersonations", json=body)).status_code == 201
        refused = await open_shop(somebody)
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_WHILE_ACTING")


async def test_an_owner_owns_at_most_as_many_shops_as_the_installation_says(engines: Any) -> None:
    async with running_gateway(engines, shops_per_owner=2) as gateway:
        shop = await gateway.make_tenant()
        async with teammate(shop, "owner") as owner:
            made = await open_shop(owner, "the second")
            again = await open_shop(owner, "the second")
            refused = await open_shop(owner, "the third")
    assert (made.status_code, again.status_code, again.json()["id"]) == (201, 201, made.json()["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "TOO_MANY_SHOPS")
