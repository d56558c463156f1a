"""The pages in a real browser: signing in, a new password by letter, factors, passkeys, devices, two tabs."""

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.service.gateway.conftest import Gateway, Shop
from tests.service.gateway.test_sign_in import PASSWORD, an_address
from tests.smtp_server import link_of

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
]
ACCOUNT, SIGN_IN = re.compile(r"//[^/]+/account$"), re.compile(r"//[^/]+/sign-in$")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield chromium
        await chromium.close()


@pytest.fixture
async def page(browser: Browser, gateway: Gateway) -> AsyncIterator[Page]:
    """A fresh browser; what it complains about fails the test."""
    context = await browser.new_context(base_url=gateway.settings.public_url, locale="en-GB")
    opened = await context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on(
        "console",
        lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield opened
    await context.close()
    assert problems == []


async def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    await page.goto("/sign-in?next=/account")
    form = page.locator("#sign-in")
    await form.locator("[name=email]").fill(email)
    await form.locator("[name=password]").fill(password)
    await form.locator("button[type=submit]").click()


async def at_account(page: Page) -> None:
    """Until the page has what it asks for: leaving earlier would look like a session that ended."""
    await expect(page).to_have_url(ACCOUNT)
    await expect(page.locator("#sessions li").first).to_be_visible()


async def a_teammate(gateway: Gateway, shop: Shop) -> str:
    email = an_address()
    await gateway.add_teammate(shop.id, email, PASSWORD)
    return email


async def test_a_page_asks_to_sign_in_and_comes_back(gateway: Gateway, shop: Shop, page: Page) -> None:
    email = await a_teammate(gateway, shop)
    await page.goto("/account")
    await expect(page).to_have_url(SIGN_IN)
    form = page.locator("#sign-in")
    await form.locator("[name=email]").fill(email)
    await form.locator("[name=password]").fill("not the password")
    await form.locator("button[type=submit]").click()
    await expect(page.get_by_role("alert")).to_have_text("E-mail address or password is wrong.")
    await form.locator("[name=password]").fill(PASSWORD)
    await form.locator("button[type=submit]").click()
    await at_account(page)
    await expect(page.get_by_text(email).first).to_be_visible()
    await expect(page.locator("#sessions li")).to_have_count(1)


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
async def test_signing_in_leads_to_no_other_site(
    gateway: Gateway, shop: Shop, page: Page, elsewhere: str
) -> None:
    email = await a_teammate(gateway, shop)
    await page.goto("/sign-in")
    await page.evaluate(
        "next => history.replaceState(null, '', '?next=' + encodeURIComponent(next))", elsewhere
    )
    form = page.locator("#sign-in")
    await form.locator("[name=email]").fill(email)
    await form.locator("[name=password]").fill(PASSWORD)
    await form.locator("button[type=submit]").click()
    await expect(page).to_have_url(f"{gateway.settings.public_url}/")


async def test_a_forgotten_password_is_replaced_by_letter(gateway: Gateway, shop: Shop, page: Page) -> None:
    email = await a_teammate(gateway, shop)
    await page.goto("/sign-in")
    await page.get_by_role("button", name="Forgot your password?").click()
    await page.locator("#forgot [name=email]").fill(email)
    await page.locator("#forgot button[type=submit]").click()
    await expect(page.get_by_role("status")).to_contain_text("on its way")
    link = link_of(await gateway.letters.next_to(email))
    await page.goto(link)
    # What lets its holder in stays in no history.
    await expect(page).to_have_url(re.compile(r"/reset$"))
    await page.locator("[name=password]").fill("password1")
    await page.locator("button[type=submit]").click()
    await expect(page.get_by_role("alert")).to_contain_text("too short or too common")
    await page.locator("[name=password]").fill("eleven quiet herons")
    await page.locator("button[type=submit]").click()
    await expect(page).to_have_url(SIGN_IN)
    await sign_in(page, email, "eleven quiet herons")
    await at_account(page)


async def test_an_authenticator_app_is_set_up_and_asked_for(gateway: Gateway, shop: Shop, page: Page) -> None:
    email = await a_teammate(gateway, shop)
    await sign_in(page, email)
    await at_account(page)
    await page.get_by_role("button", name="Set up").click()
    await expect(page.locator("#authenticator img")).to_be_visible()
    secret = await page.locator("#authenticator code").inner_text()
    app = pyotp.TOTP(secret)
    await page.locator("#authenticator [name=code]").fill(app.now())
    await page.locator("#authenticator button[type=submit]").click()
    await expect(page.locator("#authenticator .codes code")).to_have_count(10)
    recovery_code = await page.locator("#authenticator .codes code").first.inner_text()
    await page.context.clear_cookies()
    await sign_in(page, email)
    await expect(page.locator("#second")).to_be_visible()
    await page.locator("#second [name=code]").fill(app.at(time.time() + 30))
    await page.locator("#second button[type=submit]").click()
    await at_account(page)
    await page.context.clear_cookies()
    await sign_in(page, email)
    await page.locator("#second [name=code]").fill(recovery_code.upper())
    await page.locator("#second button[type=submit]").click()
    await at_account(page)
    await expect(page.locator("#authenticator")).to_contain_text("9 recovery codes left")


async def with_authenticator(page: Page, *, verifies: bool = True) -> None:
    """A security key built into this browser."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    await devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": verifies,
                "automaticPresenceSimulation": True,
            }
        },
    )


async def test_a_passkey_is_added_used_renamed_and_removed(gateway: Gateway, shop: Shop, page: Page) -> None:
    email = await a_teammate(gateway, shop)
    await with_authenticator(page)
    await sign_in(page, email)
    await at_account(page)
    await page.get_by_role("button", name="Add a passkey").click()
    await page.get_by_role("dialog").locator("[name=name]").fill("My laptop")
    await page.get_by_role("dialog").locator("button[type=submit]").click()
    await expect(page.locator("#passkeys li")).to_contain_text("My laptop")
    await page.context.clear_cookies()
    await page.goto("/sign-in?next=/account")
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await at_account(page)
    await expect(page.locator("#passkeys li")).to_contain_text("last used")
    await page.get_by_role("button", name="Rename").click()
    await page.get_by_role("dialog").locator("[name=name]").fill("Old laptop")
    await page.get_by_role("dialog").locator("button[type=submit]").click()
    await expect(page.locator("#passkeys li")).to_contain_text("Old laptop")
    await page.get_by_role("button", name="Remove").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("No passkeys yet.")).to_be_visible()
    await page.context.clear_cookies()
    await page.goto("/sign-in")
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("alert")).to_contain_text("not accepted")


async def test_a_device_that_did_not_verify_its_owner_is_no_passkey(
    gateway: Gateway, shop: Shop, page: Page
) -> None:
    email = await a_teammate(gateway, shop)
    await with_authenticator(page, verifies=False)
    await sign_in(page, email)
    await at_account(page)
    await page.get_by_role("button", name="Add a passkey").click()
    await page.get_by_role("dialog").locator("button[type=submit]").click()
    await expect(page.locator("#passkeys [role=alert]")).to_be_visible()
    await expect(page.locator("#passkeys li")).to_have_count(0)


async def test_two_tabs_look_at_two_shops(gateway: Gateway, page: Page) -> None:
    first, second = await gateway.make_tenant("First shop"), await gateway.make_tenant("Second shop")
    email = an_address()
    for shop in (first, second):
        await gateway.add_teammate(shop.id, email, PASSWORD)
    await sign_in(page, email)
    await at_account(page)
    await page.goto("/")
    await expect(chosen(page)).to_have_value(first.id)
    other = await page.context.new_page()
    await other.goto("/")
    await chosen(other).select_option(second.id)
    await expect(chosen(other)).to_have_value(second.id)
    await page.reload()
    await expect(chosen(page)).to_have_value(second.id)
    await chosen(page).select_option(first.id)
    await expect(chosen(page)).to_have_value(first.id)
    await other.reload()
    await expect(chosen(other)).to_have_value(second.id)


def chosen(page: Page) -> Locator:
    """The shop that the console shows."""
    return page.get_by_label("Shop", exact=True)


@pytest.mark.parametrize("screen", [(1440, "zh-TW"), (1440, "en-GB"), (390, "zh-TW"), (390, "en-GB")])
async def test_no_page_is_wider_than_its_screen(
    gateway: Gateway, shop: Shop, browser: Browser, tmp_path: Path, screen: tuple[int, str]
) -> None:
    width, locale = screen
    email = await a_teammate(gateway, shop)
    context = await browser.new_context(
        base_url=gateway.settings.public_url, locale=locale, viewport={"width": width, "height": 900}
    )
    page = await context.new_page()
    await with_authenticator(page)
    for path in ("/sign-in", "/reset"):
        await page.goto(path)
        await expect(page.locator("form h1")).not_to_be_empty()
        await look(page, tmp_path / f"{path[1:]}-{locale}-{width}.png", width)
    await sign_in(page, email)
    await at_account(page)
    await page.locator("#passkeys button").click()
    await page.get_by_role("dialog").locator("button[type=submit]").click()
    await page.locator("#authenticator button").click()
    await expect(page.locator("#authenticator img")).to_be_visible()
    await look(page, tmp_path / f"account-{locale}-{width}.png", width)
    await context.close()


async def look(page: Page, path: Path, width: int) -> None:
    """Keep what it looks like, and see that nothing hangs over the edge."""
    deadline = time.monotonic() + 30
    # What is told slides in from the edge; it has to come to rest within.
    while (wide := await page.evaluate("document.documentElement.scrollWidth")) > width:
        assert time.monotonic() < deadline, f"{path.stem}: {wide} pixels wide"
        await page.wait_for_timeout(50)
    await page.screenshot(path=str(path), full_page=True)
