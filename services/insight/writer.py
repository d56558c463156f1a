"""The one writer of the event store: identity's stream in, each row once, and the watermark."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from clickhouse_connect.driver.exceptions import ClickHouseError
from prometheus_client import Gauge

from chassis.background import cancelled
from chassis.bus import Bus, BusUnavailable, Message
from chassis.clickhouse import ClickHouseUnavailable
from services.insight.errors import StreamDoesNotFit
from services.insight.store.events import EventStore, Watermark
from services.insight.store.rows import Block, Places
from services.insight.subscriptions import ERASED, READER, REMAPPED, STREAM, Rows, SetAside

log = logging.getLogger(__name__)

# More messages than one block holds: what a dying writer left half done lies within.
_REREAD_MESSAGES = 500
_BLOCK_MESSAGES = 400
_BLOCK_ROWS = 20_000
_BLOCK_BYTES = 16 * 1024 * 1024
_FETCH_MESSAGES = 32
# A block is gathered for at least so many times as long as the last one took to store, up to so many seconds:
# a busy store gets fewer and larger ones.
_TIMES_STORING, _LONGEST_SECONDS = 2.0, 1.0
_REPORT_SECONDS = 1.0
_RETRY_SECONDS = 0.25
# Blocks of about a minute.
_REMEMBERED = 240

_position = Gauge("insight_position", "Place in identity's stream up to which everything is counted")


class Passed:
    """When the writer came to which place, as far back as about a minute."""

    def __init__(self) -> None:
        self._reached: deque[tuple[float, Watermark]] = deque(maxlen=_REMEMBERED)

    def add(self, watermark: Watermark, at: float) -> None:
        self._reached.append((at, watermark))

    def before(self, position: int) -> tuple[Watermark, float] | None:
        """The last place that is not behind a position, and when the writer left it; None: long ago."""
        left_at = None
        for at, watermark in reversed(self._reached):
            if watermark.position <= position:
                return watermark, at if left_at is None else left_at
            left_at = at
        return None


class Writer:
    """Entered by `write`; `watermark` only ever rises while it runs."""

    def __init__(
        self, bus: Bus, store: EventStore, *, block_seconds: float, read_back: bool, details_after: int = 0
    ) -> None:
        self._bus = bus
        self._store = store
        self._block_seconds = block_seconds
        self._storing_seconds = 0.0
        self._read_back = read_back
        # Details up to there are the backfill's.
        self._details_after = details_after
        self._rows = Rows()
        self._groups: asyncio.Queue[list[Message]] = asyncio.Queue(2)
        self._stopping = asyncio.Event()
        self._there: dict[str, Places] = {}
        self._reread_to = 0
        self._reread_from = 0
        # The highest place that the store itself can tell of.
        self._proved = 0
        self.watermark = Watermark(0, None)
        self.passed = Passed()
        # By tenant, the place of its last message that was written since the start.
        self.news: dict[str, int] = {}
        self._heard: dict[str, int] = {}
        # The same of changes of the map, and of erasures; what is not here was before `began_at`.
        self.moved: dict[str, int] = {}
        self.erased: dict[str, int] = {}
        self.began_at = 0

    async def resume(self) -> None:
        """Find out how far the store is."""
        highest = await self._store.highest_position()
        self._reread_to = self._proved = self.began_at = highest
        # Rows that were deleted since must not come back.
        self._reread_from = max(0, highest - _REREAD_MESSAGES, await self._store.cleaned_to())
        if self._read_back:
            self._there = await self._store.places(self._reread_from)
        self.watermark = await self._store.watermark(self._reread_from)
        self.passed.add(self.watermark, time.monotonic())
        log.info("resumed", extra={"position": self.watermark.position, "reread_from": self._reread_from})

    async def run(self) -> None:
        """Write until stopped; a block in hand is finished first.

        Raises StreamDoesNotFit when the stream is not the one the store was written from.
        """
        await self._check_stream()
        reader = asyncio.create_task(self._read())
        reporter = asyncio.create_task(self._report())
        try:
            while not self._stopping.is_set():
                block, aside = await self._gather(reader)
                if block.n_messages:
                    await self._write(block, aside)
        finally:
            await cancelled(reader, reporter)
        await self._report_once(0)

    def stop(self) -> None:
        self._stopping.set()

    def last_of(self, tenant_id: str) -> int:
        """The place of a tenant's last message that is written, or one behind it."""
        return self.news.get(tenant_id, self.began_at)

    def erased_at(self, tenant_id: str) -> int:
        """The place of a tenant's last erasure, or one behind which there is none; written or not."""
        return self.erased.get(tenant_id, self.began_at)

    async def _check_stream(self) -> None:
        highest = self._reread_to
        while not self._stopping.is_set():
            try:
                first, last = await self._bus.bounds(STREAM)
            except BusUnavailable:
                # The bus is away, or identity has not made its stream yet; questions are answered meanwhile.
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if last < highest or first > highest + 1:
                raise StreamDoesNotFit(
                    "The event store does not continue where identity's stream begins.",
                    store=highest,
                    stream_first=first,
                    stream_last=last,
                )
            return

    async def _read(self) -> None:
        async for group in self._bus.read(
            STREAM, after=self._reread_from, max_messages=_FETCH_MESSAGES, max_wait_seconds=0.5
        ):
            await self._groups.put(group)

    async def _gather(self, reader: "asyncio.Task[None]") -> tuple[Block, list[SetAside]]:
        """What arrives within the time of one block, or as much as one block holds."""
        block, aside = Block(), list[SetAside]()
        longer = min(_TIMES_STORING * self._storing_seconds, _LONGEST_SECONDS)
        deadline = time.monotonic() + max(self._block_seconds, longer)
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    group = await self._groups.get()
            except TimeoutError:
                if reader.done():
                    reader.result()
                break
            for message in group:
                aside += self._rows.add(message, block)
                self._heard[message.tenant_id] = message.seq
                if message.topic in (REMAPPED, ERASED):
                    # Before it is written: whoever looks too early looks again.
                    self.moved[message.tenant_id] = message.seq
                if message.topic == ERASED:
                    self.erased[message.tenant_id] = message.seq
                # Calls are answered between messages.
                await asyncio.sleep(0)
            if (
                len(block.events) + len(block.profile_of) >= _BLOCK_ROWS
                or len(block.event_details) >= _BLOCK_ROWS
                or block.n_bytes >= _BLOCK_BYTES
                or block.n_messages > _BLOCK_MESSAGES - _FETCH_MESSAGES
            ):
                break
        return block, aside

    async def _write(self, block: Block, aside: list[SetAside]) -> None:
        """Store a block, however long the store or the bus is away; gives up only when told to stop."""
        if block.first_position <= self._reread_to:
            self._drop(block)
        else:
            self._there = {}
        while True:
            try:
                for bad in aside:
                    # Below the watermark of our start they were published before.
                    if bad.position > self.watermark.position:
                        await bad.publish(self._bus)
                started = time.monotonic()
                await self._store.insert(block)
                self._storing_seconds = time.monotonic() - started
                break
            except (ClickHouseUnavailable, ClickHouseError, BusUnavailable) as error:
                log.warning("block_not_stored", extra={"why": str(error), "position": block.first_position})
            if not await self._recover(block):
                return
        self._proved = max(self._proved, block.highest_row)
        if block.last_position > self.watermark.position:
            self.watermark = self.watermark.after(block)
            self.passed.add(self.watermark, time.monotonic())
            _position.set(self.watermark.position)
        self.news |= self._heard
        self._heard.clear()

    async def _recover(self, block: Block) -> bool:
        """Wait until the store answers and forget what it has of the block; False when told to stop."""
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _RETRY_SECONDS)
            if not self._read_back:
                return not self._stopping.is_set()
            with contextlib.suppress(ClickHouseUnavailable, ClickHouseError):
                self._there = await self._store.places(block.first_position - 1)
                self._drop(block)
                return True
        return False

    def _drop(self, block: Block) -> None:
        for table, there in self._there.items():
            getattr(block, table).drop(there)
        block.event_details.drop_to(self._details_after)

    async def _report(self) -> None:
        reported = 0
        while True:
            await asyncio.sleep(_REPORT_SECONDS)
            reported = await self._report_once(reported)

    async def _report_once(self, reported: int) -> int:
        """What is reported may leave the stream, so the store must be able to tell that it has passed it."""
        position = self.watermark.position
        if position > reported:
            try:
                if position > self._proved:
                    await self._store.save_silence(position)
                    self._proved = position
                await self._bus.report_position(STREAM, READER, position)
            except (BusUnavailable, ClickHouseUnavailable, ClickHouseError):
                return reported
        return position


@asynccontextmanager
async def write(writer: Writer) -> AsyncIterator[None]:
    """Run a writer; left means that the block in hand is stored. Its failure is the service's."""
    await writer.resume()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(writer.run())
        try:
            yield
        finally:
            writer.stop()
