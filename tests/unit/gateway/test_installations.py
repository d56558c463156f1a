"""What is found in a shop's page, and what is said of it."""

import pytest

from services.gateway.domain.installations import (
    Finding,
    KnownKey,
    Reading,
    Seen,
    installed,
    of_absence,
    of_key,
    of_page,
    of_policies,
    of_snippet,
)

GATEWAY = "https://nexus.example"
KEY = "pk_live_" + "a" * 32
KNOWN = KnownKey("website", sends=True, in_force=True, allowed_origins=())
STUB = "(()=>{((n,o)=>{n.nx??={q:o};for(let s of'track identify consent'.split(' '));})(window,[])})()"


def seen(text: str, *, url: str = "https://shop.example/", policies: tuple[str, ...] = ()) -> Seen:
    return Seen(url, 200, "text/html; charset=big5", policies, text)


def tag(src: str = f"{GATEWAY}/nx/v1.js", more: str = "") -> str:
    return f'<html><head><script async src="{src}" data-key="{KEY}" {more}></script></head>'


def codes(page: Seen, known: KnownKey | None = KNOWN) -> list[str]:
    """What is said of a page that has the snippet of this gateway."""
    reading = Reading(page.text)
    found = installed(page, reading)
    told = [*of_page(page), *of_snippet(page, found, "ours", GATEWAY), of_key(page, found[0].key, known)]
    return [each.code for each in [*told, *of_policies(page, reading, found[0])]]


def test_a_page_as_the_console_says_it_is_all_good() -> None:
    assert codes(seen(f"<script>{STUB}</script>{tag()}")) == ["SNIPPET_FOUND", "KEY_GOOD"]


def test_what_stands_in_a_comment_or_in_text_is_no_snippet() -> None:
    page = seen(f"<!-- {tag()} --><textarea>{tag()}</textarea><script>var a = '{GATEWAY}/nx/v1.js'</script>")
    assert installed(page, Reading("<!-- " + tag() + " -->")) == []
    assert of_absence(Reading("<!-- " + tag() + " -->")) == Finding("SNIPPET_MISSING", "bad")
    assert of_page(page) == []


def test_a_tag_manager_may_bring_it_and_is_named() -> None:
    page = "<script>(function(w){...'https://www.googletagmanager.com/gtm.js?id='+i})(window,'GTM-AB12CD')</script>"
    assert of_absence(Reading(page)) == Finding(
        "SNIPPET_BY_TAG_MANAGER", "warning", {"container": "GTM-AB12CD"}
    )


@pytest.mark.parametrize(
    ("src", "more", "code"),
    [
        (f"{GATEWAY}/nx/v1.js", 'data-consent="pending"', "CONSENT_PENDING"),
        (f"{GATEWAY}/nx/v1.js", 'data-pages="off"', "PAGES_OFF"),
        (f"{GATEWAY}/nx/v1.js", 'data-robots="allow"', "ROBOTS_COUNTED"),
        (f"{GATEWAY}/nx/v1.js", 'type="module"', "SNIPPET_AS_MODULE"),
        (f"{GATEWAY}/nx/v1.js", 'type="text/plain" data-category="analytics"', "SNIPPET_HELD_BACK"),
        (f"{GATEWAY}/nx/v1.js", 'integrity="sha384-x" crossorigin', "INTEGRITY_OF_WHAT_CHANGES"),
        (f"{GATEWAY}/nx/1.0.0-0a1b2c3d.js", 'integrity="sha384-x"', "INTEGRITY_NOT_READABLE"),
        ("http://nexus.example/nx/v1.js", "", "FILE_NOT_SECURE"),
    ],
)
def test_attributes_that_change_what_arrives_are_said(src: str, more: str, code: str) -> None:
    assert code in codes(seen(tag(src, more)))


def test_a_pinned_file_with_its_attributes_is_good() -> None:
    more = 'integrity="sha384-x" crossorigin="anonymous"'
    assert codes(seen(tag(f"{GATEWAY}/nx/1.0.0-0a1b2c3d.js", more))) == ["SNIPPET_FOUND", "KEY_GOOD"]


def test_two_of_it_are_one_too_many() -> None:
    assert "SNIPPET_TWICE" in codes(seen(tag() + tag()))


@pytest.mark.parametrize(
    ("key", "known", "code"),
    [
        ("", None, "KEY_MISSING"),
        ("pk_live_…", None, "KEY_NOT_OF_SHOP"),
        (KEY, None, "KEY_NOT_OF_SHOP"),
        ("sk_live_" + "a" * 32, None, "KEY_SECRET"),
        (KEY, KnownKey("old", sends=True, in_force=False, allowed_origins=()), "KEY_ENDED"),
        (KEY, KnownKey("website", True, True, ("https://www.shop.example",)), "KEY_FOR_OTHER_ORIGINS"),
        (KEY, KnownKey("website", True, True, ("https://shop.example",)), "KEY_GOOD"),
    ],
)
def test_the_key_is_judged_as_the_gateway_would(key: str, known: KnownKey | None, code: str) -> None:
    assert of_key(seen(""), key, known).code == code


def test_a_secret_key_in_a_page_is_an_alarm_and_is_not_told_back() -> None:
    page = seen(f"<script>fetch('/x', 'sk_live_{'b' * 32}')</script>")
    [finding] = of_page(page)
    assert (finding.code, finding.level, finding.facts) == ("SECRET_KEY_SHOWN", "bad", {})


def test_a_strict_policy_is_said_directive_by_directive() -> None:
    page = seen(f"<script>{STUB}</script>{tag()}", policies=("script-src 'self'; connect-src 'self'",))
    assert codes(page)[-3:] == ["CSP_SCRIPT", "CSP_CONNECT", "CSP_STUB"]
    good = seen(tag(), policies=(f"script-src {GATEWAY}; connect-src {GATEWAY}",))
    assert codes(good)[-1] == "CSP_GOOD"
    of_the_page = '<meta http-equiv="Content-Security-Policy" content="connect-src \'none\'">'
    assert codes(seen(of_the_page + tag()))[-1] == "CSP_CONNECT"


def test_a_file_from_elsewhere_is_told_with_where_it_should_come_from() -> None:
    page = seen(tag("https://cdn.example/nx/v1.js"))
    found = installed(page, Reading(page.text))
    told = of_snippet(page, found, "elsewhere", GATEWAY)
    assert told[1] == Finding(
        "FILE_FROM_ELSEWHERE", "bad", {"file": "https://cdn.example/nx/v1.js", "host": GATEWAY}
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<script",
        "<script src=",
        "<script src='http://[::1'>",
        "<" * 5000,
        "<script src='//a:99999999/nx/v1.js'>",
    ],
)
def test_broken_pages_are_read_as_far_as_they_go(text: str) -> None:
    page = seen(text, policies=("script-src https:; connect-src https:",))
    reading = Reading(page.text)
    for one in installed(page, reading):
        assert of_policies(page, reading, one)
        assert of_snippet(page, [one], "elsewhere", GATEWAY)


def test_pages_that_are_none_say_so() -> None:
    assert of_page(Seen("https://shop.example/", 404, "text/html", (), ""))[0].code == "PAGE_FAILED"
    assert of_page(Seen("https://shop.example/", 200, "application/pdf", (), ""))[0].code == "NO_HTML"
