"""What was decided outside of a batch's events and is still to be said on the bus."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

_ADD = """
insert into outbox (tenant_id, subject, message_id, body)
select $1, subject, message_id, body
from unnest($2::text[], $3::text[], $4::bytea[]) with ordinality as new (subject, message_id, body, place)
order by place
"""
_LOAD = "select entry, subject, message_id, body from outbox where tenant_id = $1 order by entry"
# An erasure's receipt names the place of its announcement.
_ANNOUNCED = """
update erasures set announced_at = $3 where tenant_id = $1 and erasure_id = $2 and announced_at = 0
"""
_DELETE = "delete from outbox where tenant_id = $1 and entry <= $2"


@dataclass(frozen=True, slots=True)
class Unsent:
    """A message that is stored until the bus has it."""

    entry: int
    subject: str
    message_id: str
    body: bytes


async def add_unsent(
    connection: asyncpg.Connection, tenant_id: str, messages: Sequence[tuple[str, str, bytes]]
) -> None:
    """(subject, message id, body) of each, in the order in which they are to be sent."""
    subjects, message_ids, bodies = zip(*messages, strict=True)
    await connection.execute(_ADD, tenant_id, subjects, message_ids, bodies)


async def load_unsent(connection: asyncpg.Connection, tenant_id: str) -> list[Unsent]:
    """In the order in which they are to be sent."""
    return [Unsent(*row) for row in await connection.fetch(_LOAD, tenant_id)]


async def delete_sent(connection: asyncpg.Connection, tenant_id: str, to: int) -> None:
    """All up to an entry."""
    await connection.execute(_DELETE, tenant_id, to)


async def save_announced_at(
    connection: asyncpg.Connection, tenant_id: str, erasure_id: str, place: int
) -> None:
    """Where our stream says that a person was erased."""
    await connection.execute(_ANNOUNCED, tenant_id, erasure_id, place)
