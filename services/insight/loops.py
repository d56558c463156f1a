"""Threads for compiled loops, shared fairly: nobody waits for the whole of another tenant's question."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")

_THREADS = 2
# After so long a question lets others of its tenant go first, and other tenants' have the thread.
_SLICE_SECONDS = 0.02


class Loops:
    """Of a tenant one question at a time: columns derive their parts when first asked.

    Loops let go of the interpreter's lock, so that two tenants' run side by side.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "genes")
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def run(self, tenant_id: str, act: Callable[[], T]) -> T:
        """What the act returns."""
        await (turn := self._turn(tenant_id)).acquire()
        # Not when the asker leaves, but when the thread does: a cancelled question ends with the act in hand.
        return await asyncio.wrap_future(self._begun(act, turn))

    async def run_all(self, tenant_id: str, steps: Iterable[Callable[[], object]]) -> None:
        """One step after the other. Cancelled, no further step begins."""
        pending, stopped = deque(steps), threading.Event()
        try:
            while pending:
                await self.run(tenant_id, partial(_advance, pending, stopped))
        finally:
            stopped.set()

    def close(self) -> None:
        """Wait for what is in hand; nothing else begins."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _turn(self, tenant_id: str) -> asyncio.Lock:
        turn = self._turns.get(tenant_id)
        if turn is None:
            turn = self._turns[tenant_id] = asyncio.Lock()
        return turn

    def _begun(self, act: Callable[[], T], turn: asyncio.Lock) -> "Future[T]":
        loop = asyncio.get_running_loop()

        def over(_: "Future[Any]") -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(turn.release)

        begun = self._threads.submit(act)
        begun.add_done_callback(over)
        return begun


def _advance(pending: "deque[Callable[[], object]]", stopped: threading.Event) -> None:
    until = time.monotonic() + _SLICE_SECONDS
    while pending and not stopped.is_set():
        pending.popleft()()
        if time.monotonic() >= until:
            return
