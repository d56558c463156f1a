"""What callers ask the single writer to do: queued in PostgreSQL, applied between batches, answered once.

A command is kept under the id its caller gave it, so that repeating a call whose answer was lost does
nothing twice. Its handler runs in the writer's transaction; what it changes, what it announces and its
answer are stored together or not at all.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.identity.domain.decisions import Moved
from services.identity.domain.facts import Fact
from services.identity.store.lane import Lane
from services.identity.tenants import Tenant


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
    # There is more to do: the command is applied again, after the next batch of events.
    unfinished: bool = False


# Raises ExpectedError to refuse; the refusal is stored and is the answer.
Handler = Callable[[Lane, Tenant, Command], Awaitable[Applied]]
