"""Where the parts of the insight service meet."""

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis.background import in_background
from chassis.bus import Bus, connect_bus
from chassis.clickhouse import ClickHouse, migrate_clickhouse, open_clickhouse
from chassis.database import Engine, open_engine
from chassis.process import run, run_migrations
from chassis.rpc import serve, tenant
from chassis.settings import load_settings
from chassis.tenancy import TokenVerifier
from services.insight.api import (
    AttributesApi,
    EventSourcesApi,
    ExternalGenesApi,
    GenesApi,
    GoalsApi,
    InsightApi,
    ListsApi,
    OverlapsApi,
    PeopleReportsApi,
    ProductReportsApi,
    SegmentsApi,
    StatesApi,
)
from services.insight.api.segment_events import change_messages, stream
from services.insight.audit import Auditor, Pace
from services.insight.backfill import Backfill
from services.insight.compiled import CompiledEvaluator
from services.insight.domain.genes.rehearsal import rehearse
from services.insight.domain.product_reports.rehearsal import rehearse_reports
from services.insight.evaluators import Evaluators
from services.insight.external_genes import Bringing
from services.insight.goals import Goals
from services.insight.housekeeper import Belongings, Forgetful, Housekeeper
from services.insight.live.reading import LiveReading
from services.insight.live.running import live_segments
from services.insight.live.tenant import Parts
from services.insight.memberships import Memberships
from services.insight.names import StoredNames
from services.insight.overlaps import Overlaps
from services.insight.population import Population
from services.insight.product_reports import ProductReports, SearchReports
from services.insight.questions import Questions
from services.insight.recent import Recent
from services.insight.reporting.ad_spend import AdSpend
from services.insight.reporting.number import Counter
from services.insight.reporting.people_reports import PeopleReports
from services.insight.reporting.reading import Reading
from services.insight.segments import Segments
from services.insight.settings import Settings
from services.insight.sources import StoredSources
from services.insight.states import States
from services.insight.store.ad_costs import AdCosts
from services.insight.store.attributes import Attributes
from services.insight.store.audits import Audits
from services.insight.store.detail_backfill import DetailBackfill
from services.insight.store.erasures import Erasures
from services.insight.store.evaluator import SqlEvaluator
from services.insight.store.events import EventStore, Watermark
from services.insight.store.external import ExternalGenes
from services.insight.store.external_values import ExternalValues
from services.insight.store.goals import GoalStore
from services.insight.store.known_products import KnownProducts
from services.insight.store.lists import Lists
from services.insight.store.live import LiveStore
from services.insight.store.live_definitions import DefinitionStore
from services.insight.store.live_pages import LivePages
from services.insight.store.product_reports import ProductFacts
from services.insight.store.queries.erased import Erased
from services.insight.store.report_facts import ReportFacts
from services.insight.store.segments import SegmentStore
from services.insight.store.snapshots import Snapshots
from services.insight.store.tenants import Tenants
from services.insight.tree_types import TreeTypes
from services.insight.writer import Writer, write

NAME = "insight"
_MIGRATIONS = Path(__file__).parent / "migrations"


@asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[None]:
    """Entered: answers calls and stores what comes. Left: the block in hand is stored, calls are answered."""
    clickhouse_url = settings.clickhouse_url.get_secret_value()
    async with (
        open_engine(settings.database_url.get_secret_value()) as engine,
        connect_bus(settings.bus_url.get_secret_value(), name=NAME) as bus,
        # Apart, so that no question ever takes a thread that the writer or people in memory wait for.
        open_clickhouse(clickhouse_url) as written,
        open_clickhouse(clickhouse_url) as kept_by,
        open_clickhouse(clickhouse_url) as asked,
    ):
        store, details = EventStore(written), DetailBackfill(asked)
        without_details = await details.begin(await store.highest_position())
        writer = _writer(settings, bus, store, without_details.boundary)
        rewriting = asyncio.Lock()
        backfill = Backfill(details, without_details, lambda: writer.watermark.position, rewriting)
        tenants, lists = Tenants(engine), Lists(engine, asked)
        attributes = Attributes(engine, asked, lambda: writer.watermark)
        segments, snapshots = SegmentStore(engine), Snapshots(engine)
        goals, external, brought = GoalStore(engine), ExternalGenes(engine), ExternalValues(engine, asked)
        sources = StoredSources(segments, snapshots, lists, asked, goals=goals, external=brought)
        stored = SqlEvaluator(asked, tenants, sources)
        population = _population(settings, kept_by, tenants, writer)
        place = _Place(Recent(writer, population))
        kept = CompiledEvaluator(population, stored, sources)
        evaluators = Evaluators(kept, stored)
        memberships = Memberships(segments, snapshots, evaluators, asked, lambda: place().position)
        reading = _reading(asked, tenants, writer, Segments(segments), engine=engine)
        names = StoredNames(segments, snapshots, lists, tenants, goals=goals, external=external)
        bringing = Bringing(external, brought, evaluators, Goals(goals), tenants)
        types = TreeTypes(attributes, external)
        questions = Questions(evaluators, names, tenants, types, Goals(goals))
        keeping = _Keeping(
            [lists, snapshots, LiveStore(engine), brought], [lists, goals, external], population
        )
        housekeeper = _housekeeper(settings, writer, tenants, keeping, asked=asked, rewriting=rewriting)
        async with (
            write(writer),
            aclosing(kept),
            in_background(housekeeper.run()),
            in_background(backfill.run()),
            _live(settings, kept, stored, writer, engine=engine, tenants=tenants, asked=asked, bus=bus),
            in_background(_auditor(settings, kept, population, stored, writer, engine=engine).run()),
            # From the disk by now: it takes a second, and not the first question's.
            in_background(asyncio.to_thread(_rehearse)),
            serve(
                settings.listen,
                [
                    InsightApi(asked, tenants, place.recent, bus),
                    ListsApi(lists, evaluators, place),
                    AttributesApi(attributes, evaluators),
                    EventSourcesApi(asked, lambda: place.recent.newest(tenant())),
                    SegmentsApi(Segments(segments, types), memberships, names, reading, place.recent.reached),
                    GoalsApi(Goals(goals)),
                    StatesApi(States(evaluators, tenants, types), place),
                    ExternalGenesApi(bringing, place),
                    GenesApi(questions, Audits(engine), place),
                    _people_reports(
                        kept, stored, population, place, engine=engine, tenants=tenants, asked=asked
                    ),
                    *_product_reports(kept, stored, place, types, tenants=tenants, asked=asked),
                ],
                TokenVerifier(NAME, settings.trusted_keys),
                drain_seconds=settings.drain_seconds,
            ),
        ):
            yield


@dataclass(frozen=True, slots=True)
class _Place:
    """Up to where the answer to a call is."""

    recent: Recent

    def __call__(self) -> Watermark:
        return self.recent.place(tenant())


def _writer(settings: Settings, bus: Bus, store: EventStore, details_after: int) -> Writer:
    return Writer(
        bus,
        store,
        block_seconds=settings.block_seconds,
        read_back=settings.read_back,
        details_after=details_after,
    )


def _reading(
    asked: ClickHouse, tenants: Tenants, writer: Writer, segments: Segments, *, engine: Engine
) -> LiveReading:
    erased = Erased(asked, writer.erased_at, lambda: writer.watermark.position)
    return LiveReading(LivePages(engine), LiveStore(engine), segments, tenants, erased.load)


def _population(settings: Settings, clickhouse: ClickHouse, tenants: Tenants, writer: Writer) -> Population:
    return Population(
        clickhouse, tenants, settings.memory_mb, settings.checkpoint_folder, last_of=writer.last_of
    )


@dataclass(frozen=True, slots=True)
class _Keeping:
    """What keeps people, and what belongs to tenants, outside the event store."""

    people: Sequence[Forgetful]
    belongings: Sequence[Belongings]
    population: Population


def _housekeeper(
    settings: Settings,
    writer: Writer,
    tenants: Tenants,
    keeping: _Keeping,
    *,
    asked: ClickHouse,
    rewriting: asyncio.Lock,
) -> Housekeeper:
    return Housekeeper(
        Erasures(asked),
        tenants,
        [*keeping.people, keeping.population],
        [*keeping.belongings, keeping.population],
        [keeping.population],
        position=lambda: writer.watermark.position,
        clean_after_seconds=settings.clean_after_seconds,
        rewriting=rewriting,
    )


def _live(
    settings: Settings,
    memory: CompiledEvaluator,
    store: SqlEvaluator,
    writer: Writer,
    *,
    engine: Engine,
    tenants: Tenants,
    asked: ClickHouse,
    bus: Bus,
) -> AbstractAsyncContextManager[None]:
    """All live segments, while entered."""
    parts = Parts(
        memory,
        store,
        LiveStore(engine),
        DefinitionStore(engine),
        tenants,
        asked,
        position=lambda: writer.watermark.position,
        moved=lambda tenant_id: writer.moved.get(tenant_id, writer.began_at),
        now_ms=lambda: time.time_ns() // 1_000_000,
    )
    changes = stream(settings.segment_stream_max_bytes, settings.segment_stream_keep_days)
    return live_segments(
        parts,
        bus,
        changes,
        change_messages,
        news=lambda: writer.news,
        tick_seconds=settings.live_tick_seconds,
    )


def _people_reports(
    memory: CompiledEvaluator,
    store: SqlEvaluator,
    population: Population,
    place: _Place,
    *,
    engine: Engine,
    tenants: Tenants,
    asked: ClickHouse,
) -> PeopleReportsApi:
    ad_costs = AdCosts(engine)
    reports = PeopleReports(
        Counter(memory, store),
        Evaluators(memory, store),
        Reading(population, memory, ReportFacts(asked, tenants)),
        tenants=tenants,
        goals=Goals(GoalStore(engine)),
        ad_costs=ad_costs,
    )
    return PeopleReportsApi(reports, AdSpend(tenants, ad_costs), place)


def _auditor(
    settings: Settings,
    memory: CompiledEvaluator,
    population: Population,
    store: SqlEvaluator,
    writer: Writer,
    *,
    engine: Engine,
) -> Auditor:
    return Auditor(
        memory,
        population,
        store,
        segments=SegmentStore(engine),
        audits=Audits(engine),
        position=lambda: writer.watermark.position,
        pace=Pace(settings.audit_seconds, settings.audit_most_load),
    )


def _product_reports(
    memory: CompiledEvaluator,
    store: SqlEvaluator,
    place: _Place,
    types: TreeTypes,
    *,
    tenants: Tenants,
    asked: ClickHouse,
) -> tuple[ProductReportsApi, OverlapsApi]:
    facts = ProductFacts(asked, tenants)
    reports = ProductReportsApi(
        ProductReports(memory, store, facts, KnownProducts(asked), tenants),
        SearchReports(memory, store, facts),
        place,
        place.recent.reached,
    )
    return reports, OverlapsApi(Overlaps(memory, store, types), place)


def _answer_soon() -> None:
    """Calls do not wait for what goes on beside them."""
    # Threads that compute give way after half a millisecond: after five, an answer that passes through
    # several of them took twice as long.
    sys.setswitchinterval(0.0005)
    # What is imported by now lives for ever; each look at all of it stopped everybody.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _rehearse() -> None:
    rehearse()
    rehearse_reports()


async def migrate_event_store(settings: Settings) -> None:
    """Bring the ClickHouse database to its newest version."""
    async with open_clickhouse(settings.clickhouse_url.get_secret_value()) as clickhouse:
        await migrate_clickhouse(
            clickhouse, _MIGRATIONS / "clickhouse", replicated=settings.clickhouse_replicated
        )


def main(arguments: list[str]) -> None:
    """`python -m services insight [migrate]`: both databases, and the loops of the genes."""
    if arguments == ["migrate"]:
        run_migrations(NAME, Settings, _MIGRATIONS)
        asyncio.run(migrate_event_store(load_settings(Settings)))
        # Here, because compiling takes the interpreter for itself, and a serving process has callers.
        _rehearse()
    else:
        _answer_soon()
        run(NAME, service, Settings, arguments)
