"""Operators acting inside a tenant: begun with a reason, told to its owners, ended by time at the latest.

Its beginning and its end are written into the tenant's own audit log and into the platform's.
"""

import asyncio
import logging
from dataclasses import dataclass

from chassis.database import DatabaseUnavailable, Engine, open_transaction
from services.gateway.audit import PLATFORM, AuditLog, Entry
from services.gateway.domain.audit import Facts
from services.gateway.errors.teammates import AlreadyActing, ImpersonationNotFound
from services.gateway.letters import Language, impersonation_letter
from services.gateway.mail import Mail
from services.gateway.store import impersonations as store
from services.gateway.store import memberships
from services.gateway.store.impersonations import Impersonation
from services.gateway.store.tenants import Tenant

log = logging.getLogger(__name__)

_LOOK_SECONDS = 15.0
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Told:
    """What owners are told: the operator's address, and where their team page is."""

    operator_email: str
    team_url: str


class Impersonations:
    """Begins and ends them."""

    def __init__(self, engine: Engine, audit: AuditLog, mail: Mail) -> None:
        self._engine = engine
        self._audit = audit
        self._mail = mail

    async def start(self, new: Impersonation, tenant: Tenant, told: Told, address: str) -> None:
        """Raises AlreadyActing when the session acts somewhere."""
        after = {
            "role": new.role,
            "reason": new.reason,
            "ends_at": new.ends_at.isoformat(timespec="seconds"),
            "teammate_email": told.operator_email,
        }
        language: Language = "en" if tenant.locale.startswith("en") else "zh-TW"
        facts = [told.operator_email, new.role, new.reason, f"{new.ends_at:%Y-%m-%d %H:%M} UTC"]
        async with open_transaction(self._engine, new.tenant_id) as connection:
            if not await store.save_impersonation(connection, new):
                raise AlreadyActing("This session acts in a tenant already.")
            for owner in await memberships.load_with_role(connection, "owner"):
                letter = impersonation_letter(
                    owner.email, told.team_url, language, shop=tenant.name, facts=facts
                )
                await self._mail.queue(connection, letter)
            actor = f"operator:{new.teammate_id}"
            for entry in _entries(new, actor, "impersonation.started", after, address):
                await self._audit.record(connection, entry)

    async def end(self, running: Impersonation, actor: str, address: str = "") -> None:
        """Raises ImpersonationNotFound when somebody was quicker."""
        async with open_transaction(self._engine, running.tenant_id) as connection:
            if not await store.end_impersonation(connection, running.impersonation_id, actor):
                raise ImpersonationNotFound("It has ended already.")
            for entry in _entries(running, actor, "impersonation.ended", {}, address):
                await self._audit.record(connection, entry)

    async def end_overdue(self) -> None:
        """Write down, for ever, the end of those that time or a sign-out ended."""
        while True:
            try:
                for running in await store.load_overdue(self._engine, limit=_AT_ONCE):
                    await self._end_if_open(running)
            except DatabaseUnavailable:
                log.warning("impersonations_waiting")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _end_if_open(self, running: Impersonation) -> None:
        try:
            await self.end(running, "system")
        except ImpersonationNotFound:
            # Another gateway looked at the same moment.
            log.info("impersonation_ended_elsewhere", extra={"impersonation": running.impersonation_id})


def _entries(
    which: Impersonation, actor: str, action: str, after: Facts, address: str
) -> tuple[Entry, Entry]:
    """For the tenant's chain, then for the platform's: everybody locks them in this order."""
    subject = f"impersonation:{which.impersonation_id}"
    return (
        Entry(which.tenant_id, actor, action, subject, after=after, address=address),
        Entry(
            PLATFORM, actor, action, subject, after={**after, "tenant_id": which.tenant_id}, address=address
        ),
    )
