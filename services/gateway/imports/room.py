"""How much an import may have waiting for identity: a lot while nobody sends, little beside live events."""

import time
from collections.abc import Callable

from chassis.bus import Bus
from services.gateway.subscriptions import ACCEPTED, IMPORTED

# Messages of all tenants' imports. Beside live events no more than identity takes in some seconds: making and
# storing what it cannot take yet would only be felt by others.
_MOST_WAITING = 2_000
_FEW_WAITING = 8
_LOOK_SECONDS = 1.0
# For so long after the last live event others may follow it.
_LIVE_SECONDS = 5.0


class Room:
    """Asks the bus at most once a second; a new one takes live events for granted until it knows."""

    def __init__(self, bus: Bus, now: Callable[[], float] = time.monotonic) -> None:
        self._bus = bus
        self._now = now
        self._look_at = now()
        self._live_until = now() + 2 * _LOOK_SECONDS
        self._last_live: int | None = None
        self._left = 0

    async def take(self, messages: int) -> bool:
        """Whether so many messages may be stored now. Raises BusUnavailable."""
        if self._now() >= self._look_at:
            await self._look()
        if self._left <= 0:
            return False
        self._left -= messages
        return True

    async def _look(self) -> None:
        now = self._now()
        _, last_live = await self._bus.bounds(ACCEPTED)
        if self._last_live is not None and last_live > self._last_live:
            self._live_until = now + _LIVE_SECONDS
        self._last_live, self._look_at = last_live, now + _LOOK_SECONDS
        first, last = await self._bus.bounds(IMPORTED)
        passed = max(first - 1, await self._bus.reported_position(IMPORTED, "identity"))
        most = _FEW_WAITING if now < self._live_until else _MOST_WAITING
        self._left = most - (last - passed)
