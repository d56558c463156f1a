"""Stages, periods, steps, sums and costs of the reports on people, by hand."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from services.insight.domain.ad_costs import AdCost, costs_by_source, divided
from services.insight.domain.genes.facts import NO_DAY, Rules
from services.insight.domain.goals import reaching
from services.insight.domain.money import Rate, Rates
from services.insight.domain.segments.tree import AllTime, GeneCondition, OneOf
from services.insight.domain.segments.validation import problems_of
from services.insight.errors import AdCostNotValid, RangeNotValid
from services.insight.reporting.ad_spend import range_of, source_name
from services.insight.reporting.funnel import Journeys, stages_by_goal, stages_by_orders, steps
from services.insight.reporting.number import among
from services.insight.reporting.retention import MONTH, WEEK, began, cohorts, joined, periods
from services.insight.reporting.scope import Scope, at_least, ordered, visited
from services.insight.reporting.sources import Bought, Came, Sums, sums_by_source, sums_of_all, with_all

_GOAL_ID = "7a1f5d0e-33f0-4a11-8b6a-b1f0a4c51f02"


def days(*some: int | None) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    return np.array([NO_DAY if one is None else one for one in some], np.int32)


def test_stages_are_the_lifecycle_segments_and_valid_trees() -> None:
    stages = stages_by_orders()
    assert [stage.key for stage in stages] == ["visitor", "member", "first_time", "repeat", "loyal", "fan"]
    assert stages[3].so_far == GeneCondition("member_stage", OneOf(("repeat", "loyal")))
    by_goal = stages_by_goal(
        lambda window, times: reaching(_GOAL_ID, window, at_least(times)), Rules(loyal_orders=3)
    )
    for stage in (*stages, *by_goal):
        for tree in (stage.there, stage.so_far):
            assert problems_of(among(tree, *Scope(None, date(2026, 1, 1), date(2026, 2, 1)).filters)) == []


def test_a_step_is_of_those_who_took_it_in_this_order_and_says_who_is_left_out() -> None:
    # Five people: three joined after 0, 2 and 10 days, one before they were first seen, one not yet.
    journeys = Journeys(
        first_seen=days(100, 100, 100, 100, 100),
        member_since=days(100, 102, 110, 90, None),
        first_order=days(None, None, None, None, None),
        second_order=days(None, None, None, None, None),
        nth_order=days(None, None, None, None, None),
    )
    to_member, to_order, *_ = steps(journeys, 3)
    assert (to_member.measured, to_member.waiting.profiles, to_member.backwards) == (3, 1, 1)
    # Quartiles of 0, 2, 10 between neighbours: halfway to the first, and to the last.
    assert (to_member.lower_quartile, to_member.median, to_member.upper_quartile) == (1.0, 2.0, 6.0)
    assert (to_order.measured, to_order.waiting.profiles, to_order.median) == (0, 5, None)


def test_months_and_weeks_end_with_the_present_one_which_is_not_over() -> None:
    months = periods(MONTH, 3, date(2026, 3, 1))
    assert [(one.first_on, one.last_on, one.over) for one in months] == [
        (date(2026, 1, 1), date(2026, 1, 31), True),
        (date(2026, 2, 1), date(2026, 2, 28), True),
        (date(2026, 3, 1), date(2026, 3, 31), False),
    ]
    # 1 March 2026 is a Sunday.
    weeks = periods(WEEK, 2, date(2026, 3, 1))
    assert [(one.first_on, one.last_on, one.over) for one in weeks] == [
        (date(2026, 2, 16), date(2026, 2, 22), True),
        (date(2026, 2, 23), date(2026, 3, 1), False),
    ]


def test_a_cohort_has_a_cell_for_its_own_period_and_each_one_since() -> None:
    found = periods(MONTH, 3, date(2026, 3, 15))
    for beginning in (began(ordered), joined):
        planned = cohorts(found, Scope(_GOAL_ID).filters, beginning, visited)
        assert [len(cohort.cells) for cohort in planned] == [3, 2, 1]
        for cohort in planned:
            assert problems_of(cohort.began) == []
            assert all(problems_of(tree) == [] for _, tree in cohort.cells)


def test_sums_by_source_count_a_person_in_each_source_and_once_in_the_total() -> None:
    # 7 came by ads twice and by search once; 8 by search; 9 ordered without any visit.
    came = Came(
        np.array([7, 7, 8], np.uint32),
        np.array([1, 2, 2], np.uint32),
        np.array([2, 1, 4], np.int64),
        ("", "google / cpc", "search"),
    )
    bought = Bought(
        np.array([9, 7], np.uint32),
        np.array([1, 2], np.int64),
        np.array([50_000, 1_000_000], np.int64),
        np.array([True, False]),
    )
    assert sums_by_source(came, bought) == {
        "google / cpc": Sums(2, 1, 0, 1, 2, Decimal(100)),
        "search": Sums(5, 2, 0, 1, 2, Decimal(100)),
    }
    assert sums_of_all(came, bought) == Sums(7, 2, 0, 1, 2, Decimal(100))
    everybody = with_all(came, bought)
    assert sums_by_source(everybody, bought)[""] == Sums(0, 0, 1, 1, 1, Decimal(5))
    assert sums_of_all(everybody, bought) == Sums(7, 2, 1, 2, 3, Decimal(105))


def test_costs_are_converted_at_their_days_rate_or_told_apart() -> None:
    rates = Rates(
        "TWD", [Rate("USD", date(2026, 1, 1), Decimal(30)), Rate("USD", date(2026, 1, 3), Decimal(32))]
    )
    costs = [
        AdCost("google / cpc", date(2026, 1, 2), Decimal("10.5"), "USD"),
        AdCost("google / cpc", date(2026, 1, 3), Decimal(10), "USD"),
        AdCost("line / msg", date(2026, 1, 3), Decimal(100), "TWD"),
        AdCost("line / msg", date(2026, 1, 4), Decimal(7), "JPY"),
    ]
    by_source = costs_by_source(costs, rates)
    assert (by_source["google / cpc"].known, by_source["google / cpc"].days) == (Decimal(635), 2)
    assert by_source["line / msg"].known is None
    assert by_source["line / msg"].unconverted == {"JPY": Decimal(7)}
    assert "search" not in by_source
    assert divided(Decimal(635), 4) == Decimal("158.75")
    assert divided(None, 4) is None and divided(Decimal(635), 0) is None


@pytest.mark.parametrize("source", ("", "  ", "a" * 301, "a\0b"))
def test_a_source_of_costs_has_a_name(source: str) -> None:
    with pytest.raises(AdCostNotValid):
        source_name(source)


@pytest.mark.parametrize(("first", "last"), (("", "2026-01-01"), ("2026-01-02", "2026-01-01"), ("x", "y")))
def test_costs_are_replaced_between_two_days(first: str, last: str) -> None:
    with pytest.raises(RangeNotValid):
        range_of(first, last)


def test_among_keeps_one_group() -> None:
    tree = among(ordered(AllTime(), 1), *Scope(_GOAL_ID).filters)
    assert problems_of(tree) == []
