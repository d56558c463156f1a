"""Values of a gene of some people, taken from the columns that conditions on it are answered by."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from services.insight.domain.genes.calendar import date_of, span
from services.insight.domain.genes.choices import category, dates, strengths
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.conditions import CATEGORIES, DATES, MAPS, NUMBERS
from services.insight.domain.genes.facts import I8, NO_DAY, U4, Flags
from services.insight.domain.genes.lists import PRODUCT_LISTS
from services.insight.domain.genes.norms import Norms
from services.insight.domain.genes.numbers import number
from services.insight.domain.genes.one_person import Value
from services.insight.domain.segments.tree import Window


def values_of(
    columns: Columns, asked: tuple[str, Window | None], people: U4, now_ms: int, norms: Norms
) -> list[Value]:
    """Of each of these people, in their order; a list's texts are sorted."""
    gene, window = asked
    columns = columns.as_of(now_ms)
    if gene in NUMBERS:
        numbers = number(columns, gene, window, now_ms, norms)
        told, scale = numbers.values[people].tolist(), numbers.scale
        return _where(numbers.known[people], told if scale == 1 else [Decimal(one) / scale for one in told])
    if gene in CATEGORIES:
        categories = category(columns, gene, now_ms)
        codes = categories.codes[people]
        return _where(codes != 0, [categories.texts[code] for code in codes.tolist()])
    if gene in DATES:
        days = dates(columns, gene, now_ms)[people].tolist()
        return [None if day == NO_DAY else date_of(day) for day in days]
    if gene in MAPS:
        return list(_interests(columns, people, now_ms, norms))
    return list(_lists(columns, asked, people, now_ms))


def _where(known: Flags, told: Sequence[Value]) -> list[Value]:
    return [value if there else None for value, there in zip(told, known.tolist(), strict=True)]


def _interests(columns: Columns, people: U4, now_ms: int, norms: Norms) -> list[Mapping[str, float]]:
    if norms.middle_score is None:
        return [{} for _ in people]
    affinities, scores = columns.affinities, columns.scores(columns.today(now_ms))
    pairs = np.flatnonzero(_among(columns, people)[affinities.person] & (scores > 0))
    codes = np.searchsorted(affinities.starts, pairs, side="right") - 1
    found: dict[int, dict[str, float]] = {int(person): {} for person in people}
    texts, values = columns.facts.categories, strengths(scores[pairs], norms.middle_score)
    for person, code, value in zip(affinities.person[pairs].tolist(), codes.tolist(), values, strict=True):
        found[person][texts[code]] = float(value)
    return [found[int(person)] for person in people]


def _lists(
    columns: Columns, asked: tuple[str, Window | None], people: U4, now_ms: int
) -> list[Sequence[str]]:
    gene, window = asked
    if gene == "reachable_by":
        channels = list(enumerate(columns.facts.channels))
        bits = columns.facts.people.reachable[people].tolist()
        return [sorted(channel for bit, channel in channels if one >> bit & 1) for one in bits]
    first, last = span(window, columns.today(now_ms))
    wanted = _among(columns, people)
    if gene in PRODUCT_LISTS:
        pairs = columns.open_pairs(gene)
        kept = wanted[pairs.person] & (pairs.at_ms <= now_ms - pairs.idle_ms)
        starts, whose, day = pairs.starts, pairs.person, pairs.day
    else:
        presence = columns.presence(gene)
        kept = wanted[presence.person]
        starts, whose, day = presence.starts, presence.person, presence.day
    rows: I8 = np.flatnonzero(kept & (day >= first) & (day <= last))
    codes = np.searchsorted(starts, rows, side="right") - 1
    found: dict[int, set[str]] = {int(person): set() for person in people}
    texts = columns.vocabulary(gene).texts
    for person, code in zip(whose[rows].tolist(), codes.tolist(), strict=True):
        found[person].add(texts[code])
    return [sorted(found[int(person)]) for person in people]


def _among(columns: Columns, people: U4) -> Flags:
    flags = np.zeros(columns.size, np.bool_)
    flags[people] = True
    return flags
