"""Content Security Policies, as CSP3 has them; cases follow the web platform tests' names."""

import pytest

from services.gateway.domain.content_security import (
    Element,
    policies,
    refuses_connection,
    refuses_inline,
    refuses_script,
)

PAGE = "https://shop.example/cart"
FILE = "https://data.nexus.example/nx/v1.js"
# openssl dgst -sha256 -binary | base64 of "alert(1)"
ALERT = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"


def policy(text: str):  # type: ignore[no-untyped-def]
    [one] = policies([text])
    return one


@pytest.mark.parametrize(
    "sources",
    [
        "*",
        "https:",
        "http:",
        "https://data.nexus.example",
        "data.nexus.example",
        "*.nexus.example",
        "http://data.nexus.example",
        "https://data.nexus.example:443",
        "https://data.nexus.example:*",
        "https://data.nexus.example/nx/",
        "https://data.nexus.example/nx/v1.js",
        "HTTPS://DATA.nexus.EXAMPLE",
        "'self' https://other.example data.nexus.example",
    ],
)
def test_a_policy_that_lists_the_host_lets_its_file_in(sources: str) -> None:
    assert refuses_script(policy(f"script-src {sources}"), PAGE, Element(FILE)) is None
    assert refuses_script(policy(f"default-src {sources}"), PAGE, Element(FILE)) is None


@pytest.mark.parametrize(
    "sources",
    [
        "'none'",
        "'self'",
        "",
        "https://nexus.example",
        "*.data.nexus.example",
        "https://data.nexus.example:8443",
        "https://data.nexus.example/js/",
        "wss:",
        "'nonce-abc'",
        "https://data.nexus.example 'strict-dynamic' 'nonce-abc'",
    ],
)
def test_a_policy_that_lists_others_keeps_it_out_and_is_named(sources: str) -> None:
    assert refuses_script(policy(f"script-src {sources}"), PAGE, Element(FILE)) == "script-src"
    assert refuses_script(policy(f"default-src {sources}"), PAGE, Element(FILE)) == "default-src"


def test_the_nearest_directive_counts_and_the_first_of_its_name() -> None:
    text = "default-src 'none'; script-src 'none'; script-src-elem https:; SCRIPT-SRC-ELEM 'none'"
    assert refuses_script(policy(text), PAGE, Element(FILE)) is None
    assert refuses_script(policy("img-src 'none'"), PAGE, Element(FILE)) is None


def test_a_nonce_or_a_listed_digest_is_trusted_wherever_the_file_is() -> None:
    by_nonce = policy("script-src 'nonce-abc' 'strict-dynamic'")
    assert refuses_script(by_nonce, PAGE, Element(FILE, nonce="abc")) is None
    assert refuses_script(by_nonce, PAGE, Element(FILE, nonce="abd")) == "script-src"
    by_digest = policy("script-src 'sha384-xyz='")
    assert refuses_script(by_digest, PAGE, Element(FILE, integrity="sha384-xyz=")) is None
    assert refuses_script(by_digest, PAGE, Element(FILE, integrity="sha384-xyz= sha384-a=")) == "script-src"


def test_self_is_the_pages_own_origin() -> None:
    own = policy("script-src 'self'; connect-src 'self'")
    assert refuses_script(own, PAGE, Element("https://shop.example/data/nx/v1.js")) is None
    assert refuses_script(own, PAGE, Element("https://shop.example:8443/nx/v1.js")) == "script-src"
    assert refuses_connection(own, PAGE, "https://shop.example/data/v1/batch") is None
    assert refuses_connection(own, "http://localhost:8000/", "http://localhost:8400/v1/batch") is not None


def test_written_scripts_need_unsafe_inline_or_their_own_nonce_or_digest() -> None:
    script = Element(text="alert(1)")
    assert refuses_inline(policy("script-src https:"), script) == "script-src"
    assert refuses_inline(policy("script-src 'unsafe-inline'"), script) is None
    assert refuses_inline(policy(f"script-src {ALERT}"), script) is None
    assert refuses_inline(policy("script-src 'nonce-a'"), Element(nonce="a", text="alert(1)")) is None
    # Browsers ignore 'unsafe-inline' beside a nonce.
    assert refuses_inline(policy("script-src 'unsafe-inline' 'nonce-a'"), script) == "script-src"


def test_several_policies_in_one_header_are_all_in_force() -> None:
    assert len(policies(["default-src 'self', script-src https:", "", "img-src *"])) == 3


@pytest.mark.parametrize("source", ["https://[::1", "://", "https://a:99999999", "*:*:*", "%%%"])
def test_what_is_no_source_allows_nothing(source: str) -> None:
    assert refuses_connection(policy(f"connect-src {source}"), PAGE, FILE) == "connect-src"
