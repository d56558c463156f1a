"""Carries out the end of a tenant: every service in turn, the gateway's own rows last."""

import logging
from datetime import UTC, datetime, timedelta

from chassis.bus import Bus
from chassis.database import Engine
from chassis.jobs import Jobs
from services.gateway.clients import Clients
from services.gateway.duties import Later
from services.gateway.files import Files
from services.gateway.keyring import CachedKeyRing
from services.gateway.publisher import ACCEPTED_TOPIC
from services.gateway.store import audit, deletions
from services.gateway.store.duties import Duty
from services.gateway.subscriptions import ACCEPTED

log = logging.getLogger(__name__)

DELETE_TENANT = "delete_tenant"

# Longer than a gateway takes to hear that keys have stopped, and to store what it has accepted by then.
_LAST_EVENTS = timedelta(seconds=10)
_AGAIN_SECONDS = 0.5
_AT_ONCE = 20_000


class Deleter:
    """Does the duty DELETE_TENANT; body: step."""

    def __init__(
        self, engine: Engine, clients: Clients, *, bus: Bus, files: Files, jobs: Jobs, keys: CachedKeyRing
    ) -> None:
        self._engine = engine
        self._clients = clients
        self._bus = bus
        self._files = files
        self._jobs = jobs
        self._keys = keys

    async def do(self, duty: Duty) -> Later | None:
        """One step; each can be done twice."""
        tenant_id = duty.tenant_id
        asked = await deletions.load_deletion(self._engine, tenant_id)
        if asked is None:
            return None
        if asked.step == "waiting":
            closed_for = datetime.now(UTC) - asked.requested_at
            if closed_for < _LAST_EVENTS:
                return Later.after((_LAST_EVENTS - closed_for).total_seconds(), {})
            await self._cancel_jobs(tenant_id)
            if not await self._all_resolved(tenant_id):
                return Later.after(_AGAIN_SECONDS, {})
            if not await deletions.save_step(self._engine, tenant_id, "services"):
                return None
            log.warning("tenant_deletion_begins", extra={"tenant_id": tenant_id})
        if not await self._forgotten(tenant_id, asked.deletion_id):
            return Later.after(_AGAIN_SECONDS, {})
        await self._files.delete_tenant(tenant_id)
        while await deletions.delete_some(self._engine, tenant_id, _AT_ONCE):
            pass
        head = await audit.load_head(self._engine, tenant_id)
        await deletions.delete_last(
            self._engine, tenant_id, asked, audit_number=head.number, audit_hash=head.hash
        )
        await self._keys.refresh()
        log.warning("tenant_deleted", extra={"tenant_id": tenant_id, "deletion_id": asked.deletion_id})
        return None

    async def _cancel_jobs(self, tenant_id: str) -> None:
        for job in await self._jobs.list(tenant_id, page_size=200):
            if not job.state.finished:
                await self._jobs.cancel(tenant_id, job.id)

    async def _all_resolved(self, tenant_id: str) -> bool:
        """Whether identity has passed everything that was accepted: what came later would stay behind."""
        last = await self._bus.last_message(ACCEPTED, f"{ACCEPTED_TOPIC}.{tenant_id}")
        if last is None:
            return True
        return (await self._clients.identity.get_intake(tenant_id)).accepted_to >= last.seq

    async def _forgotten(self, tenant_id: str, deletion_id: str) -> bool:
        """Whether identity has forgotten the tenant, and after it everybody who follows it."""
        if not await self._clients.identity.forget_tenant(tenant_id, deletion_id):
            return False
        return await self._clients.insight.get_deletion(tenant_id)
