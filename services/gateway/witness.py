"""What happened to an account: into the audit log of its tenants, and by letter to its owner."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import SET_TENANT, Engine, open_untenanted
from services.gateway.audit import AuditLog
from services.gateway.domain.audit import Entry, Facts
from services.gateway.letters import notice_letter
from services.gateway.mail import Mail
from services.gateway.sessions import Place
from services.gateway.store.teammates import Teammate, load_tenant_ids


class Witness:
    """Tells within the transaction of the change, as its last statements."""

    def __init__(self, engine: Engine, mail: Mail, audit: AuditLog, public_url: str) -> None:
        self._engine = engine
        self._mail = mail
        self._audit = audit
        self._account_url = f"{public_url}/account"

    async def tell(
        self,
        connection: AsyncConnection,
        teammate: Teammate,
        action: str,
        place: Place,
        *,
        facts: Facts | None = None,
        only_tenant: str | None = None,
    ) -> None:
        """Into the log of every tenant that the teammate belongs to, or of one."""
        # In one order everywhere, since each chain is locked until the transaction ends.
        tenants = [only_tenant] if only_tenant else await load_tenant_ids(connection, teammate.teammate_id)
        who = f"teammate:{teammate.teammate_id}"
        for tenant_id in tenants:
            await connection.execute(SET_TENANT, {"tenant_id": tenant_id})
            entry = Entry(tenant_id, who, action, who, after=facts or {}, address=place.address)
            await self._audit.record(connection, entry)

    async def tell_alone(
        self, teammate: Teammate, action: str, place: Place, *, facts: Facts | None = None
    ) -> None:
        """The same in a transaction of its own, for what changed nothing."""
        async with open_untenanted(self._engine) as connection:
            await self.tell(connection, teammate, action, place, facts=facts)

    async def warn(self, connection: AsyncConnection, teammate: Teammate, what: str, place: Place) -> None:
        """Write to the account's owner; `what` is one of letters.NOTICES."""
        facts = [f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", place.browser[:100], place.address]
        letter = notice_letter(
            teammate.email, what, teammate.language, [fact for fact in facts if fact], self._account_url
        )
        await self._mail.queue(connection, letter)
