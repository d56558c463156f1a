"""How fast the console answers a hand: a real browser over a world of many people."""

import asyncio
import json
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect, sync_playwright

from bench.client import percentile
from bench.figures import Figures
from bench.insight.doors import open_doors
from bench.insight.trees import Trees
from bench.insight.world import World
from bench.system import ROOT, System

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
]
_PROBE = Path(__file__).with_name("console_probe.js")
_PASSWORD = "a lamp, a river, 27 geese"
_PATIENCE_MS = 60_000
_KEYSTROKES = 50
_DIGITS = 5
# Hands rest between two strokes at least until the counts are there; between two clicks, so long.
_REST_MS = 150
_ROUNDS = 6
_SEGMENTS = 50
_NAMED_PEOPLE = 200
# What the browser does not tell of was painted with the next frame.
_SHORTEST_TOLD_MS = 16.0
# Five conditions in three groups, with a threshold that can be any number.
_TREE = {
    "all": [
        {"gene": "revenue", "in": {"last_days": 365}, "is": {"op": ">=", "value": "1000"}},
        {
            "any": [
                {"gene": "orders", "in": {"last_days": 180}, "is": {"op": ">=", "value": "2"}},
                {"gene": "sessions", "in": {"last_days": 90}, "is": {"op": ">=", "value": "5"}},
            ]
        },
        {"not": {"gene": "days_since_order", "is": {"op": "<=", "value": "7"}}},
        {"gene": "member_stage", "is": {"one_of": ["first_time", "repeat", "loyal"]}},
    ]
}


def measure_console(system: System, world: World, figures: Figures, label: str) -> None:
    """Adds segments and people with names to the world: measure what counts live work before."""
    _sizes(figures)
    asyncio.run(_furnish(system, world))
    with _console(system, world) as page:
        counted = _keystrokes(page)
        figures.add(f"console.keystroke_count_p95_ms_{label}", percentile(counted, 0.95), "ms")
        every: list[float] = []
        for name, use in (("builder", _use_builder), ("people", _use_people), ("segments", _use_segments)):
            took = _interactions(page, use)
            figures.add(f"console.interaction_p95_ms_{name}_{label}", percentile(took, 0.95), "ms")
            every += took
        figures.add(f"console.interaction_p95_ms_{label}", percentile(sorted(every), 0.95), "ms")


def _sizes(figures: Figures) -> None:
    """Of the built scripts, as the build itself counts them."""
    told = subprocess.run(
        ["node", "console/budget.mjs"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    entry = re.search(r"console\.entry_gzip_kb ([\d.]+)", told.stdout)
    largest = re.search(r"largest page \S+ ([\d.]+)", told.stdout)
    assert entry and largest, told.stdout
    figures.add("console.entry_gzip_kb", float(entry[1]), "kB")
    figures.add("console.largest_route_gzip_kb", float(largest[1]), "kB")


async def _furnish(system: System, world: World) -> None:
    """A teammate, a folder full of segments, and people who are found by name."""
    body = {"email": _email(world), "name": "Bench", "password": _PASSWORD, "role": "marketer"}
    path = f"/v1/operator/tenants/{world.tenant.id}/teammates"
    system.call("POST", path, system.operator_key, body)
    events: list[dict[str, Any]] = []
    for number in range(_NAMED_PEOPLE):
        who = {"userId": f"named-{number}", "anonymousId": f"named browser {number}"}
        events.append({"type": "identify", **who, "traits": {"email": f"n{number}@shop.example"}})
        viewed = {"product_id": f"p{number}", "price": 100 + number, "currency": "TWD"}
        events.append({"type": "track", **who, "event": "Product Viewed", "properties": viewed})
    system.call("POST", "/v1/batch", world.tenant.secret_key, {"batch": events})
    async with open_doors(system, world.tenant) as doors:
        await doors.until_in_memory(Trees(1).tree())
        trees = Trees(900)
        saved = [await doors.save(f"Segment {number}", trees.tree()) for number in range(_SEGMENTS)]
        await doors.until_live(saved)


def _email(world: World) -> str:
    return f"bench.{world.tenant.id}@console.example"


@contextmanager
def _console(system: System, world: World) -> Iterator[Page]:
    """A signed-in marketer's browser, in English."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
        context = browser.new_context(
            base_url=f"http://localhost:{system.port_base}", viewport={"width": 1440, "height": 900}
        )
        context.add_init_script("localStorage.setItem('language', 'en')")
        context.add_init_script(path=_PROBE)
        context.set_default_timeout(_PATIENCE_MS)
        expect.set_options(timeout=_PATIENCE_MS)
        page = context.new_page()
        signed_in = page.request.post(
            "/v1/session", data={"email": _email(world), "password": _PASSWORD}, timeout=_PATIENCE_MS
        )
        assert signed_in.ok, signed_in.text()
        yield page
        browser.close()


def _open_builder(page: Page) -> Locator:
    """The field of the threshold, once everything is counted."""
    page.goto(f"/segments/new?tree={json.dumps(_TREE)}")
    expect(page.locator("[data-testid=people]:not(.old)")).to_be_visible()
    return page.get_by_role("spinbutton", name="Value", exact=True).first


def _keystrokes(page: Page) -> list[float]:
    """Milliseconds from a key in a threshold to counts nobody had asked for before."""
    field = _open_builder(page)
    chance = random.Random(7)
    asked = {"1000"}
    took: list[float] = []
    while len(took) < _KEYSTROKES:
        text = str(chance.randint(10 ** (_DIGITS - 1), 10**_DIGITS - 1))
        field.select_text()
        for length in range(1, _DIGITS + 1):
            field.press(text[length - 1])
            page.wait_for_function("n => window.benchSeen.counted.length > n", arg=len(took))
            # A number that was typed before is on the screen at once: it is no question.
            told: list[float] = page.evaluate("window.benchSeen.counted")
            if text[:length] in asked:
                page.evaluate("window.benchSeen.counted.pop()")
            else:
                took = told
                asked.add(text[:length])
            page.wait_for_timeout(_REST_MS)
    return sorted(took)


def _interactions(page: Page, use: Callable[[Page], int]) -> list[float]:
    """Milliseconds from each click or key to its paint."""
    seen: list[float] = []
    for _ in range(_ROUNDS):
        n_made = use(page)
        page.wait_for_timeout(500)
        told: dict[str, float] = page.evaluate("window.benchSeen.interactions")
        seen += told.values()
        seen += [_SHORTEST_TOLD_MS] * (n_made - len(told))
    return sorted(seen)


class _Hand:
    """Clicks and types, and counts how often."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.n_made = 0

    def click(self, what: Locator) -> None:
        what.click()
        self._made()

    def type(self, text: str) -> None:
        for one in text:
            self.press(one)

    def press(self, key: str) -> None:
        self._page.keyboard.press(key)
        self._made()

    def _made(self) -> None:
        self.n_made += 1
        self._page.wait_for_timeout(_REST_MS)


def _use_builder(page: Page) -> int:
    """Adds a condition that is searched for, sets it, takes it back, and begins to save."""
    field = _open_builder(page)
    hand = _Hand(page)
    hand.click(field)
    hand.type("234")
    hand.click(page.get_by_role("button", name="Add condition").last)
    hand.type("order")
    hand.press("ArrowDown")
    hand.press("Enter")
    expect(page.locator("[data-testid=people]:not(.old)")).to_be_visible()
    hand.click(page.get_by_role("button", name="More", exact=True).first)
    hand.click(page.get_by_role("menuitem", name="Duplicate"))
    for _ in range(3):
        hand.click(page.get_by_role("button", name="Undo"))
    hand.click(page.get_by_role("button", name="Redo"))
    hand.click(field)
    hand.click(page.get_by_role("slider").first)
    hand.press("ArrowRight")
    hand.click(page.get_by_role("button", name="Save the segment"))
    page.get_by_role("dialog").get_by_label("Name").wait_for()
    hand.type("Regulars")
    hand.press("Escape")
    return hand.n_made


def _use_people(page: Page) -> int:
    """Searches, sieves, opens somebody and looks at everything about them."""
    page.goto("/people")
    row = page.locator("table.rows tbody tr")
    row.first.wait_for()
    hand = _Hand(page)
    hand.click(page.get_by_role("searchbox").last)
    hand.type("named-1")
    hand.click(page.get_by_text("Members", exact=True).first)
    hand.click(page.get_by_text("Everybody", exact=True).first)
    hand.click(row.first.get_by_role("link"))
    for tab in ("Genes", "Segments", "How they were joined", "Timeline"):
        hand.click(page.get_by_role("tab", name=tab))
    return hand.n_made


def _use_segments(page: Page) -> int:
    """Looks for a segment in a long list, and opens it."""
    page.goto("/segments")
    row = page.locator("table.rows tbody tr")
    row.first.wait_for()
    hand = _Hand(page)
    hand.click(page.get_by_role("button", name="All", exact=True))
    hand.click(page.get_by_role("searchbox").last)
    hand.type("segment 4")
    hand.click(page.get_by_role("link", name="Segment 4", exact=True))
    for tab in ("People", "History", "Versions", "Conditions"):
        hand.click(page.get_by_role("tab", name=tab))
    return hand.n_made
