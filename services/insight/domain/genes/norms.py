"""The tenant's own figures that some genes of one person are measured by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.insight.domain.genes.affinities import F8
from services.insight.domain.genes.calendar import span
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.cycles import first_to_second, median_wait
from services.insight.domain.genes.facts import I4, I8, Flags
from services.insight.domain.genes.yardsticks import Yardstick, yardstick
from services.insight.domain.segments.tree import Window

# Genes whose values need the tenant's figures.
RELATIVE = frozenset({"spend_percentile", "purchase_cycle_days", "interest_strength", "nes_state"})


@dataclass(frozen=True)
class Norms:
    """What one gene in one window needs; None where it needs none, or where the tenant has too little.

    Made of everybody's sample, they are given to the columns of some, so that all are measured alike.
    """

    # Revenue of the window's buyers, for spend_percentile.
    spend: Yardstick | None = None
    # For purchase_cycle_days.
    borrowed_cycle_days: int | None = None
    # The median of all positive scores, for interest_strength.
    middle_score: float | None = None


@dataclass(frozen=True)
class Sample:
    """What some people give to the norms of one gene in one window."""

    spend: I8
    waits: I4
    # Whether each wait ended with a second order.
    came_back: Flags
    scores: F8


_NO_SAMPLE = Sample(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.bool_), np.zeros(0))


def sample(
    columns: Columns, gene: str, window: Window | None, now_ms: int, left_out: Flags | None = None
) -> Sample:
    """Of these people but those left out, because newer columns have them."""
    columns = columns.as_of(now_ms)
    today = columns.today(now_ms)
    there = np.ones(columns.size, np.bool_) if left_out is None else ~left_out
    none = _NO_SAMPLE
    match gene:
        case "spend_percentile":
            days = span(window, today)
            buyers = (columns.orders.sums("orders", *days) > 0) & there
            spend = columns.orders.sums("revenue", *days)[buyers]
            return Sample(spend, none.waits, none.came_back, none.scores)
        case "purchase_cycle_days" | "nes_state":
            _, first, second, _ = columns.rhythm
            waits, came_back = first_to_second(first[there], second[there], today)
            return Sample(none.spend, waits, came_back, none.scores)
        case "interest_strength":
            scores = columns.scores(today)
            positive = scores > 0
            if not there.all():
                positive &= there[columns.affinities.person]
            return Sample(none.spend, none.waits, none.came_back, scores[positive])
        case _:
            return none


def norms(gene: str, samples: Sequence[Sample]) -> Norms:
    """The norms of everybody, of whom each sample is a part."""
    match gene:
        case "spend_percentile":
            return Norms(spend=yardstick(np.concatenate([one.spend for one in samples])))
        case "purchase_cycle_days" | "nes_state":
            waits = np.concatenate([one.waits for one in samples])
            came_back = np.concatenate([one.came_back for one in samples])
            return Norms(borrowed_cycle_days=median_wait(waits, came_back))
        case "interest_strength":
            scores = np.concatenate([one.scores for one in samples])
            return Norms(middle_score=_median(scores) if scores.size else None)
        case _:
            return Norms()


def _median(values: F8) -> float:
    """Of millions: only the middle is put in order."""
    half = values.size // 2
    parted = np.partition(values, half)
    return float(parted[half] if values.size % 2 else (parted[:half].max() + parted[half]) / 2)


def norms_of(columns: Columns, gene: str, window: Window | None, now_ms: int) -> Norms:
    """The norms where these people are everybody."""
    return norms(gene, [sample(columns, gene, window, now_ms)])
