"""The compiled genes equal the reference: all 31, every test, for all people and some, on past days too."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.conditions import (
    CATEGORIES,
    DATES,
    MAPS,
    NUMBERS,
    passes,
    prepare,
    prepare_as,
)
from services.insight.domain.genes.facts import Facts
from services.insight.domain.genes.norms import norms, norms_of, sample
from services.insight.domain.genes.numbers import borrows_cycle, number
from services.insight.domain.genes.one_person import columns_of, value
from services.insight.domain.genes.yardsticks import yardstick
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    AllTime,
    Dates,
    DaysAgo,
    GeneCondition,
    Share,
    Window,
    last_days,
)
from services.insight.evaluation import Moment
from tests.gene_facts import facts_of
from tests.gene_histories import Story, stories
from tests.gene_reference import GENES, LISTS, WINDOWED, Reference, members
from tests.gene_trees import gene_conditions

WINDOWS: tuple[Window, ...] = (
    last_days(1),
    last_days(7),
    last_days(30),
    DaysAgo(1, 1),
    DaysAgo(400, 7),
    Dates(date(2026, 1, 1), date(2026, 11, 1)),
    AllTime(),
)
# A float's sixth digit may be rounded either way where it ends in a five.
CLOSE = 1.1e-6


# What they need to compile at first is no sign of slowness.
def examples(most: int) -> settings:
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=most, deadline=None, suppress_health_check=slow)


def columns_for(story: Story, reference: Reference) -> Columns:
    return Columns(facts_of(reference), story.settings.rules)


def gene_windows() -> Iterator[tuple[str, Window | None]]:
    for gene in sorted(GENES):
        yield from ((gene, window) for window in (WINDOWS if gene in WINDOWED else (None,)))


def assert_same(found: Any, expected: Any, about: object) -> None:
    if isinstance(expected, float):
        expected = pytest.approx(expected, abs=CLOSE)
    elif isinstance(expected, frozenset):
        expected = [str(one) for one in sorted(expected)]
    elif isinstance(expected, dict):
        expected = {key: pytest.approx(one, abs=CLOSE) for key, one in expected.items()}
    assert found == expected, about


def test_the_kinds_of_genes_are_those_of_the_reference() -> None:
    assert GENES - LISTS == NUMBERS | CATEGORIES | DATES | MAPS


@examples(50)
@given(stories())
def test_every_gene_of_every_person_is_what_the_reference_says(story: Story) -> None:
    reference, now_ms = story.reference(), story.now_ms
    columns = columns_for(story, reference)
    alone = [columns_of(columns, person) for person in range(columns.size)]
    for gene, window in gene_windows():
        own_norms = norms_of(columns, gene, window, now_ms)
        for person, profile_id in enumerate(sorted(reference.people)):
            expected = reference.value(gene, profile_id, window)
            found = value(alone[person], gene, window, now_ms, own_norms)
            assert_same(found, expected, (gene, window, profile_id))


@examples(40)
@given(stories())
def test_numbers_of_everybody_are_those_of_each_person_alone(story: Story) -> None:
    reference, now_ms = story.reference(), story.now_ms
    columns = columns_for(story, reference)
    prepare(columns, now_ms)
    for gene, window in gene_windows():
        if gene not in NUMBERS:
            continue
        numbers = number(columns, gene, window, now_ms)
        expected = [reference.value(gene, one, window) for one in sorted(reference.people)]
        assert numbers.known.tolist() == [one is not None for one in expected], (gene, window)
        known = [one for one in expected if isinstance(one, int | float | Decimal)]
        found = numbers.values[numbers.known] / numbers.scale
        assert found == pytest.approx([float(one) for one in known], abs=CLOSE), (gene, window)
    borrowed = [reference.cycle_is_borrowed(one) for one in sorted(reference.people)]
    assert borrows_cycle(columns, now_ms).tolist() == borrowed


@examples(80)
@given(stories(), st.lists(gene_conditions(past=False), min_size=8, max_size=8))
def test_whoever_passes_a_condition_passes_it_in_the_reference(
    story: Story, conditions: list[GeneCondition]
) -> None:
    reference = story.reference()
    columns = columns_for(story, reference)
    for condition in conditions:
        passed = passes(columns, condition, story.now_ms)
        found = frozenset(columns.facts.people.profile_id[passed].tolist())
        assert found == members(reference, condition), condition


@examples(40)
@given(stories(), st.lists(gene_conditions(past=False), min_size=4, max_size=4), st.integers(0, 63))
def test_two_parts_of_the_people_answer_as_all_together(
    story: Story, conditions: list[GeneCondition], chosen: int
) -> None:
    """Columns of some, newer than those of the others: everybody is measured by one yardstick."""
    reference, now_ms = story.reference(), story.now_ms
    whole = columns_for(story, reference)
    touched = np.array([bool(chosen >> index & 1) for index in range(whole.size)], np.bool_)
    facts = part(whole.facts, touched)
    few = Columns(facts, story.settings.rules, whole.vocabularies)
    prepare(whole, now_ms)
    prepare_as(few, [whole], now_ms)
    for condition in conditions:
        gene, window = condition.gene, condition.window
        shared = norms(
            gene, [sample(whole, gene, window, now_ms, touched), sample(few, gene, window, now_ms)]
        )
        relative = None
        if isinstance(condition.test, AgainstYardstick | Share):
            both = number(whole, gene, window, now_ms, shared), number(few, gene, window, now_ms, shared)
            values = both[0].values[both[0].known & ~touched], both[1].values[both[1].known]
            relative = yardstick(np.concatenate(values), both[0].scale)
        answer = passes(whole, condition, now_ms, shared, relative)
        answer[touched] = passes(few, condition, now_ms, shared, relative)
        assert answer.tolist() == passes(whole, condition, now_ms).tolist(), condition


def part(facts: Facts, chosen: Any) -> Facts:
    """The facts of some people, whose indexes are then others."""
    index = np.cumsum(chosen).astype(np.uint32) - 1
    tables = {}
    for name in ("acts", "items", "orders", "words"):
        table = getattr(facts, name)
        rows = chosen[table.person]
        columns = {field.name: getattr(table, field.name)[rows] for field in fields(table)}
        tables[name] = replace(table, **columns | {"person": index[table.person[rows]]})
    people = {field.name: getattr(facts.people, field.name)[chosen] for field in fields(facts.people)}
    return replace(facts, people=replace(facts.people, **people), **tables)


# What facts of a later moment still say of an earlier one; orders are settled, products named and traits told
# by then.
_OF_WHAT_WAS_DONE = frozenset(
    {
        "active_days",
        "sessions",
        "page_views",
        "avg_visit_minutes",
        "days_since_visit",
        "visit_weekdays",
        "visit_hours",
        "activity_state",
        "product_views",
        "search_keywords",
        "content_topics",
        "channels_used",
        "reachable_by",
    }
)


@examples(40)
@given(stories(), st.integers(0, 400), st.integers(0, 86_399))
def test_a_past_moment_knows_nothing_that_came_later(story: Story, days: int, seconds: int) -> None:
    then_ms = story.now_ms - (days * 86_400 + seconds) * 1000
    earlier = Reference(story.history, story.settings, Moment(story.history.position, then_ms))
    columns = columns_for(story, story.reference())
    for person, profile_id in enumerate(sorted(earlier.people)):
        alone = columns_of(columns, person)
        for gene, window in gene_windows():
            if gene not in _OF_WHAT_WAS_DONE:
                continue
            found = value(alone, gene, window, then_ms, norms_of(columns, gene, window, then_ms))
            assert_same(found, earlier.value(gene, profile_id, window), (gene, window, profile_id))
