"""The team pages in a real browser: an owner invites, a letter comes, its reader joins."""

import email
import email.policy
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bench.system import System, Tenant
from tests.e2e.conftest import eventually
from tests.e2e.test_browser_sdk import QUIET

PASSWORD = "a lamp, a river, 27 geese"
ENGLISH = "localStorage.setItem('language', 'en')"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield chromium
        chromium.close()


def a_browser_of(browser: Browser, system: System) -> BrowserContext:
    """Somebody's own browser, in English."""
    context = browser.new_context(base_url=address(system))
    context.add_init_script(ENGLISH)
    return context


def address(system: System) -> str:
    """As letters name it: another name of the same place would be another origin."""
    return f"http://localhost:{system.port_base}"


def add(system: System, tenant: Tenant, who: str, role: str) -> None:
    body = {"email": who, "name": who.partition("@")[0].title(), "password": PASSWORD, "role": role}
    system.call("POST", f"/v1/operator/tenants/{tenant.id}/teammates", system.operator_key, body)


def sign_in(page: Page, who: str) -> None:
    page.goto("/")
    form = page.locator("#sign-in")
    form.locator("[name=email]").fill(who)
    form.locator("[name=password]").fill(PASSWORD)
    form.locator("button[type=submit]").click()
    # At home: the console knows who is here.
    expect(page.get_by_role("navigation", name="Main menu")).to_be_visible()


def link_to(system: System, who: str) -> str:
    """The invitation's link, from the letter that the mail server caught."""

    def caught() -> str | None:
        for path in sorted((system.folder / "mail").glob("*.eml")):
            letter: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            text = letter.get_body(("plain",)).get_content()
            if letter["To"] == who and "/invitation#" in text:
                return next(str(word) for word in text.split() if word.startswith("http"))
        return None

    return eventually(caught, f"an invitation to {who}")


def test_an_owner_invites_and_the_newcomer_sees_only_what_the_role_allows(
    system: System, tenant: Tenant, browser: Browser
) -> None:
    add(system, tenant, "olivia@shop.example", "owner")
    owner = a_browser_of(browser, system).new_page()
    sign_in(owner, "olivia@shop.example")
    owner.get_by_role("link", name="Team").click()
    owner.get_by_label("E-mail").fill("ann@shop.example")
    owner.get_by_label("Role", exact=True).select_option("analyst")
    owner.get_by_role("button", name="Send invitation").click()
    expect(owner.get_by_text("The invitation is on its way")).to_be_visible()
    expect(owner.get_by_test_id("invitations").locator("li")).to_contain_text("ann@shop.example")

    newcomer = a_browser_of(browser, system).new_page()
    newcomer.goto(link_to(system, "ann@shop.example"))
    expect(newcomer.locator("#what")).to_contain_text("as Analyst (ann@shop.example)")
    assert "#" not in newcomer.url
    newcomer.locator("[name=name]").fill("Ann")
    newcomer.locator("[name=password]").fill(PASSWORD)
    newcomer.get_by_role("button", name="Make account and join").click()
    places = newcomer.get_by_role("navigation", name="Main menu")
    expect(places.get_by_role("link", name="Team")).to_be_visible()
    expect(places.get_by_role("link", name="Audit log")).to_have_count(0)
    newcomer.goto("/team")
    expect(newcomer.get_by_test_id("members").locator("li")).to_have_count(2)
    expect(newcomer.get_by_role("button", name="Send invitation")).to_have_count(0)
    newcomer.goto("/audit")
    expect(newcomer.get_by_text("Your role may not see the audit log")).to_be_visible()

    owner.reload()
    ann = owner.get_by_test_id("members").locator("li", has_text="ann@shop.example")
    ann.get_by_role("combobox").select_option("viewer")
    owner.get_by_role("dialog").get_by_role("button", name="Change the role").click()
    expect(ann.get_by_role("combobox")).to_have_value("viewer")
    ann.get_by_role("button", name="Remove").click()
    owner.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(owner.get_by_test_id("members").locator("li")).to_have_count(1)
    newcomer.goto("/team")
    expect(newcomer.locator("#sign-in")).to_be_visible()

    owner.goto("/audit?about=teammate")
    newest = owner.get_by_test_id("entries").locator("tbody tr").first
    expect(newest).to_contain_text("teammate · removed")
    newest.get_by_role("button", name="Details").click()
    expect(owner.locator("dl.lines")).to_contain_text("teammate.removed")
    owner.get_by_role("button", name="Verify").click()
    expect(owner.get_by_test_id("verdict")).to_contain_text("Intact")


def test_an_operator_acts_in_a_shop_under_a_banner_until_they_stop(
    system: System, tenant: Tenant, browser: Browser
) -> None:
    office = system.create_tenant("platform office")
    add(system, office, "otto@platform.example", "owner")
    system.call("POST", "/v1/operator/operators", system.operator_key, {"email": "otto@platform.example"})
    page = a_browser_of(browser, system).new_page()
    sign_in(page, "otto@platform.example")
    page.get_by_role("link", name="Platform").click()
    page.get_by_role("searchbox").fill(tenant.id)
    expect(page.locator("#tenants tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Act in it").click()
    page.locator("[name=reason]").fill("they asked for help with their keys")
    page.locator("[name=role]").select_option("admin")
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".acting")).to_contain_text("as an operator until")
    expect(page.get_by_role("heading", name="Team", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Send invitation")).to_have_count(0)
    page.get_by_role("button", name="Stop acting").click()
    expect(page.locator("#tenants")).to_be_visible()
    expect(page.locator(".acting")).to_have_count(0)
