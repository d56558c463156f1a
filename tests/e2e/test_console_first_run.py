"""First run in a real browser: a shop of one's own, its key, one's own click; and what is everywhere."""

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Shop, eventually
from tests.e2e.shop_site import Site, serving
from tests.e2e.test_console import PASSWORD, browser, patience, shop, signed_in

# Of the console's own tests: the same shop, and a browser that waits as long.
__all__ = ["browser", "patience", "shop"]


def owner_of(shop: Shop) -> str:
    """Somebody who owns the shop; opening another changes nothing in this one."""
    body = {"email": f"olga.{shop.tenant.id}@console.example", "name": "Olga", "password": PASSWORD}
    path = f"/v1/operator/tenants/{shop.tenant.id}/teammates"
    shop.system.call("POST", path, shop.system.operator_key, {**body, "role": "owner"})
    return "olga"


def test_an_owner_opens_a_shop_installs_it_sees_their_own_click_and_takes_the_shop_away(
    shop: Shop, browser: Browser
) -> None:
    page = signed_in(browser, shop, owner_of(shop))
    page.get_by_role("button", name=re.compile("Account menu")).click()
    page.get_by_role("menuitem", name="Open a new shop").click()
    page.get_by_label("Name of the shop").fill("Moonlight")
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    page.get_by_label("Currency").select_option("JPY")
    page.get_by_role("button", name="Open the shop").click()

    expect(page).to_have_url(re.compile("/install"))
    page.get_by_role("button", name="Make a website key").click()
    key = page.get_by_test_id("install-key")
    expect(key).to_have_text(re.compile("^pk_live_"))
    expect(page.get_by_label("Code", exact=True)).to_contain_text(f'data-key="{key.text_content()}"')
    expect(page.get_by_text("Waiting for the first event")).to_be_visible()
    assert_the_page_is_looked_at(page, shop, key.text_content() or "")
    page.get_by_role("button", name="Try one click here").click()
    expect(page.get_by_text("Your test click arrived")).to_be_visible()
    page.get_by_role("link", name="See this person").click()
    expect(page.locator(".timeline")).to_contain_text("Install Checked")
    assert_home_counts_one_visitor(page)

    page.goto("/settings?tab=privacy")
    page.get_by_role("button", name="Delete this shop…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_role("textbox").fill("Moonlight")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("its keys have stopped")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("its keys have stopped")).to_have_count(0)


def assert_the_page_is_looked_at(page: Page, shop: Shop, key: str) -> None:
    """A page of the shop's own is judged: another shop's key, then the right one, also behind a proxy."""
    with serving(Site(shop.system, shop.tenant.write_key)) as site:
        page.get_by_label("Check my page").fill(site.url)
        page.get_by_role("button", name="Check", exact=True).click()
        found = page.locator(".looked")
        expect(found).to_contain_text("Something is to be mended")
        expect(found).to_contain_text("is no website key of this shop")
        site.write_key, site.proxied = key, True
        page.get_by_role("button", name="Check", exact=True).click()
        expect(found).to_contain_text("All looks right")
        expect(found).to_contain_text("hands requests on as it should")
        expect(found).to_contain_text("Content Security Policy allows it")


def assert_home_counts_one_visitor(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_label("Today Visitors")).to_contain_text(re.compile(r"Visitors\s*1"))


def test_the_keyboard_goes_anywhere(shop: Shop, browser: Browser) -> None:
    page = signed_in(browser, shop)
    expect(page.get_by_text("Day by day")).to_be_visible()
    page.keyboard.press("Control+k")
    search = page.get_by_role("textbox", name="Search or go to…")
    expect(search).to_be_focused()
    search.fill("buyer-3")
    page.get_by_role("button", name="buyer-3").click()
    expect(page).to_have_url(re.compile(r"/people/\d+"))
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page).to_have_url(re.compile("/segments$"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()


def test_a_bad_row_is_read_and_replayed_from_the_page(shop: Shop, browser: Browser) -> None:
    bad: dict[str, Any] = {"type": "track", "event": "of nobody", "messageId": "first-run-bad"}
    shop.post("/v1/batch", {"batch": [bad]})
    # It is set aside a moment after it was sent.
    eventually(lambda: shop.get("/v1/bad-rows", q="first-run-bad")["bad_rows"] or None, "a bad row")
    page = signed_in(browser, shop)
    page.goto("/imports?tab=bad&q=first-run-bad")
    page.get_by_role("button", name=re.compile("Look at")).first.click()
    expect(page.get_by_role("dialog")).to_contain_text("of nobody")
    page.get_by_role("button", name="Replay this row").click()
    expect(page.get_by_role("dialog")).to_contain_text("Still not understood")
