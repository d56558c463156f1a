"""The continuous audit: what is wrong in memory is found, told by gene, and read again."""

import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest
from prometheus_client import REGISTRY

from services.insight.audit import Auditor, Pace
from services.insight.compiled import CompiledEvaluator
from services.insight.domain.catalogue import GENES
from services.insight.domain.segments.tree import (
    All,
    AttributeCondition,
    Compare,
    GeneCondition,
    Known,
    Node,
    Not,
    OneOf,
    Op,
    last_days,
)
from services.insight.evaluation import Moment
from services.insight.population import Population, View
from services.insight.store.audits import Audits, Compared, Run
from services.insight.store.evaluator import SqlEvaluator
from services.insight.store.segments import Draft, SegmentStore
from tests.conftest import Engines
from tests.contract.evaluator_shops import Mall, open_mall
from tests.gene_histories import crowd
from tests.service.insight.told import Told

AT_ONCE = Pace(3600, rest=0, again_after_seconds=0)
CITY = AttributeCondition("city", Known())


@pytest.fixture(scope="module")
async def mall(engines: Engines) -> AsyncIterator[Mall]:
    async with open_mall(engines) as opened:
        yield opened


class Watched:
    """A tenant in memory, and who watches it."""

    def __init__(self, mall: Mall) -> None:
        store = SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf)
        self.mall = mall
        self.population = Population(mall.clickhouse, mall.tenants, 1000)
        self.evaluator = CompiledEvaluator(self.population, store, mall.shelf)
        self.audits, self.segments = Audits(mall.postgres), SegmentStore(mall.postgres)
        self.position = 0
        self.auditor = Auditor(
            self.evaluator,
            self.population,
            store,
            segments=self.segments,
            audits=self.audits,
            position=lambda: self.position,
            pace=AT_ONCE,
            random=Random(5),
        )

    async def open(self, *trees: Node) -> None:
        shop = await self.mall.open_shop(crowd(seed=3, nids=40, events=250))
        self.tenant_id, self.position = shop.tenant_id, shop.moment.position
        for number, tree in enumerate(trees):
            async with self.segments.changing(self.tenant_id) as shelf:
                await shelf.insert(Draft(f"segment {number}", "", "", "", tree), "somebody")
        await self.ask(*trees)

    async def ask(self, *trees: Node) -> None:
        await self.evaluator.sets(self.tenant_id, [All(()), *trees], self.moment)

    @property
    def moment(self) -> Moment:
        return Moment(self.position, time.time_ns() // 1_000_000)

    @property
    def view(self) -> View:
        return self.population.newest()[self.tenant_id]


@pytest.fixture
async def watched(mall: Mall) -> AsyncIterator[Watched]:
    made = Watched(mall)
    yield made
    await made.evaluator.aclose()


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_what_is_right_is_compared_gene_by_gene_and_found_right(watched: Watched) -> None:
    await watched.open(GeneCondition("orders", Compare(Op.GE, Decimal(1)), last_days(90)), CITY)
    run = await watched.auditor.audit(watched.tenant_id)
    assert run is not None
    assert (run.different, run.passing, run.reloaded, run.position) == (0, 0, False, watched.position)
    assert run.genes.keys() == {gene.id for gene in GENES} | {"everybody", "attributes"}
    assert all(run.genes[gene.id].compared >= run.people > 0 for gene in GENES)
    assert run.genes["orders"].compared == 2 * run.people
    assert (await watched.audits.page(watched.tenant_id, "", 9, drifted=False))[0].genes == run.genes
    assert await watched.audits.page(watched.tenant_id, "", 9, drifted=True) == []


async def test_a_column_gone_wrong_is_found_told_and_read_again(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    await watched.open()
    people = watched.view.layers[0].loaded.facts.people
    people.first_source[:] = (people.first_source + 1) % len(watched.view.layers[0].loaded.facts.sources)
    name = "insight_audit_different_total"
    told, reloads = metric(name, gene="first_source"), metric("insight_audit_reloads_total")
    run = await watched.auditor.audit(watched.tenant_id)
    assert run is not None
    assert {gene for gene, one in run.genes.items() if one.different} == {"first_source"}
    assert run.reloaded
    assert metric(name, gene="first_source") - told == run.different > 0
    assert metric("insight_audit_reloads_total") - reloads == 1
    said = [record for record in caplog.records if record.message == "memory_drifted"]
    assert [record.__dict__["genes"] for record in said] == [{"first_source": run.different}]
    again = await watched.auditor.audit(watched.tenant_id)
    assert again is not None
    assert (again.different, again.reloaded) == (0, False)
    drifted = await watched.audits.page(watched.tenant_id, "", 9, drifted=True)
    assert [(one.different, one.reloaded) for one in drifted] == [(run.different, True)]


async def test_bits_gone_wrong_are_found_too(watched: Watched) -> None:
    stage = GeneCondition("member_stage", OneOf(("visitor",)))
    await watched.open(Not(stage))
    for _, bits in watched.evaluator._means.kept._bits.values():
        bits ^= 255
    run = await watched.auditor.audit(watched.tenant_id)
    assert run is not None
    assert {gene for gene, one in run.genes.items() if one.different} == {"member_stage"}
    again = await watched.auditor.audit(watched.tenant_id)
    assert again is not None
    assert again.different == 0


async def test_somebody_missing_is_found(watched: Watched) -> None:
    await watched.open()
    watched.view.layers[0].hidden[3] = True
    run = await watched.auditor.audit(watched.tenant_id)
    assert run is not None
    assert run.genes["everybody"].different == 1


async def test_an_erasure_since_is_no_drift(watched: Watched) -> None:
    await watched.open()
    told = Told(watched.mall.clickhouse)
    told.tenant_id = watched.tenant_id
    everybody = sorted(watched.view.layers[0].profile_id.tolist())
    await told.erase(everybody[::2], watched.position + 1)
    watched.position += 1
    run = await watched.auditor.audit(watched.tenant_id)
    assert run is not None
    assert run.different == 0
    assert run.passing > 0


async def test_what_a_reload_does_not_heal_is_reloaded_once(watched: Watched, mall: Mall) -> None:
    await watched.open()
    found = []
    for _ in range(3):
        # As if memory counted otherwise than the store: after each reading again it is so again.
        people = watched.view.layers[0].loaded.facts.people
        people.first_source[:] = (people.first_source + 1) % len(watched.view.layers[0].loaded.facts.sources)
        run = await watched.auditor.audit(watched.tenant_id)
        assert run is not None
        found.append((run.different > 0, run.reloaded))
        await watched.ask()
    assert found == [(True, True), (True, False), (True, True)]


async def test_who_is_not_in_memory_is_not_read_for_it(watched: Watched, mall: Mall) -> None:
    await watched.open()
    watched.population.drop(watched.tenant_id)
    assert await watched.auditor.audit(watched.tenant_id) is None
    assert watched.population.newest() == {}


async def test_only_runs_that_found_nothing_leave(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.insight.store.audits._KEPT_RUNS", 1)
    tenant_id, audits = str(uuid.uuid4()), Audits(mall.postgres)
    for different in (2, 0, 0, 0):
        genes = {"orders": Compared(5, different)}
        await audits.add(tenant_id, Run(datetime.now(UTC), 0.5, 7, 5, genes, reloaded=different > 0))
    kept = await audits.page(tenant_id, "", 9, drifted=False)
    assert [one.different for one in kept] == [0, 0, 2]
    assert await audits.page(tenant_id, kept[1].audit_id, 9, drifted=False) == kept[2:]
    assert await audits.page(tenant_id, "", 9, drifted=True) == kept[2:]
