"""People in memory: read from the event store, and right at every ask, whatever came since the last."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.insight import population_kept as module
from services.insight.compiled import CompiledEvaluator
from services.insight.domain.genes.facts import Rules
from services.insight.domain.orders import Counts
from services.insight.domain.segments.tree import (
    All,
    AllTime,
    Compare,
    GeneCondition,
    InList,
    InSegment,
    Node,
    Not,
    Op,
    Share,
    Window,
    last_days,
)
from services.insight.evaluation import Moment
from services.insight.population import NotInMemory, Population
from services.insight.store.evaluator import SqlEvaluator
from tests.conftest import Engines
from tests.contract.evaluator_shops import Mall, open_mall
from tests.gene_histories import Story, stories
from tests.gene_reference import GENES, WINDOWED, History, Reference, Saved, Settings, evaluate
from tests.gene_reference.told import NOW, bought, days, did
from tests.gene_trees import attribute_conditions, event_conditions, sequence_conditions
from tests.service.insight.told import Told

WINDOWS: tuple[Window, ...] = (last_days(7), last_days(30), AllTime())
# A float's sixth digit may be rounded either way where it ends in a five.
CLOSE = 1.1e-6

quick = settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,)
)


@pytest.fixture(scope="module")
async def mall(engines: Engines) -> AsyncIterator[Mall]:
    async with open_mall(engines) as opened:
        yield opened


@pytest.fixture
def always_rebasing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every overlay becomes part of its base, every other one only after something more came."""
    monkeypatch.setattr(module, "_REBASE_PEOPLE", 0)
    monkeypatch.setattr(module, "_REBASE_SHARE", 0.0)
    taken, turns = module.Kept._take_next, itertools.cycle((True, False))

    async def late(kept: module.Kept) -> None:
        made = kept._coming
        is_new = made is not None and made.done() and made.result().of.position == kept._views[-1].position
        if not (is_new and next(turns)):
            await taken(kept)

    monkeypatch.setattr(module.Kept, "_take_next", late)


def evaluator_of(mall: Mall, memory_mb: int = 1000) -> CompiledEvaluator:
    store = SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf)
    return CompiledEvaluator(Population(mall.clickhouse, mall.tenants, memory_mb), store, mall.shelf)


def gene_windows() -> Iterator[tuple[str, Window | None]]:
    for gene in sorted(GENES):
        yield from ((gene, window) for window in (WINDOWS if gene in WINDOWED else (None,)))


async def assert_right(
    evaluator: CompiledEvaluator, tenant_id: str, reference: Reference, moment: Moment
) -> None:
    """Everybody's every gene, and who there is."""
    evaluator.renew_yardsticks(tenant_id)
    found = await evaluator.evaluate(tenant_id, All(()), moment)
    assert set(found.members) == reference.everybody
    assert found.size.members == len(reference.members)
    for gene, window in gene_windows():
        told = await evaluator.values(tenant_id, gene, window, None, moment)
        expected = reference.values(gene, window)
        assert told.keys() == expected.keys(), gene
        for profile_id, value in expected.items():
            about = (gene, window, profile_id, moment)
            if isinstance(value, float):
                assert told[profile_id] == pytest.approx(value, abs=CLOSE), about
            elif isinstance(value, frozenset):
                assert told[profile_id] == {str(one) for one in value}, about
            elif isinstance(value, dict):
                assert told[profile_id] == pytest.approx(value, abs=CLOSE), about
            else:
                assert told[profile_id] == value, about


async def told_in_steps(mall: Mall, story: Story, steps: list[int], asked: list[Node]) -> None:
    """A history piece by piece, with questions between: late events, merges, refunds, an erasure."""
    history = replace(story.history, erased=frozenset())
    shop = await mall.open_shop(Story(History(first_seen=history.first_seen), story.settings, story.now_ms))
    told, evaluator = Told(mall.clickhouse), evaluator_of(mall)
    told.tenant_id = shop.tenant_id
    before = 0
    for position in [*sorted({step for step in steps if step < history.position}), history.position]:
        await told.tell(history, before, position)
        moment = Moment(position, story.now_ms)
        reference = Reference(history, story.settings, moment)
        await assert_right(evaluator, told.tenant_id, reference, moment)
        found = await evaluator.evaluate_many(told.tenant_id, asked, moment)
        wanted = [evaluate(reference, node)[()] for node in asked]
        assert [frozenset(one.members) for one in found] == wanted, (asked, moment)
        before = position
    if story.history.erased:
        await told.erase(story.history.erased, history.position + 1)
        moment = Moment(history.position + 1, story.now_ms)
        reference = Reference(story.history, story.settings, moment)
        await assert_right(evaluator, told.tenant_id, reference, moment)
    await evaluator.aclose()


STEPS = st.lists(st.integers(1, 60), max_size=4)
# Columns cannot answer these: once asked, they are asked of the touched people only.
ASKED_OF_THE_STORE = st.lists(
    attribute_conditions() | event_conditions() | sequence_conditions(), min_size=3, max_size=3
)


@quick
@given(story=stories(), steps=STEPS, asked=ASKED_OF_THE_STORE)
async def test_whatever_arrives_between_two_questions_every_gene_is_right(
    mall: Mall, story: Story, steps: list[int], asked: list[Node]
) -> None:
    await told_in_steps(mall, story, steps, asked)


@quick
@given(story=stories(), steps=STEPS, asked=ASKED_OF_THE_STORE)
async def test_an_overlay_that_became_part_of_its_base_changes_nothing(
    mall: Mall, always_rebasing: None, story: Story, steps: list[int], asked: list[Node]
) -> None:
    await told_in_steps(mall, story, steps, asked)


# --- worked examples ---------------------------------------------------------------------------------------

NOW_MS = round(NOW.timestamp() * 1000)


def at(place: int, *events: Any) -> tuple[Any, ...]:
    """The events as one message."""
    return tuple(replace(event, position=place, row=row) for row, event in enumerate(events))


async def shop_of(mall: Mall, history: History, decided: Settings | None = None) -> Told:
    told = Told(mall.clickhouse)
    told.tenant_id = (await mall.open_shop(Story(History(), decided or Settings(), NOW_MS))).tenant_id
    await told.tell(history)
    return told


async def test_only_the_touched_are_read_again(mall: Mall) -> None:
    first = History(at(1, *(did("page", days(1), nid) for nid in range(1, 51))))
    told, population = await shop_of(mall, first), Population(mall.clickhouse, mall.tenants, 1000)
    before = await population.view(told.tenant_id, Moment(1, NOW_MS))
    await told.tell(History(at(2, bought("a", days(1), nid=7))))
    after = await population.view(told.tenant_id, Moment(2, NOW_MS))
    assert after.layers[0].columns is before.layers[0].columns
    assert after.layers[1].profile_id.tolist() == [7]
    assert after.layers[0].profile_id[after.layers[0].hidden].tolist() == [7]


async def test_an_order_begins_to_count_at_midnight_when_it_can_be_given_back_no_more(mall: Mall) -> None:
    decided = Settings(rules=Rules(order_counts=Counts.RETURN_PERIOD, return_days=7))
    waits = did("Order Updated", days(2), nid=3, order_id="c", status="shipped")
    orders = (bought("a", days(9), nid=1), bought("b", days(7), nid=2), bought("c", days(9), nid=3), waits)
    history = History(at(1, *orders, *(did("page", days(1), nid) for nid in range(1, 6))))
    told = await shop_of(mall, history, decided)
    evaluator = evaluator_of(mall)
    counted = []
    for moment in (Moment(1, NOW_MS), Moment(1, NOW_MS + 86_400_000)):
        await assert_right(evaluator, told.tenant_id, Reference(history, decided, moment), moment)
        found = await evaluator.values(told.tenant_id, "orders", None, None, moment)
        counted.append([found[nid] for nid in (1, 2, 3)])
    assert counted == [[1, 0, 0], [1, 1, 0]]
    await evaluator.aclose()
    # Whoever was read today says nothing of yesterday.
    population = Population(mall.clickhouse, mall.tenants, 1000)
    await population.view(told.tenant_id, Moment(1, NOW_MS + 86_400_000))
    with pytest.raises(NotInMemory):
        await population.view(told.tenant_id, Moment(1, NOW_MS))
    await population.close()


async def test_a_grown_overlay_becomes_part_of_the_base(mall: Mall, always_rebasing: None) -> None:
    told = await shop_of(mall, History(at(1, did("page", days(1), 1), did("page", days(1), 2))))
    population = Population(mall.clickhouse, mall.tenants, 1000)
    first = await population.view(told.tenant_id, Moment(1, NOW_MS))
    await told.tell(History(at(2, did("page", days(1), 2))))
    await population.view(told.tenant_id, Moment(2, NOW_MS))
    # What comes while the next base is made may stay laid over it.
    await told.tell(History(at(3, did("page", days(1), 1))))
    await population.view(told.tenant_id, Moment(3, NOW_MS))
    async with asyncio.timeout(120):
        last = first
        while last.layers[0].columns is first.layers[0].columns:
            last = await population.view(told.tenant_id, Moment(last.position + 3, NOW_MS))
            await asyncio.sleep(0.05)
    shown = [
        (int(layer.profile_id[person]), int((layer.loaded.facts.acts.person == person).sum()))
        for layer in last.layers
        for person in range(layer.profile_id.size)
        if not layer.hidden[person]
    ]
    assert sorted(shown) == [(1, 2), (2, 2)]


async def test_nothing_new_for_a_tenant_keeps_its_view(mall: Mall) -> None:
    told = await shop_of(mall, History(at(1, did("page", days(1), 1))))
    population = Population(mall.clickhouse, mall.tenants, 1000)
    before = await population.view(told.tenant_id, Moment(1, NOW_MS))
    after = await population.view(told.tenant_id, Moment(90, NOW_MS + 5))
    assert [layer.number for layer in after.layers] == [layer.number for layer in before.layers]


async def test_a_product_that_is_called_otherwise_moves_who_borrows_its_category(mall: Mall) -> None:
    def viewed(nid: int, **said: str) -> Any:
        return did("Product Viewed", days(1), nid, product_id="p", **said)

    history = History(at(1, viewed(1, category="old"), viewed(2), viewed(3, category="own")))
    told, evaluator = await shop_of(mall, history), evaluator_of(mall)
    asked = (told.tenant_id, "viewed_categories", AllTime(), None)
    first = await evaluator.values(*asked, Moment(1, NOW_MS))
    renamed = replace(did("Product Viewed", days(0), 4, product_id="p", category="new"), position=2, row=0)
    await told.tell(History((renamed,)))
    second = await evaluator.values(*asked, Moment(2, NOW_MS))
    assert {nid: set(value) for nid, value in first.items()} == {1: {"old"}, 2: {"own"}, 3: {"own"}}
    assert {nid: set(value) for nid, value in second.items()} == {
        1: {"old"},
        2: {"new"},
        3: {"own"},
        4: {"new"},
    }


async def test_other_rules_and_zones_are_other_answers(mall: Mall) -> None:
    told = await shop_of(mall, History(at(1, did("page", days(0.5), 1))))
    evaluator, moment = evaluator_of(mall), Moment(1, NOW_MS)
    # NOW is 11:00 in Taipei and 19:00 of the day before in Los Angeles.
    asked = (told.tenant_id, "days_since_visit", None, None, moment)
    assert await evaluator.values(*asked) == {1: 1}
    await mall.tenants.save(told.tenant_id, "America/Los_Angeles", "TWD")
    assert await evaluator.values(*asked) == {1: 0}


async def test_a_saved_segment_is_asked_anew_when_it_or_what_it_names_is_another(mall: Mall) -> None:
    told = await shop_of(mall, History(at(1, did("page", days(1), 1), did("page", days(1), 2))))
    evaluator, moment = evaluator_of(mall), Moment(1, NOW_MS)
    visited = GeneCondition("sessions", Compare(Op.GE, Decimal(1)), last_days(7))
    most = GeneCondition("sessions", Share(top=True, percent=Decimal(50)), last_days(7))
    for saved, wanted in (
        (Saved(segments={"s": visited}), {1, 2}),
        (Saved(segments={"s": Not(visited)}), set()),
        (Saved(segments={"s": InSegment("t"), "t": visited}), {1, 2}),
        (Saved(segments={"s": InSegment("t"), "t": Not(visited)}), set()),
        (Saved(segments={"s": InList("l")}, lists={"l": {1}}), {1}),
        (Saved(segments={"s": InList("l")}, lists={"l": {2}}), {2}),
        (Saved(segments={"s": most}), {1, 2}),
    ):
        mall.shelf.saved[told.tenant_id] = saved
        for _ in range(2):
            found = await evaluator.evaluate(told.tenant_id, All((InSegment("s"),)), moment)
            assert set(found.members) == wanted
            assert dict(found.counts) == {(): len(wanted), (0,): len(wanted)}
            assert (found.yardstick_age_seconds is not None) == (saved.segments["s"] is most)


async def test_what_was_written_for_others_leaves_a_view_as_it_is(mall: Mall) -> None:
    told = await shop_of(mall, History(at(1, did("page", days(1), 1))))
    last = {told.tenant_id: 1}
    population = Population(mall.clickhouse, mall.tenants, 1000, last_of=last.__getitem__)
    before = await population.view(told.tenant_id, Moment(1, NOW_MS))
    after = await population.view(told.tenant_id, Moment(9, NOW_MS + 5))
    assert (after.layers, after.position, after.last) == (before.layers, 1, 9)
    later = replace(did("page", days(0), 2), position=10, row=0)
    await told.tell(History((later,)))
    last[told.tenant_id] = 10
    newest = await population.view(told.tenant_id, Moment(10, NOW_MS))
    assert sum(layer.profile_id.size for layer in newest.layers) == 2


async def test_too_many_events_are_the_stores(mall: Mall) -> None:
    told = await shop_of(mall, History(at(1, did("page", days(1), 1))))
    with pytest.raises(NotInMemory):
        await evaluator_of(mall, memory_mb=0).evaluate(told.tenant_id, All(()), Moment(1, NOW_MS))


async def test_a_moment_that_has_passed_is_the_stores(mall: Mall) -> None:
    told = await shop_of(mall, History(at(1, did("page", days(1), 1)) + at(2, did("page", days(1), 1))))
    evaluator = evaluator_of(mall)
    await evaluator.evaluate(told.tenant_id, All(()), Moment(2, NOW_MS))
    for passed in (Moment(1, NOW_MS), Moment(2, NOW_MS - 2 * 86_400_000)):
        with pytest.raises(NotInMemory):
            await evaluator.evaluate(told.tenant_id, All(()), passed)


async def test_many_askers_have_a_tenant_read_once(mall: Mall) -> None:
    told = await shop_of(mall, History(at(1, did("page", days(1), 1))))
    population = Population(mall.clickhouse, mall.tenants, 1000)
    asked = [population.view(told.tenant_id, Moment(1, NOW_MS)) for _ in range(5)]
    views = await asyncio.gather(*asked)
    assert len({id(view) for view in views}) == 1


async def test_whoever_goes_away_does_not_stop_the_reading(mall: Mall) -> None:
    told = await shop_of(mall, History(at(1, did("page", days(1), 1))))
    population = Population(mall.clickhouse, mall.tenants, 1000)
    impatient = asyncio.create_task(population.view(told.tenant_id, Moment(1, NOW_MS)))
    await asyncio.sleep(0.02)
    impatient.cancel()
    view = await population.view(told.tenant_id, Moment(1, NOW_MS))
    assert view.layers[0].profile_id.tolist() == [1]


async def test_the_least_recently_asked_leave_when_memory_is_needed(mall: Mall) -> None:
    events = at(1, *(did("page", days(1), nid) for nid in range(1, 2001)))
    one, other = await shop_of(mall, History(events)), await shop_of(mall, History(events))
    # Each takes some 150 kB, and 240 kB may be needed while it is read.
    population = Population(mall.clickhouse, mall.tenants, 0)
    population._budget = 250_000
    first = await population.view(one.tenant_id, Moment(1, NOW_MS))
    await population.view(other.tenant_id, Moment(1, NOW_MS))
    again = await population.view(one.tenant_id, Moment(1, NOW_MS))
    assert again.layers[0].number != first.layers[0].number
