"""Compiles every loop of the genes beforehand, so that nobody's question waits for a compiler."""

from decimal import Decimal

import numpy as np

from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.conditions import passes, prepare
from services.insight.domain.genes.facts import (
    UNIT,
    Acts,
    Facts,
    ItemAct,
    Items,
    Orders,
    People,
    Rules,
    WordKind,
    Words,
)
from services.insight.domain.genes.zones import zone_of
from services.insight.domain.segments.tree import (
    AnniversaryWithin,
    Compare,
    Contains,
    GeneCondition,
    Known,
    Mode,
    Op,
    last_days,
)

_DAY_MS = 86_400_000
_TEXTS = ("", "a")
_WEEK = last_days(7)
# With a window, which other loops answer than all time, and one of each sort of list and date.
_CONDITIONS = (
    *(GeneCondition(gene, Known(), _WEEK) for gene in ("sessions", "revenue", "spend_percentile")),
    *(
        GeneCondition(gene, Contains(Mode.ANY, ("a",)), _WEEK)
        for gene in ("viewed_categories", "search_keywords", "viewed_not_bought", "abandoned_cart")
    ),
    *(
        GeneCondition(gene, Compare(Op.GE, Decimal(1)), _WEEK)
        for gene in ("sessions", "days_since_order", "spend_percentile")
    ),
    GeneCondition("first_seen_on", AnniversaryWithin(3)),
)


def rehearse() -> None:
    """Ask for all genes of one made-up person; what is compiled stays on disk (see compiled.py)."""
    at_ms = np.arange(1, 5, dtype=np.int64) * _DAY_MS
    somebody = np.zeros(4, np.uint32)
    first = np.ones(4, np.uint32)
    facts = Facts(
        people=People(
            profile_id=np.ones(1, np.uint32),
            member=np.ones(1, np.bool_),
            first_at_ms=at_ms[:1].copy(),
            member_since_ms=at_ms[:1].copy(),
            first_source=np.ones(1, np.uint32),
            reachable=np.ones(1, np.uint16),
        ),
        acts=Acts(somebody, at_ms, np.ones(4, np.bool_)),
        items=Items(
            somebody,
            at_ms,
            np.array(list(ItemAct)[:4], np.uint8),
            first,
            first,
            first,
            np.full(4, UNIT, np.int64),
            np.ones(4, np.bool_),
        ),
        orders=Orders(
            somebody,
            at_ms,
            np.ones(4, np.bool_),
            np.full(4, UNIT, np.int64),
            np.zeros(4, np.int64),
            np.full(4, UNIT, np.int64),
        ),
        words=Words(somebody[:3], at_ms[:3], np.array(list(WordKind), np.uint8), first[:3]),
        zone=zone_of("Asia/Taipei"),
        products=_TEXTS,
        categories=_TEXTS,
        brands=_TEXTS,
        words_by_code=_TEXTS,
        sources=_TEXTS,
        channels=_TEXTS[1:],
    )
    now_ms = int(at_ms[-1]) + _DAY_MS
    columns = Columns(facts, Rules())
    prepare(columns, now_ms)
    for condition in _CONDITIONS:
        passes(columns, condition, now_ms)
