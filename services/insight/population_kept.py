"""One tenant's people in memory: what is new is laid over them, and grown layers become the next base."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from prometheus_client import Counter, Gauge

from chassis.clickhouse import ClickHouse
from services.insight.domain.genes.conditions import preparations, prepare_as
from services.insight.domain.genes.facts import U4
from services.insight.evaluation import Moment
from services.insight.population_background import Background, give_back
from services.insight.population_files import About, Checkpoint, Checkpoints
from services.insight.population_layers import (
    Layer,
    Making,
    View,
    known,
    laid_over,
    layer_of,
    only_of,
    origins_of,
    view_of,
)
from services.insight.store.facts import Counting, Dictionaries, Loaded, load_facts, n_bytes
from services.insight.store.facts_merge import merged, tidied
from services.insight.store.facts_products import Products
from services.insight.store.facts_refresh import Shared, TooMuchNews, refresh
from services.insight.store.queries.facts_scope import Scope
from services.insight.store.queries.facts_touched import Upheavals, load_proof, load_size, load_upheavals

log = logging.getLogger(__name__)

# What an event takes while a tenant is read, and about as much when all genes have been asked for; measured
# with 47 events a person.
_BYTES_AN_EVENT = 125
# What facts take with all that is derived of them, by what they take alone; measured likewise.
_DERIVED = 3.5
# So long an answer waits for a tenant to be read; reading goes on, and the store answers meanwhile. For what
# is new it waits longer: the store, slower for each, would do for all what keeps the engine busy already.
_PATIENCE_SECONDS, _NEWS_PATIENCE_SECONDS = 5.0, 30.0
# A service that was started anew reads its last messages again: so long it may be behind its file.
_CATCH_UP_SECONDS = 60.0
# What changes old rows is looked for so often.
_UPHEAVALS_SECONDS = 5.0
# Askers of a moment ago still find theirs.
_VIEWS = 4
# A tenant whose old rows change is read again at most so often, and for a small part of the time.
_REST_SECONDS, _REST_SHARE = 60.0, 10
# From how many people on (of the base's) the layers over it become part of it.
_REBASE_PEOPLE, _REBASE_SHARE = 2000, 0.1
# When somebody was erased, what only they had leaves memory (and what is written of it) after this long.
_TIDY_SECONDS = 3600.0
# So long a service that stops waits for its file: without it the next start reads the whole store.
_LAST_SECONDS = 10.0
# So many people are read again as a whole one by one, else everybody is.
_AGAIN_PEOPLE = 20_000

_loading = Gauge("insight_population_loading", "Tenants whose people are being read into memory")
_loads = Counter("insight_population_loads", "Tenants read into memory as a whole")
_restored = Counter("insight_population_restored", "Tenants read into memory from their files")
_touched = Counter("insight_population_touched", "People of whom there was something new")
_rebases = Counter("insight_population_rebases", "Layers that became part of their base")


class NotInMemory(Exception):
    """Memory cannot answer: too many events, not read yet, or a moment that has passed."""


@dataclass(frozen=True)
class _Next:
    """The base to come, of the same place as the view that it was begun from."""

    of: View
    base: Layer
    # As they were at that place.
    products: Products
    # Where the base was read from the store: of rows as they are since.
    upheavals: Upheavals | None


class Kept:
    """One tenant's views, the newest last."""

    def __init__(  # noqa: PLR0917 - what one tenant shares with all
        self,
        clickhouse: ClickHouse,
        tenant_id: str,
        budget: int,
        numbers: Iterable[int],
        background: Background,
        checkpoints: Checkpoints | None,
    ) -> None:
        self._clickhouse = clickhouse
        self._tenant_id = tenant_id
        self._budget = budget
        self._numbers = numbers
        self._background = background
        self._checkpoints = checkpoints
        self._ahead_since: float | None = None
        self._views: deque[View] = deque(maxlen=_VIEWS)
        self._products = Products()
        self._upheavals = Upheavals(0, 0)
        self._looked_at = -_UPHEAVALS_SECONDS
        self._newest_upheavals = Upheavals(0, 0)
        self._rest_until = 0.0
        # Since a next base is being made: who was hidden, at which place; products that are called otherwise.
        self._log: list[tuple[int, U4]] = []
        self._renamed: set[str] = set()
        # When the dictionaries are to lose what only the erased had.
        self._tidy_at: float | None = None
        # Reads for whoever waits, so that nobody's going away stops it.
        self._working: asyncio.Task[None] | None = None
        self._coming: asyncio.Task[_Next] | None = None
        self._writing: asyncio.Task[None] | None = None
        self._preparing: asyncio.Task[None] | None = None

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
        if self._preparing is not None:
            self._preparing.cancel()
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=_LAST_SECONDS)
        for task in (self._working, self._coming, self._writing):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task

    def unchanged(self, last: int, position: int) -> None:
        """Have the newest view be of a position, too, if the tenant's last message is not behind it."""
        view = self.newest
        # Now and then old rows are looked at all the same.
        recently = time.monotonic() < self._looked_at + _UPHEAVALS_SECONDS
        if view is not None and recently and last <= view.last < position:
            self._views[-1] = replace(view, unchanged_to=position)

    async def at(self, moment: Moment, counting: Counting) -> View:
        while True:
            for view in self._views:
                if view.fits(moment, counting):
                    return view
            if mine := not self.busy:
                self._working = asyncio.create_task(self._advance(moment, counting))
                self._working.add_done_callback(_said)
            working = self._working
            assert working is not None
            patience = _NEWS_PATIENCE_SECONDS if self._views else _PATIENCE_SECONDS
            done, _ = await asyncio.wait({working}, timeout=patience)
            if not done:
                raise NotInMemory("The tenant is still being read into memory.")
            if mine:
                working.result()

    async def _advance(self, moment: Moment, counting: Counting) -> None:
        """Make a view of the moment; when it fails on the way, the next begins where this one did."""
        upheavals = await self._look_at_old_rows()
        if not self._views or self._views[-1].counting.key != counting.key:
            await self._begin(moment, counting, upheavals)
            return
        newest = self._views[-1]
        if moment.position < newest.position or moment.now_ms < newest.newest_ms:
            raise NotInMemory("The moment has passed.")
        await self._take_next()
        try:
            await self._refresh(moment)
        except TooMuchNews:
            await self._load(moment, counting, upheavals)
            return
        self._prepare_next(upheavals)

    async def _look_at_old_rows(self) -> Upheavals:
        if time.monotonic() >= self._looked_at + _UPHEAVALS_SECONDS:
            self._newest_upheavals = await load_upheavals(self._clickhouse, self._tenant_id)
            self._looked_at = time.monotonic()
        return self._newest_upheavals

    # --- the first base ------------------------------------------------------------------------------------

    async def _begin(self, moment: Moment, counting: Counting, upheavals: Upheavals) -> None:
        """From the file if there is one that fits, else from the store."""
        self._views.clear()
        found = None
        if self._checkpoints:
            found = await self._read_file(self._checkpoints, moment, counting, upheavals)
        if found is None:
            await self._load(moment, counting, upheavals)
            return
        layer = await asyncio.to_thread(layer_of, found.loaded, counting, self._numbers)
        self._start(view_of((layer,), (found.position, found.until_ms), counting), found.products, upheavals)
        _restored.inc()
        log.info("population_restored", extra={"people": int(layer.profile_id.size)})
        try:
            await self._refresh(moment)
        except TooMuchNews:
            await self._load(moment, counting, upheavals)

    async def _read_file(
        self, checkpoints: Checkpoints, moment: Moment, counting: Counting, upheavals: Upheavals
    ) -> Checkpoint | None:
        position = checkpoints.position(self._tenant_id)
        if position is None:
            return None
        if position > moment.position:
            self._ahead_since = self._ahead_since or time.monotonic()
            if time.monotonic() < self._ahead_since + _CATCH_UP_SECONDS:
                raise NotInMemory("The tenant's file is of a later place, to which the writer comes soon.")
            return None
        # Only of the store as it is now, not of one that was put in its place.
        proof = await load_proof(Scope(self._clickhouse, self._tenant_id, position, moment.now_ms))
        about = About(counting, upheavals, proof)
        return await asyncio.to_thread(checkpoints.read, self._tenant_id, moment, about)

    async def _load(self, moment: Moment, counting: Counting, upheavals: Upheavals) -> None:
        """Everything from the store."""
        scope = Scope(self._clickhouse, self._tenant_id, moment.position, moment.now_ms)
        if await load_size(scope) * _BYTES_AN_EVENT > self._budget:
            raise NotInMemory("The tenant has more events than the memory holds.")
        self._views.clear()
        started = time.monotonic()
        with _loading.track_inprogress():
            loaded, products = await self._read(scope, counting)
        layer = await asyncio.to_thread(layer_of, loaded, counting, self._numbers)
        await asyncio.to_thread(give_back)
        self._start(view_of((layer,), (scope.position, scope.until_ms), counting), products, upheavals)
        self._rest(started)
        facts = {"people": int(layer.profile_id.size), "seconds": round(time.monotonic() - started, 2)}
        log.info("population_loaded", extra=facts | {"acts": int(loaded.facts.acts.person.size)})
        self._write(Checkpoint(loaded, products.copy(), scope.position, scope.until_ms), counting)

    async def _read(self, scope: Scope, counting: Counting) -> tuple[Loaded, Products]:
        products = Products()
        await products.learn(scope, 0)
        # Facts that are yet to be read are told.
        products.unsettled.clear()
        return await load_facts(scope, counting, products, Dictionaries()), products

    def _start(self, view: View, products: Products, upheavals: Upheavals) -> None:
        self._views.append(view)
        # Beside the first questions: each would wait for what it is the first to look at.
        steps = preparations(view.layers[0].columns, view.until_ms)
        self._preparing = asyncio.create_task(self._background.run_all(steps))
        self._preparing.add_done_callback(_said)
        self._products, self._upheavals = products, upheavals
        self._log.clear()
        self._tidy_at = None

    # --- what is new ---------------------------------------------------------------------------------------

    async def _refresh(self, moment: Moment) -> None:
        """Add the view of the moment. Raises TooMuchNews."""
        started, newest = time.monotonic(), self._views[-1]
        counting, codes = newest.counting, newest.layers[0].loaded.codes
        until_ms = max(moment.now_ms, newest.until_ms)
        scope = Scope(self._clickhouse, self._tenant_id, moment.position, until_ms)
        shared = Shared(counting, self._products, codes)
        found = await refresh(scope, newest.position, known(newest.layers), shared, _AGAIN_PEOPLE)
        labels = self._products.category_codes(codes.products).copy()
        layers = [_relabelled(layer, found.renamed, labels, self._numbers) for layer in newest.layers]
        if found.hidden.size:
            _touched.inc(found.hidden.size)
            layers = [layer.hiding(found.hidden) for layer in layers]
            if self._coming is not None:
                self._log.append((moment.position, found.hidden))
        if found.facts is not None:
            making = Making(codes, labels, counting, self._numbers, until_ms)
            layers = list(await asyncio.to_thread(laid_over, layers, found.facts, making))
        self._products.unsettled -= found.renamed
        self._renamed |= found.renamed
        if found.erased and self._tidy_at is None:
            self._tidy_at = time.monotonic() + _TIDY_SECONDS
        view = view_of(layers, (moment.position, until_ms), counting)
        self._views.append(replace(view, took_seconds=time.monotonic() - started))

    # --- the next base -------------------------------------------------------------------------------------

    def _prepare_next(self, upheavals: Upheavals) -> None:
        view = self._views[-1]
        if self._coming is not None:
            return
        n_base, now = view.layers[0].profile_id.size, time.monotonic()
        grown = view.n_over > max(_REBASE_PEOPLE, _REBASE_SHARE * n_base)
        if upheavals != self._upheavals and now > self._rest_until:
            self._coming = asyncio.create_task(self._reading(view, upheavals))
        elif grown or (self._tidy_at is not None and now > self._tidy_at):
            self._coming = asyncio.create_task(self._merging(view, tidy=self._tidy_at is not None))
            self._tidy_at = None
        if self._coming is not None:
            self._renamed.clear()
            self._log.clear()

    async def _reading(self, view: View, upheavals: Upheavals) -> _Next:
        """All of it from the store: rows of old places are others now."""
        scope = Scope(self._clickhouse, self._tenant_id, view.position, view.until_ms)
        started = time.monotonic()
        self._rest_until = started + _REST_SECONDS
        loaded, products = await self._read(scope, view.counting)
        self._rest(started)
        return _Next(view, await self._prepared(view, loaded), products, upheavals)

    async def _merging(self, view: View, *, tidy: bool) -> _Next:
        codes, products = view.layers[0].loaded.codes, self._products.copy()
        labels = self._products.category_codes(codes.products).copy()

        def made() -> Loaded:
            loaded = merged([(layer.loaded, layer.hidden) for layer in view.layers], codes, labels)
            return tidied(loaded, labels) if tidy else loaded

        layer = await self._prepared(view, await self._background.run(made))
        return _Next(view, replace(layer, origins=origins_of(view.layers)), products, None)

    async def _prepared(self, view: View, loaded: Loaded) -> Layer:
        """With what the old base has derived, so that nobody waits for it."""

        def made() -> Layer:
            layer = layer_of(loaded, view.counting, self._numbers)
            prepare_as(layer.columns, [view.layers[0].columns], view.until_ms)
            give_back()
            return layer

        return await self._background.run(made)

    async def _take_next(self) -> None:
        """The next base, if one is ready: only who was touched since it was begun is laid over it."""
        if self._coming is None or not self._coming.done():
            return
        task, self._coming = self._coming, None
        if error := task.exception():
            log.warning("population_not_prepared", extra={"why": str(error)[:300]})
            return
        made, newest = task.result(), self._views[-1]
        if made.of.layers[0].columns is not newest.layers[0].columns:
            return
        place = (made.of.position, made.of.until_ms)
        since = [profiles for position, profiles in self._log if position > place[0]]
        later = np.unique(np.concatenate([np.empty(0, np.uint32), *since])).astype(np.uint32)
        then, products = made.products.copy(), self._products
        if made.upheavals is not None:
            products = await self._caught_up(made.products, newest, place[0])
        codes = made.base.loaded.codes
        labels = products.category_codes(codes.products)
        renamed = frozenset(self._renamed | products.unsettled)
        layers = [_relabelled(made.base, renamed, labels, self._numbers).hiding(later)]
        if later.size and len(newest.layers) > 1:
            making = Making(codes, labels, newest.counting, self._numbers, newest.until_ms)
            layers.append(await asyncio.to_thread(only_of, newest.layers[1:], later, making))
        self._log.clear()
        self._products = products
        self._upheavals = made.upheavals or self._upheavals
        # Views keep one base each; those of an earlier one would keep it in memory.
        self._views.clear()
        self._views.append(view_of(layers, (newest.position, newest.until_ms), newest.counting))
        _rebases.inc()
        self._write(Checkpoint(made.base.loaded, then, *place), newest.counting)

    async def _caught_up(self, products: Products, newest: View, after: int) -> Products:
        """Those of a base that was read, up to the newest view."""
        scope = Scope(self._clickhouse, self._tenant_id, newest.position, newest.until_ms)
        await products.learn(scope, after)
        products.unsettled |= products.differing(self._products) | self._products.unsettled
        return products

    def _rest(self, started: float) -> None:
        now = time.monotonic()
        self._rest_until = now + max(_REST_SECONDS, _REST_SHARE * (now - started))
        _loads.inc()

    def _write(self, checkpoint: Checkpoint, counting: Counting) -> None:
        """The base into a file, in the background."""
        if self._checkpoints is None or (self._writing is not None and not self._writing.done()):
            return
        if self._checkpoints.wanted(self._tenant_id, checkpoint):
            self._writing = asyncio.create_task(self._written(self._checkpoints, checkpoint, counting))
            self._writing.add_done_callback(_said)

    async def _written(self, checkpoints: Checkpoints, checkpoint: Checkpoint, counting: Counting) -> None:
        generation, upheavals = checkpoints.generation(self._tenant_id), self._upheavals
        if await load_upheavals(self._clickhouse, self._tenant_id) != upheavals:
            # Of rows that are no more; those that remain are read soon.
            return
        scope = Scope(self._clickhouse, self._tenant_id, checkpoint.position, checkpoint.until_ms)
        about = About(counting, upheavals, await load_proof(scope))
        await self._background.run(lambda: checkpoints.write(self._tenant_id, checkpoint, about, generation))


def _said(task: "asyncio.Task[None]") -> None:
    """Of work that nobody waits for any more, too."""
    if not task.cancelled() and (error := task.exception()) and not isinstance(error, NotInMemory):
        log.warning("population_not_read", extra={"why": str(error)[:300]})


def _relabelled(layer: Layer, renamed: frozenset[str], labels: U4, numbers: Iterable[int]) -> Layer:
    """Knowing what products are now; answers about them are others then."""
    known_labels = layer.loaded.facts.product_category
    codes = [layer.loaded.codes.products.product.known(name) for name in renamed]
    rows = np.array([code for code in codes if code is not None and code < known_labels.size], np.int64)
    rows = rows[known_labels[rows] != labels[rows]]
    if not rows.size:
        return layer
    known_labels[rows] = labels[rows]
    return replace(layer, number=next(iter(numbers)), origins=())
