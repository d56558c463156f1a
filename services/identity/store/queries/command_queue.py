"""Commands as the writer sees them: the oldest that wait, what became of them, and forgetting them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from services.identity.store.queries.commands import CHANNEL

_WAITING = """
select entry, tenant_id, command_id from command_queue where open and entry > $1 order by entry limit $2
"""
_COMMAND = """
select kind, body::text as body, actor, state, tries from commands where tenant_id = $1 and command_id = $2
"""
# What a command said may be personal, so it goes as soon as it is not needed.
_ANSWERED = """
update commands set state = $3, result = $4, applied_at = now(),
    body = case when $3 = 'applied' then null else body end
where tenant_id = $1 and command_id = $2
"""
_REFUSED = """
update commands set state = 'refused', refusal = $3, applied_at = now(), body = null
where tenant_id = $1 and command_id = $2
"""
_FAILED = """
update commands set tries = tries + 1 where tenant_id = $1 and command_id = $2
"""
_CLOSE = "update command_queue set open = false, forget_at = now() + $2 where entry = $1"
_OLD = """
select entry, tenant_id, command_id from command_queue where not open and forget_at < now()
order by forget_at limit $1
"""
_FORGET = "delete from commands where tenant_id = $1 and command_id = $2"
_FORGET_ENTRY = "delete from command_queue where entry = $1"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place in the queue."""

    entry: int
    tenant_id: str
    command_id: str


@dataclass(frozen=True, slots=True)
class StoredCommand:
    """A command that waits; `body` is JSON text."""

    kind: str
    body: str
    actor: str
    # It was applied before, and has more to do.
    unfinished: bool
    # How often applying it has failed.
    tries: int


async def listen(connection: asyncpg.Connection, heard: Callable[[], None]) -> None:
    """Call `heard` whenever a command was queued."""
    await connection.add_listener(CHANNEL, lambda *_: heard())


async def load_waiting(connection: asyncpg.Connection, after: int, most: int) -> list[Waiting]:
    """The oldest that wait behind an entry."""
    return [_waiting(row) for row in await connection.fetch(_WAITING, after, most)]


async def load_command(connection: asyncpg.Connection, waiting: Waiting) -> StoredCommand | None:
    """None when it is gone, with its tenant."""
    row = await connection.fetchrow(_COMMAND, waiting.tenant_id, waiting.command_id)
    if row is None or row["body"] is None:
        return None
    return StoredCommand(row["kind"], row["body"], row["actor"], row["state"] == "unfinished", row["tries"])


async def save_result(
    connection: asyncpg.Connection, waiting: Waiting, result: str, *, unfinished: bool
) -> None:
    """Answer a command; `result` is JSON text. An unfinished one stays in the queue."""
    state = "unfinished" if unfinished else "applied"
    await connection.execute(_ANSWERED, waiting.tenant_id, waiting.command_id, state, result)


async def save_refusal(connection: asyncpg.Connection, waiting: Waiting, refusal: str) -> None:
    """`refusal` is JSON text."""
    await connection.execute(_REFUSED, waiting.tenant_id, waiting.command_id, refusal)


async def count_failure(connection: asyncpg.Connection, waiting: Waiting) -> None:
    await connection.execute(_FAILED, waiting.tenant_id, waiting.command_id)


async def close_entry(connection: asyncpg.Connection, waiting: Waiting, keep_days: int) -> None:
    """Take a command out of the queue; its answer stays for so many days."""
    await connection.execute(_CLOSE, waiting.entry, timedelta(days=keep_days))


async def forget_old(
    connection: asyncpg.Connection,
    enter: Callable[[asyncpg.Connection, str], Awaitable[None]],
    most: int,
) -> int:
    """Delete answers whose time is over; how many. Needs a transaction."""
    rows = await connection.fetch(_OLD, most)
    for old in map(_waiting, rows):
        await enter(connection, old.tenant_id)
        await connection.execute(_FORGET, old.tenant_id, old.command_id)
        await connection.execute(_FORGET_ENTRY, old.entry)
    return len(rows)


def _waiting(row: asyncpg.Record) -> Waiting:
    return Waiting(row["entry"], str(row["tenant_id"]), row["command_id"])
