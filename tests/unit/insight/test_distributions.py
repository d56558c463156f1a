"""Buckets hold everybody once, breaks lie where values part, and ties are told apart by nothing but order."""

from datetime import date
from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from services.insight.domain.catalogue import GENE_BY_ID
from services.insight.domain.conversions import Numbers, conversions
from services.insight.domain.distributions import (
    Bucket,
    LaidOut,
    distribution,
    natural_breaks,
    of_numbers,
    placed,
)
from services.insight.domain.genes.yardsticks import yardstick

ORDERS, STAGE = GENE_BY_ID["orders"], GENE_BY_ID["member_stage"]
BRANDS, FIRST_SEEN = GENE_BY_ID["viewed_brands"], GENE_BY_ID["first_seen_on"]


def test_few_numbers_have_a_bucket_each() -> None:
    found = distribution(ORDERS, [0, 0, 1, 3, None], 20)
    assert found.buckets == [
        Bucket(2, Decimal(0), Decimal(0)),
        Bucket(1, Decimal(1), Decimal(1)),
        Bucket(1, Decimal(3), Decimal(3)),
    ]
    assert (found.unknown, found.everybody, found.mean, found.median) == (1, 5, Decimal(1), Decimal("0.5"))


def test_many_numbers_share_even_buckets_and_the_tail_is_the_last() -> None:
    # 0 to 99 and one far away: steps of 20, and the last bucket takes what is left.
    found = distribution(ORDERS, [*range(100), 100_000], 6)
    assert [(bucket.low, bucket.high, bucket.profiles) for bucket in found.buckets] == [
        (Decimal(0), Decimal(19), 20),
        (Decimal(20), Decimal(39), 20),
        (Decimal(40), Decimal(59), 20),
        (Decimal(60), Decimal(79), 20),
        (Decimal(80), Decimal(99), 20),
        (Decimal(100_000), Decimal(100_000), 1),
    ]


@given(st.lists(st.one_of(st.none(), st.integers(-50, 5000)), max_size=200), st.integers(1, 30))
def test_everybody_is_in_one_bucket_or_unknown(values: list[int | None], most: int) -> None:
    found = distribution(ORDERS, values, most)
    assert len(found.buckets) <= most
    assert sum(bucket.profiles for bucket in found.buckets) + found.unknown == len(values)
    counted = [0] * len(found.buckets)
    for value in values:
        for index in placed(value, found.buckets):
            counted[index] += 1
    assert counted == [bucket.profiles for bucket in found.buckets]


def test_breaks_lie_where_values_part() -> None:
    # Four clusters; any way of grouping that cuts one apart varies more.
    values = [1, 2, 3, 20, 21, 22, 50, 52, 90, 91]
    assert natural_breaks([(Decimal(value), 1) for value in values]) == [3, 22, 52]
    assert natural_breaks([(Decimal(5), 9)]) == []


def test_choices_come_as_they_are_listed_even_without_anybody() -> None:
    found = distribution(STAGE, ["loyal", "visitor", "loyal"], 20)
    assert [(bucket.value, bucket.profiles) for bucket in found.buckets] == [
        ("visitor", 1),
        ("member", 0),
        ("first_time", 0),
        ("repeat", 0),
        ("loyal", 2),
    ]


def test_values_of_lists_are_counted_one_by_one_the_most_frequent_first() -> None:
    found = distribution(BRANDS, [{"b", "a"}, {"a"}, {"c"}, set(), {"b"}], 2)
    assert [(bucket.value, bucket.profiles) for bucket in found.buckets] == [("a", 2), ("b", 2)]
    assert (found.others, found.unknown, found.everybody) == (1, 1, 5)
    assert placed({"b", "a"}, found.buckets) == [0, 1]


def test_days_are_counted_by_month_or_by_year() -> None:
    days = [date(2026, 2, 3), date(2026, 2, 28), date(2025, 1, 31), None]
    months = distribution(FIRST_SEEN, days, 20)
    assert [(bucket.low, bucket.high, bucket.profiles) for bucket in months.buckets] == [
        (date(2025, 1, 1), date(2025, 1, 31), 1),
        (date(2026, 2, 1), date(2026, 2, 28), 2),
    ]
    years = distribution(FIRST_SEEN, days, 1)
    assert [(bucket.low, bucket.profiles) for bucket in years.buckets] == [(date(2026, 1, 1), 2)]
    assert (years.others, years.unknown) == (1, 1)


@given(st.lists(st.integers(-50, 5000), max_size=200), st.integers(1, 30), st.sampled_from([1, 10_000]))
def test_a_yardsticks_numbers_lie_as_told_one_by_one(values: list[int], most: int, scale: int) -> None:
    laid = LaidOut(yardstick(np.array(values, np.int64), scale))
    told = [Decimal(value) / scale for value in values]
    assert of_numbers(laid, len(values) + 2, most) == distribution(ORDERS, [*told, None, None], most)


@given(st.lists(st.integers(0, 10**9), max_size=200), st.integers(1, 30))
def test_fractions_lie_as_told_one_by_one(millionths: list[int], most: int) -> None:
    values = [one / 1e6 for one in millionths]
    laid = LaidOut(yardstick(np.array(values, np.float64)))
    assert of_numbers(laid, len(values), most) == distribution(ORDERS, values, most)


def test_a_map_counts_people_by_key_whatever_their_numbers() -> None:
    found = distribution(GENE_BY_ID["interest_strength"], [{"a": 70.5, "b": 3.0}, {"a": 1.0}, {}], 20)
    assert found.buckets == [Bucket(2, value="a"), Bucket(1, value="b")]
    assert (found.unknown, found.everybody) == (1, 3)


@given(st.lists(st.integers(-50, 500), min_size=1, max_size=60), st.integers(1, 12), st.data())
def test_conversions_of_columns_are_those_told_one_by_one(
    values: list[int], most: int, data: st.DataObject
) -> None:
    found = distribution(ORDERS, values, most)
    then = data.draw(st.dictionaries(st.integers(0, 80), st.integers(-90, 700)))
    since = BitMap(data.draw(st.sets(st.integers(0, 90))))
    columns = Numbers(np.array([*then], np.uint32), np.array([*then.values()], np.float64))
    assert conversions(found, columns, since) == conversions(found, then, since)
