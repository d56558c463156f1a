"""One address is one mailbox, whoever reads it."""

import pytest

from services.gateway.domain.mail_addresses import mail_address

# How a header would read them: somebody else, several people, nobody, or not at all.
TWO_FACED = [
    "me@evil.example,you@shop.example",
    "x<me@evil.example>@shop.example",
    "=?utf-8?q?me=40evil.example=2C?=you@shop.example",
    "me@evil.example@shop.example",
    "a;b@shop.example",
    "(me@shop.example",
    '"me@shop.example',
    "me@[shop.example",
    "me..you@shop.example",
    "me@shop..example",
    "me@-shop.example",
    "me@shop.example\r\nBcc: you@shop.example",
    "me\u2028@shop.example",
    "mé@shop.example",
    "me@shop",
    "@shop.example",
    "me@",
    "a" * 65 + "@shop.example",
    "me@" + "a." * 126 + "tw",
]


@pytest.mark.parametrize("text", TWO_FACED)
def test_what_a_mail_program_reads_otherwise_is_no_address(text: str) -> None:
    with pytest.raises(ValueError):
        mail_address(text)


def test_plain_addresses_are_taken_in_lower_case() -> None:
    assert mail_address(" Lin.Mei+shop@Shop.Example.TW ") == "lin.mei+shop@shop.example.tw"
    assert mail_address("o'brien@xn--fiq228c.example") == "o'brien@xn--fiq228c.example"
    assert mail_address("me@localhost") == "me@localhost"
