"""Any valid tree of a segment, for property tests."""

import string
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from services.insight.domain.catalogue import GENES, Gene, ValueType
from services.insight.domain.segments import tree
from services.insight.domain.segments.tree import Mode, Node, Op, Test, Window

TEXTS = st.one_of(
    st.sampled_from(["保養 > 面膜", "防曬「新」", "Acme (R)", "👩‍👩‍👧", "a\u0301", "Ωmega", "100%"]),
    st.text(string.ascii_letters + "茶葉禮盒（大）", min_size=1, max_size=8),
)
NUMBERS = st.decimals(-1000, 1_000_000, places=2)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
KNOWN = st.builds(tree.Known, st.booleans())
COMPARES = st.builds(tree.Compare, st.sampled_from(Op), NUMBERS)
RANGES = st.tuples(NUMBERS, NUMBERS).map(lambda pair: tree.Between(min(pair), max(pair)))
SHARES = st.builds(tree.Share, st.booleans(), st.decimals("0.5", "99.5", places=1))
YARDSTICKS = st.builds(tree.AgainstYardstick, st.booleans(), st.sampled_from(["mean", "median"]))
DATE_TESTS: SearchStrategy[Test] = st.one_of(
    st.builds(tree.OnDate, st.sampled_from(["before", "after", "on"]), DAYS),
    st.builds(tree.DaysSince, st.integers(1, 3650), st.booleans()),
    st.builds(tree.AnniversaryWithin, st.integers(0, 366)),
    st.builds(tree.InMonth, st.integers(1, 12)),
    KNOWN,
)
IDS = st.uuids().map(str)


def values(texts: SearchStrategy[str]) -> SearchStrategy[tuple[str, ...]]:
    return st.lists(texts, min_size=1, max_size=4).map(tuple)


def windows(max_days: int = 730, all_time: bool = True) -> SearchStrategy[Window]:
    ages = st.tuples(st.integers(0, max_days - 1), st.integers(0, max_days - 1))
    ago: SearchStrategy[Window] = ages.map(lambda pair: tree.DaysAgo(max(pair), min(pair)))
    if not all_time:
        return ago
    dates = st.tuples(DAYS, DAYS).map(lambda pair: tree.Dates(min(pair), max(pair)))
    return st.one_of(ago, dates, st.just(tree.AllTime()))


def tests(kind: ValueType, texts: SearchStrategy[str] = TEXTS) -> SearchStrategy[Test]:
    modes = st.sampled_from(Mode)
    match kind:
        case ValueType.NUMBER | ValueType.MONEY | ValueType.RATIO:
            return st.one_of(COMPARES, RANGES, SHARES, YARDSTICKS, KNOWN)
        case ValueType.CATEGORY:
            return st.one_of(st.builds(tree.OneOf, values(texts), st.booleans()), KNOWN)
        case ValueType.LIST:
            return st.one_of(st.builds(tree.Contains, modes, values(texts)), KNOWN)
        case ValueType.KEYWORDS:
            return st.one_of(st.builds(tree.Contains, modes, values(texts), st.booleans()), KNOWN)
        case ValueType.PRODUCTS:
            products = st.builds(tree.Contains, modes, values(texts), st.just(False), st.booleans())
            return st.one_of(products, KNOWN)
        case ValueType.MAP:
            points = st.builds(tree.Compare, st.sampled_from(Op), st.integers(0, 100).map(Decimal))
            trends = st.builds(tree.Trend, texts, st.booleans())
            return st.one_of(st.builds(tree.ValueOf, texts, points), trends, KNOWN)
        case ValueType.DATE:
            return DATE_TESTS


def gene_conditions(gene: Gene) -> SearchStrategy[Node]:
    texts = TEXTS if gene.choices is None else st.sampled_from(list(gene.choices))
    said = tests(gene.type, texts)
    if gene.bounds is not None and gene.type is not ValueType.MAP:
        bound = st.integers(int(gene.bounds[0]), int(gene.bounds[1])).map(Decimal)
        said = st.one_of(st.builds(tree.Compare, st.sampled_from(Op), bound), SHARES, YARDSTICKS, KNOWN)
    window: SearchStrategy[Window | None] = st.none()
    if gene.windows is not None:
        window = windows(gene.windows.max_days, not gene.windows.bounded)
    return st.builds(tree.GeneCondition, st.just(gene.id), said, window, as_of(gene))


def as_of(gene: Gene) -> SearchStrategy[tree.DaysAgo | tree.Dates | None]:
    """Now, or a past day where how a gene was is kept."""
    if gene.id in ("member_stage", "reachable_by"):
        return st.none()
    days = st.integers(1, 729).map(lambda days: tree.DaysAgo(days, days))
    return st.one_of(st.none(), st.none(), days, DAYS.map(lambda on: tree.Dates(on, on)))


PROPERTIES = st.builds(
    tree.PropertyTest,
    st.sampled_from(["value", "products.category", "標籤"]),
    st.one_of(
        COMPARES,
        RANGES,
        st.builds(tree.OneOf, values(TEXTS), st.booleans()),
        st.builds(tree.Contains, st.sampled_from(Mode), values(TEXTS), st.booleans()),
        KNOWN,
    ),
)
STEPS = st.builds(
    tree.EventStep,
    st.sampled_from(["order_completed", "product_viewed", "test drive", "預約試乘"]),
    st.lists(PROPERTIES, max_size=2).map(tuple),
)
TIMES = st.one_of(
    st.builds(tree.Compare, st.sampled_from(Op), st.integers(0, 99).map(Decimal)),
    st.tuples(st.integers(0, 9), st.integers(10, 99)).map(
        lambda pair: tree.Between(Decimal(pair[0]), Decimal(pair[1]))
    ),
)
# No attribute is a list of products, which alone is asked for categories.
_ATTRIBUTE_TYPES = [kind for kind in ValueType if kind is not ValueType.PRODUCTS]
CONDITIONS: SearchStrategy[Node] = st.one_of(
    st.sampled_from(GENES).flatmap(gene_conditions),
    st.builds(tree.AttributeCondition, TEXTS, st.sampled_from(_ATTRIBUTE_TYPES).flatmap(tests)),
    st.builds(tree.EventCondition, STEPS, windows(), TIMES),
    st.builds(tree.SequenceCondition, STEPS, STEPS, st.integers(1, 365), windows(), st.booleans()),
    st.builds(
        tree.ExternalCondition,
        IDS,
        st.one_of(
            st.sampled_from(_ATTRIBUTE_TYPES).flatmap(tests),
            st.builds(tree.Changed, st.integers(1, 730), st.none() | TEXTS, st.none() | TEXTS),
        ),
    ),
    st.builds(tree.GoalCondition, IDS, windows(), TIMES),
    st.builds(tree.InSegment, IDS),
    st.builds(tree.InSnapshot, IDS),
    st.builds(tree.InList, IDS),
)


def _groups(nodes: SearchStrategy[Node]) -> SearchStrategy[Node]:
    some = st.lists(nodes, min_size=1, max_size=4).map(tuple)
    return st.one_of(
        st.builds(tree.All, some),
        st.builds(tree.AnyOf, some),
        st.builds(tree.Not, nodes),
        st.builds(tree.Difference, st.lists(nodes, min_size=2, max_size=3).map(tuple)),
    )


TREES: SearchStrategy[Node] = st.recursive(CONDITIONS, _groups, max_leaves=8)
