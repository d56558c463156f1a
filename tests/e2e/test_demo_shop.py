"""The demonstration shop in a real browser: a new visitor's walk moves every number of the console, once."""

import http.client
import json
import re
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from bench.system import System
from demo.state import LoadedTenant, SignIn, State, save_state
from tests.e2e.conftest import Shop, eventually
from tests.e2e.shop_site import chromium, id_of, visitor

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
EMAIL = "demo.shop@console.example"
PASSWORD = "a lamp, a river, 27 geese"
TREE = {
    "all": [
        {"gene": "orders", "in": {"last_days": 30}, "is": {"op": ">=", "value": 1}},
        {"gene": "bought_categories", "in": {"last_days": 30}, "is": {"contains_any": ["Tea & table"]}},
    ]
}
AXE = Path("node_modules/axe-core/axe.min.js").read_text("utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture(scope="module")
def shop(system: System) -> Shop:
    """The tenant behind the shop, with one teammate."""
    tenant = system.create_tenant("demo shop", currency="GBP", time_zone="Europe/London", locale="en")
    body = {"email": EMAIL, "password": PASSWORD, "role": "owner", "name": "Mia"}
    path = f"/v1/operator/tenants/{tenant.id}/teammates"
    system.call("POST", path, system.operator_key, body)
    return Shop(system, tenant)


@pytest.fixture(scope="module")
def address(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The shop as `make up` starts it, but without the carts of others."""
    folder = tmp_path_factory.mktemp("shop")
    keys = {"write_key": shop.tenant.write_key, "secret_key": shop.tenant.secret_key}
    tenant = LoadedTenant("gift_shop", shop.tenant.id, "Gift Shop", "Europe/London", "GBP", **keys, weeks=0)
    save_state(folder / "demo.json", State("0", SignIn(EMAIL, PASSWORD), [tenant], finished=True))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "demo", "shop", "--gateway", shop.system.gateway, "--port", str(port)]
    command += ["--state", str(folder / "demo.json"), "--memory", str(folder / "shop.db")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)

    def open_for_business() -> bool | None:
        assert process.poll() is None, (folder / "log").read_text()
        with socket.socket() as door:
            return True if door.connect_ex(("127.0.0.1", port)) == 0 else None

    eventually(open_for_business, "the shop")
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """A first answer may take a while where all tests run at once."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@contextmanager
def live_feed(shop: Shop) -> Iterator[list[str]]:
    """Names of events as the feed at home is told them, as they were sent, from now on."""
    names: list[str] = []
    connection = http.client.HTTPConnection(*shop.system.address, timeout=120)
    connection.request(
        "GET", "/v1/events/live", headers={"Authorization": f"Bearer {shop.tenant.secret_key}"}
    )
    answer = connection.getresponse()
    assert answer.status == 200

    def listen() -> None:
        for line in iter(answer.readline, b""):
            if line.startswith(b"data:"):
                names.extend(event["name"] for event in json.loads(line[5:])["events"])

    listening = threading.Thread(target=listen)
    listening.start()
    yield names
    # Takes the stream away from the one who waits for its next line.
    assert connection.sock is not None
    connection.sock.shutdown(socket.SHUT_RDWR)
    listening.join()
    connection.close()


def genes(shop: Shop, profile: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any] | None:
    """The genes named by `expected` once they are as it says."""
    told = shop.get(f"/v1/profiles/{profile['profile']['id']}/genes")["genes"]
    values = {each["gene"]: each["value"] for each in told if each["gene"] in expected}
    return values if values == expected else None


def test_a_new_visitors_walk_moves_every_number(shop: Shop, address: str, browser: Browser) -> None:
    segment = shop.post("/v1/segments", {"name": "tea buyers", "tree": TREE})
    with live_feed(shop) as told:
        walk(shop, address, browser, segment["id"], told)
    names = Counter(told)
    assert (names["Product Added"], names["Signed Up"], names["Order Completed"]) == (1, 1, 2)


def walk(shop: Shop, address: str, browser: Browser, segment: str, told: list[str]) -> None:
    """In order, because each step builds on what the one before has left."""
    problems: list[str] = []
    context = visitor(browser, problems)
    page = context.new_page()

    # Nothing is sent before there is consent.
    page.goto(f"{address}/product/22423")
    page.wait_for_function("document.getElementById('consent').hidden === false", polling=50)
    assert id_of(context) == ""
    page.get_by_role("button", name="Agree").click()
    page.goto(f"{address}/search?q=teacup")
    page.get_by_role("link", name="Roses regency teacup").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Roses regency teacup and saucer")
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("status")).to_contain_text("is in your cart")

    # The live feed, and the visitor's genes.
    eventually(lambda: "Product Added" in told or None, "the live feed")
    browser_id = id_of(context)
    known = shop.profile_with(browser_id, 8)
    wanted = {"product_views": "2", "search_keywords": ["teacup"], "member_stage": "visitor", "orders": "0"}
    eventually(lambda: genes(shop, known, wanted), "the visitor's genes")

    # Joining makes one profile of what was and what will be.
    page.goto(f"{address}/sign-in?next=/checkout")
    page.get_by_label("Name").fill("Mei 陳")
    page.get_by_label("E-mail", exact=True).fill("Mei@Shop.Example")
    page.get_by_label("Send me letters").check()
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", name="Checkout")).to_be_visible()
    member = page.locator("body").get_attribute("data-member")
    assert member is not None

    def joined() -> dict[str, Any] | None:
        profile = shop.profile(member)
        told = {each["value"] for each in profile["profile"]["identifiers"]} if profile else set()
        return profile if told >= {browser_id, member, "mei@shop.example"} else None

    profile = eventually(joined, "one profile")
    eventually(lambda: genes(shop, profile, {"member_stage": "member"}), "a member")

    # Browser and server both tell the order; opening the thanks again tells nothing twice.
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    page.reload()
    wanted = {"member_stage": "first_time", "orders": "1", "revenue": "5.9"}

    def reported_twice() -> Counter[str] | None:
        names = Counter(event["name"] for event in (shop.profile(member) or {"events": []})["events"])
        return names if names["order_completed"] == 2 else None

    names = eventually(reported_twice, "the order, from both")
    eventually(lambda: genes(shop, profile, wanted), "one order")
    assert {name: n for name, n in names.items() if name not in {"page", "identify"}} == {
        "product_viewed": 2,
        "products_searched": 1,
        "product_added": 1,
        "cart_viewed": 1,
        "signed_up": 1,
        "checkout_started": 1,
        "order_completed": 2,
    }

    # The segment has them, and says when and why.
    def entered() -> dict[str, Any] | None:
        changes = shop.get(f"/v1/segments/{segment}/changes")
        return changes if changes["state"]["profiles"] == 1 else None

    changes = eventually(entered, "the segment is entered")
    assert [each["entered"] for each in changes["changes"]] == [1]
    # Joining and ordering may be looked at together.
    assert changes["changes"][0]["reason"] in {"events", "identity"}
    total = shop.get("/v1/reports/overview")["total"]
    assert (total["orders"], total["revenue"]) == (1, "5.90")

    # Who comes next on this browser is somebody else.
    page.goto(f"{address}/account")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    eventually(lambda: id_of(context) not in {"", browser_id} or None, "another browser's id")
    page.goto(f"{address}/journal/tea-table")
    page.get_by_role("heading", name="In this article").scroll_into_view_if_needed()
    reader = shop.profile_with(id_of(context), 2)
    assert {event["name"] for event in reader["events"]} >= {"article_read"}
    assert shop.get("/v1/reports/intake")["bad"] == 0
    assert problems == []


@pytest.mark.parametrize("language", ["en-GB", "zh-TW"])
def test_every_page_of_the_shop_is_for_everybody(address: str, browser: Browser, language: str) -> None:
    context = browser.new_context(locale=language, base_url=address, bypass_csp=True, viewport=None)
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    faults: list[str] = []
    page.goto("/product/22699")
    page.locator(".buy button").click()
    for path in ("/", "/category/bags", "/search?q=zzz", "/product/22423", "/cart", "/checkout", "/sign-in"):
        page.goto(path)
        page.evaluate(AXE)
        found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
        faults += [f"{path}: {each['id']} {json.dumps(each['nodes'][0]['target'])}" for each in found]
        if page.evaluate("document.documentElement.scrollWidth") > 391:
            faults.append(f"{path}: wider than a phone")
    assert not faults, "\n".join(faults)
    assert page.locator("html").get_attribute("lang") == ("zh-TW" if language == "zh-TW" else "en")
    assert re.search(r"[\u4e00-\u9fff]", page.title()) is not None or language == "en-GB"
    context.close()
