"""Which segments name which, and what a change of a tree changed."""

from decimal import Decimal

from services.insight.domain.segments.references import Change, Uses, cycle, depth, difference, uses
from services.insight.domain.segments.tree import (
    All,
    AllTime,
    AnyOf,
    Compare,
    Difference,
    ExternalCondition,
    GeneCondition,
    GoalCondition,
    InList,
    InSegment,
    InSnapshot,
    Known,
    Node,
    Not,
    Op,
)


def orders(at_least: int) -> Node:
    return GeneCondition("orders", Compare(Op.GE, Decimal(at_least)))


SESSIONS = GeneCondition("sessions", Compare(Op.GE, Decimal(1)))


def test_a_tree_uses_what_it_names_at_any_depth() -> None:
    brought = AnyOf((GoalCondition("g", AllTime()), ExternalCondition("x", Known())))
    root = All((InSegment("a"), Not(AnyOf((InSegment("b"), InSnapshot("s"), InList("l"), brought)))))
    assert uses(root) == Uses(
        frozenset({"a", "b"}), frozenset({"s"}), frozenset({"l"}), frozenset({"g"}), frozenset({"x"})
    )
    assert uses(root).ids == ["a", "b", "g", "l", "s", "x"]


def test_a_segment_may_not_name_itself() -> None:
    assert cycle({}, "a", {"a"}) == ["a", "a"]


def test_a_cycle_is_told_with_its_way() -> None:
    graph = {"b": {"c", "x"}, "c": {"d"}, "d": {"a"}, "x": set[str]()}
    assert cycle(graph, "a", {"b"}) == ["a", "b", "c", "d", "a"]


def test_two_ways_to_one_segment_are_no_cycle() -> None:
    graph = {"b": {"d"}, "c": {"d"}, "d": set[str]()}
    assert cycle(graph, "a", {"b", "c"}) is None


def test_what_the_segment_named_before_does_not_count() -> None:
    assert cycle({"a": {"b"}, "b": set[str]()}, "a", {"c"}) is None
    assert cycle({"a": {"b"}, "b": set[str]()}, "c", {"a"}) is None


def test_depth_counts_the_longest_way() -> None:
    graph = {"b": {"c", "d"}, "c": {"d"}, "d": set[str]()}
    assert depth(graph, {"b"}) == 3
    assert depth(graph, set()) == 0


def test_equal_trees_differ_in_nothing() -> None:
    assert difference(All((orders(1), SESSIONS)), All((orders(1), SESSIONS))) == []


def test_one_more_in_front_moves_nothing() -> None:
    before, after = All((orders(1),)), All((SESSIONS, orders(1)))
    assert difference(before, after) == [Change(None, ((0,), SESSIONS))]


def test_another_number_is_a_change_of_that_condition() -> None:
    before, after = All((SESSIONS, orders(1))), All((orders(2), SESSIONS))
    assert difference(before, after) == [Change(((1,), orders(1)), ((0,), orders(2)))]


def test_a_condition_that_is_gone_is_told_with_its_old_place() -> None:
    before, after = All((SESSIONS, orders(1))), All((orders(1),))
    assert difference(before, after) == [Change(((0,), SESSIONS), None)]


def test_changes_are_found_inside_groups() -> None:
    before = All((AnyOf((orders(1), InSegment("a"))), SESSIONS))
    after = All((SESSIONS, AnyOf((orders(3), InSegment("a")))))
    assert difference(before, after) == [Change(((0, 0), orders(1)), ((1, 0), orders(3)))]


def test_another_kind_of_group_is_one_change() -> None:
    before, after = All((orders(1), SESSIONS)), AnyOf((orders(1), SESSIONS))
    assert difference(before, after) == [Change(((), before), ((), after))]


def test_the_first_node_of_a_difference_is_compared_with_the_first() -> None:
    before, after = Difference((InSegment("a"), InSegment("b"))), Difference((InSegment("b"), InSegment("a")))
    assert difference(before, after) == [
        Change(((0,), InSegment("a")), ((0,), InSegment("b"))),
        Change(None, ((1,), InSegment("a"))),
        Change(((1,), InSegment("b")), None),
    ]


def test_the_inside_of_a_complement_is_compared_with_the_inside() -> None:
    assert difference(Not(orders(1)), Not(SESSIONS)) == [Change(((0,), orders(1)), ((0,), SESSIONS))]
