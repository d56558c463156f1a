"""Cursors lead back only to the list that made them."""

import base64

import pytest

from services.gateway.domain.cursors import cursor_of, place_of


def test_a_cursor_says_what_it_was_given() -> None:
    assert place_of("rows", cursor_of("rows", 7, "x"), int, str) == (7, "x")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "a",
        cursor_of("others", 7, "x"),
        cursor_of("rows", "7", "x"),
        cursor_of("rows", True, "x"),
        cursor_of("rows", 7),
        "\u5b57",
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_what_is_no_cursor_of_this_list_is_none(cursor: str) -> None:
    assert place_of("rows", cursor, int, str) is None
