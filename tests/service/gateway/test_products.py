"""Products through the open API and from a file, with the recommender behind both."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import grpc
import httpx
import pytest

from chassis.tenancy import new_signing_key
from tests.service.gateway.conftest import running_gateway
from tests.service.gateway.importing import ImportOf
from tests.service_process import running


@pytest.fixture(scope="module")
async def client(engines: Any) -> AsyncIterator[httpx.AsyncClient]:
    private, public = new_signing_key()
    async with running(engines, "recommender", TRUSTED_KEYS=json.dumps({"gateway": public})) as recommender:
        async with grpc.aio.insecure_channel(recommender.address) as channel:
            await asyncio.wait_for(channel.channel_ready(), 120)
        more = {"signing": (private, public), "recommender_address": recommender.address}
        more["database_url"] = engines.postgres_url("gateway_products", of="gateway")
        async with running_gateway(engines, **more) as gateway:
            shop = await gateway.make_tenant()
            async with shop.client(timeout=60) as client:
                yield client


async def test_products_are_put_and_listed(client: httpx.AsyncClient) -> None:
    cup = {"id": "R1", "name": "茶杯", "price": "1290.50", "attributes": {"color": "red"}}
    body = {"products": [cup, {"id": "R2", "price": "cheap"}]}
    answer = await client.put("/v1/products", json=body)
    assert answer.status_code == 200, answer.text
    put = answer.json()
    assert (put["added"], [(one["row"], one["reason"]) for one in put["refused"]]) == (
        1,
        [(1, "INVALID_PRICE")],
    )
    again = (await client.put("/v1/products", json={"products": [cup]})).json()
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 1)
    (found,) = (await client.get("/v1/products", params={"q": "R"})).json()["products"]
    assert (found["price"], found["attributes"]) == ("1290.50", {"color": "red"})


async def test_products_come_from_a_file_and_a_second_time_change_nothing(client: httpx.AsyncClient) -> None:
    rows = "商品編號,品名,售價,網址\nF1,茶杯,450,https://shop.example/f1\nF2,茶則,180,javascript:x\n"
    expected = {"rows": 2, "accepted": 1, "rejected": 1}
    for added, unchanged in ((1, 0), (0, 1)):
        made = await ImportOf.made(client, "products")
        await made.send(rows.encode())
        await made.map_as_suggested()
        tried = await made.dry_run()
        progress = (await made.run())["progress"]
        for counts in (tried, progress):
            assert {name: counts[name] for name in expected} == expected
            assert (counts["added"], counts["unchanged"]) == (added, unchanged)
        assert [(row["line"], row["reason"]) for row in await made.rejected()] == [(3, "INVALID_URL")]
    found = (await client.get("/v1/products", params={"q": "F"})).json()["products"]
    assert [(product["id"], product["price"]) for product in found] == [("F1", "450")]
