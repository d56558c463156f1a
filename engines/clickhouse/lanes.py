"""Who runs when: a small query never waits behind heavy ones, and no user waits behind another's queue."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

HEAVY_SECONDS = 1.0
_REMEMBERED = 2_000


class Lane:
    """A number of places; those who wait are let in user by user."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def enter(self, user: str) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(user, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        while self._waiting:
            user, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[user] = turns
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class Lanes:
    """Three lanes: inserts; queries known to be heavy; and all others.

    A query is heavy when the same text took long the last time (values are bound, so the text is its
    shape). One that turns out heavy on the way gives its place back and goes on beside the lanes, as
    long as there are connections left.
    """

    def __init__(self, *, quick: int = 4, heavy: int = 2, inserts: int = 2, strays: int = 8) -> None:
        self._quick = Lane(quick)
        self._heavy = Lane(heavy)
        self._inserts = Lane(inserts)
        self._strays = strays
        self._seconds: OrderedDict[str, float] = OrderedDict()
        self.connections = quick + heavy + inserts + strays

    @asynccontextmanager
    async def insert(self, user: str) -> AsyncIterator[None]:
        await self._inserts.enter(user)
        try:
            yield
        finally:
            self._inserts.leave()

    @asynccontextmanager
    async def query(self, user: str, sql: str) -> AsyncIterator[None]:
        heavy = self._seconds.get(sql, 0) > HEAVY_SECONDS
        lane = self._heavy if heavy else self._quick
        await lane.enter(user)
        place = _Place(lane)
        loop = asyncio.get_running_loop()
        timer = None if heavy else loop.call_later(HEAVY_SECONDS, self._let_stray, place, sql)
        started = time.monotonic()
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()
            if place.strayed:
                self._strays += 1
            else:
                lane.leave()
            self._remember(sql, time.monotonic() - started)

    def _let_stray(self, place: "_Place", sql: str) -> None:
        self._remember(sql, 2 * HEAVY_SECONDS)
        if self._strays:
            self._strays -= 1
            place.strayed = True
            place.lane.leave()

    def _remember(self, sql: str, seconds: float) -> None:
        self._seconds[sql] = seconds
        self._seconds.move_to_end(sql)
        if len(self._seconds) > _REMEMBERED:
            self._seconds.popitem(last=False)


@dataclass(slots=True)
class _Place:
    lane: Lane
    strayed: bool = False
