"""The console's page and files: what may run on it, what is kept by browsers, and what is no file of it."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.gateway.routes.console import PLACES, console
from services.gateway.routes.problems import answer_problems


def browser_of(folder: Path) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(console(folder))
    answer_problems(app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://nexus.example")


@pytest.fixture
def browser(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<meta name="style-nonce" content="STYLE-NONCE">')
    (tmp_path / "assets/index-a1.js").write_text("plain")
    (tmp_path / "assets/index-a1.js.gz").write_bytes(b"\x1f\x8bpacked")
    (tmp_path / "assets/notes.txt").write_text("nobody's business")
    (tmp_path / "manifest.json").write_text("{}")
    return browser_of(tmp_path)


@pytest.mark.parametrize("address", ["/", "/segments", "/segments/new", "/people/17", "/settings?tab=keys"])
async def test_every_address_of_the_console_gets_its_page(browser: httpx.AsyncClient, address: str) -> None:
    answer = await browser.get(address)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


async def test_styles_need_the_number_of_this_one_answer_and_scripts_are_files_of_ours(
    browser: httpx.AsyncClient,
) -> None:
    seen = set()
    for _ in range(2):
        answer = await browser.get("/")
        policy = answer.headers["content-security-policy"]
        nonce = re.findall(r'content="([\w-]{20,})"', answer.text)[0]
        assert f"style-src 'self' 'nonce-{nonce}'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        seen.add(nonce)
    assert len(seen) == 2


async def test_a_file_is_kept_for_ever_and_sent_packed_to_whom_takes_it(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/console/assets/index-a1.js", headers={"accept-encoding": "identity"})
    assert answer.text == "plain"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")
    async with browser.stream(
        "GET", "/console/assets/index-a1.js", headers={"accept-encoding": "gzip"}
    ) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.headers["vary"] == "accept-encoding"
        assert b"".join([part async for part in packed.aiter_raw()]) == b"\x1f\x8bpacked"


@pytest.mark.parametrize(
    "name", ["index-b2.js", "..%2Findex.html", "%2e%2e%2fmanifest.json", "notes.txt", "index-a1.js.gz"]
)
async def test_nothing_else_is_a_file_of_it(browser: httpx.AsyncClient, name: str) -> None:
    assert (await browser.get(f"/console/assets/{name}")).status_code == 404


async def test_without_a_build_it_says_how_to_get_one(tmp_path: Path) -> None:
    answer = await browser_of(tmp_path).get("/")
    assert answer.status_code == 404
    assert "make console" in answer.json()["detail"]


def test_the_gateway_knows_every_place_of_the_console() -> None:
    # Behind them the plain pages that the navigation leads to.
    listed, _, _ = Path("console/src/app/places.ts").read_text("utf-8").partition("BESIDE")
    paths = re.findall(r"\{ path: '/([\w-]*)", listed)
    assert {path for path in paths if path} <= set(PLACES)
