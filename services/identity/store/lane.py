"""The writer's one connection: it alone holds the lock, so nobody else writes while it lives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from chassis.database import database_away

Lane = asyncpg.Connection

# Any constant; what matters is that every writer of this database uses the same.
_LOCK = 0x6964656E74697479
_TRY_LOCK = "select pg_try_advisory_lock($1)"
_SET_TENANT = "select set_config('app.tenant', $1, true)"

# Tables grow under prepared statements; a plan made while they were small must not scan them later.
_PLANNING = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "application_name": "identity-writer",
    # A transaction left open by a frozen process would hold the lock and its rows for ever.
    "idle_in_transaction_session_timeout": "60s",
}


@asynccontextmanager
async def open_lane(url: str) -> AsyncIterator[Lane]:
    """The writer's connection, entered when it holds the lock; raises DatabaseUnavailable."""
    with database_away():
        connection = await asyncpg.connect(url, timeout=5, command_timeout=60, server_settings=_PLANNING)
        try:
            while not await connection.fetchval(_TRY_LOCK, _LOCK):
                # Another writer is finishing its last batch.
                await asyncio.sleep(0.2)
            yield connection
        finally:
            # Not gracefully: a batch that was interrupted must not be waited for.
            connection.terminate()


@asynccontextmanager
async def open_beside(url: str) -> AsyncIterator[Lane]:
    """A connection of an operator's command, which must not wait for the writer to leave."""
    with database_away():
        connection = await asyncpg.connect(url, timeout=5, command_timeout=60)
        try:
            yield connection
        finally:
            await connection.close()


async def enter_tenant(connection: Lane, tenant_id: str) -> None:
    """From here to the end of the transaction, or the next call, only this tenant's rows exist."""
    await connection.fetchval(_SET_TENANT, tenant_id)
