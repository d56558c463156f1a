"""One tenant's live segments: evaluated when due, compared with what is stored, stored."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from chassis.errors import ExpectedError
from services.insight.compiled import CompiledEvaluator
from services.insight.domain.days import begins_at
from services.insight.evaluation import Evaluator, Moment
from services.insight.live.causes import NO_NEWS, News
from services.insight.live.comparing import Change, Seen, change
from services.insight.live.definitions import definitions
from services.insight.live.segment import LiveSegment
from services.insight.live.steps import Found, Telling, failed, succeeded
from services.insight.population import NotInMemory
from services.insight.store.live import LiveStore, Step
from services.insight.store.live_definitions import DefinitionStore
from services.insight.store.queries.facts_scope import Scope
from services.insight.store.queries.facts_touched import load_profiles, load_touched
from services.insight.store.queries.live_news import load_moved, load_newly_erased, load_touched_among
from services.insight.store.tenants import Tenants

log = logging.getLogger(__name__)

# How often timers are looked at, and how old a yardstick may be.
_TIMERS_MS, _YARDSTICK_MS = 50_000, 3_600_000
# What failed is tried again after so long; what is slow rests so many times as long as it takes.
_RETRY_SECONDS, _REST_TIMES, _LONGEST_REST_SECONDS = 15.0, 10.0, 30.0
_SLOW_SECONDS = 0.2
# The store answers for who is not in memory: after so long without, and then at most so often.
_STORE_AFTER_SECONDS, _STORE_REST_SECONDS, _STORE_PATIENCE_SECONDS = 45.0, 60.0, 120.0
_PATIENCE_SECONDS = 10.0
# Of so many the store is asked one by one whether there is news.
_FEW_PEOPLE = 4000
# A writer that was started anew is behind what was stored until it has read its last messages again.
_CATCH_UP_SECONDS = 30.0
# A view that a question asked for a moment ago may be ahead of ours.
_TRIES = 3


@dataclass(frozen=True)
class Parts:
    """What refreshing takes; `position` is the writer's place, `now_ms` the clock."""

    memory: CompiledEvaluator
    store: Evaluator
    live: LiveStore
    definitions: DefinitionStore
    tenants: Tenants
    clickhouse: ClickHouse
    position: Callable[[], int]
    # The place of a tenant's last merge, unmerge or erasure, at the earliest.
    moved: Callable[[str], int]
    now_ms: Callable[[], int]


class LiveTenant:
    """Refreshed by one caller at a time, until it is stopped.

    A refresh that fails loses nothing: the next reads what is stored.
    """

    def __init__(self, tenant_id: str, parts: Parts) -> None:
        self.tenant_id = tenant_id
        self._parts = parts
        self._segments: dict[str, LiveSegment] = {}
        self._zone = "UTC"
        # Which state of the queue was read; what is read anew after a failure.
        self._changed = -1
        self._without_memory_since: float | None = None
        # Those that take long are refreshed beside the others, which do not wait for them.
        self._slow: asyncio.Task[int] | None = None
        self._begun = time.monotonic()

    @property
    def empty(self) -> bool:
        return not self._segments

    @property
    def by_store(self) -> bool:
        """Whether it has been out of memory for so long that the store answers for it."""
        since = self._without_memory_since
        return since is not None and time.monotonic() >= since + _STORE_AFTER_SECONDS

    def due(self, changed: int, news: int) -> bool:
        ended = self._slow is not None and self._slow.done()
        return changed != self._changed or ended or bool(self._due(news, self._parts.now_ms()))

    def _due(self, news: int, now_ms: int) -> Sequence[LiveSegment]:
        clock = time.monotonic()
        found = [one for one in self._segments.values() if one.due(news, now_ms, clock)]
        return [one for one in found if not _is_slow(one)] if self.busy else found

    @property
    def busy(self) -> bool:
        """Whether something goes on beside refreshing."""
        return self._slow is not None and not self._slow.done()

    async def stop(self) -> None:
        """End what goes on beside; what it failed with is raised."""
        if self._slow is not None:
            self._slow.cancel()
            await asyncio.wait({self._slow})
            self._ended()

    def _ended(self) -> int:
        """How many deltas were stored beside, if that is over."""
        if self._slow is None or not self._slow.done():
            return 0
        over, self._slow = self._slow, None
        return 0 if over.cancelled() else over.result()

    def forget(self) -> None:
        """Have the next refresh read everything again."""
        self._changed = -1
        self._segments = {}

    async def refresh(self, changed: int, news: int) -> int:
        """How many deltas were stored. `news` is the place of the newest message of the tenant."""
        stored = self._ended()
        if changed != self._changed:
            await self.stop()
            await self._read()
            self._changed = changed
        moment = self._now()
        due = self._due(news, moment.now_ms)
        if not due or (_ahead(due, moment) and time.monotonic() < self._begun + _CATCH_UP_SECONDS):
            return stored
        if slow := [one for one in due if _is_slow(one)]:
            self._slow = asyncio.create_task(self._one_by_one(slow))
        swift = [one for one in due if not _is_slow(one)]
        return stored + (await self._refreshed(swift) if swift else 0)

    async def _one_by_one(self, due: Sequence[LiveSegment]) -> int:
        return sum([await self._refreshed([one]) for one in due])

    async def fold(self) -> None:
        """Store the members of all segments in one piece."""
        step = Step()
        for segment in self._segments.values():
            if segment.state is not None and segment.sequence > segment.folded_to:
                step.states.append(segment.state)
                step.folded[segment.segment_id] = segment.sequence, segment.people
        if step:
            await self._parts.live.store(self.tenant_id, step)
            for segment_id, (sequence, _) in step.folded.items():
                self._segments[segment_id].folded_to = sequence
                self._segments[segment_id].unfolded = 0

    # --- what there is -------------------------------------------------------------------------------------

    async def _read(self) -> None:
        tenant = await self._parts.tenants.load(self.tenant_id)
        self._zone = tenant.time_zone
        counting = repr((tenant.time_zone, tenant.rules, tenant.rates.home, tenant.rates.listed()))
        wanted = definitions(await self._parts.definitions.load(self.tenant_id), counting)
        for gone in self._segments.keys() - wanted.keys():
            del self._segments[gone]
        fresh = wanted.keys() - self._segments.keys()
        stored = await self._parts.live.load(self.tenant_id, fresh) if fresh else {}
        for segment_id, made in wanted.items():
            segment = self._segments.get(segment_id)
            if segment is None:
                segment = self._segments[segment_id] = LiveSegment(segment_id, made)
                if segment_id in stored:
                    segment.take(stored[segment_id])
                    segment.day = self._day(round(stored[segment_id].state.as_of.timestamp() * 1000))
            # Whatever was decided, it is evaluated at once.
            segment.definition, segment.next_ms, segment.rest_until = made, 0, 0.0

    # --- who is in ------------------------------------------------------------------------------------------

    async def _refreshed(self, due: Sequence[LiveSegment]) -> int:
        moment = self._now()
        for _ in range(_TRIES):
            try:
                found = await self._by_memory(due, moment)
            except NotInMemory:
                newest = self._now()
                if newest.position == moment.position and newest.now_ms < moment.now_ms + 1000:
                    break
                moment = newest
            else:
                self._without_memory_since = None
                return await self._keep(found, moment)
        self._without_memory_since = self._without_memory_since or time.monotonic()
        if not self.by_store:
            return 0
        stored = 0
        for segment in due:
            moment = self._now()
            stored += await self._keep([await self._by_store(segment, moment)], moment)
        return stored

    async def _by_memory(self, due: Sequence[LiveSegment], moment: Moment) -> list[Found]:
        trees = [segment.definition.tree for segment in due]
        sets = await self._parts.memory.sets(self.tenant_id, trees, moment, _PATIENCE_SECONDS)
        people = tuple(layer.profile_id for layer in sets.view.layers)

        def compared() -> list[Found]:
            found = []
            for segment, bits, age, seconds in zip(due, sets.bits, sets.ages, sets.seconds, strict=True):
                if isinstance(bits, Exception):
                    found.append(Found(segment, "memory", seconds, failure=bits))
                    continue
                seen = Seen(people, bits)
                differing = change(segment.people, segment.seen, seen)
                found.append(Found(segment, "memory", seconds, differing, seen, age, sets.view.next_ms))
            return found

        return await asyncio.to_thread(compared)

    async def _by_store(self, segment: LiveSegment, moment: Moment) -> Found:
        started = time.monotonic()
        try:
            async with asyncio.timeout(_STORE_PATIENCE_SECONDS):
                answer = await self._parts.store.evaluate(self.tenant_id, segment.definition.tree, moment)
        except Exception as error:  # noqa: BLE001 - one segment's failure is not the others'
            return Found(segment, "store", time.monotonic() - started, failure=error)
        members = answer.members
        differing = Change(members - segment.people, segment.people - members)
        age = answer.yardstick_age_seconds
        return Found(segment, "store", time.monotonic() - started, differing, age=age)

    # --- what is stored of it ------------------------------------------------------------------------------

    async def _keep(self, found: Sequence[Found], moment: Moment) -> int:
        day, step = self._day(moment.now_ms), Step()
        news = await self._news([one for one in found if one.change], moment, day)
        telling = Telling(moment, day)
        kept = []
        for one in found:
            if one.failure is not None:
                self._say(one)
                failed(step, one, telling)
            else:
                kept.append((one, succeeded(step, one, self._news_of(one, news, telling), telling)))
        if step:
            try:
                await self._parts.live.store(self.tenant_id, step)
            except BaseException:
                # Whether it is stored nobody knows; what is stored is read again.
                self.forget()
                raise
        states = {state.segment_id: state for state in step.states}
        for one, members in kept:
            self._take(one, members, moment, day)
        for one in found:
            one.segment.state = states.get(one.segment.segment_id, one.segment.state)
            self._rest(one, moment)
        for segment_id, (sequence, _) in step.folded.items():
            self._segments[segment_id].folded_to, self._segments[segment_id].unfolded = sequence, 0
        return len(step.deltas)

    def _take(self, one: Found, members: BitMap, moment: Moment, day: date) -> None:
        segment = one.segment
        segment.unfolded += len(one.change.entered) + len(one.change.gone)
        segment.members, segment.seen = members, one.seen
        segment.done, segment.day, segment.lost = moment.position, day, 0

    def _rest(self, one: Found, moment: Moment) -> None:
        """When the segment is due again."""
        segment, clock = one.segment, time.monotonic()
        seconds, segment.last_seconds = min(one.seconds, segment.last_seconds), one.seconds
        rest = min(_REST_TIMES * seconds, _LONGEST_REST_SECONDS) if seconds > _SLOW_SECONDS else 0.0
        if one.by == "store":
            rest = max(_STORE_REST_SECONDS, _REST_TIMES * one.seconds)
        if one.failure is not None:
            segment.rest_until = clock + max(rest, _RETRY_SECONDS)
            return
        segment.rest_until = clock + rest
        tomorrow = self._day(moment.now_ms) + timedelta(1)
        moments = [round(begins_at(tomorrow, self._zone).timestamp() * 1000), one.next_ms]
        if segment.definition.timed:
            moments.append(moment.now_ms + _TIMERS_MS)
        if segment.definition.relative:
            moments.append(moment.now_ms + _YARDSTICK_MS - round(1000 * (one.age or 0.0)) + 1000)
        segment.next_ms = min(moments)

    def _news_of(self, one: Found, news: News, telling: Telling) -> News:
        if telling.moment.position <= one.segment.done:
            return NO_NEWS
        return news if _ambiguous(one, telling.moment, telling.day) else replace(news, touched=None)

    async def _news(self, changed: Sequence[Found], moment: Moment, day: date) -> News:
        """Of whom there is news since the places that these segments were as of."""
        asked = [one.segment for one in changed if one.segment.done < moment.position]
        places = [one.state.position for one in asked if one.state is not None]
        if not places or min(places) >= moment.position:
            return NO_NEWS
        after, clickhouse = min(places), self._parts.clickhouse
        erased, moved, touched = BitMap(), BitMap(), None
        if self._parts.moved(self.tenant_id) > after:
            erased = await load_newly_erased(clickhouse, self.tenant_id, after, moment.position)
            moved = await load_moved(clickhouse, self.tenant_id, after, moment.position)
        some = [one.change for one in changed if _ambiguous(one, moment, day)]
        if some:
            people = BitMap().union(*(one.entered for one in some), *(one.gone for one in some))
            if len(people) <= _FEW_PEOPLE:
                touched = await load_touched_among(clickhouse, self.tenant_id, people, after, moment.position)
            else:
                scope = Scope(clickhouse, self.tenant_id, moment.position, moment.now_ms)
                profiles = await load_profiles(scope, await load_touched(scope, after))
                touched = BitMap(profiles.tolist())
        return News(erased, moved, touched)

    def _now(self) -> Moment:
        return Moment(self._parts.position(), self._parts.now_ms())

    def _day(self, now_ms: int) -> date:
        return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(self._zone)).date()

    def _say(self, one: Found) -> None:
        """Of what nobody promised to fail with."""
        expected = isinstance(one.failure, ExpectedError | TimeoutError)
        if not expected and (one.segment.state is None or not one.segment.state.failure):
            facts = {"segment_id": one.segment.segment_id, "why": repr(one.failure)[:300]}
            log.error("segment_not_refreshed", extra=facts, exc_info=one.failure)


def _is_slow(segment: LiveSegment) -> bool:
    return segment.last_seconds > _SLOW_SECONDS


def _ahead(due: Sequence[LiveSegment], moment: Moment) -> bool:
    """Whether what is stored is of a later place."""
    return any(one.state is not None and one.state.position > moment.position for one in due)


def _ambiguous(found: Found, moment: Moment, day: date) -> bool:
    """Whether somebody may have come or gone because of time alone, or of what others did."""
    segment, before = found.segment, found.segment.state
    if segment.redefined or before is None:
        return False
    # A yardstick that is no younger than it was is the same.
    renewed = (found.age or 0.0) < (before.yardstick_age_seconds or 0.0)
    moved = segment.definition.relative and (renewed or found.by == "store")
    return segment.definition.timed or moved or segment.day != day or moment.now_ms >= segment.next_ms
