"""One tenant's live segments with a clock of the test's: time, failures, starts, what days add up to."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
from pyroaring import BitMap

from services.insight import population_kept
from services.insight.compiled import CompiledEvaluator
from services.insight.domain.genes.facts import Rules
from services.insight.domain.orders import Counts
from services.insight.domain.segments.tree import (
    Compare,
    GeneCondition,
    InList,
    Known,
    Node,
    Op,
    last_days,
)
from services.insight.live import tenant as module
from services.insight.live.tenant import LiveTenant, Parts
from services.insight.population import Population
from services.insight.store.evaluator import SqlEvaluator
from services.insight.store.live import LiveStore, State
from services.insight.store.live_definitions import DefinitionStore
from services.insight.store.live_pages import LivePages
from services.insight.store.segments import Draft, SegmentStore
from tests.conftest import Engines
from tests.contract.evaluator_shops import Mall, open_mall
from tests.gene_histories import Story
from tests.gene_reference import History, Saved, Settings
from tests.gene_reference.told import NOW, bought, days, did
from tests.service.insight.told import Told

NOW_MS = round(NOW.timestamp() * 1000)
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BOUGHT = GeneCondition("orders", Compare(Op.GE, Decimal(1)), last_days(30))
LEFT_A_CART = GeneCondition("abandoned_cart", Known(), last_days(7))


@pytest.fixture(scope="module")
async def mall(engines: Engines) -> AsyncIterator[Mall]:
    async with open_mall(engines) as opened:
        yield opened


@dataclass
class Living:
    """A shop whose segments are live."""

    mall: Mall
    told: Told
    memory_mb: int = 1000
    position: int = 0
    now_ms: int = NOW_MS
    live: LiveTenant = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """As the service does, with nothing in memory."""
        store = SqlEvaluator(self.mall.clickhouse, self.mall.tenants, self.mall.shelf)
        population = Population(self.mall.clickhouse, self.mall.tenants, self.memory_mb)
        parts = Parts(
            CompiledEvaluator(population, store, self.mall.shelf),
            store,
            LiveStore(self.mall.postgres),
            DefinitionStore(self.mall.postgres),
            self.mall.tenants,
            self.mall.clickhouse,
            position=lambda: self.position,
            moved=lambda _: self.position,
            now_ms=lambda: self.now_ms,
        )
        self.live = LiveTenant(self.told.tenant_id, parts)

    async def tell(self, *events: Any) -> None:
        self.position += 1
        numbered = (replace(event, position=self.position, row=row) for row, event in enumerate(events))
        await self.told.tell(History(tuple(numbered)), self.position - 1, self.position)

    async def save(self, name: str, tree: Node) -> str:
        async with SegmentStore(self.mall.postgres).changing(self.told.tenant_id) as shelf:
            return await shelf.insert(Draft(name, "", "", "", tree), "amy")

    async def refreshed(self) -> int:
        changed = (await LiveStore(self.mall.postgres).queue())[self.told.tenant_id]
        if not self.live.due(changed, self.position):
            return 0
        return await self.live.refresh(changed, self.position)

    async def members(self, segment_id: str) -> set[int]:
        return set((await self.stored(segment_id))[1])

    async def stored(self, segment_id: str) -> tuple[State, set[int]]:
        store = LiveStore(self.mall.postgres)
        found = (await store.load(self.told.tenant_id, [segment_id]))[segment_id]
        return found.state, set(found.members)

    async def reasons(self, segment_id: str) -> list[str]:
        pages = LivePages(self.mall.postgres)
        found = await pages.changes(self.told.tenant_id, segment_id, 1000, 1000)
        return [one.reason for one in reversed(found)]


@pytest.fixture
async def living(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> Living:
    # Nothing rests for being slow, however busy the machine is.
    monkeypatch.setattr(module, "_SLOW_SECONDS", 60.0)
    monkeypatch.setattr(population_kept, "_PATIENCE_SECONDS", 60.0)
    told = Told(mall.clickhouse)
    told.tenant_id = (await mall.open_shop(Story(History(), Settings(), NOW_MS))).tenant_id
    return Living(mall, told)


async def test_midnight_alone_takes_people_out(living: Living) -> None:
    await living.tell(bought("a", days(29), nid=1), bought("b", days(2), nid=2))
    segment = await living.save("買過", BOUGHT)
    assert await living.refreshed() == 1
    assert await living.members(segment) == {1, 2}
    living.now_ms += HOUR_MS
    assert await living.refreshed() == 0
    # NOW is 11:00 in Taipei.
    living.now_ms = NOW_MS + 13 * HOUR_MS - 1
    assert await living.refreshed() == 0
    living.now_ms += 1
    assert await living.refreshed() == 1
    assert (await living.members(segment), await living.reasons(segment)) == ({2}, ["definition", "time"])
    found = await LivePages(living.mall.postgres).days(
        living.told.tenant_id, segment, NOW.date().replace(day=NOW.day + 1), 10
    )
    assert [(day.size, day.entered, day.gone) for day in found[0]] == [(1, 0, 1), (2, 2, 0)]


async def test_a_cart_is_left_an_hour_after_it_was_touched(living: Living) -> None:
    await living.tell(did("Product Added", days(0), 1, product_id="p", quantity=1))
    segment = await living.save("棄購", LEFT_A_CART)
    await living.refreshed()
    assert await living.members(segment) == set()
    living.now_ms += HOUR_MS + 1000
    assert await living.refreshed() == 1
    assert (await living.members(segment), await living.reasons(segment)) == ({1}, ["time"])
    # At the same moment somebody buys it, and for somebody else time goes by.
    await living.tell(did("Product Added", days(0), 2, product_id="q", quantity=1))
    await living.refreshed()
    assert await living.members(segment) == {1, 2}


async def test_a_start_enters_nobody_twice_and_loses_nobody(living: Living) -> None:
    await living.tell(bought("a", days(1), nid=1), bought("b", days(2), nid=2))
    segment = await living.save("買過", BOUGHT)
    await living.refreshed()
    living.start()
    assert await living.refreshed() == 0
    await living.tell(bought("c", days(1), nid=3))
    living.start()
    assert await living.refreshed() == 1
    assert await living.members(segment) == {1, 2, 3}
    assert await living.reasons(segment) == ["definition", "events"]
    # What was deleted or archived is refreshed no more.
    async with SegmentStore(living.mall.postgres).changing(living.told.tenant_id) as shelf:
        await shelf.archive(segment, archived=True)
    await living.tell(bought("d", days(1), nid=4))
    assert await living.refreshed() == 0
    async with SegmentStore(living.mall.postgres).changing(living.told.tenant_id) as shelf:
        await shelf.archive(segment, archived=False)
    await living.refreshed()
    assert await living.members(segment) == {1, 2, 3, 4}


async def test_another_time_zone_makes_another_segment(living: Living) -> None:
    # 29 days and a half before NOW it is the day before in Taipei, and the same day in Los Angeles.
    await living.tell(bought("a", days(29.5), nid=1), bought("b", days(1), nid=2))
    segment = await living.save("買過", BOUGHT)
    await living.refreshed()
    assert await living.members(segment) == {2}
    await living.mall.tenants.save(living.told.tenant_id, "America/Los_Angeles", "TWD")
    assert await living.refreshed() == 1
    assert await living.members(segment) == {1, 2}
    assert await living.reasons(segment) == ["definition", "definition"]


async def test_an_order_enters_its_person_when_it_counts_and_takes_them_out_when_it_comes_back(
    living: Living,
) -> None:
    async def count(rules: Rules) -> None:
        await living.mall.tenants.save(living.told.tenant_id, "Asia/Taipei", "TWD", rules=rules)
        await living.refreshed()

    await living.tell(bought("a", days(1), nid=1), bought("b", days(2), nid=2))
    segment = await living.save("買過", BOUGHT)
    await living.refreshed()
    seen = [await living.members(segment)]
    await count(Rules(order_counts=Counts.PICKED_UP))
    seen.append(await living.members(segment))
    for status in ("picked_up", "returned"):
        await living.tell(did("Order Updated", days(0), 1, order_id="a", status=status))
        await living.refreshed()
        seen.append(await living.members(segment))
    # Placed the day before yesterday, b can be given back for two days: until the end of today.
    await count(Rules(order_counts=Counts.RETURN_PERIOD, return_days=2))
    seen.append(await living.members(segment))
    living.now_ms = NOW_MS + 13 * HOUR_MS
    await living.refreshed()
    seen.append(await living.members(segment))
    assert seen == [{1, 2}, set(), {1}, set(), set(), {2}]
    assert await living.reasons(segment) == ["definition", "definition", "events", "events", "time"]


async def test_what_is_stored_in_one_piece_is_what_the_changes_made(living: Living) -> None:
    segment = await living.save("買過", BOUGHT)
    for nid in range(1, 6):
        await living.tell(bought(f"o{nid}", days(1), nid=nid))
        await living.refreshed()
        if nid == 3:
            await living.live.fold()
    before = await living.stored(segment)
    await living.live.fold()
    assert await living.stored(segment) == before
    assert before[1] == {1, 2, 3, 4, 5}
    assert before[0].sequence == 5


async def test_a_segment_that_fails_says_so_and_stops_no_other(
    living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    await living.tell(bought("a", days(1), nid=1))
    broken, whole = await living.save("壞", InList("nobody's")), await living.save("好", BOUGHT)
    await living.refreshed()
    state, members = await living.stored(broken)
    assert (state.failure, state.answered_by, members) == ("INTERNAL", "", set())
    assert await living.members(whole) == {1}
    # Mended, it is what it should be, and says nothing of a failure any more.
    living.mall.shelf.saved[living.told.tenant_id] = Saved(lists={"nobody's": {1}})
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.0)
    living.live.forget()
    await living.refreshed()
    state, members = await living.stored(broken)
    assert (state.failure, state.answered_by, members) == ("", "memory", {1})


async def test_a_segment_that_takes_too_long_keeps_its_people_and_is_tried_again(
    living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.0)
    await living.tell(bought("a", days(1), nid=1))
    segment = await living.save("買過", BOUGHT)
    await living.refreshed()
    await living.tell(bought("b", days(1), nid=2))
    with monkeypatch.context() as hurried:
        hurried.setattr(module, "_PATIENCE_SECONDS", -1.0)
        assert await living.refreshed() == 0
    state, members = await living.stored(segment)
    assert (state.failure, state.position, members) == ("SEGMENT_TOO_SLOW", 1, {1})
    assert await living.refreshed() == 1
    state, members = await living.stored(segment)
    assert (state.failure, state.position, members) == ("", 2, {1, 2})


async def test_nobody_waits_for_a_segment_that_takes_long(
    living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SLOW_SECONDS", 2.0)
    monkeypatch.setattr(module, "_REST_TIMES", 0.0)
    shelf, going_on = living.mall.shelf, asyncio.Event()
    shelf.saved[living.told.tenant_id] = Saved(lists={"vips": {1, 2}})
    listed = shelf.listed

    longest = 2.5

    async def slowly(tenant_id: str, list_id: str) -> BitMap:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(going_on.wait(), longest)
        return await listed(tenant_id, list_id)

    monkeypatch.setattr(shelf, "listed", slowly)
    await living.tell(bought("a", days(1), nid=1))
    slow, swift = await living.save("名單", InList("vips")), await living.save("買過", BOUGHT)
    assert await living.refreshed() == 2
    longest = 60.0
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 60.0)
    for nid in (2, 3):
        await living.tell(bought(f"{nid}", days(1), nid=nid))
        assert await living.refreshed() == 1
        assert living.live.busy
    assert (await living.members(swift), await living.members(slow)) == ({1, 2, 3}, {1})
    going_on.set()
    async with asyncio.timeout(30):
        while living.live.busy:
            await asyncio.sleep(0.01)
    # Those who wait for what is stored are told.
    assert await living.refreshed() == 1
    assert await living.members(slow) == {1, 2}


async def test_a_tenant_too_large_for_memory_is_counted_by_the_store(
    living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    living.memory_mb = 0
    living.start()
    await living.tell(bought("a", days(1), nid=1))
    segment = await living.save("買過", BOUGHT)
    assert await living.refreshed() == 0
    assert not living.live.by_store
    monkeypatch.setattr(module, "_STORE_AFTER_SECONDS", 0.0)
    assert await living.refreshed() == 1
    # So that a slow one rests long.
    assert living.live.by_store
    state, members = await living.stored(segment)
    assert (state.answered_by, members) == ("store", {1})
    # Not again before a while has passed.
    await living.tell(bought("b", days(1), nid=2))
    assert await living.refreshed() == 0


async def test_erased_people_leave_what_is_stored(living: Living) -> None:
    await living.tell(bought("a", days(1), nid=1), bought("b", days(1), nid=2))
    segment = await living.save("買過", BOUGHT)
    await living.refreshed()
    await living.live.fold()
    living.position += 1
    await living.told.erase([2], living.position)
    store = LiveStore(living.mall.postgres)
    # The files are cleaned before the segment is refreshed, and the service starts anew.
    await store.forget_people(living.told.tenant_id, [2])
    assert await living.members(segment) == {1}
    living.start()
    await living.refreshed()
    state, members = await living.stored(segment)
    assert (state.size, members) == (1, {1})
    days_told, _ = await LivePages(living.mall.postgres).days(living.told.tenant_id, segment, NOW.date(), 5)
    assert [(day.size, day.entered, day.gone) for day in days_told] == [(1, 2, 1)]
    (first,) = await LivePages(living.mall.postgres).changes(living.told.tenant_id, segment, 100, 10)
    assert (set(first.entered), first.n_entered) == ({1}, 2)
