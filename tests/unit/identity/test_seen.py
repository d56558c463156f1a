"""Seen keys: new exactly once, however many there are and whatever is merged meanwhile."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.identity.domain.seen import KEY_BYTES, Seen, event_keys


def keys(numbers: list[int]) -> list[bytes]:
    return event_keys([b"\x01"] * len(numbers), [f"m{number}" for number in numbers])


def tended(seen: Seen) -> None:
    while (merge := seen.due_merge()) is not None:
        seen.install(merge, merge.run())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(0, 60), max_size=20), max_size=10))
def test_a_key_is_new_once_like_in_a_set(batches: list[list[int]]) -> None:
    seen, known = Seen(), set[int]()
    for numbers in batches:
        expected = []
        for number in numbers:
            expected.append(number not in known)
            known.add(number)
        assert seen.add_new(keys(numbers)) == expected


def test_a_key_stays_known_through_every_merge() -> None:
    seen, chance = Seen(), random.Random(7)
    for start in range(0, 400_000, 4_000):
        fresh = list(range(start, start + 4_000))
        old = chance.choices(range(start), k=200) if start else []
        assert seen.add_new(keys(fresh)) == [True] * 4_000
        assert not any(seen.add_new(keys(old)))
        tended(seen)
    assert len(seen) == 400_000


def test_keys_added_while_a_merge_runs_elsewhere_are_kept() -> None:
    seen = Seen()
    merge = None
    number = 0
    while merge is None:
        seen.add_new(keys(list(range(number, number + 8_000))))
        number += 8_000
        merge = seen.due_merge()
    seen.add_new(keys(list(range(number, number + 8_000))))
    seen.install(merge, merge.run())
    assert not any(seen.add_new(keys(list(range(0, number + 8_000, 97)))))


def test_keys_that_differ_in_their_last_half_only_are_two() -> None:
    seen = Seen()
    first, second, third = (b"\xff" * 8 + bytes(7) + bytes([end]) for end in (1, 2, 3))
    seen.load(first + second)
    assert seen.add_new([first, second, third]) == [False, False, True]


def test_a_log_read_back_knows_what_was_counted() -> None:
    counted = keys(list(range(5_000)))
    seen = Seen()
    seen.load(b"".join(counted))
    assert seen.add_new([*counted[:3], *keys([9_999])]) == [False, False, False, True]


def test_the_same_message_id_from_a_browser_and_a_server_is_two_events() -> None:
    browser, server = event_keys([b"\x01", b"\x02"], ["m", "m"])
    assert browser != server
    assert len(browser) == KEY_BYTES
