"""The console in a real browser: finding customers and keeping them as a segment, in both languages."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.system import System
from tests.e2e.conftest import Shop, eventually
from tests.e2e.test_browser_sdk import QUIET

PASSWORD = "a lamp, a river, 27 geese"
BUYERS = 8
NARROW_PIXELS = 390
# What is on each page once it has its answers, in English.
PAGES = {
    "/": "Day by day",
    "/people": "Every visitor and member",
    "/people/{buyer}": "Timeline",
    "/people/{buyer}?tab=genes": "Against everybody",
    "/people/{buyer}?tab=joined": "How they were joined",
    "/people/{buyer}?tab=consent": "Channels",
    "/people/{buyer}?tab=segments": "Segments they are in",
    "/people/requests": "Nobody was erased yet",
    "/people/requests?tab=exports": "No files",
    "/team": "Invite a teammate",
    "/audit": "Integrity",
    "/segments": "built in",
    "/segments/new": "Begin with a question",
    "/segments/new?tree={tree}": "In one sentence",
    "/segments/{segment}": "In one sentence",
    "/segments/{segment}?tab=people": "All pages are of one moment",
    "/segments/{segment}?tab=versions": "Version 1",
    "/segments/{segment}?tab=history": "Latest changes",
    "/lists": "No lists yet",
    "/overlaps": "Choose two segments or more",
    "/reports": "How long steps take",
    "/reports/retention": "Began in",
    "/reports/sources": "Order value",
    "/reports/products": "Nothing viewed and not ordered",
    "/reports/searches": "No such searches",
    "/reports/states": "From where to where",
    "/goals": "No goals yet",
    "/schedules": "No schedules yet",
    "/genes": "Make a segment with it",
    "/external-genes": "like any built-in gene",
    "/install": "Waiting for the first event",
    "/new-shop": "Only an owner of a shop",
    "/imports": "No imports yet",
    "/imports?tab=bad": "No bad rows",
    "/jobs": "No jobs at the moment",
    "/settings": "Activity and stages",
    "/settings?tab=keys": "Begin to send",
    "/settings?tab=usage": "API calls",
    "/settings?tab=privacy": "How long events are kept",
    "/account": "Where you are signed in",
    "/operator": "This page is for operators",
    "/segments/nothing/here": "There is no page here",
    "/sign-in": "Forgot your password?",
    "/reset": "Open this page by the link",
    "/invitation": "The link is not complete",
}
TREE = {"all": [{"gene": "orders", "in": {"last_days": 365}, "is": {"op": ">=", "value": "2"}}]}
AXE = Path("node_modules/axe-core/axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What the width of a screen can break.
NARROW_RULES = ["target-size", "scrollable-region-focusable", "aria-hidden-focus", "button-name", "link-name"]


@pytest.fixture(scope="module")
def shop(system: System) -> Shop:
    """Eight buyers, the first with one order, the last with eight; one teammate of each kind."""
    tenant = system.create_tenant("console")
    shop = Shop(system, tenant)
    began = datetime.now(UTC) - timedelta(days=20)
    events: list[dict[str, Any]] = []
    for buyer in range(1, BUYERS + 1):
        who = {"userId": f"buyer-{buyer}", "messageId": f"i-{buyer}"}
        events.append({"type": "identify", **who, "traits": {"email": f"b{buyer}@shop.example"}})
        for order in range(buyer):
            told = {"order_id": f"{buyer}-{order}", "revenue": 100 * buyer, "currency": "TWD"}
            at = (began + timedelta(days=order)).isoformat()
            events.append(
                {
                    "type": "track",
                    "event": "Order Completed",
                    "userId": f"buyer-{buyer}",
                    "messageId": f"o-{buyer}-{order}",
                    "timestamp": at,
                    "properties": told,
                }
            )
    shop.post("/v1/batch", {"batch": events})
    shop.settle()
    for name, role in (("mia", "admin"), ("vic", "viewer")):
        body = {
            "email": f"{name}.{tenant.id}@console.example",
            "name": name.title(),
            "password": PASSWORD,
            "role": role,
        }
        system.call("POST", f"/v1/operator/tenants/{tenant.id}/teammates", system.operator_key, body)
    return shop


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """A first answer may take a while where all tests run at once."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield chromium
        chromium.close()


def signed_in(
    browser: Browser, shop: Shop, who: str = "mia", *, language: str = "en", dark: bool = False
) -> Page:
    """Somebody's own browser at home; what it complains about is in `page.complaints`."""
    context = browser.new_context(
        base_url=f"http://localhost:{shop.system.port_base}",
        viewport={"width": 1280, "height": 900},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        bypass_csp=False,
    )
    context.add_init_script(f"localStorage.setItem('language', '{language}')")
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("#sign-in [name=email]").fill(f"{who}.{shop.tenant.id}@console.example")
    page.locator("#sign-in [name=password]").fill(PASSWORD)
    page.locator("#sign-in button[type=submit]").click()
    page.wait_for_url("**/")
    expect(page.get_by_role("navigation").first).to_be_visible()
    return page


WORDS = {
    "segments": ("Segments", "客群"),
    "make": ("New segment", "建立客群"),
    "add": ("Add condition", "加條件"),
    "find": (
        "Search genes, attributes, behaviour, segments, lists",
        "搜尋基因、屬性、行為、客群、名單",
    ),
    "orders": ("Orders", "訂單數"),
    "value": ("Value", "值"),
    "save": ("Save the segment", "儲存客群"),
    "name": ("Name", "名稱"),
    "keep": ("Save", "儲存"),
    "threshold": ("Threshold of Orders", "訂單數門檻"),
    "changes": ("Save changes", "儲存修改"),
    "versions": ("Versions", "版本"),
    "restore": ("Restore this version", "還原這個版本"),
    "version": ("Version {}", "版本 {}"),
    "sentence": ("at least 5 orders", "訂單數至少 5 筆"),
    "undo": ("Undo", "復原"),
    "conditions": ("Conditions", "條件"),
}


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_a_marketer_builds_a_segment_keeps_it_changes_it_and_takes_the_change_back(
    shop: Shop, browser: Browser, language: str
) -> None:
    say = {key: pair[language == "zh-TW"] for key, pair in WORDS.items()}
    page = signed_in(browser, shop, language=language)
    people = page.get_by_test_id("people")
    page.get_by_role("navigation").get_by_role("link", name=say["segments"], exact=True).click()
    page.get_by_role("link", name=say["make"]).click()
    page.get_by_role("button", name=say["add"]).click()
    page.get_by_label(say["find"]).fill(say["orders"])
    page.get_by_role("option", name=say["orders"]).first.click()
    expect(people).to_have_text(str(BUYERS - 1))
    page.get_by_role("spinbutton", name=say["value"], exact=True).fill("5")
    expect(people).to_have_text(str(BUYERS - 4))
    expect(page.locator("#result")).to_contain_text(say["sentence"])
    # A link shows the same, once the last change is in it.
    expect(page).to_have_url(re.compile("%225%22"))
    page.reload()
    expect(people).to_have_text(str(BUYERS - 4))

    page.get_by_role("button", name=say["save"]).click()
    name = f"loyal {language}"
    page.get_by_role("dialog").get_by_label(say["name"]).fill(name)
    page.get_by_role("dialog").get_by_role("button", name=say["keep"], exact=True).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(people).to_have_text(str(BUYERS - 4))

    page.get_by_role("spinbutton", name=say["value"], exact=True).fill("7")
    expect(people).to_have_text(str(BUYERS - 6))
    page.get_by_role("button", name=say["undo"]).click()
    expect(people).to_have_text(str(BUYERS - 4))
    # The threshold can be moved without dragging.
    page.get_by_role("slider", name=say["threshold"]).press("ArrowRight")
    expect(people).not_to_have_text(str(BUYERS - 4))
    page.get_by_role("spinbutton", name=say["value"], exact=True).fill("8")
    page.get_by_role("button", name=say["changes"]).click()
    expect(page.get_by_role("button", name=say["changes"])).to_have_count(0)
    page.get_by_role("tab", name=say["versions"]).click()
    first = page.get_by_role("region", name=say["version"].format(1), exact=True)
    first.get_by_role("button", name=say["restore"]).click()
    expect(page.get_by_role("region", name=say["version"].format(3), exact=True)).to_be_visible()
    page.get_by_role("tab", name=say["conditions"]).click()
    expect(people).to_have_text(str(BUYERS - 4))


def test_an_unfinished_condition_is_marked_and_says_what_to_do(shop: Shop, browser: Browser) -> None:
    page = signed_in(browser, shop)
    tree = json.dumps({"all": [{"gene": "member_stage", "is": {"one_of": []}}, TREE["all"][0]]})
    page.goto(f"/segments/new?tree={tree}")
    expect(page.locator(".part[data-faulty]")).to_contain_text("Choose at least one value.")
    expect(page.locator(".part:not([data-faulty])")).to_have_count(1)


def test_personal_data_are_masked_until_they_are_revealed(shop: Shop, browser: Browser) -> None:
    page = signed_in(browser, shop)
    page.goto("/people?q=b3@")
    page.get_by_role("link", name="buyer-3").click()
    expect(page.locator("main")).to_contain_text("b•••@shop.example")
    expect(page.locator("main")).not_to_contain_text("b3@shop.example")
    page.get_by_role("button", name="Show personal data").click()
    expect(page.locator("main").get_by_text("b3@shop.example").first).to_be_visible()
    expect(page.locator(".timeline li")).to_have_count(4)


def test_an_event_appears_at_home_within_seconds(shop: Shop, browser: Browser) -> None:
    page = signed_in(browser, shop)
    expect(page.get_by_text("Waiting for the next event")).to_be_visible()

    def seen() -> bool | None:
        # The feed tells only what comes after it was opened.
        shop.post("/v1/track", {"event": "Product Viewed", "userId": "buyer-1"})
        return page.locator(".feed li").count() > 0 or None

    eventually(seen, "a live event")
    expect(page.locator(".feed li").first).to_contain_text("Product viewed")


def test_who_may_only_look_finds_no_button_that_does_nothing(shop: Shop, browser: Browser) -> None:
    page = signed_in(browser, shop, "vic")
    page.goto("/segments")
    expect(page.get_by_text("built in").first).to_be_visible()
    expect(page.get_by_role("link", name="New segment")).to_have_count(0)
    expect(page.get_by_role("navigation").first.get_by_role("link", name="Settings")).to_have_count(0)
    page.goto(f"/segments/new?tree={json.dumps(TREE)}")
    expect(page.get_by_test_id("people")).to_have_text(str(BUYERS - 1))
    expect(page.get_by_role("button", name="Save the segment")).to_have_count(0)


def found_by_axe(page: Page, where: str, rules: list[str]) -> list[str]:
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)
    return [
        f"{where}: {fault['id']} {node['target']} {node['failureSummary'][:300]}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("zh-TW", True)])
def test_every_page_is_for_everybody(shop: Shop, browser: Browser, language: str, dark: bool) -> None:
    """axe finds nothing, the browser complains of nothing, and nothing is wider than a phone."""
    page = signed_in(browser, shop, language=language, dark=dark)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda told: complaints.append(f"{page.url}: {told.text}") if told.type == "error" else None,
    )
    buyer = shop.profile_with("buyer-3", 1)
    segment = shop.get("/v1/segments", q="首購客")["segments"][0]["id"]
    faults: list[str] = []
    for address in PAGES:
        page.goto(address.format(buyer=buyer["profile"]["id"], segment=segment, tree=json.dumps(TREE)))
        page.wait_for_load_state("load")
        if language == "en":
            expect(page.locator("body")).to_contain_text(PAGES[address])
        expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
        page.evaluate(AXE)
        faults += found_by_axe(page, address, RULES)
        page.set_viewport_size({"width": NARROW_PIXELS, "height": 844})
        # What moves when the window becomes narrow has to come to rest.
        deadline = time.monotonic() + 5
        while (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW_PIXELS + 1:
            if time.monotonic() > deadline:
                faults.append(f"{address}: {width} pixels wide on a phone")
                break
            page.wait_for_timeout(50)
        # One person's and one segment's pages have nothing on a phone that the others have not.
        if not re.search(r"\{(buyer|segment)\}", address):
            faults += found_by_axe(page, f"{address} on a phone", NARROW_RULES)
        page.set_viewport_size({"width": 1280, "height": 900})
    assert not faults, "\n".join(faults)
    assert complaints == []
