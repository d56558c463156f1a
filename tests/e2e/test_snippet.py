"""The snippet in a real browser on a shop's page: every event that the page made arrives exactly once."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from bench.system import System
from tests.e2e.conftest import Shop, eventually
from tests.e2e.shop_site import Site, chromium, id_of, robot, serving, visitor

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
LOADED = "typeof nx !== 'undefined' && !!nx.version"


@pytest.fixture(scope="module")
def shop(system: System) -> Shop:
    return Shop(system, system.create_tenant("snippet"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def site(shop: Shop) -> Iterator[Site]:
    with serving(Site(shop.system, shop.tenant.write_key)) as running:
        yield running
    assert shop.get("/v1/reports/intake")["bad"] == 0


def opened(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    hold(page, LOADED)
    return page


def hold(page: Page, what: str) -> None:
    """Wait until it is true; Playwright's own way needs a policy that lets text become code."""
    for _ in range(100):
        if page.evaluate(what):
            return
        page.wait_for_timeout(100)
    raise AssertionError(what)


def events_of(shop: Shop, identifier: str, n_events: int) -> list[dict[str, Any]]:
    """Exactly so many, each once, oldest first, once everything that was sent is counted."""
    shop.profile_with(identifier, n_events)
    shop.settle()
    profile = shop.profile(identifier)
    assert profile is not None
    events = sorted(profile["events"], key=lambda event: str(event["payload"]["timestamp"]))
    assert len({event["message_id"] for event in events}) == len(events)
    assert len(events) == n_events, [event["name"] for event in events]
    return events


def steps(events: list[dict[str, Any]]) -> Counter[str]:
    return Counter(event["name"] for event in events if event["name"].startswith("step"))


EVERYTHING = """() => {
  nx.identify('member-1', { city: '臺北市' });
  nx.group('club-7', { tier: 'gold' });
  nx.alias('member-1', 'device-of-before');
  history.pushState({}, '', '/lamps');
  history.pushState({}, '', '/lamps/7#top');
  history.replaceState({}, '', '/lamps/7?colour=red');
  nx.track('Lamp Turned', { degrees: 90 });
  const item = { item_id: 'L7', item_name: 'Lamp', price: 12.5, quantity: 2 };
  dataLayer.push({ event: 'view_item', ecommerce: { currency: 'TWD', items: [item] } });
  dataLayer.push({ event: 'gtm.click', 'gtm.element': document.body });
  (function () { dataLayer.push(arguments); })('event', 'purchase', {
    transaction_id: 'G-1', value: 25, currency: 'TWD', items: [item] });
  _qevents.push({ group: 'g', cid: 'c', act: 'order', uid: 'member-1', oid: 'E-1',
    ptuple: [{ paypid: 'L7', qty: 3, unit_price: 10, pcat: 'lamps' }] });
}"""


def test_what_a_page_says_arrives_once_under_a_strict_policy(
    shop: Shop, site: Site, browser: Browser
) -> None:
    problems: list[str] = []
    context = visitor(browser, problems)
    # Before the file is there; and the page has layers of its own.
    site.early = (
        "nx.track('Early Bird', { n: 1 }, { timestamp: '2026-01-02T03:04:05Z' });"
        "window.dataLayer = [{ event: 'search', search_term: '燈' }]; window._qevents = [];"
        "nx.track('Called Back', {}, () => { window.calledBack = true; });"
    )
    page = opened(context, f"{site.url}/start?utm_source=letter&utm_campaign=spring")
    page.evaluate(EVERYTHING)
    events = events_of(shop, "member-1", 14)
    names = Counter(event["name"] for event in events)
    assert names == {
        "page": 3,
        "Early Bird": 1,
        "Called Back": 1,
        "products_searched": 1,
        "identify": 2,
        "group": 1,
        "alias": 1,
        "Lamp Turned": 1,
        "product_viewed": 1,
        "order_completed": 2,
    }
    assert page.evaluate("window.calledBack")
    told = {event["name"]: event["payload"] for event in events}
    paths = [event["payload"]["context"]["page"]["path"] for event in events if event["name"] == "page"]
    assert paths == ["/start", "/lamps", "/lamps/7"]
    assert told["Lamp Turned"]["context"]["page"]["referrer"].endswith("/lamps/7")
    assert told["Early Bird"]["timestamp"].startswith("2026-01-02T03:04:05")
    assert told["Early Bird"]["context"]["campaign"] == {"source": "letter", "name": "spring"}
    assert told["Early Bird"]["anonymousId"] == id_of(context)
    assert told["group"]["traits"] == {"tier": "gold"}
    assert {event["channel"] for event in events} == {"web"}
    revenue = {
        event["payload"]["properties"].get("transaction_id") or event["payload"]["properties"]["order_id"]
        for event in events
        if event["name"] == "order_completed"
    }
    assert revenue == {"G-1", "E-1"}
    globals_ = page.evaluate("Object.keys(window).filter(name => !window.before.includes(name))")
    assert set(globals_) - {"before", "own", "dataLayer", "_qevents", "calledBack"} == {"nx"}
    assert problems == []


def failing(times: int, seen: list[float]) -> Any:
    def answer(route: Route) -> None:
        seen.append(time.monotonic())
        if len(seen) > times:
            route.continue_()
            return
        headers = {
            "access-control-allow-origin": "*",
            "access-control-expose-headers": "retry-after",
            "retry-after": "2",
        }
        route.fulfill(status=503, headers=headers)

    return answer


def test_events_survive_refusals_lost_lines_and_pages_that_go(
    shop: Shop, site: Site, browser: Browser
) -> None:
    context = visitor(browser)
    site.attributes = 'data-pages="off"'
    page = opened(context, site.url)
    seen: list[float] = []
    context.route("**/v1/batch", failing(1, seen))
    page.evaluate("nx.track('step refused')")
    for _ in range(100):
        # Requests are told while the page waits.
        page.wait_for_timeout(100)
        if len(seen) > 1:
            break
    # It asked for two seconds.
    assert seen[1] - seen[0] >= 1.9
    context.unroute("**/v1/batch")
    context.set_offline(True)
    page.evaluate("nx.track('step offline')")
    page.wait_for_timeout(600)
    page.evaluate("nx.track('step offline and closed')")
    page.close()
    context.set_offline(False)
    page = opened(context, site.url)
    page.evaluate("nx.track('step left'); location.href = '/next'")
    page.wait_for_url("**/next")
    hold(page, LOADED)
    other = opened(context, site.url)
    other.evaluate("nx.track('step in a second tab')")
    page.evaluate("nx.track('step in the first tab')")
    page.evaluate("nx.track('step closed')")
    page.close(run_before_unload=True)
    other.evaluate("for (let n = 0; n < 40; n++) nx.track(`step ${n}`)")
    events = events_of(shop, id_of(context), 47)
    assert set(steps(events).values()) == {1}
    # The next page sends again what nobody heard of; then nothing is kept any more.
    last = opened(context, site.url)
    hold(last, "!Object.keys(localStorage).some(name => name.startsWith('nx_q_'))")
    events_of(shop, id_of(context), 47)


HOSTILE = """() => {
  const circle = {}; circle.self = circle; circle.list = [circle, circle];
  const angry = { get price() { throw new Error('no'); }, fine: 1 };
  const proxy = new Proxy({}, { ownKeys() { throw new Error('never'); } });
  nx.track('step circle', circle);
  nx.track('step angry', angry);
  nx.track('step proxy', proxy);
  nx.track('step big', { id: 2n ** 64n, when: new Date(NaN), call() {}, mark: Symbol('x') });
  nx.track('step half \\ud800\\0', { half: '\\udfff', zero: 'a\\0b' });
  nx.track('step element', { element: document.body, window });
  nx.track('step deep', JSON.parse('{"a":'.repeat(900) + '1' + '}'.repeat(900)));
  nx.track('step large', { text: '燈'.repeat(40000) });
  nx.track('step wide', Array.from({ length: 20000 }, (_, n) => n));
  nx.track('step text', 'not an object');
  nx.track('step '.repeat(100), null, null);
  nx.track('step proto', JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'));
  nx.identify({ html: '<img src=x onerror="window.hacked = 1">', link: 'javascript:window.hacked = 1' });
  nx.page(undefined); nx.group(null);
  dataLayer.push(null, 7, 'text', proxy, circle, { event: { toString() { throw new Error('no'); } } });
  dataLayer.push({ event: 'view_item', get ecommerce() { throw new Error('no'); } });
  _qevents.push({ act: 'order', ptuple: 'none' }, null);
}"""


def test_whatever_a_page_holds_its_events_arrive_and_nothing_runs(
    shop: Shop, site: Site, browser: Browser
) -> None:
    problems: list[str] = []
    context = visitor(browser, problems)
    site.body = '<div id="nx"></div>'
    site.early = "delete window.nx; window.dataLayer = []; window._qevents = [];"
    page = opened(context, f"{site.url}/?_nx=%22%3E%3Cscript%3E&utm_source=%00%F0%9F%92%A1#/x")
    page.evaluate(HOSTILE)
    events = events_of(shop, id_of(context), 16)
    assert sum(steps(events).values()) == 12
    told = {event["name"]: event["payload"].get("properties") for event in events}
    assert told["step angry"] == {"fine": 1}
    assert told["step big"]["id"] == str(2**64)
    assert told["step large"] == {"too_large": told["step large"]["too_large"]}
    assert page.evaluate("[window.hacked, ({}).polluted]") == [None, None]
    assert problems == []


def test_nothing_is_kept_or_sent_without_consent(shop: Shop, site: Site, browser: Browser) -> None:
    context = visitor(browser)
    context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })")
    sent: list[str] = []
    context.on("request", lambda request: sent.append(request.url) if "/v1/" in request.url else None)
    site.attributes = 'data-consent="pending"'
    site.early = "nx.track('step held early')"
    page = opened(context, site.url)
    page.evaluate("nx.track('step held', { n: 1 }); nx.identify('member-consenting')")
    page.wait_for_timeout(1_000)
    kept = "[document.cookie, Object.keys(localStorage).length]"
    assert (sent, page.evaluate(kept)) == ([], ["", 0])
    before = time.time() * 1000
    page.evaluate("nx.consent('granted', { analytics: true, email: false })")
    events = events_of(shop, "member-consenting", 4)
    assert {event["name"] for event in events} == {"page", "step held", "step held early", "identify"}
    assert all(
        page.evaluate("at => Date.parse(at)", event["payload"]["timestamp"]) < before for event in events
    )
    assert events[0]["payload"]["context"]["consent"] == {
        "gpc": True,
        "categoryPreferences": {"analytics": True, "email": False},
    }
    page.evaluate("nx.track('step waiting'); nx.consent('denied'); nx.track('step refused')")
    n_sent = len(sent)
    page.wait_for_timeout(1_000)
    assert page.evaluate(kept) == ["", 0]
    page.close(run_before_unload=True)
    assert len(sent) == n_sent
    events_of(shop, "member-consenting", 4)


def test_a_proxied_cookie_lasts_a_link_takes_the_visitor_along_and_members_do_not_mix(
    shop: Shop, site: Site, browser: Browser
) -> None:
    context = visitor(browser)
    site.proxied = True
    site.attributes = 'data-links="localhost pay.example" data-pages="off"'
    site.body = f'<a id="over" href="{site.other_url}/pay?amount=%20a%2Fb">pay</a>'
    page = opened(context, site.url)
    eventually(lambda: "POST /nx/id" in site.passed or None, "a request for the cookie")
    page.evaluate("nx.track('step here')")
    first = id_of(context)
    page.click("#over")
    page.wait_for_url("**/pay?amount=%20a%2Fb")
    hold(page, LOADED)
    page.evaluate("nx.track('step there')")
    assert id_of(context, "localhost") == first
    assert steps(events_of(shop, first, 2)) == {"step here": 1, "step there": 1}
    assert all(path.startswith(("POST /v1/batch", "POST /nx/id", "GET /nx/")) for path in site.passed)
    # The next one at the same browser is somebody else.
    page.evaluate("nx.identify('member-a'); nx.identify('member-b'); nx.track('step of b')")
    second = id_of(context, "localhost")
    assert second != first
    assert {each["value"] for each in shop.profile_with("member-b", 2)["profile"]["identifiers"]} == {
        "member-b",
        second,
    }
    page.evaluate("nx.reset(); nx.track('step of nobody')")
    third = id_of(context, "localhost")
    assert third not in (first, second)
    event = events_of(shop, third, 1)[0]
    assert "userId" not in event["payload"]


def test_robots_are_not_counted(site: Site, browser: Browser) -> None:
    with robot(browser) as driven:
        context = visitor(driven)
        sent: list[str] = []
        context.on("request", lambda request: sent.append(request.url) if "/v1/" in request.url else None)
        page = opened(context, site.url)
        page.evaluate("nx.track('step of a robot', {}, () => { window.calledBack = true; })")
        hold(page, "window.calledBack")
        page.wait_for_timeout(700)
        assert (sent, json.dumps(context.cookies())) == ([], "[]")
