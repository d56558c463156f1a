"""What callers ask of live segments: states, days and changes, as stored; nothing is evaluated for them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from services.insight.segments import Segments
from services.insight.store.live import LiveStore
from services.insight.store.live_pages import LivePages, LiveState, Movement, SegmentDay
from services.insight.store.tenants import Tenants

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Days:
    """Days, the newest first; `next` is None on the last page."""

    days: Sequence[SegmentDay]
    next: date | None
    state: LiveState | None


class LiveReading:
    """Raises SegmentNotFound for what is not there. `erased` tells who of a tenant was erased by now."""

    def __init__(
        self,
        pages: LivePages,
        live: LiveStore,
        segments: Segments,
        tenants: Tenants,
        erased: Callable[[str], Awaitable[BitMap]],
    ) -> None:
        self._pages = pages
        self._live = live
        self._segments = segments
        self._tenants = tenants
        self._erased = erased

    async def states(self, tenant_id: str, segment_ids: Sequence[str]) -> Mapping[str, LiveState]:
        """Of those segments that have one."""
        if not segment_ids:
            return {}
        return await self._pages.states(tenant_id, segment_ids, await self._today(tenant_id))

    async def state(self, tenant_id: str, segment_id: str) -> LiveState | None:
        return (await self.states(tenant_id, [segment_id])).get(segment_id)

    async def membership(self, tenant_id: str, segment_id: str) -> tuple[BitMap, int]:
        """Who is in it as of a change, and that one's number; an erasure counts at once."""
        await self._segments.get(tenant_id, segment_id)
        stored = (await self._live.load(tenant_id, [segment_id])).get(segment_id)
        if stored is None:
            return BitMap(), 0
        return stored.members - await self._erased(tenant_id), stored.reached

    async def containing(self, tenant_id: str, segment_ids: Sequence[str], profile_id: int) -> set[str]:
        """Those of the segments that somebody is in; whoever was erased is in none."""
        if profile_id in await self._erased(tenant_id):
            return set()
        found: set[str] = set()
        # A few at a time: the people of one may be millions.
        for first in range(0, len(segment_ids), _AT_ONCE):
            stored = await self._live.load(tenant_id, segment_ids[first : first + _AT_ONCE])
            found |= {segment_id for segment_id, one in stored.items() if profile_id in one.members}
        return found

    async def days(self, tenant_id: str, segment_id: str, last: date | None, n_days: int) -> Days:
        """From `last` back; None is today."""
        await self._segments.get(tenant_id, segment_id)
        last = last or await self._today(tenant_id)
        found, following = await self._pages.days(tenant_id, segment_id, last, n_days)
        return Days(found, following, await self.state(tenant_id, segment_id))

    async def changes(
        self, tenant_id: str, segment_id: str, before: int, n_changes: int
    ) -> Sequence[Movement]:
        """The newest first; an erasure counts at once."""
        await self._segments.get(tenant_id, segment_id)
        found = await self._pages.changes(tenant_id, segment_id, before, n_changes)
        if not found:
            return []
        erased = await self._erased(tenant_id)
        return [replace(one, entered=one.entered - erased, gone=one.gone - erased) for one in found]

    async def _today(self, tenant_id: str) -> date:
        zone = (await self._tenants.load(tenant_id)).time_zone
        return datetime.now(UTC).astimezone(ZoneInfo(zone)).date()
