"""The batch reference of fault tests follows the written rules."""

import random

from bench.people import Fact, events_of, people


def seen(message_id: str, at_ms: int, browser: str, member: str = "") -> Fact:
    return Fact(message_id, at_ms, f"a:{browser}", f"u:{member}" if member else "")


def test_a_member_owns_the_browser_they_first_signed_in_on() -> None:
    facts = [seen("1", 10, "b"), seen("2", 20, "b", "ann")]
    assert people(facts) == {frozenset({"a:b", "u:ann"})}


def test_a_browser_of_two_members_goes_to_the_earlier_one_whatever_arrives_first() -> None:
    facts = [seen("2", 20, "b", "bob"), seen("1", 10, "b", "ann"), seen("3", 30, "b")]
    persons = people(facts)
    assert persons == {frozenset({"a:b", "u:ann"}), frozenset({"u:bob"})}
    assert events_of(facts, persons) == {frozenset({"a:b", "u:ann"}): 2, frozenset({"u:bob"}): 1}


def test_at_one_moment_the_message_id_decides() -> None:
    facts = [seen("z", 10, "b", "ann"), seen("a", 10, "b", "bob")]
    assert people(facts) == {frozenset({"a:b", "u:bob"}), frozenset({"u:ann"})}


def test_nobody_has_more_than_a_hundred_browsers() -> None:
    facts = [seen(str(number), number, f"b{number}", "ann") for number in range(101)]
    assert sorted(map(len, people(facts))) == [1, 101]


def test_the_order_of_arrival_never_matters() -> None:
    rng = random.Random(5)
    facts = [
        seen(str(number), rng.randrange(50), f"b{rng.randrange(6)}", rng.choice(["", "ann", "bob", "cy"]))
        for number in range(60)
    ]
    expected = people(facts)
    for _ in range(20):
        rng.shuffle(facts)
        assert people(facts) == expected
