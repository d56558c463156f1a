"""The live load: a tenant's events at a steady pace, sent by a process of its own."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.load import pace
from bench.system import System, Tenant

EVENTS_PER_SECOND = 1000
# Making the requests and the first connections is no part of anything.
_UNDER_WAY_SECONDS = 4.0
_LONGEST_SECONDS = 3600


@contextmanager
def live_load(system: System, tenant: Tenant, seed: int) -> Iterator[None]:
    """Runs while the block does."""
    process = multiprocessing.get_context("spawn").Process(
        target=_send, args=(system.address, tenant, seed), daemon=True
    )
    process.start()
    time.sleep(_UNDER_WAY_SECONDS)
    try:
        yield
        if process.exitcode is not None:
            raise AssertionError("the live load ended by itself")
    finally:
        process.terminate()
        process.join()


def _send(address: tuple[str, int], tenant: Tenant, seed: int) -> None:
    load = pace(address, [tenant], events_per_second=EVENTS_PER_SECOND, seconds=_LONGEST_SECONDS, seed=seed)
    asyncio.run(load)
