"""All genes of one person, as a profile shows them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import numpy as np

from services.insight.domain.genes.calendar import date_of, span
from services.insight.domain.genes.choices import category, dates, strengths
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.conditions import CATEGORIES, DATES, MAPS, NUMBERS
from services.insight.domain.genes.facts import NO_DAY
from services.insight.domain.genes.lists import PRODUCT_LISTS
from services.insight.domain.genes.norms import Norms
from services.insight.domain.genes.numbers import number
from services.insight.domain.genes.until import one_person
from services.insight.domain.segments.tree import Window

# Of a list its texts, sorted; of a map a mapping. None is unknown.
Value = int | float | Decimal | str | date | Sequence[str] | Mapping[str, float] | None


def columns_of(columns: Columns, person: int) -> Columns:
    """The columns of one person alone, who is person 0 there; every gene of theirs is quickly answered."""
    return Columns(one_person(columns.facts, person), columns.rules, columns.vocabularies)


def value(own: Columns, gene: str, window: Window | None, now_ms: int, norms: Norms) -> Value:
    """The value of whom `own` is alone, against the tenant's norms for this gene and window."""
    own = own.as_of(now_ms)
    if gene in NUMBERS:
        numbers = number(own, gene, window, now_ms, norms)
        if not numbers.known[0]:
            return None
        found: int | float = numbers.values[0].item()
        return found if numbers.scale == 1 else Decimal(found) / numbers.scale
    if gene in CATEGORIES:
        categories = category(own, gene, now_ms, norms)
        code = int(categories.codes[0])
        return categories.texts[code] if code else None
    if gene in DATES:
        day = int(dates(own, gene, now_ms)[0])
        return None if day == NO_DAY else date_of(day)
    if gene in MAPS:
        return _interests(own, now_ms, norms)
    return _list(own, gene, window, now_ms)


def _interests(own: Columns, now_ms: int, norms: Norms) -> Mapping[str, float]:
    scores = own.scores(own.today(now_ms))
    if norms.middle_score is None:
        return {}
    affinities = own.affinities
    codes = np.repeat(np.arange(affinities.starts.size - 1), np.diff(affinities.starts))
    found = strengths(scores, norms.middle_score)
    texts = own.facts.categories
    return {texts[codes[i]]: float(found[i]) for i in np.flatnonzero(scores > 0)}


def _list(own: Columns, gene: str, window: Window | None, now_ms: int) -> Sequence[str]:
    if gene == "reachable_by":
        bits = int(own.facts.people.reachable[0])
        return sorted(channel for bit, channel in enumerate(own.facts.channels) if bits >> bit & 1)
    days = span(window, own.today(now_ms))
    if gene in PRODUCT_LISTS:
        codes = own.open_pairs(gene).codes_of(0, days, now_ms)
    else:
        codes = own.presence(gene).codes_of(0, *days)
    texts = own.vocabulary(gene).texts
    found = [texts[int(code)] for code in codes]
    return sorted(found, key=int) if gene.startswith("visit_") else sorted(found)
