"""The console in a real browser: segments laid on each other, explained and exported; lists uploaded."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Shop, eventually
from tests.e2e.test_console import AXE, BUYERS, RULES, browser, found_by_axe, patience, shop, signed_in

__all__ = ["browser", "patience", "shop"]

WINDOW = {"last_days": 365}
OFTEN = {"gene": "orders", "in": WINDOW, "is": {"op": ">=", "value": "3"}}
SELDOM = {"gene": "orders", "in": WINDOW, "is": {"between": ["1", "5"]}}
# Buyer n has n orders: 6 to 8 only often, 1 and 2 only seldom, 3 to 5 both.
ONLY_OFTEN, ONLY_SELDOM, BOTH = 3, 2, 3


@pytest.fixture(scope="module")
def segments(shop: Shop) -> dict[str, str]:
    made = {
        name: shop.post("/v1/segments", {"name": name, "tree": {"all": [tree]}}, shop.tenant.secret_key)["id"]
        for name, tree in (("often", OFTEN), ("seldom", SELDOM))
    }

    def counted() -> bool | None:
        found = shop.get("/v1/segments", q="often")["segments"]
        return (found and found[0]["state"]["profiles"] == BUYERS - 2) or None

    eventually(counted, "the segments are counted")
    return made


def faults(page: Page) -> list[str]:
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
    page.evaluate(AXE)
    return found_by_axe(page, page.url, RULES)


def test_regions_of_two_segments_are_counted_chosen_and_kept_as_a_segment(
    shop: Shop, browser: Browser, segments: dict[str, str]
) -> None:
    page = signed_in(browser, shop)
    page.goto(f"/overlaps?sets=segment:{segments['often']},segment:{segments['seldom']}")
    region = {key: page.locator(f"[data-region='{key}']") for key in ("0", "1", "0.1")}
    expect(region["0"]).to_have_text(str(ONLY_OFTEN))
    expect(region["1"]).to_have_text(str(ONLY_SELDOM))
    expect(region["0.1"]).to_have_text(str(BOTH))
    assert faults(page) == []
    chosen = page.get_by_test_id("chosen-people")
    region["0.1"].press("Enter")
    expect(chosen).to_have_text(str(BOTH))
    region["0"].press("Enter")
    expect(chosen).to_have_text(str(BUYERS - 2))
    page.get_by_role("button", name="In exactly one").click()
    expect(chosen).to_have_text(str(ONLY_OFTEN + ONLY_SELDOM))
    # The same regions, drawn for more sets than circles can show.
    page.get_by_text("UpSet", exact=True).click()
    expect(page.locator(".upset-column[aria-pressed=true]")).to_have_count(2)
    assert faults(page) == []

    page.get_by_role("button", name="Save as a segment").click()
    page.get_by_role("dialog").get_by_label("Name").fill("one of them")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="one of them")).to_be_visible()
    expect(page.get_by_test_id("people")).to_have_text(str(ONLY_OFTEN + ONLY_SELDOM))


def test_somebody_is_out_because_of_one_condition_and_their_own_value(
    shop: Shop, browser: Browser, segments: dict[str, str]
) -> None:
    page = signed_in(browser, shop)
    buyer = shop.profile_with("buyer-2", 1)["profile"]["id"]
    page.goto(f"/segments/{segments['often']}?tab=history&why={buyer}")
    told = page.get_by_test_id("explanation")
    expect(told).to_contain_text("Is not in “often”")
    expect(told).to_contain_text("Theirs: 2")
    assert faults(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    # Everybody who is in it came in at some moment, for a reason.
    expect(page.get_by_role("region", name="Latest changes")).to_contain_text(f"+{BUYERS - 2}")
    expect(page.get_by_role("region", name="People by day").first).to_contain_text(f"{BUYERS - 2} people")

    page.get_by_role("button", name="Take one now").click()
    snapshots = page.get_by_role("region", name="Snapshots")
    expect(snapshots.get_by_text(f"{BUYERS - 2} people")).to_be_visible()
    assert faults(page) == []
    snapshots.get_by_role("link", name="Open as a segment").click()
    expect(page.get_by_test_id("people")).to_have_text(str(BUYERS - 2))
    expect(page.locator(".part")).to_contain_text("Snapshot")


def test_a_segment_is_exported_every_week_until_that_is_paused(
    shop: Shop, browser: Browser, segments: dict[str, str]
) -> None:
    page = signed_in(browser, shop)
    page.goto(f"/segments/{segments['seldom']}")
    page.get_by_role("button", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Repeated").click()
    dialog.get_by_label("Weekday").select_option("5")
    dialog.get_by_label("At", exact=True).select_option("7")
    assert faults(page) == []
    dialog.get_by_role("button", name="Make the schedule").click()
    page.goto("/schedules")
    schedule = page.get_by_role("region", name="seldom")
    expect(schedule).to_contain_text("every Friday at 07:00 · CSV")
    schedule.get_by_role("button", name="Pause").click()
    expect(schedule.get_by_role("button", name="Resume")).to_be_visible()
    assert faults(page) == []
    assert [one["paused"] for one in shop.get("/v1/export-schedules")["schedules"]] == [True]


def test_a_list_is_tried_before_it_is_kept_and_then_works_as_a_condition(
    shop: Shop, browser: Browser
) -> None:
    page = signed_in(browser, shop)
    page.goto("/lists")
    page.get_by_role("button", name="New list").click()
    page.get_by_role("dialog").get_by_label("Name").fill("sign-ups")
    page.get_by_role("dialog").get_by_role("button", name="Make it and upload a file").click()
    rows = "member id,name\nbuyer-1,A\nbuyer-4,B\nnobody,C\n,D\n"
    file = {"name": "sign-ups.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_label("member id: Is").select_option("user_id")
    page.get_by_label("name: Is", exact=True).select_option("")
    page.get_by_role("button", name="Confirm and try").click()
    tried = page.locator(".tried-figures > div")
    expect(tried).to_have_text(
        ["Share that is matched66.7%", "Matched2", "Not matched1", "Bad rows1"], use_inner_text=False
    )
    expect(page.get_by_text("nothing says who it is").first).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Update the list").click()
    page.get_by_role("button", name="See who is on it").click()
    expect(page.get_by_role("region", name="People on the list").get_by_role("link")).to_have_count(2)
    assert faults(page) == []
    page.get_by_role("link", name="Open as a segment").click()
    expect(page.get_by_test_id("people")).to_have_text("2")
    expect(page.locator(".part")).to_contain_text("List")
