"""Large work on people in memory that nobody waits for."""

import asyncio
import contextlib
import ctypes
import os
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Background:
    """One thread for large work that nobody waits for; everybody else goes first."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "population", initializer=_step_back)

    async def run(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, act)

    async def run_all(self, steps: Iterable[Callable[[], object]]) -> None:
        """One step after the other. Cancelled, no further step begins."""
        stopped = threading.Event()

        def through() -> None:
            for step in steps:
                if stopped.is_set():
                    return
                step()

        try:
            await self.run(through)
        finally:
            stopped.set()

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def give_back() -> None:
    """What was needed while people were read; the allocator would keep it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def _step_back() -> None:
    """Threads have a priority of their own on Linux only."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
