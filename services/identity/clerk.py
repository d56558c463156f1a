"""Applies queued commands for the writer: oldest first, each in one transaction with what it changes."""

import json
import logging
import time
from collections.abc import Callable, Mapping

from prometheus_client import Counter

from chassis.database import database_away
from chassis.errors import ExpectedError, Unavailable
from services.identity import subscriptions
from services.identity.commands import Applied, Command, Handler
from services.identity.domain.decisions import remap_parts
from services.identity.errors import CommandFailed
from services.identity.memory import Tenants
from services.identity.publishing import Publisher, Said, Stopped
from services.identity.store.lane import Lane, enter_tenant
from services.identity.store.queries import command_queue
from services.identity.store.queries.command_queue import StoredCommand, Waiting
from services.identity.store.queries.progress import Marks, save_marks
from services.identity.subscriptions import Outgoing
from services.identity.tenants import Tenant

log = logging.getLogger(__name__)

# A fault that goes away by itself must not cost a command.
_TRIES = 3
# What was answered already is never given up: half of it is done, and somebody relies on the rest.
_LONGEST_REST_SECONDS = 60.0
_KEEP_DAYS = 7
_AT_ONCE = 100
_FORGOTTEN_AT_ONCE = 500
# Events wait no longer for the commands of one turn.
_TURN_SECONDS = 0.1

_applied = Counter("identity_commands", "Commands by outcome", ["kind", "outcome"])


class Clerk:
    """One life of it, on the writer's connection."""

    def __init__(
        self, connection: Lane, handlers: Mapping[str, Handler], tenants: Tenants, publisher: Publisher
    ) -> None:
        self._connection = connection
        self._handlers = handlers
        self._tenants = tenants
        self._publisher = publisher
        self._woken = True
        # Answered, with more to do.
        self._unfinished: list[Waiting] = []
        self._rest_until = 0.0

    async def listen(self, woken: Callable[[], None]) -> None:
        """Call `woken` whenever a command was queued."""

        def heard() -> None:
            self._woken = True
            woken()

        await command_queue.listen(self._connection, heard)

    @property
    def waiting(self) -> bool:
        """Whether `work` may have something to do."""
        return self._woken

    @property
    def unfinished(self) -> bool:
        """Whether `go_on` has something to do."""
        return bool(self._unfinished) and time.monotonic() >= self._rest_until

    async def work(self) -> None:
        """Apply what was queued, for no longer than a turn."""
        until = time.monotonic() + _TURN_SECONDS
        self._woken = False
        last = 0
        known = {waiting.entry for waiting in self._unfinished}
        stuck: set[str] = set()
        while waiting := await command_queue.load_waiting(self._connection, last, _AT_ONCE):
            for each in waiting:
                last = each.entry
                if each.entry in known or each.tenant_id in stuck:
                    continue
                if time.monotonic() > until:
                    self._woken = True
                    return
                if not await self._apply(each):
                    # It is tried again in the next turn; only its own tenant waits for it.
                    stuck.add(each.tenant_id)
                    self._woken = True

    async def go_on(self) -> None:
        """Apply the next of those that have more to do once more."""
        waiting = self._unfinished.pop(0)
        if not await self._apply(waiting):
            self._unfinished.append(waiting)

    async def forget_old(self) -> None:
        """Delete answers nobody will ask for any more."""
        async with self._connection.transaction():
            await command_queue.forget_old(self._connection, enter_tenant, _FORGOTTEN_AT_ONCE)

    async def _apply(self, waiting: Waiting) -> bool:
        """Whether it need not be tried again: False after a failure of ours."""
        with database_away():
            stored = await self._load(waiting)
            if stored is None:
                await self._close(waiting)
                return True
            await self._tenants.load(self._connection, [waiting.tenant_id])
            # Not the command's fault if this fails.
            async with self._connection.transaction():
                await self._publisher.finish(self._connection)
            try:
                # Seen here already, so that a server that goes away is not taken for a fault of the command.
                with database_away():
                    applied = await self._transact(waiting, stored)
            except (Unavailable, Stopped):
                raise
            except ExpectedError as error:
                await self._refuse(waiting, error)
                _applied.labels(stored.kind, "refused").inc()
                return True
            except Exception:
                log.exception("command_failed", extra={"kind": stored.kind, "tries": stored.tries + 1})
                # What it has changed in memory is not in the tables.
                await self._tenants.drop(waiting.tenant_id)
                return await self._fail(waiting, stored)
        if applied.unfinished:
            self._unfinished.append(waiting)
        else:
            _applied.labels(stored.kind, "applied").inc()
        return True

    async def _load(self, waiting: Waiting) -> StoredCommand | None:
        async with self._connection.transaction():
            await enter_tenant(self._connection, waiting.tenant_id)
            return await command_queue.load_command(self._connection, waiting)

    async def _transact(self, waiting: Waiting, stored: StoredCommand) -> Applied:
        connection, tenant = self._connection, self._tenants[waiting.tenant_id]
        command = Command(
            waiting.tenant_id, waiting.command_id, stored.kind, json.loads(stored.body), stored.actor
        )
        async with connection.transaction():
            await enter_tenant(connection, waiting.tenant_id)
            tenant.facts.clear()
            applied = await self._handlers[stored.kind](connection, tenant, command)
            messages = self._messages(tenant, applied)
            marks = Marks(tenant.nid_high_water, tenant.map_version, tenant.restores)
            await save_marks(connection, tenant.tenant_id, marks)
            await command_queue.save_result(
                connection, waiting, json.dumps(applied.result), unfinished=applied.unfinished
            )
            if not applied.unfinished:
                await command_queue.close_entry(connection, waiting, _KEEP_DAYS)
            await self._publisher.guard(tenant)
            unsent = await self._publisher.store(connection, {tenant.tenant_id: messages})
        self._publisher.start(Said(unsent=unsent))
        return applied

    def _messages(self, tenant: Tenant, applied: Applied) -> list[Outgoing]:
        tenant.map_version += remap_parts(applied.moved)
        facts = [*tenant.facts, *applied.facts]
        tenant.facts.clear()
        return [
            *subscriptions.remapped(tenant.tenant_id, applied.moved, tenant.map_version),
            *subscriptions.announced(tenant.tenant_id, facts),
        ]

    async def _refuse(self, waiting: Waiting, error: ExpectedError) -> None:
        refusal = {
            "reason": error.reason,
            "status": error.status.name,
            "message": error.message,
            "facts": error.facts,
        }
        async with self._connection.transaction():
            await enter_tenant(self._connection, waiting.tenant_id)
            await command_queue.save_refusal(self._connection, waiting, json.dumps(refusal))
            await command_queue.close_entry(self._connection, waiting, _KEEP_DAYS)

    async def _fail(self, waiting: Waiting, stored: StoredCommand) -> bool:
        if stored.unfinished:
            self._unfinished.append(waiting)
            rest_seconds = min(2.0 ** min(stored.tries, 10) / 10, _LONGEST_REST_SECONDS)
            self._rest_until = time.monotonic() + rest_seconds
        elif stored.tries + 1 >= _TRIES:
            _applied.labels(stored.kind, "failed").inc()
            await self._refuse(
                waiting, CommandFailed("It failed several times on our side; nothing was changed.")
            )
            return True
        async with self._connection.transaction():
            await enter_tenant(self._connection, waiting.tenant_id)
            await command_queue.count_failure(self._connection, waiting)
        return stored.unfinished

    async def _close(self, waiting: Waiting) -> None:
        async with self._connection.transaction():
            await command_queue.close_entry(self._connection, waiting, 0)
