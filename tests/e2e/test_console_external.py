"""External genes and sources in a real browser: a file becomes a segment, a source says how it is."""

import csv
import io
import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Shop, eventually
from tests.e2e.test_console import browser, patience, shop, signed_in

# Of the console's own tests: the same shop, and a browser that waits as long.
__all__ = ["browser", "patience", "shop"]

TIERS = "會員編號,等級\nbuyer-1,金卡\nbuyer-2,銀卡\nbuyer-3,金卡\nbuyer-1,銀卡\nnobody,金卡\n"


def test_a_file_of_tiers_is_made_tried_brought_and_becomes_a_segment(
    shop: Shop, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "tiers.csv"
    file.write_bytes(TIERS.encode("big5"))
    page = signed_in(browser, shop, language="zh-TW")
    page.get_by_role("navigation").get_by_role("link", name="外部基因").click()
    page.get_by_role("button", name="新增外部基因").click()
    page.get_by_label("中文名稱").fill("會員等級")
    page.get_by_label("英文名稱").fill("Tier")
    page.get_by_role("button", name="儲存").click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="上傳", exact=True).click()
    # Columns are guessed from their names; only what holds the values is to be said, or looked at.
    page.get_by_label("等級: 對應到").select_option("value")
    page.get_by_role("button", name="確認欄位並試算").click()
    expect(page.locator(".figure")).to_have_text(["75%", "3", "2"])
    expect(page.get_by_text("查無此人 1")).to_be_visible()
    with page.expect_download() as kept:
        page.get_by_role("button", name="下載全部不會帶入的列").click()
    rows = list(csv.reader(io.StringIO(kept.value.path().read_text("utf-8-sig"))))
    assert [(row[0], row[1]) for row in rows[1:]] == [("5", "DUPLICATE_PERSON"), ("6", "NOT_MATCHED")]
    page.get_by_role("button", name="讓數值生效").click()
    page.get_by_role("button", name="看分布").click()
    page.get_by_role("button", name="以表格檢視").click()
    page.get_by_role("link", name="以 2 人建立客群：金卡").click()
    expect(page.get_by_test_id("people")).to_have_text("2")
    page.go_back()
    page.get_by_role("tab", name="變更紀錄").click()
    expect(page.get_by_role("cell", name="Mia")).to_be_visible()


def test_who_may_only_look_is_offered_no_upload(shop: Shop, browser: Browser) -> None:
    gene = {"name": {"zh_tw": "流失機率", "en": "Churn risk"}, "type": "ratio", "origin": "model"}
    made = shop.post("/v1/external-genes", gene)
    page = signed_in(browser, shop, "vic")
    page.goto("/external-genes")
    expect(page.get_by_role("link", name="Churn risk")).to_be_visible()
    expect(page.get_by_role("button", name="New external gene")).to_have_count(0)
    page.goto(f"/external-genes/{made['id']}?tab=upload")
    expect(page.get_by_text("Your role may look at external genes")).to_be_visible()


def test_a_source_says_on_home_what_comes_from_it_and_what_was_set_aside(
    shop: Shop, browser: Browser
) -> None:
    key = shop.post("/v1/keys", {"kind": "server", "name": "Till"})["key"]
    good = [{"type": "track", "event": "Paid", "userId": f"buyer-{number}"} for number in range(1, 4)]
    bad = {"type": "track", "event": "of nobody"}
    shop.post("/v1/batch", {"batch": [*good, bad]}, key)

    def till() -> dict[str, object] | None:
        named = {one["name"]: one for one in shop.get("/v1/event-sources")["sources"]}
        return (
            named["Till"] if named["Till"]["events_last_day"] + named["Till"]["bad_last_day"] == 4 else None
        )

    found = eventually(till, "all four are counted or set aside")
    assert (found["health"], found["events_last_hour"], found["bad_share"]) == ("bad", 3, 0.25)
    assert (found["usual_hour"], found["events_per_minute"]) == (None, 0.3)
    page = signed_in(browser, shop)
    row = page.get_by_role("row", name="Till")
    expect(row).to_contain_text("Many bad")
    row.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/imports\?tab=bad$"))
