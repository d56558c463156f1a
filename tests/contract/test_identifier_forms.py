"""One form of an identifier: identity compares what the gateway lets through as it would the original."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.gateway.domain.claims import normal_email, normal_phone
from services.identity.domain.identifiers import Kind, Rules, Unusable, normalised

TAIWAN, JAPAN = Rules(), Rules(phone_country_code="81")

EMAILS = [
    (" Amy@Example.COM ", "amy@example.com"),
    ("ａｍｙ＠ｅｘａｍｐｌｅ．ｃｏｍ", "amy@example.com"),
    ("ＡＭＹ@example.com", "amy@example.com"),
    ("STRASSE@ex.de", "strasse@ex.de"),
    ("straße@ex.de", "strasse@ex.de"),
    ("王小明@例子.台灣", "王小明@例子.台灣"),
]
PHONES = [
    ("0912-345-678", "+886912345678"),
    ("+886 912 345 678", "+886912345678"),
    ("00886912345678", "+886912345678"),
    ("（０９１２）３４５６７８", "+886912345678"),
    ("02-2345-6789", "+886223456789"),
    ("+81 90 1234 5678", "+819012345678"),
    ("5551234567", "5551234567"),
]


@pytest.mark.parametrize(("written", "form"), EMAILS)
def test_an_e_mail_has_one_form_at_both_doors(written: str, form: str) -> None:
    assert normal_email(written) == form
    assert normalised(Kind.EMAIL, written, TAIWAN) == form


@pytest.mark.parametrize(("written", "form"), PHONES)
def test_a_phone_has_one_form_in_the_end(written: str, form: str) -> None:
    let_through = normal_phone(written)
    assert let_through is not None
    assert normalised(Kind.PHONE, let_through, TAIWAN) == form
    assert normalised(Kind.PHONE, written, TAIWAN) == form


def test_a_number_dialled_at_home_belongs_to_the_tenants_country() -> None:
    let_through = normal_phone("090-1234-5678")
    assert let_through is not None
    assert normalised(Kind.PHONE, let_through, JAPAN) == "+819012345678"


def form_of(kind: Kind, value: str) -> str | None:
    try:
        return normalised(kind, value, TAIWAN)
    except Unusable:
        return None


@given(st.one_of(st.emails(), st.text(max_size=40), st.text("ａＡß@.İıﬀ ", max_size=12)))
@example("ſ@ﬀ.ﬆ")
@example("\u1e9e@x.de")
def test_any_text_that_passes_as_an_e_mail_is_the_same_before_and_after(written: str) -> None:
    let_through = normal_email(written)
    if let_through is not None:
        assert form_of(Kind.EMAIL, let_through) == form_of(Kind.EMAIL, written) == let_through


@given(st.text("0123456789０１２３４５６７８９+＋-() .　", max_size=20))
def test_any_text_that_passes_as_a_phone_is_the_same_before_and_after(written: str) -> None:
    let_through = normal_phone(written)
    if let_through is not None:
        assert form_of(Kind.PHONE, let_through) == form_of(Kind.PHONE, written)
