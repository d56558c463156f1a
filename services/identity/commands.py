"""What callers ask the single writer to do: queued in PostgreSQL, applied between batches, answered once.

A command is kept under the id its caller gave it, so that repeating a call whose answer was lost does
nothing twice. Its handler runs in the writer's transaction; what it changes, what it announces and its
answer are stored together or not at all.
"""

import asyncio
import hashlib
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grpc import StatusCode

import chassis.errors
from chassis.errors import ExpectedError, RemoteError
from chassis.rpc import seconds_left
from services.identity import errors
from services.identity.domain.decisions import Moved
from services.identity.domain.facts import Fact
from services.identity.store import Database
from services.identity.store.lane import Lane
from services.identity.store.queries.commands import Answer, NewCommand, Refusal, add_command, load_answer
from services.identity.tenants import Tenant

# Commands of one tenant that may wait at once.
_MOST_WAITING = 1_000
_LONGEST_WAIT_SECONDS = 30.0
# What is left to a caller in which we still can say that there is no answer.
_MARGIN_SECONDS = 0.3
_FIRST_LOOK_SECONDS = 0.01
_LATER_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Command:
    """`body` is JSON; `kind` names the handler."""

    tenant_id: str
    command_id: str
    kind: str
    body: Mapping[str, Any]
    # Who asked, for the ledger; "" for ourselves.
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a command came to."""

    # JSON; the caller's answer.
    result: Mapping[str, Any]
    # Identifiers whose profile changed: announced as one map change, before the facts.
    moved: Sequence[Moved] = ()
    facts: Sequence[Fact] = ()
    # There is more to do: the caller is answered now, and the command is applied again, after the next
    # batch of events, until it says that it has finished. A repeated call gets the newest result.
    unfinished: bool = False


# Raises ExpectedError to refuse, before it has changed the tenant in memory; the refusal is stored and is
# the answer. Each application should take no longer than a batch of events: a tenth of a second.
Handler = Callable[[Lane, Tenant, Command], Awaitable[Applied]]


class CommandQueue:
    """Puts commands before the writer and waits for what became of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, command: Command) -> Mapping[str, Any]:
        """The command's result, now or from an earlier call with the same id.

        Raises its refusal; CommandReused when that id has asked for something else; CommandsWaiting when
        the writer cannot keep up; CommandNotAnswered when it does not answer in time: it may still do what
        was asked, and the same call again brings the answer.
        """
        body = json.dumps(command.body, sort_keys=True, separators=(",", ":"))
        body_hash = hashlib.sha256(f"{command.kind}\0{body}".encode()).digest()
        new = NewCommand(command.tenant_id, command.command_id, command.kind, body, body_hash, command.actor)
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + min(_LONGEST_WAIT_SECONDS, seconds_left() - _MARGIN_SECONDS)
        answer = await add_command(self._database, new, _MOST_WAITING)
        if answer is None:
            raise errors.CommandsWaiting("Too many changes of this tenant are waiting.", limit=_MOST_WAITING)
        if answer.body_hash != body_hash:
            raise errors.CommandReused(
                "This command id has asked for something else before.", command_id=command.command_id
            )
        pause = _FIRST_LOOK_SECONDS
        while (result := _result(answer)) is None:
            if loop.time() + pause > give_up_at:
                raise errors.CommandNotAnswered("The change waits to be made; ask again with the same id.")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LATER_LOOK_SECONDS)
            answer = await load_answer(self._database, command.tenant_id, command.command_id) or answer
        return result


def _result(answer: Answer) -> Mapping[str, Any] | None:
    if answer.refusal is not None:
        raise _error_of(answer.refusal)
    return answer.result


def _error_of(refusal: Refusal) -> ExpectedError:
    """The refusal as the handler raised it."""
    for module in (errors, chassis.errors):
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, ExpectedError) and kind.reason == refusal.reason and kind is not RemoteError:
                return kind(refusal.message, **refusal.facts)
    return RemoteError(StatusCode[refusal.status], refusal.reason, refusal.message, dict(refusal.facts))
