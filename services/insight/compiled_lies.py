"""How values of a gene lie over people in memory, counted in columns and not person by person."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

import numpy as np

from services.insight.compiled_answers import Answering
from services.insight.domain.catalogue import Gene
from services.insight.domain.conversions import Numbers
from services.insight.domain.distributions import Distribution, LaidOut, of_days, of_numbers, of_texts
from services.insight.domain.genes.calendar import date_of, day_of, span
from services.insight.domain.genes.choices import dates
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.conditions import DATES, NUMBERS
from services.insight.domain.genes.day_tables import DayTable
from services.insight.domain.genes.facts import NO_DAY
from services.insight.domain.genes.holders import holders
from services.insight.domain.genes.numbers import number
from services.insight.domain.genes.yardsticks import yardstick
from services.insight.domain.segments.tree import Window


def lies(answering: Answering, gene: Gene, window: Window | None, most: int) -> Distribution:
    """In at most `most` buckets; to be called in turn with the tenant's questions."""
    layers, now_ms = answering.view.layers, answering.moment.now_ms
    everybody = sum(int(np.count_nonzero(~layer.hidden)) for layer in layers)
    if gene.id in NUMBERS:
        known = answering.norms(gene.id, window)
        numbers = [number(layer.columns, gene.id, window, now_ms, known) for layer in layers]
        shown: list[Any] = [
            one.values[one.known & ~layer.hidden] for one, layer in zip(numbers, layers, strict=True)
        ]
        laid = yardstick(np.concatenate(shown), numbers[0].scale)
        return of_numbers(LaidOut(laid), everybody, most)
    if gene.id in DATES:
        of_layers = [dates(layer.columns, gene.id, now_ms)[~layer.hidden] for layer in layers]
        days, people = np.unique(np.concatenate(of_layers), return_counts=True)
        found = zip(days.tolist(), people.tolist(), strict=True)
        return of_days({date_of(day): count for day, count in found if day != NO_DAY}, everybody, most)
    held = [holders(layer.columns, gene.id, window, now_ms, layer.hidden) for layer in layers]
    texts: Counter[str] = Counter()
    for one in held:
        texts.update(one.by_text())

    def having(shown: Collection[str]) -> int:
        return sum(one.having(shown) for one in held)

    return of_texts(gene, texts, having, (sum(one.anything() for one in held), everybody), most)


def numbers_then(answering: Answering, gene: str, window: Window | None, on: date) -> Numbers | None:
    """Only of what nothing later changes: an order of then may be refunded, a session go on over midnight."""
    table = _BY_DAY.get(gene)
    if table is None:
        return None
    first, last = span(window, day_of(on))
    days = first, min(last, day_of(on))
    whose, values = [], []
    for layer in answering.view.layers:
        whose.append(layer.profile_id[~layer.hidden])
        values.append(table(layer.columns).sums(gene, *days)[~layer.hidden].astype(np.float64))
    return Numbers(np.concatenate(whose), np.concatenate(values))


_BY_DAY: Mapping[str, Callable[[Columns], DayTable]] = {
    "active_days": lambda columns: columns.visits.by_day,
    "sessions": lambda columns: columns.visits.by_day,
    "page_views": lambda columns: columns.visits.by_day,
    "product_views": lambda columns: columns.product_views,
}
