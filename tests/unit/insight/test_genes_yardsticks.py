"""The tenant's yardstick, the median wait for a second order, and tests of numbers against them."""

from decimal import Decimal

import numpy as np
import pytest

from services.insight.domain.genes.cycles import first_to_second, median_wait, order_rhythm
from services.insight.domain.genes.facts import NO_DAY
from services.insight.domain.genes.profile_ids import profile_ids_of
from services.insight.domain.genes.value_tests import number_passes
from services.insight.domain.genes.vocabulary import Vocabulary
from services.insight.domain.genes.yardsticks import Numbers, yardstick
from services.insight.domain.segments.tree import AgainstYardstick, Between, Compare, Op, Share

# Remission under 6-mercaptopurine in weeks, and whether it ended: Freireich et al. 1963, the example of Gehan
# 1965, whose medians by Kaplan and Meier are 23 and (with placebo) 8.
TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def wait(told: str) -> int | None:
    days = np.array([int(one.strip("+")) for one in told.split()], np.int32)
    return median_wait(days, np.array([not one.endswith("+") for one in told.split()], np.bool_))


@pytest.mark.parametrize(
    ("told", "expected"), [(TREATED, 23), (PLACEBO, 8), ("5+ 9+", None), ("3 9+ 9+", None)]
)
def test_the_median_wait_counts_who_is_still_waiting(told: str, expected: int | None) -> None:
    assert wait(told) == expected


def test_three_thirds_of_a_half_are_a_half() -> None:
    """1/2 is reached exactly: 3/4 x 2/3."""
    assert wait("1 2 5+ 6+") == 2


def test_own_gaps_need_three_days_of_orders() -> None:
    person = np.array([0, 0, 0, 0, 1, 1, 1, 3], np.uint32)
    day = np.array([10, 10, 13, 20, 5, 9, 9, 7], np.int32)
    n_days, first, second, median = order_rhythm(4, person, day)
    assert n_days.tolist() == [3, 2, 0, 1]
    assert first.tolist() == [10, 5, NO_DAY, 7]
    assert second.tolist() == [13, 9, NO_DAY, NO_DAY]
    assert median[0] == 5 and np.isnan(median[1:]).all()
    waits, came_back = first_to_second(first, second, 30)
    assert waits.tolist() == [3, 4, 23] and came_back.tolist() == [True, True, False]


def test_a_yardstick_of_money() -> None:
    of_money = yardstick(np.array([30_000, 10_000, 10_000, 20_000], np.int64), 10_000)
    assert (of_money.size, of_money.mean, of_money.median) == (4, Decimal("1.75"), Decimal("1.5"))
    assert of_money.percentiles(np.array([9_999, 10_000, 15_000, 30_000])).tolist() == [0, 50, 50, 100]
    assert of_money.quantiles([0, 0.5, 0.51, 1]) == [10_000, 10_000, 20_000, 30_000]


@pytest.mark.parametrize(
    ("top", "percent", "expected"),
    [(True, "25", 3), (True, "26", 2), (True, "100", 1), (False, "1", 1), (False, "75", 2), (False, "76", 3)],
)
def test_a_share_of_people_is_rounded_up(top: bool, percent: str, expected: int) -> None:
    assert yardstick(np.array([1, 1, 2, 3], np.int64)).threshold(Decimal(percent), top=top) == expected


def test_nobody_is_above_a_yardstick_of_nobody() -> None:
    of_nobody = yardstick(np.zeros(0, np.int64))
    assert of_nobody.quantiles([0.5]) == [] and of_nobody.mean is None
    numbers = Numbers(np.array([5], np.int64), np.array([True]))
    assert not number_passes(numbers, Share(True, Decimal(50)), of_nobody).any()
    assert not number_passes(numbers, AgainstYardstick(True, "median"), of_nobody).any()


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (Compare(Op.GE, Decimal("0.5")), [True, False, True]),
        (Compare(Op.GT, Decimal("0.50001")), [True, False, False]),
        (Compare(Op.LT, Decimal("0.50001")), [False, False, True]),
        (Compare(Op.EQ, Decimal("0.5")), [False, False, True]),
        (Compare(Op.EQ, Decimal("0.50001")), [False, False, False]),
        (Compare(Op.NE, Decimal("0.50001")), [True, False, True]),
        (Compare(Op.LE, Decimal(10) ** 30), [True, False, True]),
        (Compare(Op.LE, -(Decimal(10) ** 30)), [False, False, False]),
        (Between(Decimal("0.5"), Decimal("0.7")), [False, False, True]),
    ],
)
def test_money_is_compared_exactly_and_unknown_with_nothing(
    test: Compare | Between, expected: list[bool]
) -> None:
    money = Numbers(np.array([10_000, 0, 5_000], np.int64), np.array([True, False, True]), 10_000)
    assert number_passes(money, test).tolist() == expected


def test_texts_are_found_whole_in_part_and_with_what_is_below() -> None:
    texts = ["", "a", "a > b", "ab", "a > b > c", "b"]
    vocabulary = Vocabulary(texts)
    assert vocabulary.equal("a > b") == [2] and vocabulary.equal("x") == [] and vocabulary.equal("") == []
    assert vocabulary.below("a") == [1, 2, 4]
    assert vocabulary.containing("b") == [2, 3, 4, 5] and vocabulary.containing(".") == []
    texts.append("x")
    assert vocabulary.equal("x") == [6] and vocabulary.containing("x") == [6]


def test_a_set_has_the_ids_of_whom_was_chosen() -> None:
    ids = np.array([3, 9, 4_000_000_000], np.uint32)
    assert list(profile_ids_of(np.array([True, False, True]), ids)) == [3, 4_000_000_000]
