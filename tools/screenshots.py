"""Pictures of every page of a running installation: both languages, wide and narrow, light and dark."""

import json
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright

from engines.settings import LaptopSettings

WIDTHS = {"wide": (1440, 900), "narrow": (390, 844)}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
]
TREE = {
    "all": [
        {"gene": "member_stage", "is": {"one_of": ["repeat", "loyal"]}},
        {"gene": "orders", "in": {"last_days": 365}, "is": {"op": ">=", "value": 4}},
        {
            "any": [
                {"gene": "days_since_order", "is": {"op": ">", "value": 60}},
                {"not": {"event": "order_completed", "in": {"last_days": 30}}},
            ]
        },
    ]
}


class View(NamedTuple):
    """How somebody looks at the pages."""

    language: str
    width: str
    dark: bool = False

    @property
    def name(self) -> str:
        """As a picture's name ends."""
        return f"{self.language}.{self.width}{'.dark' if self.dark else ''}"


# Dark is of one language each: what the dark could spoil does not depend on the words.
VIEWS = (
    *(View(language, width) for language in ("zh-TW", "en") for width in WIDTHS),
    View("zh-TW", "wide", dark=True),
    View("en", "narrow", dark=True),
)


def places(page: Page) -> Iterator[tuple[str, str]]:
    """Name and address of every page worth a picture."""
    people = page.request.get("/v1/profiles?kind=member&limit=1").json()["profiles"]
    segments = page.request.get("/v1/segments?q=回購客&limit=1").json()["segments"]
    yield from (
        ("home", "/"),
        ("people", "/people"),
        ("segments", "/segments"),
        ("new-segment", "/segments/new"),
    )
    yield "builder", f"/segments/new?tree={json.dumps(TREE)}&at=1"
    for one in people:
        yield "person", f"/people/{one['id']}"
        yield "person-segments", f"/people/{one['id']}?tab=segments"
    yield "privacy", "/people/requests"
    for one in segments:
        yield "segment", f"/segments/{one['id']}"
        yield "segment-people", f"/segments/{one['id']}?tab=people"
        yield "segment-history", f"/segments/{one['id']}?tab=history"
        yield "segment-versions", f"/segments/{one['id']}?tab=versions"
    every = page.request.get("/v1/segments?limit=200").json()["segments"]
    ids = {one["starter"]: f"segment:{one['id']}" for one in every}
    three = [ids[name] for name in ("lifecycle.repeat", "intent.cart", "core.best") if name in ids]
    yield "overlaps", f"/overlaps?sets={','.join(three)}&picked=0.2"
    yield "overlaps-upset", f"/overlaps?sets={','.join(list(ids.values())[:8])}&view=upset"
    yield from (("lists", "/lists"), ("schedules", "/schedules"))
    yield from (
        ("genes", "/genes"),
        ("gene", "/genes?gene=orders"),
        ("install", "/install"),
        ("new-shop", "/new-shop"),
        ("external-genes", "/external-genes"),
        ("imports", "/imports"),
        ("bad-rows", "/imports?tab=bad"),
        ("jobs", "/jobs"),
    )
    yield "funnel", "/reports"
    for report in ("retention", "sources", "products", "searches", "states"):
        yield report, f"/reports/{report}"
    yield from (("costs", "/reports/sources?tab=costs"), ("carts", "/reports/products?tab=carted"))
    yield "goals", "/goals"
    for tab in ("shop", "keys", "usage", "privacy"):
        yield f"settings-{tab}", f"/settings?tab={tab}"
    yield from (("team", "/team"), ("account", "/account"), ("audit", "/audit"))


def main(wanted: list[str]) -> None:
    """All of them, or those whose names are given, into the data folder's `screenshots`.

    A name that begins with a dot is of a view, such as `.en.narrow.dark`: then only in those.
    """
    settings = LaptopSettings()
    facts: dict[str, Any] = json.loads((settings.folder / "up.json").read_text("utf-8"))
    folder = settings.folder / "screenshots"
    folder.mkdir(exist_ok=True)
    names = {name for name in wanted if not name.startswith(".")}
    endings = {name[1:] for name in wanted if name.startswith(".")}
    views = [view for view in VIEWS if not endings or view.name in endings]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for view in views:
            page = _signed_in(browser, facts, view)
            for name, address in list(places(page)):
                if not names or name in names:
                    page.goto(address)
                    # Live feeds never end, so that the network never rests: what is drawn has to.
                    page.wait_for_timeout(700)
                    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0, timeout=30_000)
                    page.wait_for_timeout(300)
                    page.screenshot(path=folder / f"{name}.{view.name}.png", full_page=True)
            page.context.close()
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


def _signed_in(browser: Browser, facts: dict[str, Any], view: View) -> Page:
    across, down = WIDTHS[view.width]
    context = browser.new_context(
        base_url=facts["gateway"],
        viewport={"width": across, "height": down},
        color_scheme="dark" if view.dark else "light",
    )
    context.add_init_script(f"localStorage.setItem('language', '{view.language}')")
    page = context.new_page()
    sign_in = {name: facts["sign_in"][name] for name in ("email", "password")}
    if not (answer := page.request.post("/v1/session", data=sign_in)).ok:
        raise SystemExit(f"sign-in: {answer.status} {answer.text()}")
    return page


if __name__ == "__main__":
    main(sys.argv[1:])
