"""People in a real browser: why somebody is in a segment, who saw their data, and forgetting them."""

import re

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Shop, eventually
from tests.e2e.test_console import BUYERS, browser, patience, shop, signed_in

# Of the console's own tests: the same shop, and a browser that waits as long.
__all__ = ["browser", "patience", "shop"]


def test_a_look_at_personal_data_is_noted_and_a_timeline_is_sieved(shop: Shop, browser: Browser) -> None:
    person = shop.profile_with("buyer-4", 1)["profile"]["id"]
    page = signed_in(browser, shop)
    page.goto(f"/people/{person}")
    expect(page.locator("main")).to_contain_text("b•••@shop.example")
    page.get_by_role("button", name="Show personal data").click()
    expect(page.locator("main").get_by_text("b4@shop.example").first).to_be_visible()
    expect(page.locator(".timeline li")).to_have_count(5)
    page.get_by_label("Show", exact=True).select_option("orders")
    expect(page.locator(".timeline li")).to_have_count(4)
    # A link shows the same.
    expect(page).to_have_url(re.compile("show=orders"))
    page.get_by_label("To", exact=True).fill("2020-01-01")
    expect(page.get_by_text("Nothing of this kind")).to_be_visible()
    page.goto("/audit?about=profile")
    first = page.get_by_test_id("entries").locator("tbody tr").first
    expect(first).to_contain_text("Mia")
    expect(first).to_contain_text("personal data shown")


def test_a_person_says_which_segments_they_are_in_and_why(shop: Shop, browser: Browser) -> None:
    tree = {"all": [{"gene": "orders", "in": {"all_time": True}, "is": {"op": ">=", "value": "6"}}]}
    made = shop.post("/v1/segments", {"name": "six or more", "tree": tree})
    person = shop.profile_with(f"buyer-{BUYERS}", 1)["profile"]["id"]

    def listed() -> bool | None:
        theirs = shop.get("/v1/segments", profile=person)["segments"]
        return any(one["id"] == made["id"] for one in theirs) or None

    eventually(listed, "the segment is counted")
    page = signed_in(browser, shop)
    page.goto(f"/people/{person}?tab=segments")
    page.get_by_role("button", name="Why six or more").click()
    expect(page.get_by_test_id("explanation")).to_contain_text("six or more")
    expect(page.locator(".explain-line[data-fulfilled]").first).to_be_visible()


def test_somebody_is_forgotten_only_after_their_number_was_typed(shop: Shop, browser: Browser) -> None:
    shop.post("/v1/identify", {"userId": "leaving", "traits": {"email": "leaving@shop.example"}})
    person = shop.profile_with("leaving", 1)["profile"]["id"]
    page = signed_in(browser, shop)
    page.goto(f"/people/{person}")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Erase this person").click()
    erase = page.get_by_role("button", name="Erase for good")
    expect(erase).to_be_disabled()
    page.get_by_label(f"Type #{person} to confirm").fill(str(person))
    erase.click()
    # The receipt says place by place how far it is.
    expect(page.get_by_role("dialog")).to_contain_text("Behaviour and genes")
    expect(page.get_by_role("dialog").locator("tr", has_text="Identities")).to_contain_text("erased")
    page.goto(f"/people/{person}")
    expect(page.get_by_role("alert")).to_contain_text("There is no such person")


def test_who_may_not_erase_finds_no_way_to(shop: Shop, browser: Browser) -> None:
    page = signed_in(browser, shop, "vic")
    page.goto("/people")
    expect(page.get_by_role("link", name="buyer-1")).to_be_visible()
    expect(page.get_by_role("link", name="Privacy requests")).to_have_count(0)
    page.goto("/people/requests")
    expect(page.get_by_role("alert")).to_contain_text("Your role does not allow this")
