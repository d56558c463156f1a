"""Does what has to be done for tenants, again and again until it is done, whoever is away meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.database import DatabaseUnavailable, Engine, open_transaction
from chassis.errors import ExpectedError
from services.gateway.store import duties as store
from services.gateway.store.duties import Duty

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_LEASE_SECONDS = 120.0
_LONGEST_PAUSE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Later:
    """There is more to do, at a time; `body` is what the duty knows then."""

    due_at: datetime
    body: dict[str, Any]

    @classmethod
    def after(cls, seconds: float, body: dict[str, Any]) -> "Later":
        return cls(datetime.now(UTC) + timedelta(seconds=seconds), body)


# None: done. A failure of any kind is tried again, after a growing pause.
Handler = Callable[[Duty], Awaitable[Later | None]]


class Duties:
    """One loop a gateway; several gateways share the work."""

    def __init__(self, engine: Engine, handlers: Mapping[str, Handler]) -> None:
        self._engine = engine
        self._handlers = handlers

    async def keep(self) -> None:
        """For ever."""
        while True:
            try:
                while duty := await store.claim_duty(self._engine, _LEASE_SECONDS):
                    await self._do(duty)
            except DatabaseUnavailable:
                log.warning("duties_waiting")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _do(self, duty: Duty) -> None:
        facts = {"tenant_id": duty.tenant_id, "duty_id": duty.duty_id, "kind": duty.kind}
        try:
            async with asyncio.timeout(_LEASE_SECONDS):
                later = await self._handlers[duty.kind](duty)
        except (ExpectedError, TimeoutError) as error:
            log.warning("duty_put_off", extra={**facts, "reason": getattr(error, "reason", "TOO_LONG")})
            await self._again(duty)
        except Exception:
            # A bug must not stop the other duties, and must not be forgotten either.
            log.exception("duty_failed", extra=facts)
            await self._again(duty)
        else:
            if later is not None:
                await store.put_off(self._engine, duty, later.due_at, body=later.body)
            else:
                async with open_transaction(self._engine, duty.tenant_id) as connection:
                    await store.drop_duty(connection, duty.duty_id)
                log.info("duty_done", extra=facts)

    async def _again(self, duty: Duty) -> None:
        pause = min(_LONGEST_PAUSE_SECONDS, 2 ** min(duty.failures, 10))
        due_at = datetime.now(UTC) + timedelta(seconds=pause)
        await store.put_off(self._engine, duty, due_at, failures=duty.failures + 1)
