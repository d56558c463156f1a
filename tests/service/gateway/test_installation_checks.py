"""A look at a shop's own page: its key is judged by the shop's keys, and nothing inside is reached."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from chassis.database import open_engine
from services.gateway.installations import Installations
from services.gateway.outbound import Outbound
from tests.service.gateway.conftest import Gateway, Shop
from tests.service.gateway.test_outbound import answering

GATEWAY = "https://nexus.example"
ABOUT = b'{"floating": "/nx/v1.js"}'
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n"


def page(key: str, src: str = f"{GATEWAY}/nx/v1.js") -> bytes:
    return _HEAD + f'<html><head><script async src="{src}" data-key="{key}"></script></head>'.encode()


@asynccontextmanager
async def looking(gateway: Gateway, folder: Path) -> AsyncIterator[Installations]:
    """As a laptop looks, which may fetch from itself."""
    (folder / "v1.js").write_bytes(b"/* the snippet */")
    (folder / "v1.json").write_bytes(ABOUT)
    async with open_engine(gateway.engines.postgres_url("gateway")) as engine:
        yield Installations(engine, Outbound(private=True), [GATEWAY], folder)


async def told(looks: Installations, shop: Shop, answer: bytes) -> Mapping[str, str]:
    """Codes and levels of what is found in a page."""
    async with answering(answer) as (port, _):
        looked = await looks.look(shop.id, f"http://127.0.0.1:{port}/")
    return {one.code: one.level for one in looked.findings}


async def made(client: httpx.AsyncClient, **more: object) -> dict[str, str]:
    answer = await client.post("/v1/keys", json={"kind": "browser", "name": "site", **more})
    key: dict[str, str] = answer.json()
    return key


async def test_the_key_in_a_page_is_one_of_the_shop_or_is_said_to_be_none(
    gateway: Gateway, shop: Shop, tmp_path: Path
) -> None:
    async with shop.client() as client, looking(gateway, tmp_path) as looks:
        good, gone = await made(client), await made(client)
        narrow = await made(client, allowed_origins=["https://shop.example"])
        await client.delete(f"/v1/keys/{gone['id']}")
        assert await told(looks, shop, page(good["key"])) == {"SNIPPET_FOUND": "good", "KEY_GOOD": "good"}
        for key, code in [
            (gone["key"], "KEY_ENDED"),
            (narrow["key"], "KEY_FOR_OTHER_ORIGINS"),
            (shop.secret_key, "KEY_SECRET"),
            ("pk_live_" + "x" * 32, "KEY_NOT_OF_SHOP"),
        ]:
            assert (await told(looks, shop, page(key)))[code] == "bad"
        # Looking is no use of the key.
        listed = (await client.get("/v1/keys?limit=200")).json()["keys"]
        assert {one["id"]: one["last_used_at"] for one in listed}[good["id"]] is None


async def test_the_file_is_ours_handed_on_to_us_or_somebody_elses(
    gateway: Gateway, shop: Shop, tmp_path: Path
) -> None:
    key = "pk_live_" + "x" * 32
    async with looking(gateway, tmp_path) as looks:
        missing = await told(looks, shop, page(key, f"{GATEWAY}/nx/0.9.0-0a1b2c3d.js"))
        async with answering(_HEAD + ABOUT) as (port, asked):
            proxied = await told(looks, shop, page(key, f"http://127.0.0.1:{port}/data/nx/v1.js"))
        async with answering(_HEAD + b"something else") as (port, _):
            other = await told(looks, shop, page(key, f"http://127.0.0.1:{port}/nx/v1.js"))
    assert missing["FILE_MISSING"] == "bad"
    assert proxied["FILE_HANDED_ON"] == "good"
    assert asked[0].startswith(b"GET /data/nx/v1.json ")
    assert other["FILE_FROM_ELSEWHERE"] == "bad"


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "http://shop.example/", "https://169.254.169.254/latest/meta-data/"]
)
async def test_no_page_is_looked_at_that_is_not_public(shop: Shop, url: str) -> None:
    async with shop.client() as client:
        refused = await client.post("/v1/installation-checks", json={"url": url})
    assert (refused.status_code, refused.json()["code"]) == (400, "ADDRESS_NOT_REACHABLE")


async def test_a_shop_looks_only_so_often(shop: Shop) -> None:
    codes: list[str] = []
    async with shop.client() as client:
        while "TOO_MANY_CALLS" not in codes and len(codes) < 200:
            answer = await client.post("/v1/installation-checks", json={"url": "https://127.0.0.1/"})
            codes.append(answer.json()["code"])
    assert answer.status_code == 429 and "retry-after" in answer.headers
    # Slow machines win a try back now and then.
    assert codes[:20] == ["ADDRESS_NOT_REACHABLE"] * 20
