"""A command as its caller sees it: put into the queue once, asked for its answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction

# The writer listens to it.
CHANNEL = "identity_commands"

_ADD = sa.text("""
insert into commands (tenant_id, command_id, kind, body, body_hash, actor)
select :tenant_id, :command_id, :kind, cast(:body as json), :body_hash, :actor
where :most > (
    select count(*) from commands where tenant_id = :tenant_id and state in ('queued', 'unfinished')
)
on conflict (tenant_id, command_id) do nothing
returning state
""")
_QUEUE = sa.text("""
with queued as (
    insert into command_queue (tenant_id, command_id) values (:tenant_id, :command_id) returning entry
)
select pg_notify(:channel, '') from queued
""")
_ANSWER = sa.text("""
select state, body_hash, cast(result as text) as result, cast(refusal as text) as refusal
from commands where tenant_id = :tenant_id and command_id = :command_id
""")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A promised failure, as it is kept."""

    reason: str
    status: str
    message: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has come to; neither result nor refusal while it waits."""

    body_hash: bytes
    result: Mapping[str, Any] | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class NewCommand:
    """A command as it is stored; `body` is JSON text."""

    tenant_id: str
    command_id: str
    kind: str
    body: str
    body_hash: bytes
    actor: str


async def add_command(engine: AsyncEngine, new: NewCommand, most: int) -> Answer | None:
    """Queue a command unless it is there; its answer so far. None when `most` are waiting already."""
    values = {"tenant_id": new.tenant_id, "command_id": new.command_id}
    async with open_transaction(engine, new.tenant_id) as connection:
        added = await connection.scalar(
            _ADD,
            values
            | {"kind": new.kind, "body": new.body, "body_hash": new.body_hash}
            | {"actor": new.actor, "most": most},
        )
        if added is not None:
            await connection.execute(_QUEUE, values | {"channel": CHANNEL})
            return Answer(new.body_hash)
        return await _answer(connection, values)


async def load_answer(engine: AsyncEngine, tenant_id: str, command_id: str) -> Answer | None:
    """None when there is no such command, or it was forgotten."""
    async with open_transaction(engine, tenant_id) as connection:
        return await _answer(connection, {"tenant_id": tenant_id, "command_id": command_id})


async def _answer(connection: AsyncConnection, values: Mapping[str, str]) -> Answer | None:
    row = (await connection.execute(_ANSWER, values)).one_or_none()
    if row is None:
        return None
    refusal = None if row.refusal is None else Refusal(**json.loads(row.refusal))
    return Answer(row.body_hash, None if row.result is None else json.loads(row.result), refusal)
