"""Everything that is wrong with a tree is told at once, where it is and what to do."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given

from services.insight.domain.catalogue import ValueType
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    All,
    AllTime,
    AnniversaryWithin,
    AnyOf,
    AttributeCondition,
    Between,
    Changed,
    Compare,
    Contains,
    Dates,
    DaysAgo,
    DaysSince,
    Difference,
    EventCondition,
    EventStep,
    ExternalCondition,
    GeneCondition,
    GoalCondition,
    InList,
    InMonth,
    InSegment,
    InSnapshot,
    Known,
    Mode,
    Node,
    Not,
    OnDate,
    OneOf,
    Op,
    PropertyTest,
    SequenceCondition,
    Share,
    Test,
    Trend,
    ValueOf,
    last_days,
)
from services.insight.domain.segments.validation import Types, problems_of
from tests.unit.insight.segment_trees import TREES

MONTH = last_days(30)
THREE = Compare(Op.GE, Decimal(3))
ID = "0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f0001"
GOOD = GeneCondition("orders", THREE, MONTH)
ORDERED = EventStep("order_completed")


@given(TREES)
def test_a_valid_tree_has_no_problem(root: Node) -> None:
    assert problems_of(root) == []


@pytest.mark.parametrize(
    ("node", "field", "code"),
    [
        (GeneCondition("order", THREE, MONTH), "gene", "GENE_NOT_KNOWN"),
        (GeneCondition("orders", THREE), "window", "WINDOW_MISSING"),
        (GeneCondition("days_since_order", THREE, MONTH), "window", "WINDOW_NOT_ALLOWED"),
        (GeneCondition("orders", THREE, last_days(731)), "window", "WINDOW_TOO_LONG"),
        (GeneCondition("viewed_not_bought", Known(), last_days(91)), "window", "WINDOW_TOO_LONG"),
        (GeneCondition("viewed_not_bought", Known(), AllTime()), "window", "WINDOW_TOO_LONG"),
        (GeneCondition("orders", THREE, DaysAgo(30, 60)), "window", "WINDOW_REVERSED"),
        (GeneCondition("orders", THREE, MONTH, DaysAgo(0, 0)), "as_of", "AS_OF_NOT_OVER"),
        (GeneCondition("orders", THREE, MONTH, DaysAgo(7, 1)), "as_of", "AS_OF_MORE_THAN_A_DAY"),
        (GeneCondition("orders", THREE, MONTH, DaysAgo(731, 731)), "as_of", "WINDOW_TOO_LONG"),
        (
            GeneCondition("reachable_by", Known(), as_of=DaysAgo(1, 1)),
            "as_of",
            "AS_OF_NOT_ALLOWED",
        ),
        (
            GeneCondition("orders", THREE, Dates(date(2026, 2, 1), date(2026, 1, 1))),
            "window",
            "WINDOW_REVERSED",
        ),
        (
            GeneCondition("orders", THREE, Dates(date(1, 1, 1), date(2026, 1, 1))),
            "window",
            "DATE_OUT_OF_RANGE",
        ),
        (GeneCondition("first_seen_on", OnDate("on", date(9999, 12, 31))), "test.on", "DATE_OUT_OF_RANGE"),
        (GeneCondition("orders", OneOf(("3",)), MONTH), "test", "OPERATOR_NOT_ALLOWED"),
        (GeneCondition("member_stage", THREE), "test", "OPERATOR_NOT_ALLOWED"),
        (GeneCondition("viewed_brands", Contains(Mode.ANY, ("a",), part=True), MONTH), "test.part", None),
        (
            GeneCondition("viewed_brands", Contains(Mode.ANY, ("a",), by_category=True), MONTH),
            "test.by_category",
            "OPERATOR_NOT_ALLOWED",
        ),
        (GeneCondition("member_stage", OneOf(("loyal", "Loyal"))), "test.values.1", "VALUE_NOT_KNOWN"),
        (GeneCondition("visit_weekdays", Contains(Mode.ANY, ("0",)), MONTH), "test.values.0", None),
        (GeneCondition("discount_ratio", Compare(Op.GE, Decimal(30)), MONTH), "test.value", None),
        (
            GeneCondition("interest_strength", ValueOf("茶", Compare(Op.GE, Decimal(101)))),
            "test.test.value",
            "NUMBER_OUT_OF_RANGE",
        ),
        (GeneCondition("interest_strength", Trend(" ", rising=True)), "test.key", "TEXT_EMPTY"),
        (GeneCondition("orders", Compare(Op.GE, Decimal("NaN")), MONTH), "test.value", "NUMBER_NOT_VALID"),
        (GeneCondition("revenue", Compare(Op.GE, Decimal("0.0000001")), MONTH), "test.value", None),
        (GeneCondition("revenue", Between(Decimal(9), Decimal(1)), MONTH), "test.low", "RANGE_REVERSED"),
        (GeneCondition("revenue", Share(True, Decimal(100)), MONTH), "test.percent", None),
        (GeneCondition("revenue", AgainstYardstick(True, "mode"), MONTH), "test.of", None),
        (GeneCondition("first_seen_on", InMonth(13)), "test.month", "MONTH_NOT_VALID"),
        (GeneCondition("first_seen_on", DaysSince(0)), "test.days", "NUMBER_OUT_OF_RANGE"),
        (GeneCondition("member_since_on", AnniversaryWithin(367)), "test.days", "NUMBER_OUT_OF_RANGE"),
        (AttributeCondition("", Known()), "name", "TEXT_EMPTY"),
        (AttributeCondition("city", OneOf(())), "test.values", "VALUES_EMPTY"),
        (AttributeCondition("city", OneOf(("a\n",))), "test.values.0", "TEXT_NOT_VALID"),
        (AttributeCondition("city", OneOf(("a" * 501,))), "test.values.0", "TEXT_TOO_LONG"),
        (AttributeCondition("city", OneOf(("a",) * 501)), "test.values", "TOO_MANY_VALUES"),
        (EventCondition(EventStep("Order Completed"), MONTH), "step.event", "EVENT_NAME_NOT_CANONICAL"),
        (EventCondition(ORDERED, MONTH, Compare(Op.GE, Decimal("1.5"))), "times.value", None),
        (EventCondition(ORDERED, MONTH, Compare(Op.GE, Decimal(-1))), "times.value", None),
        (EventCondition(ORDERED, last_days(731)), "window", "WINDOW_TOO_LONG"),
        (
            EventCondition(EventStep("order_completed", (PropertyTest("a..b", Known()),)), MONTH),
            "step.where.0.path",
            "PROPERTY_NOT_VALID",
        ),
        (
            EventCondition(EventStep("order_completed", (PropertyTest("a\0", Known()),)), MONTH),
            "step.where.0.path",
            "PROPERTY_NOT_VALID",
        ),
        (SequenceCondition(ORDERED, ORDERED, 0, MONTH), "within_days", "NUMBER_OUT_OF_RANGE"),
        (SequenceCondition(ORDERED, EventStep(""), 3, MONTH), "then.event", "TEXT_EMPTY"),
        (InSegment("loyal"), "segment_id", "ID_NOT_VALID"),
        (InSnapshot(""), "snapshot_id", "ID_NOT_VALID"),
        (InList("0B0E1B62-9F5C-4D5A-8A53-4F5F6E0F0001"), "list_id", "ID_NOT_VALID"),
        (GoalCondition("order", MONTH), "goal_id", "ID_NOT_VALID"),
        (GoalCondition(ID, last_days(731)), "window", "WINDOW_TOO_LONG"),
        (GoalCondition(ID, MONTH, Compare(Op.GE, Decimal("0.5"))), "times.value", None),
        (ExternalCondition("churn", Known()), "gene", "ID_NOT_VALID"),
        (ExternalCondition(ID, OneOf(())), "test.values", "VALUES_EMPTY"),
        (ExternalCondition(ID, Changed(0)), "test.days", "NUMBER_OUT_OF_RANGE"),
        (ExternalCondition(ID, Changed(7, before="")), "test.before", "TEXT_EMPTY"),
        (All(()), "nodes", "GROUP_EMPTY"),
        (AnyOf(()), "nodes", "GROUP_EMPTY"),
        (Difference((GOOD,)), "nodes", "DIFFERENCE_OF_ONE"),
    ],
)
def test_a_problem_names_its_field_and_the_fix(node: Node, field: str, code: str | None) -> None:
    (problem,) = problems_of(node)
    assert (problem.path, problem.field) == ((), field)
    assert code in (None, problem.code)
    assert problem.detail and problem.fix


def test_all_problems_are_told_at_once_each_with_its_path() -> None:
    root = All(
        (
            GOOD,
            AnyOf(()),
            Not(Difference((GOOD, GeneCondition("order", THREE), GeneCondition("revenue", OneOf(()))))),
        )
    )
    assert [(problem.path, problem.code) for problem in problems_of(root)] == [
        ((1,), "GROUP_EMPTY"),
        ((2, 0, 1), "GENE_NOT_KNOWN"),
        ((2, 0, 2), "WINDOW_MISSING"),
        ((2, 0, 2), "OPERATOR_NOT_ALLOWED"),
    ]


def test_attributes_are_judged_by_their_type_where_it_is_known() -> None:
    node = AttributeCondition("birthday", THREE)
    assert problems_of(node) == []
    (problem,) = problems_of(node, Types({"birthday": ValueType.DATE}))
    assert problem.code == "OPERATOR_NOT_ALLOWED"
    assert "anniversary_within_days" in problem.fix


@pytest.mark.parametrize(
    ("kind", "test", "field"),
    [
        (ValueType.MONEY, OneOf(("gold",)), "test"),
        (ValueType.CATEGORY, THREE, "test"),
        (ValueType.NUMBER, Changed(7, after="gold"), "test.after"),
        (ValueType.DATE, Changed(7, before="2026-02-30", after="2026-02-28"), "test.before"),
    ],
)
def test_external_genes_are_judged_by_their_type(kind: ValueType, test: Test | Changed, field: str) -> None:
    node = ExternalCondition(ID, test)
    assert problems_of(node) == []
    (problem,) = problems_of(node, Types(external={ID: kind}))
    assert problem.field == field


def test_a_tree_is_at_most_twelve_deep() -> None:
    root: Node = GOOD
    for _ in range(11):
        root = Not(root)
    assert problems_of(root) == []
    (problem,) = problems_of(Not(root))
    assert (problem.path, problem.code) == ((0,) * 12, "TREE_TOO_DEEP")


def test_a_tree_has_at_most_two_hundred_nodes() -> None:
    assert problems_of(All((GOOD,) * 199)) == []
    (problem,) = problems_of(All((GOOD,) * 500))
    assert (problem.path, problem.code) == ((199,), "TREE_TOO_LARGE")


def test_a_preview_of_nonsense_stops_listing() -> None:
    bad = EventCondition(EventStep("", (PropertyTest("", OneOf(("",) * 50)),) * 10), MONTH)
    assert 100 <= len(problems_of(All((bad,) * 100))) <= 1000
