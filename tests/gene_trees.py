"""Hypothesis strategies of segments' trees that can be asked about the shops of gene_histories.py."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from services.insight.domain.external.columns import Mode as Merging
from services.insight.domain.external.kinds import ExternalType
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    All,
    AllTime,
    AnniversaryWithin,
    AnyOf,
    AttributeCondition,
    Between,
    Changed,
    Compare,
    Contains,
    Dates,
    DaysAgo,
    DaysSince,
    Difference,
    EventCondition,
    EventStep,
    ExternalCondition,
    GeneCondition,
    GoalCondition,
    InList,
    InMonth,
    InSegment,
    InSnapshot,
    Known,
    Mode,
    Node,
    Not,
    OnDate,
    OneOf,
    Op,
    PropertyTest,
    SequenceCondition,
    Share,
    Test,
    Trend,
    ValueOf,
    Window,
    last_days,
)
from tests.gene_histories import BRANDS, CATEGORIES, CITIES, PRODUCTS, TERMS, TOPICS
from tests.gene_reference import WINDOWED, Brought, ExternalGene, Saved

SEGMENT_ID, SNAPSHOT_ID, LIST_ID, GOAL_ID = (
    f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3, 4)
)
# Products to be asked by category are not asked for the one whose category changes.
_SETTLED_CATEGORIES = tuple(category for category in CATEGORIES if not category.startswith("Moved"))

# Numbers that tell people apart, by gene.
_NUMBERS: dict[str, tuple[str, ...]] = {
    "active_days": ("0", "1", "2", "3"),
    "sessions": ("0", "1", "2", "3"),
    "page_views": ("0", "1", "2"),
    "avg_visit_minutes": ("0", "15", "30", "1.5"),
    "days_since_visit": ("0", "1", "7", "30"),
    "product_views": ("0", "1", "2"),
    "orders": ("0", "1", "2"),
    "revenue": ("0", "99.99", "100", "200", "-10"),
    "avg_order_value": ("0", "100", "99.99", "175"),
    "spend_percentile": ("50", "100", "33.333333"),
    "days_since_order": ("0", "1", "30", "365"),
    "purchase_cycle_days": ("0", "1", "30", "60.5"),
    "discount_ratio": ("0", "0.1", "0.0625", "1"),
}
_LISTS: dict[str, tuple[str, ...]] = {
    "visit_weekdays": tuple("1234567"),
    "visit_hours": ("0", "1", "2", "12", "22", "23"),
    "viewed_categories": CATEGORIES,
    "viewed_brands": BRANDS,
    "search_keywords": TERMS,
    "viewed_not_bought": tuple(PRODUCTS),
    "abandoned_cart": tuple(PRODUCTS),
    "content_topics": TOPICS,
    "bought_categories": CATEGORIES,
    "channels_used": ("web", "app", "store", "marketplace", "call", "email", "line"),
    "reachable_by": ("email", "sms", "line"),
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "activity_state": ("active", "slowing", "dormant", "lost", "never"),
    "favourite_category": CATEGORIES,
    "member_stage": ("loyal", "repeat", "first_time", "member", "visitor"),
    "nes_state": ("n", "e0", "s1", "s2", "s3"),
    "napl_state": ("new", "active", "sleeping", "lost"),
    "first_source": ("google / cpc", "newsletter", "search", "social", "referral", "direct", "offline"),
}
_DATES = ("first_seen_on", "member_since_on")
_PRODUCT_LISTS = ("viewed_not_bought", "abandoned_cart")
_DAYS = (1, 2, 3, 7, 14, 30, 60, 90, 180, 365, 730)


def _pick(*values: Any) -> SearchStrategy[Any]:
    return st.sampled_from(values)


@st.composite
def windows(draw: DrawFn, most_days: int = 730) -> Window:
    """Days so long ago, between two dates, or all."""
    way = draw(_pick("last", "last", "between", "dates", "all"))
    if way == "last":
        return last_days(draw(_pick(*(days for days in _DAYS if days <= most_days))))
    first = draw(_pick(1, 2, 6, 7, 30, 89) | st.integers(0, most_days - 1))
    if way == "between" or most_days < 730:
        return DaysAgo(first, draw(st.integers(0, first)))
    if way == "dates":
        first_on = draw(st.dates(date(2023, 6, 1), date(2026, 11, 20)))
        return Dates(first_on, draw(st.dates(first_on, date(2026, 11, 20))))
    return AllTime()


def _compare(numbers: tuple[str, ...]) -> SearchStrategy[Compare | Between]:
    """Numbers of a list; between two of them."""
    values = _pick(*map(Decimal, numbers))
    between = st.tuples(values, values).map(lambda two: Between(min(two), max(two)))
    return st.builds(Compare, st.sampled_from(Op), values) | between


def _number(numbers: tuple[str, ...]) -> SearchStrategy[Test]:
    return st.one_of(
        _compare(numbers),
        _compare(numbers),
        st.builds(AgainstYardstick, st.booleans(), _pick("mean", "median")),
        st.builds(Share, st.booleans(), _pick(*map(Decimal, ("5", "20", "50", "33.3", "100")))),
        st.builds(Known, st.booleans()),
    )


def _some(values: tuple[str, ...]) -> SearchStrategy[tuple[str, ...]]:
    return st.lists(_pick(*values), min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def _contains(draw: DrawFn, gene: str) -> Contains:
    mode = draw(st.sampled_from(Mode))
    if gene == "search_keywords" and draw(st.booleans()):
        return Contains(mode, draw(_some(("ni", "e a", "殼", "ss", "zzz"))), part=True)
    if gene in _PRODUCT_LISTS and draw(st.booleans()):
        return Contains(mode, draw(_some(_SETTLED_CATEGORIES)), by_category=True)
    return Contains(mode, draw(_some(_LISTS[gene])))


_DAY_TESTS: SearchStrategy[Test] = st.one_of(
    st.builds(OnDate, _pick("before", "after", "on"), st.dates(date(2024, 1, 1), date(2026, 11, 20))),
    st.builds(DaysSince, _pick(1, 2, 7, 30, 365), st.booleans()),
    st.builds(AnniversaryWithin, _pick(0, 1, 7, 30, 180)),
    st.builds(InMonth, st.integers(1, 12)),
    st.builds(Known, st.booleans()),
)
_INTERESTS: SearchStrategy[Test] = st.one_of(
    st.builds(ValueOf, _pick(*CATEGORIES), _compare(("25", "50", "66.666667"))),
    st.builds(Trend, _pick(*CATEGORIES), st.booleans()),
    st.builds(Known, st.booleans()),
)


@st.composite
def gene_conditions(draw: DrawFn, *, past: bool = True) -> GeneCondition:
    """Of all 31."""
    genes = (*_NUMBERS, *_LISTS, *_CHOICES, *_DATES, "interest_strength")
    gene = draw(_pick(*genes))
    most_days = 90 if gene == "viewed_not_bought" else 730
    window = draw(windows(most_days)) if gene in WINDOWED else None
    test: Test
    if gene in _NUMBERS:
        test = draw(_number(_NUMBERS[gene]))
    elif gene in _LISTS:
        test = draw(_contains(gene) | st.builds(Known, st.booleans()))
    elif gene in _CHOICES:
        test = draw(st.builds(OneOf, _some(_CHOICES[gene]), st.booleans()) | st.builds(Known, st.booleans()))
    else:
        test = draw(_INTERESTS if gene == "interest_strength" else _DAY_TESTS)
    return GeneCondition(gene, test, window, draw(_as_of(gene)) if past else None)


def _as_of(gene: str) -> SearchStrategy[DaysAgo | Dates | None]:
    """Mostly now; else a past day, as far as a gene's is kept."""
    if gene in ("member_stage", "reachable_by"):
        return st.none()
    days = _pick(1, 7, 30, 200).map(lambda days: DaysAgo(days, days))
    dates = st.dates(date(2024, 1, 1), date(2026, 11, 20)).map(lambda on: Dates(on, on))
    return _pick(None, None, None) | days | dates


@st.composite
def attribute_conditions(draw: DrawFn) -> AttributeCondition:
    """Of the traits of gene_histories.py, each by its type: text, number, date, yes or no, list."""
    tests: dict[str, SearchStrategy[Test]] = {
        "city": st.builds(OneOf, _some(CITIES), st.booleans()),
        "points": _compare(("0", "12", "12.5", "100")),
        "birthday": _DAY_TESTS,
        "vip": st.builds(OneOf, _pick(("true",), ("false",)), st.booleans()),
        "tags": st.builds(Contains, st.sampled_from(Mode), _some(("a", "b", "c"))),
    }
    name = draw(_pick(*tests))
    return AttributeCondition(name, draw(tests[name] | st.builds(Known, st.booleans())))


_PROPERTY_TESTS: SearchStrategy[PropertyTest] = st.one_of(
    st.builds(PropertyTest, st.just("score"), _compare(("3", "7.5", "5"))),
    st.builds(PropertyTest, st.just("level"), st.builds(OneOf, _pick(("hard",), ("easy",)), st.booleans())),
    st.builds(
        PropertyTest,
        st.just("lines.tag"),
        st.builds(Contains, st.sampled_from(Mode), _some(("a", "b", "z")), st.booleans()),
    ),
    st.builds(PropertyTest, _pick("score", "lines.tag", "none"), st.builds(Known, st.booleans())),
)


@st.composite
def event_steps(draw: DrawFn) -> EventStep:
    """Any event, or the one that has properties, with tests of them."""
    if draw(st.booleans()):
        return EventStep("Quiz Finished", tuple(draw(st.lists(_PROPERTY_TESTS, max_size=2))))
    return EventStep(draw(_pick("page", "product_viewed", "product_added", "order_completed", "identify")))


def event_conditions() -> SearchStrategy[EventCondition]:
    return st.builds(EventCondition, event_steps(), windows(), _compare(("0", "1", "2")))


def sequence_conditions() -> SearchStrategy[SequenceCondition]:
    days = _pick(1, 2, 7, 30)
    return st.builds(SequenceCondition, event_steps(), event_steps(), days, windows(), st.booleans())


def trees(*others: SearchStrategy[Any]) -> SearchStrategy[Node]:
    """Of gene conditions; `others` are the strategies of conditions that may stand beside them."""

    def groups(nodes: SearchStrategy[Any]) -> SearchStrategy[Any]:
        some = st.lists(nodes, min_size=1, max_size=3).map(tuple)
        return st.one_of(
            st.builds(All, some), st.builds(AnyOf, some), st.builds(Not, nodes), st.builds(Difference, some)
        )

    return st.recursive(st.one_of(gene_conditions(), *others), groups, max_leaves=6)


# Values of external genes by type, as they are written, and tests of them.
_BROUGHT: dict[ExternalType, tuple[tuple[str, ...], SearchStrategy[Test]]] = {
    ExternalType.NUMBER: (("0", "1", "2.5", "-3"), _number(("0", "1", "2.5"))),
    ExternalType.MONEY: (("99.99", "100", "1000000000000"), _number(("99.99", "100"))),
    ExternalType.RATIO: (("0", "0.25", "0.333333", "1"), _number(("0.25", "0.333333"))),
    ExternalType.CATEGORY: (
        ("gold", "silver", "銅"),
        st.builds(OneOf, _some(("gold", "銅")), st.booleans()) | st.builds(Known, st.booleans()),
    ),
    ExternalType.DATE: (("2024-02-29", "2026-11-20", "1960-05-17"), _DAY_TESTS),
    ExternalType.BOOLEAN: (
        ("true", "false"),
        st.builds(OneOf, _pick(("true",), ("false",)), st.booleans()) | st.builds(Known, st.booleans()),
    ),
    ExternalType.LIST: (
        ('["a"]', '["a","b"]', '["c"]'),
        st.builds(Contains, st.sampled_from(Mode), _some(("a", "b", "z"))) | st.builds(Known, st.booleans()),
    ),
}
EXTERNAL_IDS = {
    kind: f"00000000-0000-4000-8000-0000000001{number:02d}" for number, kind in enumerate(_BROUGHT)
}


@st.composite
def external_conditions(draw: DrawFn) -> ExternalCondition:
    """Of the genes that `saved` makes, with every test of their types."""
    kind = draw(_pick(*_BROUGHT))
    values, tests = _BROUGHT[kind]
    either = _pick(None, *values)
    changes = st.builds(Changed, _pick(1, 2, 7, 30, 365), either, either)
    return ExternalCondition(EXTERNAL_IDS[kind], draw(tests | changes))


@st.composite
def _external_gene(draw: DrawFn, kind: ExternalType) -> ExternalGene:
    values = st.dictionaries(st.integers(1, 7), _pick(*_BROUGHT[kind][0]), max_size=6)
    # Some of them happen after most moments that are asked for.
    hours = sorted(draw(st.lists(st.integers(0, 24 * 400), max_size=5, unique=True)), reverse=True)
    ends_ms = round(datetime(2026, 11, 21, tzinfo=UTC).timestamp() * 1000)
    return ExternalGene(
        kind,
        tuple(Brought(ends_ms - ago * 3_600_000, draw(_pick(*Merging)), draw(values)) for ago in hours),
    )


def references() -> SearchStrategy[Any]:
    """Conditions that refer to what `saved` makes."""
    goals = st.builds(GoalCondition, st.just(GOAL_ID), windows(), _compare(("0", "1", "2")))
    named = _pick(InSegment(SEGMENT_ID), InSnapshot(SNAPSHOT_ID), InList(LIST_ID))
    return st.one_of(named, goals, external_conditions())


def saved() -> SearchStrategy[Saved]:
    """One segment, snapshot, list and goal, and an external gene of each type."""
    nids = st.frozensets(st.integers(1, 7))
    return st.builds(
        Saved,
        trees().map(lambda tree: {SEGMENT_ID: tree}),
        nids.map(lambda some: {SNAPSHOT_ID: some}),
        nids.map(lambda some: {LIST_ID: some}),
        event_steps().map(lambda step: {GOAL_ID: step}),
        st.fixed_dictionaries({EXTERNAL_IDS[kind]: _external_gene(kind) for kind in _BROUGHT}),
    )
