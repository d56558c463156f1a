"""Whoever evaluates a segment's tree, it has the members and the counts that the reference has."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.insight.domain.external.columns import Mode as Merging
from services.insight.domain.external.kinds import ExternalType
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    All,
    AnniversaryWithin,
    AnyOf,
    AttributeCondition,
    Between,
    Changed,
    Compare,
    Contains,
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
    last_days,
    walk,
)
from services.insight.evaluation import Evaluator
from tests.conftest import Engines
from tests.contract.evaluator_shops import EVALUATORS, Mall, NotOnTheShelf, Patient, Shop, agrees, open_mall
from tests.gene_histories import Story, crowd, stories
from tests.gene_reference import (
    WINDOWED,
    Brought,
    Event,
    ExternalGene,
    History,
    Remap,
    Saved,
    Settings,
    evaluate,
)
from tests.gene_reference.history import USER_ID, Announced
from tests.gene_reference.told import NOW, bought, days, did, minutes
from tests.gene_trees import (
    attribute_conditions,
    event_conditions,
    external_conditions,
    gene_conditions,
    references,
    saved,
    sequence_conditions,
    trees,
)

MONTH = last_days(30)


quick = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,)
)


@pytest.fixture(scope="session")
async def mall(engines: Engines) -> AsyncIterator[Mall]:
    async with open_mall(engines) as opened:
        yield opened


@pytest.fixture(scope="session", params=EVALUATORS)
async def evaluator(request: pytest.FixtureRequest, mall: Mall) -> AsyncIterator[Evaluator]:
    made = EVALUATORS[request.param](mall)
    yield made
    if isinstance(made, Patient):
        await made.evaluator.aclose()


@pytest.fixture(scope="session")
async def crowded(mall: Mall) -> Shop:
    """Two hundred identifiers, enough for thresholds and shares to tell people apart."""
    return await mall.open_shop(crowd(seed=7, nids=200, events=3_000))


ANY_TREE = trees(attribute_conditions(), event_conditions(), sequence_conditions(), references())


@quick
@given(story=stories(), tree=ANY_TREE, kept=saved())
async def test_any_tree_on_any_history(
    mall: Mall, evaluator: Evaluator, story: Story, tree: Node, kept: Saved
) -> None:
    await agrees(evaluator, await mall.open_shop(story, kept), tree, kept)


@settings(quick, max_examples=60)
@given(condition=gene_conditions() | attribute_conditions() | event_conditions() | sequence_conditions())
async def test_any_condition_on_a_crowd(evaluator: Evaluator, crowded: Shop, condition: Node) -> None:
    await agrees(evaluator, crowded, condition)


@settings(quick, max_examples=60)
@given(story=stories(), condition=external_conditions(), kept=saved())
async def test_any_external_gene_on_any_history(
    mall: Mall, evaluator: Evaluator, story: Story, condition: Node, kept: Saved
) -> None:
    await agrees(evaluator, await mall.open_shop(story, kept), condition, kept)


@settings(quick, max_examples=5)
@given(some=st.lists(trees(), min_size=2, max_size=4))
async def test_many_trees_are_answered_as_each_alone(
    evaluator: Evaluator, crowded: Shop, some: list[Node]
) -> None:
    many = await evaluator.evaluate_many(crowded.tenant_id, some, crowded.moment)
    for found, tree in zip(many, some, strict=True):
        wanted = evaluate(crowded.reference, tree)
        assert set(found.members) == wanted[()]
        assert dict(found.counts) == {path: len(members) for path, members in wanted.items()}


# --- worked examples ---------------------------------------------------------------------------------------


def gene(name: str, test: Test) -> GeneCondition:
    return GeneCondition(name, test, MONTH if name in WINDOWED else None)


def number(op: str, value: object) -> Compare:
    return Compare(Op(op), Decimal(str(value)))


def quiz(ago: float, nid: int, **said: object) -> Event:
    return did("Quiz Finished", days(ago), nid, **said)


def said(ago: float, nid: int, **traits: object) -> Event:
    return did("identify", days(ago), nid, traits=traits)


# 1 is a member who buys most and came twice today; 2 bought less, 3 least and long ago; 4 only looks; of 5
# nothing is known but what was said of them.
EVENTS = (
    bought("a", days(1), 300, 1, products=[{"product_id": "shoe", "category": "wear > shoes", "price": 300}]),
    bought("b", days(2), 100, 1, products=[{"product_id": "tea", "category": "food", "price": 100}]),
    bought(
        "c", days(3), 200, 2, products=[{"product_id": "tea", "price": 250, "discount": 50, "quantity": 1}]
    ),
    bought("d", days(40), 50, 3),
    did("page", minutes(120), 1),
    did("page", minutes(110), 1),
    did("page", minutes(10), 1),
    did("Product Viewed", days(5), 4, product_id="shoe"),
    did("Product Viewed", days(4), 4, product_id="hat", category="wear > hats", brand="Acme"),
    did("Product Added", days(3), 4, product_id="hat", quantity=2),
    did("Products Searched", days(4), 4, query="ＮＩＫＥ  Air"),
    did("Article Read", days(4), 4, topics=["Tea"]),
    quiz(1, 1, score=8, level="hard", products=[{"category": "a"}, {"category": "b"}]),
    quiz(2, 1, score=3, level="easy"),
    quiz(1, 2, score="8", level="hard"),
    said(9, 1, city="Taipei", points=10, born="1990-11-25", tags=["vip", "new"]),
    said(8, 1, city="Tainan"),
    said(8, 2, city=None, points=2.5, born="1992-02-29", tags=[]),
    said(8, 5, city="Taipei", points="10", born="--11-22"),
)
HISTORY = History(
    EVENTS,
    remaps=(Remap(1, 1, 1, USER_ID),),
    reachability=(Announced(1, 1, frozenset({"email", "sms"})), Announced(1, 4, frozenset({"line"}))),
)
STORY = Story(HISTORY, Settings(), round(NOW.timestamp() * 1000))
EVERYBODY = {1, 2, 3, 4, 5}
NOW_MS, DAY_MS = STORY.now_ms, 86_400_000
TIERS = ExternalGene(
    ExternalType.CATEGORY,
    (
        Brought(NOW_MS - 40 * DAY_MS, Merging.MERGE, {1: "gold", 2: "silver", 3: "gold", 9: "gold"}),
        Brought(NOW_MS - 2 * DAY_MS, Merging.REPLACE, {1: "silver", 2: "silver", 4: "silver"}),
        Brought(NOW_MS - 1, Merging.MERGE, {2: "gold"}),
        Brought(NOW_MS + DAY_MS, Merging.REMOVE, {1: "", 2: "", 4: ""}),
    ),
)
SCORES = ExternalGene(
    ExternalType.NUMBER, (Brought(NOW_MS - 1, Merging.MERGE, {1: "10", 2: "2.5", 3: "2.5", 4: "-1"}),)
)
KEPT = Saved(
    segments={"s": gene("orders", number(">", 0))},
    snapshots={"p": {2, 77}},
    lists={"l": {1, 4}},
    goals={"g": EventStep("Quiz Finished", (PropertyTest("level", OneOf(("easy",))),))},
    external={"tier": TIERS, "score": SCORES},
)


def brought(name: str, test: Test | Changed) -> ExternalCondition:
    return ExternalCondition(name, test)


def any_of(*values: str) -> Contains:
    return Contains(Mode.ANY, values)


def event(*where: PropertyTest, times: Compare | Between | None = None) -> EventCondition:
    return EventCondition(EventStep("Quiz Finished", where), MONTH, times or number(">=", 1))


CASES: list[tuple[str, Node, set[int]]] = [
    # Numbers: unknown is false for every operator, and 0 of a counter is known.
    ("=", gene("orders", number("=", 0)), {3, 4, 5}),
    ("!=", gene("orders", number("!=", 2)), {2, 3, 4, 5}),
    ("<", gene("revenue", number("<", 200)), {3, 4, 5}),
    ("<=", gene("revenue", number("<=", 200)), {2, 3, 4, 5}),
    (">", gene("revenue", number(">", 200)), {1}),
    (">=", gene("revenue", number(">=", 200)), {1, 2}),
    ("between", gene("days_since_order", Between(Decimal(1), Decimal(3))), {1, 2}),
    ("unknown != 1 is false", gene("days_since_order", number("!=", 1)), {2, 3}),
    ("not (unknown > 30) is the complement", Not(gene("days_since_order", number(">", 30))), {1, 2, 4, 5}),
    ("is known", gene("days_since_order", Known()), {1, 2, 3}),
    ("is unknown", gene("days_since_order", Known(negated=True)), {4, 5}),
    ("a counter is known", gene("orders", Known()), EVERYBODY),
    ("a ratio", gene("discount_ratio", number("=", "0.2")), set()),
    ("visits of 10, 0, 0 and 0 minutes", gene("avg_visit_minutes", number("=", 2.5)), {1}),
    # Revenue of the month: 400, 200, 0, 0, 0; of those who bought ever: 1, 3 and 40 days ago.
    ("above the mean", gene("revenue", AgainstYardstick(above=True, of="mean")), {1, 2}),
    ("below the mean", gene("revenue", AgainstYardstick(above=False, of="mean")), {3, 4, 5}),
    ("above the median", gene("revenue", AgainstYardstick(above=True, of="median")), {1, 2}),
    ("below the median of the known", gene("days_since_order", AgainstYardstick(False, "median")), {1}),
    ("top 20 %", gene("revenue", Share(top=True, percent=Decimal(20))), {1}),
    ("ties at the threshold are in", gene("revenue", Share(top=True, percent=Decimal(60))), EVERYBODY),
    ("bottom 34 % of the known", gene("days_since_order", Share(False, Decimal(34))), {1, 2}),
    # Categories.
    ("is", gene("member_stage", OneOf(("repeat",))), {1}),
    ("in", gene("member_stage", OneOf(("repeat", "visitor"))), {1, 4, 5}),
    ("is not", gene("member_stage", OneOf(("visitor",), negated=True)), {1, 2, 3}),
    ("unknown is not anything", gene("favourite_category", OneOf(("none",), negated=True)), {1, 2, 4}),
    ("never there", gene("activity_state", OneOf(("never",))), {5}),
    # Lists: a category contains its descendants, none of an empty list is true.
    ("any", gene("bought_categories", any_of("wear", "none")), {1}),
    ("all", gene("bought_categories", Contains(Mode.ALL, ("wear", "food"))), {1}),
    ("none", gene("bought_categories", Contains(Mode.NONE, ("wear",))), {2, 3, 4, 5}),
    ("an empty list is unknown", gene("bought_categories", Known(negated=True)), {3, 4, 5}),
    ("whole keyword", gene("search_keywords", any_of("nike AIR")), {4}),
    ("not a part", gene("search_keywords", any_of("nike")), set()),
    ("part of a keyword", gene("search_keywords", Contains(Mode.ANY, ("Ｎike",), part=True)), {4}),
    ("products", gene("viewed_not_bought", any_of("hat")), {4}),
    ("by category", gene("abandoned_cart", Contains(Mode.ANY, ("wear",), by_category=True)), {4}),
    (
        "none by category",
        gene("abandoned_cart", Contains(Mode.NONE, ("wear",), by_category=True)),
        {1, 2, 3, 5},
    ),
    ("brands", gene("viewed_brands", any_of("Acme")), {4}),
    ("weekdays", gene("visit_weekdays", any_of("5")), {1}),
    ("reachable", gene("reachable_by", Contains(Mode.ALL, ("email", "sms"))), {1}),
    # Maps: 2 ordered food, 1 food and shoes; 4 looked at shoes and a hat and put the hat into the cart.
    ("a key", gene("interest_strength", ValueOf("wear > hats", number(">", 0))), {4}),
    ("a key that is not there", gene("interest_strength", ValueOf("none", number("<", 101))), set()),
    ("rising", gene("interest_strength", Trend("food", rising=True)), {1, 2}),
    ("falling", gene("interest_strength", Trend("food", rising=False)), set()),
    # Dates; NOW is 20 November 2026.
    ("before", gene("first_seen_on", OnDate("before", date(2026, 11, 11))), {3}),
    ("after", gene("first_seen_on", OnDate("after", date(2026, 11, 11))), {2, 4, 5}),
    ("on", gene("first_seen_on", OnDate("on", date(2026, 11, 11))), {1}),
    ("in the last days", gene("first_seen_on", DaysSince(9)), {2, 4, 5}),
    ("more than days ago", gene("first_seen_on", DaysSince(8, more=True)), {1, 3}),
    ("in a month", gene("first_seen_on", InMonth(10)), {3}),
    # Attributes: the newest value counts, null is unknown.
    ("text", AttributeCondition("city", OneOf(("Taipei",))), {5}),
    ("text is not", AttributeCondition("city", OneOf(("Taipei",), negated=True)), {1}),
    ("no text", AttributeCondition("city", Known(negated=True)), {2, 3, 4}),
    ("a text of digits is a number too", AttributeCondition("points", number(">", 2)), {1, 2, 5}),
    ("a city is no number", AttributeCondition("city", number("!=", 2)), set()),
    ("anniversary, whatever the year", AttributeCondition("born", AnniversaryWithin(5)), {1, 5}),
    ("29 February is the 28th", AttributeCondition("born", AnniversaryWithin(100)), {1, 2, 5}),
    ("birthday month", AttributeCondition("born", InMonth(11)), {1, 5}),
    ("without a year it is no date", AttributeCondition("born", OnDate("after", date(1900, 1, 1))), {1, 2}),
    ("one of a list", AttributeCondition("tags", any_of("vip")), {1}),
    ("none of no list", AttributeCondition("tags", Contains(Mode.NONE, ("vip",))), {2, 3, 4, 5}),
    # Events: 0 times is a number, numbers are no texts, a path looks into every line.
    ("event", event(), {1, 2}),
    ("not an event", event(times=number("=", 0)), {3, 4, 5}),
    ("twice", event(times=Between(Decimal(2), Decimal(3))), {1}),
    ("property", event(PropertyTest("score", number(">", 5))), {1}),
    ("any line", event(PropertyTest("products.category", OneOf(("b",)))), {1}),
    (
        "all properties",
        event(PropertyTest("level", OneOf(("hard",))), PropertyTest("score", Known())),
        {1, 2},
    ),
    ("no property", event(PropertyTest("products.category", Known(negated=True))), {1, 2}),
    ("part of a text", event(PropertyTest("level", Contains(Mode.ANY, ("eas",), part=True))), {1}),
    # Sequences: 1 bought two days ago and did the quiz a day later; 2 three days ago and two days later.
    (
        "followed",
        SequenceCondition(EventStep("order_completed"), EventStep("Quiz Finished"), 1, MONTH),
        {1},
    ),
    (
        "followed by nothing",
        SequenceCondition(EventStep("order_completed"), EventStep("Quiz Finished"), 1, MONTH, absent=True),
        {2},
    ),
    # References and groups.
    ("a segment", InSegment("s"), {1, 2}),
    ("a snapshot", InSnapshot("p"), {2}),
    ("a list", InList("l"), {1, 4}),
    ("a goal", GoalCondition("g", MONTH), {1}),
    ("a goal that was not reached", GoalCondition("g", MONTH, number("=", 0)), {2, 3, 4, 5}),
    # External genes: 1 and 4 are silver, 2 is gold since today, 3 is nothing any more.
    ("brought", brought("tier", OneOf(("silver",))), {1, 4}),
    ("brought is not", brought("tier", OneOf(("silver",), negated=True)), {2}),
    ("never brought", brought("tier", Known(negated=True)), {3, 5}),
    ("not brought", Not(brought("tier", OneOf(("gold",)))), {1, 3, 4, 5}),
    ("changed", brought("tier", Changed(7)), {1, 2}),
    ("changed today", brought("tier", Changed(1)), {2}),
    ("changed from and to", brought("tier", Changed(3, "gold", "silver")), {1}),
    ("lost or first is no change", brought("tier", Changed(365, after="silver")), {1}),
    ("more than", brought("score", number(">", "2.4")), {1, 2, 3}),
    ("above the mean of 3.5", brought("score", AgainstYardstick(above=True, of="mean")), {1}),
    ("bottom half with ties", brought("score", Share(top=False, percent=Decimal(50))), {2, 3, 4}),
    ("all of nothing", All(()), EVERYBODY),
    ("any of nothing", AnyOf(()), set()),
    ("difference", Difference((InSegment("s"), InList("l"), InSnapshot("p"))), set()),
    ("both", All((InSegment("s"), InList("l"))), {1}),
    ("either", AnyOf((InSegment("s"), InList("l"))), {1, 2, 4}),
]


@pytest.fixture(scope="session")
async def worked(mall: Mall) -> Shop:
    return await mall.open_shop(STORY, KEPT)


async def test_worked_examples(evaluator: Evaluator, worked: Shop) -> None:
    many = await evaluator.evaluate_many(worked.tenant_id, [tree for _, tree, _ in CASES], worked.moment)
    found = {name: set(answer.members) for (name, _, _), answer in zip(CASES, many, strict=True)}
    assert found == {name: wanted for name, _, wanted in CASES}


def test_the_worked_examples_are_the_references_too(worked: Shop) -> None:
    found = {name: evaluate(worked.reference, tree, KEPT)[()] for name, tree, _ in CASES}
    assert found == {name: wanted for name, _, wanted in CASES}


async def test_sizes_and_shares(evaluator: Evaluator, worked: Shop) -> None:
    await agrees(evaluator, worked, InSegment("s"), KEPT)
    found = await evaluator.evaluate(worked.tenant_id, InList("l"), worked.moment)
    assert (found.size.profiles, found.size.members, found.size.visitors, found.everybody) == (2, 1, 1, 5)
    assert found.size.reachable == {"email": 1, "sms": 1, "line": 1}
    assert found.yardstick_age_seconds is None


async def test_a_tree_that_compares_with_others_says_how_old_the_yardstick_is(
    evaluator: Evaluator, worked: Shop
) -> None:
    tree = gene("revenue", Share(top=True, percent=Decimal(20)))
    found = await evaluator.evaluate(worked.tenant_id, tree, worked.moment)
    assert found.yardstick_age_seconds is not None
    many = await evaluator.evaluate_many(worked.tenant_id, [tree, InList("l"), All((tree,))], worked.moment)
    assert [answer.yardstick_age_seconds is None for answer in many] == [False, True, False]


async def test_every_node_has_its_count(evaluator: Evaluator, worked: Shop) -> None:
    tree = All((Not(InList("l")), AnyOf((InSegment("s"), InSnapshot("p")))))
    found = await evaluator.evaluate(worked.tenant_id, tree, worked.moment)
    assert list(found.counts) == [path for path, _ in walk(tree)]
    assert found.counts == {(): 1, (0,): 3, (0, 0): 2, (1,): 2, (1, 0): 2, (1, 1): 1}


async def test_what_is_not_there_fails_as_its_source_says(evaluator: Evaluator, worked: Shop) -> None:
    for tree in (InSegment("none"), All((InSnapshot("none"), InList("l"))), Not(InList("none"))):
        with pytest.raises(NotOnTheShelf):
            await evaluator.evaluate(worked.tenant_id, tree, worked.moment)


async def test_one_tenant_sees_nobody_of_another(evaluator: Evaluator, mall: Mall, worked: Shop) -> None:
    other = await mall.open_shop(Story(History(), Settings(), STORY.now_ms), KEPT)
    found = await evaluator.evaluate(other.tenant_id, All(()), worked.moment)
    assert (set(found.members), found.everybody) == (set(), 0)
