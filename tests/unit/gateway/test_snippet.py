"""The snippet's files and the cookie it asks for: who may load, how long it is kept, who may ask."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.gateway.routes.problems import Envelope, answer_problems
from services.gateway.routes.snippet import snippet

ID = "0123456789abcdef" * 2
PINNED = "1.0.0-abcd1234.js"


@pytest.fixture
def browser(tmp_path: Path) -> httpx.AsyncClient:
    for name in ("v1.js", PINNED, "v1.json"):
        (tmp_path / name).write_text(f"content of {name}")
    (tmp_path / "v1.js.gz").write_bytes(b"\x1f\x8bpacked")
    (tmp_path / "notes.txt").write_text("nobody's business")
    app = FastAPI()
    app.include_router(snippet(tmp_path))
    answer_problems(app)
    transport = httpx.ASGITransport(app=Envelope(app))
    return httpx.AsyncClient(transport=transport, base_url="https://shop.example")


@pytest.mark.parametrize(
    ("name", "kept"), [("v1.js", "max-age=3600"), (PINNED, "immutable"), ("v1.json", "max-age=3600")]
)
async def test_any_page_may_load_a_file_and_keeps_it_as_long_as_it_is_the_same(
    browser: httpx.AsyncClient, name: str, kept: str
) -> None:
    answer = await browser.get(f"/nx/{name}", headers={"accept-encoding": "identity"})
    assert answer.text == f"content of {name}"
    assert kept in answer.headers["cache-control"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    again = await browser.get(
        f"/nx/{name}", headers={"accept-encoding": "identity", "if-none-match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_who_takes_it_packed_gets_it_packed(browser: httpx.AsyncClient) -> None:
    async with browser.stream("GET", "/nx/v1.js", headers={"accept-encoding": "gzip"}) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.headers["content-type"].startswith("text/javascript")
        assert b"".join([part async for part in packed.aiter_raw()]) == b"\x1f\x8bpacked"


@pytest.mark.parametrize("name", ["notes.txt", "..%2Fmain.py", "v2.js", "v1.js.gz"])
async def test_nothing_else_is_a_file_of_it(browser: httpx.AsyncClient, name: str) -> None:
    assert (await browser.get(f"/nx/{name}")).status_code == 404


@pytest.mark.parametrize(("domain", "told"), [("", ""), ("shop.example", "Domain=shop.example")])
async def test_the_shops_own_page_gets_its_id_as_a_cookie_that_lasts(
    browser: httpx.AsyncClient, domain: str, told: str
) -> None:
    answer = await browser.post("/nx/id", content=f"{ID} {domain}", headers={"sec-fetch-site": "same-origin"})
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 204
    assert f"nx_id={ID}" in cookie and "Max-Age=34128000" in cookie and "SameSite=lax" in cookie
    # A page deletes it when consent is refused.
    assert "HttpOnly" not in cookie
    assert told in cookie


@pytest.mark.parametrize(
    ("site", "body"),
    [
        ("cross-site", f"{ID} "),
        ("none", f"{ID} "),
        ("", f"{ID} "),
        ("same-origin", "somebody "),
        ("same-origin", f"{ID} x; Secure"),
        ("same-origin", f"{ID} shop.example\r\nx: y"),
        ("same-origin", "\xff" * 70_000),
    ],
)
async def test_no_other_page_and_no_other_text_sets_a_cookie(
    browser: httpx.AsyncClient, site: str, body: str
) -> None:
    answer = await browser.post("/nx/id", content=body.encode("latin-1"), headers={"sec-fetch-site": site})
    assert answer.status_code in (400, 413)
    assert "set-cookie" not in answer.headers
