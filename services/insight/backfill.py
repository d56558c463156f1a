"""Takes the details of events that were stored before there were any, while new ones are written."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import replace

from clickhouse_connect.driver.exceptions import ClickHouseError
from prometheus_client import Gauge

from chassis.clickhouse import ClickHouseUnavailable
from services.insight.detailing import Whose, add_details
from services.insight.domain.payloads import setting
from services.insight.domain.sources import source
from services.insight.store.detail_backfill import DetailBackfill, Progress, Stored
from services.insight.store.rows import DetailRows

log = logging.getLogger(__name__)

_EVENTS = 5_000
# Calls and the writer have their turn after so many.
_AT_ONCE = 200
_RETRY_SECONDS = 1.0
_LOG_SECONDS = 10.0

_left = Gauge("insight_events_without_details", "Old events whose details are still to be taken")


class Backfill:
    """Ends when nothing is left; interrupted, it goes on where it was.

    `position` is the writer's place. `rewriting` is held by whoever deletes rows: what is being deleted must
    not be read before and stored after.
    """

    def __init__(
        self,
        store: DetailBackfill,
        progress: Progress,
        position: Callable[[], int],
        rewriting: asyncio.Lock,
        *,
        n_events: int = _EVENTS,
    ) -> None:
        self._store = store
        self._progress = progress
        self._position = position
        self._rewriting = rewriting
        self._n_events = n_events
        self._boot = secrets.token_hex(8)
        # Whether rows of the next events may be there already.
        self._unsure = True
        self._logged_at = 0.0

    @property
    def done(self) -> bool:
        """Whether every stored event has its details."""
        return self._progress.done

    async def run(self) -> None:
        """What fails is tried again."""
        while not self.done:
            began = time.monotonic()
            try:
                # The writer may still be completing what lies below the boundary.
                if self._position() >= self._progress.boundary:
                    await self._say_how_far()
                    async with self._rewriting:
                        self._progress = await self._step()
                    # Half of the time belongs to others.
                    await asyncio.sleep(time.monotonic() - began)
                    continue
            except (ClickHouseUnavailable, ClickHouseError) as error:
                self._unsure = True
                log.warning("details_waiting", extra={"why": str(error)[:300]})
            await asyncio.sleep(_RETRY_SECONDS)
        _left.set(0)

    async def _say_how_far(self) -> None:
        if time.monotonic() - self._logged_at > _LOG_SECONDS:
            left = await self._store.left(self._progress)
            _left.set(left)
            log.info("taking_details", extra={"events_left": left})
            self._logged_at = time.monotonic()

    async def _step(self) -> Progress:
        progress = self._progress
        events = await self._store.events(progress, self._n_events)
        if not events:
            following = await self._store.next_tenant(progress)
            if following is None:
                log.info("details_taken", extra={"position": progress.boundary})
                return await self._store.finish(progress)
            return following
        rows = DetailRows()
        for index, event in enumerate(events):
            _add(rows, progress.tenant_id, event)
            if index % _AT_ONCE == 0:
                await asyncio.sleep(0)
        if self._unsure:
            rows.drop(await self._store.there(progress, events[0].nid, events[-1].nid))
        await self._store.insert(rows, f"{self._boot}-details-{progress.step}")
        last = events[-1]
        after = replace(
            progress, step=progress.step + 1, nid=last.nid, at=last.at, position=last.position, row=last.row
        )
        await self._store.save(after)
        self._unsure = False
        return after


def _add(rows: DetailRows, tenant_id: str, event: Stored) -> None:
    said = setting(event.payload) if event.is_visit else None
    came_from = source(event.payload, said.campaign, said.page) if said is not None else None
    whose = Whose(
        tenant_id=tenant_id,
        position=event.position,
        row=event.row,
        nid=event.nid,
        occurred_at=event.at,
        name=event.name,
        source_kind=event.source_kind,
        message_id=event.message_id,
    )
    add_details(rows, whose, event.payload, came_from)
