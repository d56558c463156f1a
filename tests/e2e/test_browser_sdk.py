"""@segment/analytics-next in a real browser, on a page of another origin, pointed at the gateway."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.conftest import Shop, names_of

ROOT = Path(__file__).resolve().parents[2]
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line a request."""

    def log_message(self, format: str, *arguments: object) -> None:
        del format, arguments


@pytest.fixture(scope="module")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A shop's page with the SDK in it."""
    folder = tmp_path_factory.mktemp("page")
    bundle = f"--bundle --format=iife --log-level=error --outfile={folder}/sdk.js".split()
    subprocess.run(
        ["node_modules/.bin/esbuild", "tests/e2e/sdks/browser_sdk.js", *bundle],
        check=True,
        timeout=200,
        cwd=ROOT,
    )
    (folder / "index.html").write_text(
        '<!doctype html><meta charset="utf-8"><title>小店</title><link rel="icon" href="data:,">'
        '<script src="sdk.js"></script>'
    )
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *arguments: Quiet(*arguments, directory=str(folder))
    )
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("strategy", ["standard", "batching"])
def test_the_browser_sdk_tells_every_event_once_and_joins_the_visitor(
    shop: Shop, browser: Browser, page_url: str, strategy: str
) -> None:
    page = browser.new_context().new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("requestfailed", lambda request: problems.append(f"{request.url} {request.failure}"))
    page.goto(page_url)
    answer = page.evaluate(
        "([gateway, key, strategy]) => window.run(gateway, key, strategy)",
        [shop.system.gateway, shop.tenant.write_key, strategy],
    )
    page.close(run_before_unload=True)
    profile = shop.profile_with(answer["userId"], len(answer["sent"]))
    assert sorted(event["message_id"] for event in profile["events"]) == sorted(answer["sent"])
    assert sorted(names_of(profile)) == ["identify", "order_completed", "page", "product_viewed"]
    assert {each["value"] for each in profile["profile"]["identifiers"]} == {
        answer["userId"],
        answer["anonymousId"],
    }
    assert {event["channel"] for event in profile["events"]} == {"web"}
    assert problems == []
    assert shop.get("/v1/reports/intake")["bad"] == 0
