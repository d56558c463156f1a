"""Rules of signing in: passwords refused, whose address a request has, and where it may lead back."""

import pytest

from services.gateway.domain.addresses import client_address, networks
from services.gateway.domain.attempts import neighbourhood
from services.gateway.domain.password_rules import fault_of
from services.gateway.domain.single_sign_on import is_domain, own_path, unproven


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short", "short"),
        ("password", "common"),
        ("P@ssw0rd1!", "common"),
        ("Dragon2024", "common"),
        ("lovelove", "pattern"),
        ("12345678", "pattern"),
        ("qwertyuiop", "pattern"),
        ("aaaaaaaaaa", "pattern"),
        ("lin.meihua", "personal"),
        ("Meihua2026", "personal"),
        ("correct horse battery", None),
        ("eleven quiet herons", None),
        ("我家的貓咪不吃紅蘿蔔", None),
        ("tr7-Kx.9qm", None),
    ],
)
def test_what_anybody_would_guess_is_refused(password: str, fault: str | None) -> None:
    assert fault_of(password, ["Lin Meihua", "lin.meihua@shop.example"]) == fault


PROXIES = networks("10.0.0.0/8, 127.0.0.1, fd00::/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        ("10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["198.51.100.1", "203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["198.51.100.1", "203.0.113.5", "10.0.0.2"], "203.0.113.5"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
    ],
)
def test_what_stands_left_of_the_first_stranger_is_not_believed(
    peer: str, forwarded: list[str], address: str
) -> None:
    assert client_address(peer, forwarded, PROXIES) == address


def test_one_customer_of_a_provider_is_one_neighbourhood() -> None:
    assert neighbourhood("2001:db8:1:2::3") == neighbourhood("2001:db8:1:2:ffff::9")
    assert neighbourhood("2001:db8:1:2::3") != neighbourhood("2001:db8:1:3::3")
    assert neighbourhood("::ffff:192.0.2.7") == "192.0.2.7"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "",
        "team",
        "/\tx",
        "/\n",
    ],
)
def test_only_a_path_of_our_own_leads_back(path: str) -> None:
    assert own_path(path) == "/"
    assert own_path("/team?x=1#y") == "/team?x=1#y"


def test_a_domain_is_proven_by_an_address_in_it() -> None:
    assert unproven(["shop.example", "other.example"], [], "lin@shop.example") == ["other.example"]
    assert unproven(["other.example"], ["other.example"], "lin@shop.example") == []
    assert unproven(["gmail.com"], [], "lin@gmail.com") == ["gmail.com"]
    assert not is_domain("shop") and not is_domain("-a.example") and is_domain("a-b.example.com.tw")
