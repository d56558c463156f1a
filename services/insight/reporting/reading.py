"""What reports read of people beside trees: from memory where they are there, else from the store."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import numpy as np
from pyroaring import BitMap

from services.insight.compiled import CompiledEvaluator
from services.insight.domain.genes.calendar import day_of, span
from services.insight.domain.genes.choices import category
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.facts import I4, NO_DAY, Flags
from services.insight.domain.genes.numbers import number
from services.insight.domain.segments.tree import Window
from services.insight.evaluation import Moment
from services.insight.population import Layer, NotInMemory, Population
from services.insight.reporting.funnel import Journeys
from services.insight.reporting.sources import Bought, Came
from services.insight.store.facts_blocks import Codes
from services.insight.store.report_facts import ReportFacts, Table

T = TypeVar("T")


class Reading:
    """Of one tenant's people at a moment; with `only` of these profiles."""

    def __init__(self, population: Population, memory: CompiledEvaluator, store: ReportFacts) -> None:
        self._population = population
        self._memory = memory
        self._store = store

    async def journeys(self, tenant_id: str, moment: Moment, nth: int, only: BitMap | None) -> Journeys:
        def kept(layers: tuple[Layer, ...]) -> Journeys:
            found = [_journeys(layer.columns, nth, moment.now_ms).of(_shown(layer, only)) for layer in layers]
            return Journeys.of_all(found)

        async def stored() -> Journeys:
            table = _of(await self._store.milestones(tenant_id, moment, nth), only)
            days = ("first_seen", "member_since", "first_order", "second_order", "nth_order")
            return Journeys(*(table[name] for name in days))

        return await self._read(tenant_id, moment, kept, stored)

    async def bought(self, tenant_id: str, moment: Moment, window: Window, only: BitMap | None) -> Bought:
        def kept(layers: tuple[Layer, ...]) -> Bought:
            found = [_bought(layer, window, moment.now_ms, _shown(layer, only)) for layer in layers]
            return Bought(*map(np.concatenate, zip(*found, strict=True)))

        async def stored() -> Bought:
            table = _of(await self._store.bought(tenant_id, moment, window), only)
            first, last = span(window, day_of(await self._store.today(tenant_id, moment)))
            joined = (table["member_since"] >= first) & (table["member_since"] <= last)
            return Bought(table["person"], table["orders"], table["revenue"], joined)

        return await self._read(tenant_id, moment, kept, stored)

    async def first_sources(
        self, tenant_id: str, moment: Moment, window: Window, only: BitMap | None
    ) -> Came:
        def kept(layers: tuple[Layer, ...]) -> Came:
            codes = Codes()
            found = [_came(layer, window, moment.now_ms, _shown(layer, only), codes) for layer in layers]
            person, source, visits = map(np.concatenate, zip(*found, strict=True))
            return Came(person, source, visits, codes.texts)

        async def stored() -> Came:
            codes = Codes()
            table = _of(await self._store.first_sources(tenant_id, moment, window, codes), only)
            return Came(table["person"], table["source"], table["visits"], codes.texts)

        return await self._read(tenant_id, moment, kept, stored)

    async def visit_sources(
        self, tenant_id: str, moment: Moment, window: Window, only: BitMap | None
    ) -> Came:
        """Always from the store: memory keeps nobody's later sources."""
        codes = Codes()
        table = _of(await self._store.visit_sources(tenant_id, moment, window, codes), only)
        return Came(table["person"], table["source"], table["visits"], codes.texts)

    async def _read(
        self,
        tenant_id: str,
        moment: Moment,
        kept: Callable[[tuple[Layer, ...]], T],
        stored: Callable[[], Awaitable[T]],
    ) -> T:
        try:
            view = await self._population.view(tenant_id, moment)
        except NotInMemory:
            return await stored()
        return await self._memory.run(tenant_id, lambda: kept(view.layers))


def _of(table: Table, only: BitMap | None) -> Table:
    if only is None:
        return table
    shown = np.isin(table["person"], _ids(only))
    return {name: column[shown] for name, column in table.items()}


def _shown(layer: Layer, only: BitMap | None) -> Flags:
    shown = ~layer.hidden
    return shown if only is None else shown & np.isin(layer.profile_id, _ids(only))


def _ids(profiles: BitMap) -> "np.ndarray[Any, np.dtype[np.uint32]]":
    return np.array(profiles.to_array(), np.uint32)


def _journeys(columns: Columns, nth: int, now_ms: int) -> Journeys:
    columns = columns.as_of(now_ms)
    is_order = columns.facts.orders.is_order
    person, day = columns.facts.orders.person[is_order], columns.order_day[is_order]
    starts = np.searchsorted(person, np.arange(columns.size + 1))

    def order(which: int) -> I4:
        places = starts[:-1] + which - 1
        there = places < starts[1:]
        days = np.full(columns.size, NO_DAY, np.int32)
        days[there] = day[places[there]]
        return days

    return Journeys(columns.first_seen_day, columns.member_since_day, order(1), order(2), order(nth))


def _bought(layer: Layer, window: Window, now_ms: int, shown: Flags) -> tuple[Any, ...]:
    columns = layer.columns.as_of(now_ms)
    first, last = span(window, columns.today(now_ms))
    since = columns.member_since_day
    joined = (since != NO_DAY) & (since >= first) & (since <= last)
    found = (number(columns, gene, window, now_ms).values for gene in ("orders", "revenue"))
    return tuple(one[shown] for one in (layer.profile_id, *found, joined))


def _came(layer: Layer, window: Window, now_ms: int, shown: Flags, codes: Codes) -> tuple[Any, ...]:
    columns = layer.columns.as_of(now_ms)
    sources = category(columns, "first_source", now_ms)
    # Layers have dictionaries of their own.
    own = np.array([codes.code(text) for text in sources.texts], np.uint32)
    visits = number(columns, "sessions", window, now_ms).values
    return tuple(one[shown] for one in (layer.profile_id, own[sources.codes], visits))
