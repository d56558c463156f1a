"""What a change makes of an uploaded list."""

import pytest
from pyroaring import BitMap

from services.insight.domain.lists import ListMode, changed, name_key


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (ListMode.APPEND, [1, 2, 3, 4]),
        (ListMode.REPLACE, [3, 4]),
        (ListMode.REMOVE, [1, 2]),
    ],
)
def test_each_mode_does_what_its_name_says(mode: ListMode, expected: list[int]) -> None:
    assert changed(BitMap([1, 2, 3]), BitMap([3, 4]), mode) == BitMap(expected)


@pytest.mark.parametrize("mode", [ListMode.APPEND, ListMode.REMOVE])
def test_uploading_nobody_changes_nothing(mode: ListMode) -> None:
    assert changed(BitMap([1]), BitMap(), mode) == BitMap([1])


def test_replacing_by_nobody_empties_a_list() -> None:
    assert changed(BitMap([1]), BitMap(), ListMode.REPLACE) == BitMap()


@pytest.mark.parametrize("other", ["VIP Café", " vip café", "Vip Cafe\u0301 "])
def test_case_spaces_around_and_ways_to_write_an_accent_make_no_other_name(other: str) -> None:
    assert name_key(other) == name_key("VIP Café")
