"""Tenants' people in memory, as of any moment that is asked for: loaded once, then kept right."""

import asyncio
import contextlib
import itertools
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from prometheus_client import Gauge

from chassis.clickhouse import ClickHouse
from services.insight.evaluation import Moment
from services.insight.population_background import Background
from services.insight.population_files import Checkpoints
from services.insight.population_kept import Kept, NotInMemory
from services.insight.population_layers import Layer, View, Whole
from services.insight.store.facts import Counting
from services.insight.store.tenants import Tenants

__all__ = ["Layer", "NotInMemory", "Population", "View", "Whole"]
log = logging.getLogger(__name__)

_kept_bytes = Gauge("insight_population_bytes", "What people in memory take, roughly")


class Population:
    """Least recently asked tenants leave when the memory is needed.

    `folder` is where bases are written, so that a start need not read them from the store; None: nowhere.
    `last_of` tells the place of a tenant's last message that is written, or one behind it.
    """

    def __init__(
        self,
        clickhouse: ClickHouse,
        tenants: Tenants,
        memory_mb: int,
        folder: Path | None = None,
        last_of: Callable[[str], int] | None = None,
    ) -> None:
        self._clickhouse = clickhouse
        self._tenants = tenants
        self._budget = memory_mb * 1_000_000
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        # Of all tenants' layers: what is kept by a layer's number is of no other tenant, nor of before.
        self._numbers = itertools.count()
        self._checkpoints = Checkpoints(folder) if folder else None
        self._background = Background()
        self._last_of = last_of
        self._begun: set[asyncio.Task[None]] = set()

    async def view(self, tenant_id: str, moment: Moment) -> View:
        """Raises NotInMemory."""
        tenant = await self._tenants.load(tenant_id)
        if tenant_id not in self._kept:
            self._kept[tenant_id] = Kept(
                self._clickhouse, tenant_id, self._budget, self._numbers, self._background, self._checkpoints
            )
        kept = self._kept[tenant_id]
        self._kept.move_to_end(tenant_id)
        if self._last_of is not None:
            kept.unchanged(self._last_of(tenant_id), moment.position)
        view = await kept.at(moment, Counting(tenant.time_zone, tenant.rates, tenant.rules))
        self._make_room(tenant_id)
        return view

    def newest(self) -> Mapping[str, View]:
        """The newest view of each tenant in memory."""
        found = {tenant_id: kept.newest for tenant_id, kept in self._kept.items()}
        return {tenant_id: view for tenant_id, view in found.items() if view is not None}

    def newest_of(self, tenant_id: str) -> View | None:
        """None where the tenant is not in memory."""
        kept = self._kept.get(tenant_id)
        return None if kept is None else kept.newest

    def is_reading(self, tenant_id: str) -> bool:
        """Whether a newer view is being made."""
        kept = self._kept.get(tenant_id)
        return kept is not None and kept.busy

    def begin(self, tenant_id: str, moment: Moment) -> None:
        """Make a view of a moment, for which nobody waits; whoever asks next is told if it fails."""

        async def viewed() -> None:
            with contextlib.suppress(NotInMemory):
                await self.view(tenant_id, moment)

        task = asyncio.create_task(viewed())
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)

    def drop(self, tenant_id: str) -> None:
        """Have the next question read the tenant anew; who waits already is still answered."""
        self._kept.pop(tenant_id, None)
        if self._checkpoints:
            self._checkpoints.remove(tenant_id)

    async def forget(self, tenant_id: str) -> None:
        """Remove the tenant's file, of which nothing may be believed any more."""
        if self._checkpoints:
            await asyncio.to_thread(self._checkpoints.remove, tenant_id)

    async def forget_people(self, tenant_id: str, nids: Collection[int]) -> None:
        """Remove the tenant's file if any of these is in it."""
        if self._checkpoints:
            await asyncio.to_thread(self._checkpoints.forget_people, tenant_id, nids)

    async def close(self) -> None:
        """Stop what goes on in the background."""
        for task in list(self._begun):
            task.cancel()
        for kept in self._kept.values():
            await kept.close()
        self._background.close()

    def _make_room(self, tenant_id: str) -> None:
        """The tenant who asked stays."""
        total = sum(kept.n_bytes for kept in self._kept.values())
        for other in list(self._kept):
            if total <= self._budget:
                break
            if other != tenant_id and not self._kept[other].busy:
                total -= self._kept.pop(other).n_bytes
        _kept_bytes.set(total)
