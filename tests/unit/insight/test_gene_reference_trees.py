"""The reference of segments by worked examples, and what must hold of any history and any tree."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings

from services.insight.domain.segments.tree import (
    AgainstYardstick,
    All,
    AllTime,
    AnniversaryWithin,
    AnyOf,
    AttributeCondition,
    Between,
    Compare,
    Contains,
    DaysSince,
    Difference,
    EventCondition,
    EventStep,
    GeneCondition,
    InList,
    InSegment,
    InSnapshot,
    Known,
    Mode,
    Node,
    Not,
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
from services.insight.evaluation import Moment
from tests.gene_histories import Story, stories
from tests.gene_reference import GENES, LISTS, WINDOWED, Event, Reference, Remap, Saved, evaluate, members
from tests.gene_reference.history import USER_ID
from tests.gene_reference.published import messages
from tests.gene_reference.told import NOW, bought, days, did, minutes, of
from tests.gene_trees import (
    attribute_conditions,
    event_conditions,
    references,
    saved,
    sequence_conditions,
    trees,
)

# Spend of five people; the sixth never bought.
SPENT = [bought(f"o{nid}", days(nid), 100 * nid, nid) for nid in range(1, 6)] + [did("page", days(1), 6)]
SHOP = of(*SPENT)
MONTH = last_days(30)


def gene(name: str, test: Test) -> GeneCondition:
    return GeneCondition(name, test, MONTH if name in WINDOWED else None)


def at_least(number: int) -> Compare:
    return Compare(Op.GE, Decimal(number))


REVENUE_300 = gene("revenue", at_least(300))
EARLY = gene("days_since_order", Compare(Op.LE, Decimal(3)))


def test_groups_are_set_algebra_and_every_node_has_its_people() -> None:
    tree = Difference((AnyOf((REVENUE_300, EARLY)), All((REVENUE_300, EARLY))))
    assert evaluate(SHOP, tree) == {
        (): {1, 2, 4, 5},
        (0,): {1, 2, 3, 4, 5},
        (0, 0): {3, 4, 5},
        (0, 1): {1, 2, 3},
        (1,): {3},
        (1, 0): {3, 4, 5},
        (1, 1): {1, 2, 3},
    }
    assert members(SHOP, All(())) == SHOP.everybody
    assert members(SHOP, AnyOf(())) == set()


def test_a_comparison_with_unknown_is_false_and_its_complement_is_not() -> None:
    """not (days_since_order > 30) includes never-buyers; != and "is not" do not."""
    assert members(SHOP, Not(gene("days_since_order", Compare(Op.GT, Decimal(30))))) == SHOP.everybody
    assert members(SHOP, gene("days_since_order", Compare(Op.NE, Decimal(1)))) == {2, 3, 4, 5}
    not_a = gene("favourite_category", OneOf(("A",), negated=True))
    assert members(SHOP, not_a) == set()
    assert members(SHOP, gene("favourite_category", Known(negated=True))) == SHOP.everybody
    assert members(SHOP, gene("avg_order_value", Between(Decimal(200), Decimal(400)))) == {2, 3, 4}


def test_above_the_mean_is_strictly_above_and_of_those_with_a_value() -> None:
    """Order values 100 to 500 have mean and median 300; with the sixth person's 0 revenue it is 250."""
    assert members(SHOP, gene("avg_order_value", AgainstYardstick(True, "mean"))) == {4, 5}
    assert members(SHOP, gene("avg_order_value", AgainstYardstick(False, "median"))) == {1, 2}
    assert members(SHOP, gene("revenue", AgainstYardstick(True, "mean"))) == {3, 4, 5}


@pytest.mark.parametrize(
    ("top", "percent", "chosen"),
    [(True, 20, {5}), (True, 21, {4, 5}), (False, 40, {1, 2}), (True, 100, {1, 2, 3, 4, 5})],
)
def test_the_top_share_is_of_those_with_a_value_rounded_up(top: bool, percent: int, chosen: set[int]) -> None:
    assert members(SHOP, gene("avg_order_value", Share(top, Decimal(percent)))) == chosen


def test_all_who_tie_at_the_threshold_are_in() -> None:
    """Of six people's orders 1, 1, 1, 1, 1, 0 the top 20 % are two, and three more are like them."""
    assert members(SHOP, gene("orders", Share(True, Decimal(20)))) == {1, 2, 3, 4, 5}


def test_a_list_is_asked_for_any_all_or_none() -> None:
    events = [
        did("Product Viewed", days(1), 1, product_id="a", category="A > B"),
        did("Product Viewed", days(1), 1, product_id="c", category="C"),
        did("Product Viewed", days(1), 2, product_id="ab", category="AB"),
        did("search", days(1), 2, q="Nike Air"),
        did("page", days(1), 3),
    ]
    shop = of(*events)

    def asked(name: str, mode: Mode, *values: str, part: bool = False, by_category: bool = False) -> set[int]:
        return set(members(shop, gene(name, Contains(mode, values, part, by_category))))

    assert asked("viewed_categories", Mode.ANY, "A") == {1}
    assert asked("viewed_categories", Mode.ALL, "A", "C") == {1}
    assert asked("viewed_categories", Mode.ALL, "A", "AB") == set()
    assert asked("viewed_categories", Mode.NONE, "A") == {2, 3}
    assert asked("viewed_not_bought", Mode.ANY, "A", by_category=True) == {1}
    assert asked("viewed_not_bought", Mode.ANY, "ab") == {2}
    assert asked("search_keywords", Mode.ANY, "ＮＩＫＥ") == set()
    assert asked("search_keywords", Mode.ANY, "ＮＩＫＥ", part=True) == {2}
    assert asked("visit_weekdays", Mode.ANY, "4") == {1, 2, 3}


def test_a_map_is_asked_for_the_value_of_a_key() -> None:
    shop = of(*(did("Product Viewed", days(0), nid, product_id="a", category="A") for nid in (1, 2, 2, 2)))
    # k is 2: 100 x 1/3 and 100 x 3/5.
    assert members(shop, gene("interest_strength", ValueOf("A", at_least(50)))) == {2}
    assert members(shop, gene("interest_strength", ValueOf("B", Compare(Op.LT, Decimal(50))))) == set()
    assert members(shop, gene("interest_strength", Trend("A", rising=True))) == {1, 2}
    assert members(shop, gene("interest_strength", Trend("B", rising=False))) == set()


def test_days_and_anniversaries() -> None:
    """Today is 20 November 2026. First seen 1, 30 and 300 days ago: 19 November, 21 October, 24 January."""
    shop = of(*(did("page", days(ago), nid) for nid, ago in enumerate((1, 30, 300), 1)))

    def seen(test: Test) -> set[int]:
        return set(members(shop, gene("first_seen_on", test)))

    assert seen(DaysSince(1)) == set()
    assert seen(DaysSince(2)) == {1}
    assert seen(DaysSince(30)) == {1}
    assert seen(DaysSince(31)) == {1, 2}
    assert seen(DaysSince(30, more=True)) == {3}
    assert seen(AnniversaryWithin(64)) == set()
    assert seen(AnniversaryWithin(65)) == {3}


@pytest.mark.parametrize(("year", "ahead"), [(2026, 0), (2028, 1)])
def test_who_was_born_on_29_february_celebrates_on_the_28th_of_other_years(year: int, ahead: int) -> None:
    """Asked on 28 February."""
    before = did("identify", days(400), traits={"birthday": "1992-02-29"})
    shop = of(before)
    asked_on = date(year, 2, 28) - shop.today
    later = of(before, now=NOW + asked_on)
    assert later.today == date(year, 2, 28)
    for within in (0, 1):
        found = members(later, AttributeCondition("birthday", AnniversaryWithin(within)))
        assert bool(found) == (within >= ahead)


def test_an_attribute_is_the_newest_value_of_all_nids_and_null_is_unknown() -> None:
    events = [
        did("identify", days(2), 1, traits={"city": "Taipei", "points": 3, "tags": ["a"]}),
        did("identify", days(1), 2, traits={"city": "台北市", "points": 12.5}),
        did("identify", days(3), 2, traits={"points": 900}),
        did("identify", days(1), 3, traits={"city": "Taipei"}),
        did("identify", days(0.5), 3, traits={"city": None}),
        did("page", days(1), 4),
    ]
    shop = of(*events, remaps=(Remap(1, 2, 1),))

    def asked(name: str, test: Test) -> set[int]:
        return set(members(shop, AttributeCondition(name, test)))

    assert asked("city", OneOf(("台北市",))) == {1}
    assert asked("city", OneOf(("Taipei",), negated=True)) == {1}
    assert asked("city", Known(negated=True)) == {3, 4}
    assert asked("points", Compare(Op.EQ, Decimal("12.5"))) == {1}
    assert asked("tags", Contains(Mode.ANY, ("a", "b"))) == {1}


def test_an_event_condition_counts_events_whose_properties_fit() -> None:
    quiz = [
        did("Quiz Finished", days(1), 1, score=3, lines=[{"tag": "a"}, {"tag": "b"}]),
        did("Quiz Finished", days(2), 1, score=9),
        did("Quiz Finished", days(1), 2, score="9"),
        did("page", days(1), 3),
    ]
    shop = of(*quiz)

    def asked(times: Compare, *where: PropertyTest) -> set[int]:
        return set(members(shop, EventCondition(EventStep("Quiz Finished", where), MONTH, times)))

    assert asked(at_least(2)) == {1}
    assert asked(Compare(Op.EQ, Decimal(0))) == {3}
    assert asked(at_least(1), PropertyTest("score", at_least(3))) == {1}
    assert asked(at_least(1), PropertyTest("score", OneOf(("9",)))) == {1, 2}
    assert asked(at_least(1), PropertyTest("lines.tag", Contains(Mode.ALL, ("a", "b")))) == {1}
    assert asked(at_least(1), PropertyTest("lines.tag", Known(negated=True))) == {1, 2}


def sequence(*events: Event, absent: bool = False, within_days: int = 1) -> bool:
    step = SequenceCondition(EventStep("product_added"), EventStep("signed_up"), within_days, MONTH, absent)
    return bool(members(of(*events), step))


def test_a_sequence_is_one_and_then_the_other_in_time() -> None:
    cart, late_cart = did("Product Added", days(5), product_id="a"), did("Product Added", days(0.5))
    assert sequence(cart, did("Sign Up", days(4)))
    assert not sequence(cart, did("Sign Up", days(4) - minutes(1)))
    assert not sequence(cart, did("Sign Up", days(5)))
    assert sequence(cart, absent=True)
    assert not sequence(cart, did("Sign Up", days(4.5)), absent=True)
    # Its time is not over.
    assert not sequence(late_cart, absent=True)
    assert sequence(late_cart, cart, did("Sign Up", days(0.2)), absent=True)


def test_lists_snapshots_and_segments_are_people_as_they_are_now() -> None:
    shop = of(*SPENT, remaps=(Remap(1, 2, 1),))
    kept = Saved({"s": REVENUE_300}, {"f": {2, 5}}, {"l": {2, 99}})
    assert members(shop, InList("l"), kept) == {1}
    assert members(shop, InSnapshot("f"), kept) == {1, 5}
    # 100 + 200 of the merged two.
    assert members(shop, InSegment("s"), kept) == {1, 3, 4, 5}


# --- any history -------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(stories())
def test_every_gene_has_a_value_of_its_kind_for_everybody(story: Story) -> None:
    reference = story.reference()
    for name in GENES:
        values = reference.values(name, MONTH if name in WINDOWED else None)
        assert set(values) == reference.everybody
        if name in LISTS:
            assert all(isinstance(value, frozenset) for value in values.values())
    assert reference.members <= reference.everybody


@settings(max_examples=20, deadline=None)
@given(stories())
def test_late_events_count_as_if_they_had_come_in_time(story: Story) -> None:
    """No two of them of one moment: of those the place decides which is the later."""
    apart = [
        replace(event, at_ms=event.at_ms - number) for number, event in enumerate(story.history.events, 1)
    ]
    shuffled = replace(story.history, events=tuple(apart))
    in_time = sorted(apart, key=lambda event: event.at_ms)
    last = story.history.position
    places = [(1 + number // 4 * 3, number % 4) for number in range(len(in_time))]
    told = [
        replace(event, position=place, row=row) for event, (place, row) in zip(in_time, places, strict=True)
    ]
    moment = Moment(max([last, *(event.position for event in told)]), story.now_ms)
    before = Reference(shuffled, story.settings, moment)
    after = Reference(replace(shuffled, events=tuple(told)), story.settings, moment)
    for name in GENES:
        assert before.values(name) == after.values(name), name


@settings(max_examples=20, deadline=None)
@given(stories())
def test_after_merges_it_is_as_if_they_had_always_been_one(story: Story) -> None:
    history = replace(story.history, first_seen={}, erased=frozenset())
    merged = Reference(history, story.settings, story.moment)
    always = tuple(replace(event, nid=merged.profile(event.nid)) for event in history.events)
    one = Reference(replace(history, events=always, remaps=()), story.settings, story.moment)
    # Whose user id was only announced is a member without an event that says so.
    for name in GENES - {"member_since_on", "member_stage"}:
        values = merged.values(name)
        assert one.values(name) == {profile: values[profile] for profile in one.everybody}, name


@settings(max_examples=20, deadline=None)
@given(
    stories(),
    trees(attribute_conditions(), event_conditions(), sequence_conditions(), references()),
    saved(),
)
def test_trees_answer_for_every_node_and_obey_the_laws_of_sets(story: Story, tree: Node, kept: Saved) -> None:
    reference = story.reference()
    found = evaluate(reference, tree, kept)
    assert set(found) == {path for path, _ in walk(tree)}
    assert members(reference, Not(tree), kept) == reference.everybody - found[()]
    assert members(reference, Difference((tree, tree)), kept) == set()
    assert members(reference, All((tree, Not(tree))), kept) == set()


@settings(max_examples=20, deadline=None)
@given(stories())
def test_a_history_is_messages_that_identity_could_have_sent(story: Story) -> None:
    sent = messages(story.history, "00000000-0000-4000-8000-000000000000")
    places = [message.seq for message in sent]
    assert places == sorted(set(places))
    assert max(places, default=0) == story.history.position


def test_the_member_flag_comes_from_events_or_announcements() -> None:
    shop = of(
        did("page", days(1), 1, nid_kind=USER_ID), did("page", days(1), 2), remaps=(Remap(1, 3, 3, USER_ID),)
    )
    assert shop.members == {1, 3}
    assert shop.everybody == {1, 2, 3}
    assert shop.values("sessions", AllTime()) == {1: 1, 2: 1, 3: 0}
