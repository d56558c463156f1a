"""Tenants' people in memory, as of any moment that is asked for: loaded once, then kept right.

What is new behind the last moment touches some people. These are read again into a small overlay, which hides
them in the base; when the overlay has grown, both become the next base in the background.
"""

import asyncio
import contextlib
import itertools
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from prometheus_client import Counter, Gauge

from chassis.clickhouse import ClickHouse
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.facts import U4, Flags
from services.insight.domain.genes.until import newest_ms
from services.insight.evaluation import Moment
from services.insight.store.facts import Counting, Loaded, load_facts, n_bytes
from services.insight.store.facts_merge import merged
from services.insight.store.facts_products import Products
from services.insight.store.queries.facts_scope import Scope
from services.insight.store.queries.facts_touched import (
    load_erased,
    load_map,
    load_profiles,
    load_size,
    load_touched,
    load_upheavals,
)
from services.insight.store.tenants import Tenants

log = logging.getLogger(__name__)

# What an event takes at most: facts, what is derived of them, and both while they are made.
_BYTES_AN_EVENT = 120
# What derived columns take beside the facts they are made of.
_DERIVED = 2.5
# So long an answer waits for memory; reading goes on, and the store answers meanwhile.
_PATIENCE_SECONDS = 5.0
# Askers of a moment ago still find theirs.
_VIEWS = 4
_REST_SECONDS = 60.0
# From how many touched people on (of the base's) the overlay becomes part of it, or all is read again.
_REBASE_PEOPLE, _REBASE_SHARE = 2000, 0.03
_RELOAD_PEOPLE, _RELOAD_SHARE = 20_000, 0.25

_loading = Gauge("insight_population_loading", "Tenants whose people are being read into memory")
_kept_bytes = Gauge("insight_population_bytes", "What people in memory take, roughly")
_loads = Counter("insight_population_loads", "Tenants read into memory as a whole")
_touched = Counter("insight_population_touched", "People read again because of something new")
_rebases = Counter("insight_population_rebases", "Overlays that became part of their base")


class NotInMemory(Exception):
    """Memory cannot answer: too many events, not read yet, or a moment that has passed."""


@dataclass(frozen=True)
class Layer:
    """Columns of some people; `hidden` are those whom a later layer has.

    Layers of one number give the same answers but for who is hidden.
    """

    loaded: Loaded
    columns: Columns
    hidden: Flags
    number: int
    newest_ms: int

    def hiding(self, profiles: U4) -> "Layer":
        """With these hidden, too."""
        hidden = self.hidden.copy()
        hidden[self.loaded.folding.places_of(profiles)] = True
        return replace(self, hidden=hidden)

    @property
    def profile_id(self) -> U4:
        return self.loaded.facts.people.profile_id


@dataclass(frozen=True)
class View:
    """A tenant's people as of a place, and from `newest_ms` on, as long as it is before `next_ms`."""

    layers: tuple[Layer, ...]
    position: int
    until_ms: int
    newest_ms: int
    next_ms: int
    counting: Counting

    def fits(self, moment: Moment, counting: Counting) -> bool:
        return (
            moment.position == self.position
            and self.newest_ms <= moment.now_ms < self.next_ms
            and self.counting.key == counting.key
        )


class Population:
    """Least recently asked tenants leave when the memory is needed."""

    def __init__(self, clickhouse: ClickHouse, tenants: Tenants, memory_mb: int) -> None:
        self._clickhouse = clickhouse
        self._tenants = tenants
        self._budget = memory_mb * 1_000_000
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        # Of all tenants' layers: what is kept by a layer's number is of no other tenant, nor of before.
        self._numbers = itertools.count()

    async def view(self, tenant_id: str, moment: Moment) -> View:
        """Raises NotInMemory."""
        tenant = await self._tenants.load(tenant_id)
        if tenant_id not in self._kept:
            self._kept[tenant_id] = _Kept(self._clickhouse, tenant_id, self._budget, self._numbers)
        kept = self._kept[tenant_id]
        self._kept.move_to_end(tenant_id)
        view = await kept.at(moment, Counting(tenant.time_zone, tenant.rates, tenant.rules))
        self._make_room(tenant_id)
        return view

    def newest(self) -> Mapping[str, View]:
        """The newest view of each tenant in memory."""
        found = {tenant_id: kept.newest for tenant_id, kept in self._kept.items()}
        return {tenant_id: view for tenant_id, view in found.items() if view is not None}

    def drop(self, tenant_id: str) -> None:
        """Have the next question read the tenant anew; who waits already is still answered."""
        self._kept.pop(tenant_id, None)

    async def close(self) -> None:
        """Stop what goes on in the background."""
        for kept in self._kept.values():
            await kept.close()

    def _make_room(self, tenant_id: str) -> None:
        """The tenant who asked stays."""
        total = sum(kept.n_bytes for kept in self._kept.values())
        for other in list(self._kept):
            if total <= self._budget:
                break
            if other != tenant_id and not self._kept[other].busy:
                total -= self._kept.pop(other).n_bytes
        _kept_bytes.set(total)


class _Kept:
    """One tenant's views, the newest last."""

    def __init__(
        self, clickhouse: ClickHouse, tenant_id: str, budget: int, numbers: "itertools.count[int]"
    ) -> None:
        self._clickhouse = clickhouse
        self._tenant_id = tenant_id
        self._budget = budget
        self._views: deque[View] = deque(maxlen=_VIEWS)
        self._products = Products()
        self._upheavals = (0, 0)
        self._rest_until = 0.0
        # Who was read again, at which place; what products are called otherwise since the base is being made.
        self._log: list[tuple[int, U4]] = []
        self._numbers = numbers
        # Reads for whoever waits, so that nobody's going away stops it.
        self._working: asyncio.Task[None] | None = None
        self._rebasing: asyncio.Task[tuple[View, Loaded, Columns]] | None = None
        self._renamed: set[str] = set()

    @property
    def newest(self) -> View | None:
        return self._views[-1] if self._views else None

    @property
    def n_bytes(self) -> int:
        layers = self._views[-1].layers if self._views else ()
        return int(_DERIVED * sum(n_bytes(layer.loaded) for layer in layers))

    @property
    def busy(self) -> bool:
        return self._working is not None and not self._working.done()

    async def close(self) -> None:
        for task in (self._working, self._rebasing):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task

    async def at(self, moment: Moment, counting: Counting) -> View:
        while True:
            for view in self._views:
                if view.fits(moment, counting):
                    return view
            if mine := not self.busy:
                self._working = asyncio.create_task(self._advance(moment, counting))
                self._working.add_done_callback(_said)
            assert self._working is not None
            done, _ = await asyncio.wait({self._working}, timeout=_PATIENCE_SECONDS)
            if not done:
                raise NotInMemory("The tenant is still being read into memory.")
            if mine:
                self._working.result()

    async def _advance(self, moment: Moment, counting: Counting) -> None:
        """Make a view of the moment; whatever fails on the way, the next begins from the store."""
        views, upheavals = list(self._views), await load_upheavals(self._clickhouse)
        # A running backfill would have all read again with each of its steps.
        stirred = upheavals != self._upheavals and time.monotonic() > self._rest_until
        if not views or views[-1].counting.key != counting.key or stirred:
            await self._load(moment, counting)
            self._upheavals, self._rest_until = upheavals, time.monotonic() + _REST_SECONDS
            return
        newest = views[-1]
        if moment.position < newest.position or moment.now_ms < newest.newest_ms:
            raise NotInMemory("The moment has passed.")
        self._views.clear()
        newest = await self._with_rebased(newest)
        view = await self._refreshed(newest, moment)
        if view is None:
            await self._load(moment, counting)
            return
        # Views keep one base each; those of an earlier one would keep it in memory.
        self._views.extend(one for one in views if one.layers[0].columns is view.layers[0].columns)
        self._views.append(view)
        self._rebase(view)

    async def _load(self, moment: Moment, counting: Counting) -> None:
        """Everything from the store."""
        scope = Scope(self._clickhouse, self._tenant_id, moment.position, moment.now_ms)
        if await load_size(scope) * _BYTES_AN_EVENT > self._budget:
            raise NotInMemory("The tenant has more events than the memory holds.")
        self._views.clear()
        self._log.clear()
        started = time.monotonic()
        with _loading.track_inprogress():
            products = Products()
            await products.learn(scope, 0)
            loaded = await load_facts(scope, counting, products)
        self._products = products
        layer = await self._layer(loaded, counting)
        self._views.append(_view((layer,), scope, counting))
        _loads.inc()
        facts = {"people": int(layer.profile_id.size), "seconds": round(time.monotonic() - started, 2)}
        log.info("population_loaded", extra=facts | {"acts": int(loaded.facts.acts.person.size)})

    async def _layer(self, loaded: Loaded, counting: Counting) -> Layer:
        return await asyncio.to_thread(self._layer_of, loaded, Columns(loaded.facts, counting.rules))

    def _layer_of(self, loaded: Loaded, columns: Columns) -> Layer:
        hidden = np.zeros(loaded.facts.people.profile_id.size, np.bool_)
        return Layer(loaded, columns, hidden, next(self._numbers), newest_ms(loaded.facts))

    async def _refreshed(self, newest: View, moment: Moment) -> View | None:
        """The view with what is new since; None where so much is new that all is better read again."""
        until_ms = max(moment.now_ms, newest.until_ms)
        scope = Scope(self._clickhouse, self._tenant_id, moment.position, until_ms)
        # What was told of the future has come. That is rare: events that say so count at their receipt.
        come = moment.now_ms >= newest.next_ms
        if come or await load_erased(scope, newest.position):
            return None
        nids = await load_touched(scope, newest.position)
        renamed = await self._products.learn(scope, newest.position)
        self._renamed |= renamed
        layers, by_product = _renamed(newest.layers, renamed, self._products, self._numbers)
        told = [layer.loaded.folding.of(nids) for layer in layers]
        own = [
            layer.profile_id[people[people < layer.profile_id.size]]
            for layer, people in zip(layers, told, strict=True)
        ]
        profiles = np.unique(np.concatenate([await load_profiles(scope, nids), *own, by_product]))
        base = layers[0]
        if profiles.size > max(_RELOAD_PEOPLE, _RELOAD_SHARE * base.profile_id.size):
            return None
        if not profiles.size:
            return _view(layers, scope, newest.counting)
        _touched.inc(profiles.size)
        moved, theirs = await load_map(scope, profiles)
        fresh = await load_facts(scope.only(theirs), newest.counting, self._products, moved)
        if len(layers) > 1:
            gone = np.isin(layers[1].profile_id, profiles)
            fresh = await asyncio.to_thread(merged, layers[1].loaded, gone, fresh, self._products)
        self._log.append((moment.position, profiles))
        layers = (base.hiding(profiles), await self._layer(fresh, newest.counting))
        return _view(layers, scope, newest.counting)

    # --- the next base -------------------------------------------------------------------------------------

    def _rebase(self, view: View) -> None:
        if self._rebasing is not None or len(view.layers) < 2:
            return
        base, overlay = view.layers
        if overlay.profile_id.size > max(_REBASE_PEOPLE, _REBASE_SHARE * base.profile_id.size):
            self._renamed.clear()
            self._rebasing = asyncio.create_task(self._rebased(view))

    async def _rebased(self, view: View) -> tuple[View, Loaded, Columns]:
        base, overlay = view.layers

        def made() -> tuple[View, Loaded, Columns]:
            loaded = merged(base.loaded, base.hidden, overlay.loaded, self._products)
            return view, loaded, _warmed(Columns(loaded.facts, view.counting.rules), base.columns)

        return await asyncio.to_thread(made)

    async def _with_rebased(self, newest: View) -> View:
        """With the next base, if one is ready: only who was touched since it was begun is laid over it."""
        if self._rebasing is None or not self._rebasing.done():
            return newest
        task, self._rebasing = self._rebasing, None
        before, loaded, columns = task.result()
        if before.layers[0].columns is not newest.layers[0].columns:
            return newest
        self._log = [(position, profiles) for position, profiles in self._log if position > before.position]
        later = _union(profiles for _, profiles in self._log)
        base = self._layer_of(loaded, columns)
        (base,), _ = _renamed((base,), self._renamed, self._products, self._numbers)
        layers: tuple[Layer, ...] = (base,)
        if later.size:
            overlay = newest.layers[-1].loaded
            gone = ~np.isin(overlay.facts.people.profile_id, later)
            kept = await asyncio.to_thread(merged, overlay, gone, None, self._products)
            layers = (base.hiding(later), await self._layer(kept, newest.counting))
        _rebases.inc()
        return replace(newest, layers=layers)


def _warmed(columns: Columns, like: Columns) -> Columns:
    """With what the others have derived already, so that nobody waits for it."""
    columns.prepare_as(like)
    return columns


def _said(task: "asyncio.Task[None]") -> None:
    """Of work that nobody waits for any more, too."""
    if not task.cancelled() and (error := task.exception()) and not isinstance(error, NotInMemory):
        log.warning("population_not_read", extra={"why": str(error)[:300]})


def _view(layers: tuple[Layer, ...], scope: Scope, counting: Counting) -> View:
    return View(
        layers,
        scope.position,
        scope.until_ms,
        max(layer.newest_ms for layer in layers),
        min(layer.loaded.next_ms for layer in layers),
        counting,
    )


def _union(some: Iterable[U4]) -> U4:
    return np.unique(np.concatenate([np.empty(0, np.uint32), *some])).astype(np.uint32)


def _renamed(
    layers: tuple[Layer, ...], renamed: set[str], products: Products, numbers: Iterable[int]
) -> tuple[tuple[Layer, ...], U4]:
    """Layers that know what products are now, and profiles with acts that borrow it from there."""
    touched: list[U4] = []
    found = []
    for layer in layers:
        people, known = _relabel(layer, renamed, products)
        touched.append(layer.profile_id[people])
        found.append(replace(layer, number=next(iter(numbers))) if known else layer)
    return tuple(found), _union(touched)


def _relabel(layer: Layer, renamed: set[str], products: Products) -> tuple[U4, bool]:
    """People of a layer to be read again, and whether it has any of the products."""
    vocabularies, facts = layer.columns.vocabularies, layer.loaded.facts
    codes, unknown = [], []
    for product in renamed:
        for code in vocabularies.products.equal(product):
            codes.append(code)
            category = products.categories.texts.get(product, "")
            if not category or (known := vocabularies.categories.equal(category)):
                facts.product_category[code] = known[0] if category else 0
            else:
                # A category that these columns have no code for.
                unknown.append(code)
    borrowed = layer.loaded.borrowed
    people = [borrowed.person[np.isin(borrowed.product, codes)]]
    if unknown:
        people.append(facts.items.person[np.isin(facts.items.product, unknown)])
    return _union(people), bool(codes)
