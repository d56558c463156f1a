"""How much somebody likes each category: scores that fade by half in 30 days."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.day_tables import places_by
from services.insight.domain.genes.facts import I4, I8, U4, ItemAct, Items

F8 = NDArray[np.float64]

HALF_LIFE_DAYS = 30
DIGITS = 6
_WEIGHTS = np.zeros(len(ItemAct) + 1, np.int32)
_WEIGHTS[[ItemAct.VIEWED, ItemAct.ADDED, ItemAct.ORDERED, ItemAct.WAITING]] = 1, 3, 5, 5


@compiled
def _pairs(rows: U4, starts: I8, person: U4, day: I4, weight: I4) -> tuple[I8, U4, U4, I8, I4, I4]:
    """Of each (category, person): the person and last row, and the sum of weights by day.

    The answer: where each category's pairs begin; person, last row; where each pair's days begin; day,
    weight.
    """
    pair_starts = np.zeros(starts.size, np.int64)
    whose = np.empty(rows.size, np.uint32)
    last_row = np.empty(rows.size, np.uint32)
    day_starts = np.empty(rows.size + 1, np.int64)
    days = np.empty(rows.size, np.int32)
    weights = np.empty(rows.size, np.int32)
    n_pairs = 0
    n_days = 0
    for category in range(starts.size - 1):
        pair_starts[category] = n_pairs
        for i in range(starts[category], starts[category + 1]):
            row = rows[i]
            if i == starts[category] or whose[n_pairs - 1] != person[row]:
                whose[n_pairs] = person[row]
                day_starts[n_pairs] = n_days
                n_pairs += 1
            elif days[n_days - 1] == day[row]:
                weights[n_days - 1] += weight[row]
                last_row[n_pairs - 1] = row
                continue
            last_row[n_pairs - 1] = row
            days[n_days] = day[row]
            weights[n_days] = weight[row]
            n_days += 1
    pair_starts[-1] = n_pairs
    day_starts[n_pairs] = n_days
    return (
        pair_starts,
        whose[:n_pairs].copy(),
        last_row[:n_pairs].copy(),
        day_starts[: n_pairs + 1].copy(),
        days[:n_days].copy(),
        weights[:n_days].copy(),
    )


@compiled
def _scores(day_starts: I8, days: I4, weights: I4, fading: F8, as_of_day: int) -> F8:
    """Each pair's sum of weight times fading (by age in days), rounded; later days are not yet."""
    scores = np.zeros(day_starts.size - 1, np.float64)
    for pair in range(scores.size):
        score = 0.0
        for i in range(day_starts[pair], day_starts[pair + 1]):
            age = as_of_day - days[i]
            if age >= 0:
                score += weights[i] * fading[age]
        scores[pair] = np.rint(score * 1e6) / 1e6
    return scores


@compiled
def _favourites(n_people: int, starts: I8, person: U4, last_at_ms: I8, scores: F8, rank: I8) -> I4:  # noqa: PLR0917 - a compiled loop takes columns, not objects
    """Of each person the category of the highest score; ties: the latest event, then the lowest rank."""
    favourite = np.zeros(n_people, np.int32)
    best = np.full(n_people, -1, np.int64)
    for category in range(1, starts.size - 1):
        for pair in range(starts[category], starts[category + 1]):
            who = person[pair]
            champion = best[who]
            if champion >= 0:
                if scores[pair] < scores[champion]:
                    continue
                if scores[pair] == scores[champion]:
                    if last_at_ms[pair] < last_at_ms[champion]:
                        continue
                    later = last_at_ms[pair] > last_at_ms[champion]
                    if not later and rank[category] > rank[favourite[who]]:
                        continue
            best[who] = pair
            favourite[who] = category
    return favourite


@dataclass(frozen=True)
class Affinities:
    """(category, person) with something done, by category."""

    n_people: int
    # Where each category's pairs begin; one more entry for the end.
    starts: I8
    person: U4
    last_at_ms: I8
    # Where each pair's days begin; one more entry for the end.
    day_starts: I8
    days: I4
    weights: I4
    # Of each category its place among the sorted paths.
    rank: I8

    @classmethod
    def of(cls, n_people: int, paths: Sequence[str], items: Items, day: I4) -> "Affinities":
        weight = _WEIGHTS[items.act]
        kept = (weight > 0) & (items.category != 0)
        category, person, day, weight = (
            column[kept] for column in (items.category.view(np.int32), items.person, day, weight)
        )
        starts, rows = places_by(category, len(paths))
        pair_starts, whose, last_row, day_starts, days, weights = _pairs(rows, starts, person, day, weight)
        rank = np.empty(len(paths), np.int64)
        rank[sorted(range(len(paths)), key=paths.__getitem__)] = np.arange(len(paths))
        last_at_ms = items.at_ms[kept][last_row]
        return cls(n_people, pair_starts, whose, last_at_ms, day_starts, days, weights, rank)

    def scores(self, as_of_day: int) -> F8:
        """Of each pair, rounded to six digits."""
        oldest = int(self.days.min()) if self.days.size else as_of_day
        fading = [0.5 ** (age / HALF_LIFE_DAYS) for age in range(max(as_of_day - oldest, 0) + 1)]
        return _scores(self.day_starts, self.days, self.weights, np.array(fading), as_of_day)

    def of_category(self, code: int) -> slice:
        """The pairs of a category; of one that came later there are none."""
        if code + 1 >= self.starts.size:
            return slice(0, 0)
        return slice(int(self.starts[code]), int(self.starts[code + 1]))

    def favourites(self, scores: F8) -> I4:
        """Everybody's favourite category; 0 of those without any."""
        return _favourites(self.n_people, self.starts, self.person, self.last_at_ms, scores, self.rank)
