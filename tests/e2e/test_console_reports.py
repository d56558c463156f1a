"""Reports in a real browser: every number opens as the people it counts, and what is put in comes out."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Shop
from tests.e2e.test_console import BUYERS, browser, patience, shop, signed_in

# The fixtures of the console's other tests.
__all__ = ["browser", "patience", "shop"]

LOYAL_ORDERS = 5


def opened(page: Page, people: int) -> None:
    """The number that was clicked is a segment of as many."""
    expect(page).to_have_url(re.compile(r"/segments/new\?tree="))
    expect(page.get_by_test_id("people")).to_have_text(str(people))


def test_the_funnel_says_the_same_as_bars_as_a_table_as_a_file_and_as_a_segment(
    shop: Shop, browser: Browser
) -> None:
    page = signed_in(browser, shop)
    page.get_by_role("navigation").first.get_by_role("link", name="Reports").click()
    repeat = page.get_by_role("listitem").filter(has_text="Repeat buyers")
    expect(repeat.get_by_role("link").first).to_have_text(str(BUYERS - 1))
    expect(page.locator("main")).to_contain_text("First order → Second order")
    page.get_by_text("View as table").click()
    row = page.get_by_role("row").filter(has_text="Repeat buyers")
    expect(row.get_by_role("cell").nth(1)).to_have_text(str(BUYERS - 1))
    expect(row.get_by_role("cell").nth(2)).to_have_text(str(LOYAL_ORDERS - 2))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert (
        f"repeat,{LOYAL_ORDERS - 2},{BUYERS - 1}," in next(line for line in lines if "repeat" in line) + ","
    )
    row.get_by_role("link").first.click()
    opened(page, BUYERS - 1)
    # Back is the table, as the address says.
    page.go_back()
    expect(page.get_by_role("row").filter(has_text="Repeat buyers")).to_be_visible()


def test_what_was_left_in_carts_and_what_was_not_found_are_lists_of_people(
    shop: Shop, browser: Browser
) -> None:
    earlier = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    lamp = {
        "product_id": "lamp",
        "name": "Reading lamp",
        "price": 900,
        "currency": "TWD",
        "category": "Home > Light",
    }
    told = [
        ("Product Added", {**lamp, "quantity": 2}),
        ("Products Searched", {"query": "lampp", "results": 0}),
    ]
    shop.post(
        "/v1/batch",
        {
            "batch": [
                {
                    "type": "track",
                    "event": event,
                    "userId": f"buyer-{buyer}",
                    "messageId": f"{event}-{buyer}",
                    "timestamp": earlier,
                    "properties": properties,
                }
                for buyer in (1, 2)
                for event, properties in told
            ]
        },
    )
    shop.settle()
    page = signed_in(browser, shop)
    page.goto("/reports/products?tab=carted")
    row = page.get_by_role("row").filter(has_text="Reading lamp")
    expect(row).to_contain_text("$3,600.00")
    row.get_by_role("link", name="2", exact=True).click()
    opened(page, 2)
    page.goto("/reports/searches")
    page.get_by_role("switch", name="Only those that find nothing").check()
    term = page.get_by_role("row").filter(has_text="lampp")
    expect(term).to_contain_text("finds nothing")
    expect(page).to_have_url(re.compile("nothing=only"))
    # Whoever looked in vain had ordered in the same days.
    term.get_by_role("link").nth(1).click()
    opened(page, 2)


def test_a_cost_that_was_put_in_is_in_the_results_until_it_is_taken_back(
    shop: Shop, browser: Browser
) -> None:
    page = signed_in(browser, shop)
    page.goto("/reports/sources?tab=costs")
    expect(page.get_by_text("No advertising costs yet")).to_be_visible()
    page.get_by_role("button", name="Enter a cost").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Source").fill("google / cpc")
    dialog.get_by_label("Amount").fill("-1")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("A number of 0 or more")
    dialog.get_by_label("Amount").fill("1200.50")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("tab", name="Results").click()
    expect(page.get_by_role("row").filter(has_text="google / cpc")).to_contain_text("$1,200.50")
    page.get_by_role("tab", name="Advertising costs").click()
    page.get_by_role("button", name="Delete the cost of “google / cpc”").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No advertising costs yet")).to_be_visible()


def test_a_goal_is_named_counted_by_and_taken_away(shop: Shop, browser: Browser) -> None:
    page = signed_in(browser, shop)
    page.goto("/goals")
    expect(page.get_by_text("No goals yet")).to_be_visible()
    page.get_by_role("button", name="New goal").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").first.fill("a large order")
    dialog.get_by_label("Event").fill("order_completed")
    page.get_by_role("option", name="Order completed").click()
    dialog.get_by_role("button", name="Add a detail").click()
    dialog.get_by_label("Field").fill("revenue")
    dialog.get_by_label("Value", exact=True).first.fill("600")
    dialog.get_by_role("button", name="Save").click()
    goal = page.get_by_role("row").filter(has_text="a large order")
    goal.get_by_role("link", name="Who reached it").click()
    # Whoever pays 600 or more an order.
    opened(page, BUYERS - 5)
    page.goto("/goals")
    goal.get_by_role("link", name="Funnel").click()
    expect(page.get_by_text("Reaching the goal counts in the place of an order.")).to_be_visible()
    expect(page.get_by_label("Goal").locator("option:checked")).to_have_text("a large order")
    page.goto("/goals")
    page.get_by_role("button", name="Delete a large order").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No goals yet")).to_be_visible()
