"""Shops whose history was written as the writer writes it, into real engines, for whoever evaluates it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.clickhouse import ClickHouse, migrate_clickhouse, open_clickhouse
from chassis.database import open_engine, open_transaction
from services.insight.compiled import CompiledEvaluator
from services.insight.domain.external.columns import (
    Became,
    Column,
    Held,
    changed,
    column,
    column_of,
    empty,
    history_of,
    packed,
    undone,
)
from services.insight.domain.segments.answers import Evaluation
from services.insight.domain.segments.tree import EventCondition, GoalCondition, Node
from services.insight.evaluation import Evaluator, Moment
from services.insight.population import NotInMemory, Population
from services.insight.store.evaluator import SqlEvaluator
from services.insight.store.tenants import Tenants
from tests.conftest import ROOT, TOLD, Engines
from tests.gene_histories import Story
from tests.gene_reference import Event, Reference, Saved, Settings, evaluate
from tests.service.insight.told import Told

T = TypeVar("T")

_RATE = sa.text(
    "insert into exchange_rates (tenant_id, currency, on_date, rate) values (:tenant, :code, :day, :rate)"
)
_RULES = sa.text(
    "update tenants set session_minutes = :session_minutes, slowing_days = :slowing_days, "
    "dormant_days = :dormant_days, lost_days = :lost_days, loyal_orders = :loyal_orders, "
    "loyal_days = :loyal_days, price_after_discount = :price_after_discount, "
    "order_counts = :order_counts, return_days = :return_days where tenant_id = :tenant"
)


class NotOnTheShelf(Exception):
    """A tree names what nobody saved."""


@dataclass
class Shelf:
    """What trees refer to beside events, of every tenant."""

    saved: dict[str, Saved] = field(default_factory=dict)
    erased: dict[str, BitMap] = field(default_factory=dict)

    async def tree(self, tenant_id: str, segment_id: str) -> Node:
        return _found(self.saved[tenant_id].segments, segment_id)

    async def snapshot(self, tenant_id: str, snapshot_id: str) -> BitMap:
        return BitMap(_found(self.saved[tenant_id].snapshots, snapshot_id)) - self.erased[tenant_id]

    async def listed(self, tenant_id: str, list_id: str) -> BitMap:
        return BitMap(_found(self.saved[tenant_id].lists, list_id)) - self.erased[tenant_id]

    async def goal(self, tenant_id: str, node: GoalCondition) -> EventCondition:
        step = _found(self.saved[tenant_id].goals, node.goal_id)
        return EventCondition(step, node.window, node.times)

    async def held(self, tenant_id: str, gene_id: str, now_ms: int) -> Held:
        """As the store has it: the values of the newest change, and the changes after now undone."""
        column, histories = self._brought(tenant_id, gene_id)
        late = [became.history for became in histories if became.changed_at.timestamp() * 1000 > now_ms]
        for history in reversed(late):
            column = undone(column, history)
        return Held(column, (len(histories) - len(late), 0))

    async def became(
        self, tenant_id: str, gene_id: str, since: datetime, until: datetime
    ) -> Sequence[Became]:
        return [one for one in self._brought(tenant_id, gene_id)[1] if since <= one.changed_at <= until]

    def _brought(self, tenant_id: str, gene_id: str) -> tuple[Column, list[Became]]:
        """What is stored of a gene, and of whoever was not erased."""
        gene, erased = _found(self.saved[tenant_id].external, gene_id), self.erased[tenant_id]
        present, histories = empty(gene.kind), []
        for change in gene.changes:
            brought = column(gene.kind, change.told, change.at_ms)
            present, history = changed(present, brought, change.mode)
            at = datetime.fromtimestamp(change.at_ms / 1000, UTC)
            stored = history_of(gene.kind, packed(history)).without(erased)
            histories.append(Became(at, "somebody", stored))
        return column_of(gene.kind, packed(present)).without(erased), histories


def _found(saved: Mapping[str, T], name: str) -> T:
    if name not in saved:
        raise NotOnTheShelf(name)
    return saved[name]


@dataclass(frozen=True)
class Shop:
    """One tenant, and what is true of it."""

    tenant_id: str
    reference: Reference
    moment: Moment


@dataclass(frozen=True)
class Mall:
    """Where shops are opened, and what evaluators are made of."""

    clickhouse: ClickHouse
    postgres: AsyncEngine
    shelf: Shelf

    @cached_property
    def tenants(self) -> Tenants:
        return Tenants(self.postgres)

    async def open_shop(self, story: Story, saved: Saved | None = None) -> Shop:
        """A new tenant to whom all of this happened."""
        history = replace(story.history, events=_numbered(story.history.events))
        told, story = Told(self.clickhouse), replace(story, history=history)
        self.shelf.saved[told.tenant_id] = saved or Saved()
        self.shelf.erased[told.tenant_id] = BitMap(history.erased)
        await self._decide(told.tenant_id, story.settings)
        await told.tell(history)
        await told.keep_first_seen(history)
        if history.erased:
            await told.erase(history.erased, history.position + 1)
        return Shop(told.tenant_id, story.reference(), story.moment)

    async def _decide(self, tenant_id: str, settings: Settings) -> None:
        await self.tenants.save(tenant_id, settings.zone, settings.rates.home)
        rules = {name: getattr(settings.rules, name) for name in settings.rules.__slots__}
        rates = [
            {"tenant": tenant_id, "code": code, "day": on, "rate": rate}
            for code, days in settings.rates.listed().items()
            for on, rate in days
        ]
        async with open_transaction(self.postgres, tenant_id) as connection:
            await connection.execute(_RULES, {"tenant": tenant_id, **rules})
            if rates:
                await connection.execute(_RATE, rates)


def _numbered(events: Sequence[Event]) -> tuple[Event, ...]:
    """Rows of one message count from 0."""
    rows: dict[int, int] = {}
    numbered = []
    for event in sorted(events, key=lambda event: (event.position, event.row)):
        row = rows[event.position] = rows.get(event.position, -1) + 1
        numbered.append(replace(event, row=row))
    return tuple(numbered)


@asynccontextmanager
async def open_mall(engines: Engines) -> AsyncIterator[Mall]:
    async with (
        open_engine(engines.postgres_url("insight")) as postgres,
        open_clickhouse(engines.clickhouse_url(TOLD)) as clickhouse,
    ):
        scripts = ROOT / "services/insight/migrations/clickhouse"
        await migrate_clickhouse(clickhouse, scripts, replicated=False)
        yield Mall(clickhouse, postgres, Shelf())


@dataclass
class Patient:
    """Asks again until people are read into memory, as a busy machine takes its time."""

    evaluator: CompiledEvaluator

    async def evaluate(self, tenant_id: str, root: Node, moment: Moment) -> Evaluation:
        return (await self.evaluate_many(tenant_id, [root], moment))[0]

    async def evaluate_many(
        self, tenant_id: str, roots: Sequence[Node], moment: Moment
    ) -> Sequence[Evaluation]:
        deadline = time.monotonic() + 120
        while True:
            try:
                return await self.evaluator.evaluate_many(tenant_id, roots, moment)
            except NotInMemory:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)


EVALUATORS: Mapping[str, Callable[[Mall], Evaluator]] = {
    "sql": lambda mall: SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf),
    "compiled": lambda mall: Patient(
        CompiledEvaluator(
            Population(mall.clickhouse, mall.tenants, 1000),
            SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf),
            mall.shelf,
        )
    ),
}


async def agrees(evaluator: Evaluator, shop: Shop, tree: Node, kept: Saved | None = None) -> None:
    """Members, sizes and the counts of all nodes are the reference's."""
    found = await evaluator.evaluate(shop.tenant_id, tree, shop.moment)
    wanted, reference = evaluate(shop.reference, tree, kept or Saved()), shop.reference
    assert set(found.members) == wanted[()]
    assert dict(found.counts) == {path: len(members) for path, members in wanted.items()}
    assert (found.everybody, found.size.profiles) == (len(reference.everybody), len(wanted[()]))
    assert found.size.members == len(wanted[()] & reference.members)
    for channel in ("email", "sms", "line"):
        reached = {one for one in wanted[()] if channel in reference.people[one].reachable}
        assert found.size.reachable[channel] == len(reached)
    assert (found.position, found.now_ms) == (shop.moment.position, shop.moment.now_ms)
