"""Carries out the end of a tenant: every service in turn, the gateway's own rows last."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from chassis.bus import Bus
from chassis.database import Engine
from chassis.jobs import Jobs
from services.gateway.clients import Clients
from services.gateway.duties import Later
from services.gateway.files import Files
from services.gateway.keyring import CachedKeyRing
from services.gateway.store import audit, deletions
from services.gateway.store.duties import Duty
from services.gateway.subscriptions import ACCEPTED, IMPORTED

log = logging.getLogger(__name__)

DELETE_TENANT = "delete_tenant"

# Longer than a gateway takes to hear that keys have stopped, and to store what it has accepted by then.
_LAST_EVENTS = timedelta(seconds=10)
_AGAIN_SECONDS = 0.5
_AT_ONCE = 20_000
_JOBS_AT_ONCE = 200
# What identity reads events from.
_STREAMS = (ACCEPTED, IMPORTED)
_READER = "identity"


class Deleter:
    """Does the duty DELETE_TENANT; body: ends, where the streams ended when nothing
    more could come; announced, whether identity is done; passed, a place in its stream behind that."""

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
            if await self._jobs_run(tenant_id):
                # What a job still stores before it stops would come behind the ends of the streams.
                return Later.after(_AGAIN_SECONDS, {})
            ends = duty.body.get("ends") or {name: (await self._bus.bounds(name))[1] for name in _STREAMS}
            if not await self._all_resolved(ends):
                return Later.after(_AGAIN_SECONDS, {"ends": ends})
            if not await deletions.save_step(self._engine, tenant_id, "services"):
                return None
            log.warning("tenant_deletion_begins", extra={"tenant_id": tenant_id})
        # Once: each time it is asked, identity announces it anew, and who follows begins anew.
        if not duty.body.get("announced"):
            announced = await self._clients.identity.forget_tenant(tenant_id, asked.deletion_id)
            return Later.after(_AGAIN_SECONDS, {"announced": announced})
        passed = duty.body.get("passed") or await self._passed_by_insight(tenant_id)
        if not passed or not await self._followers_are_at(tenant_id, passed):
            return Later.after(_AGAIN_SECONDS, {"announced": True, "passed": passed})
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

    async def _jobs_run(self, tenant_id: str) -> bool:
        """Cancel all jobs; whether one has not stopped yet."""
        running, before = False, ""
        while page := await self._jobs.list(tenant_id, page_size=_JOBS_AT_ONCE, before=before):
            before = page[-1].id
            for job in page:
                if not job.state.finished:
                    cancelled = await self._jobs.cancel(tenant_id, job.id)
                    running = running or not cancelled.state.finished
        return running

    async def _all_resolved(self, ends: Mapping[str, int]) -> bool:
        """Whether identity has passed everything that was accepted: what came later would stay behind."""
        for stream, end in ends.items():
            if await self._bus.purge_read(stream, [_READER]) < end:
                return False
        return True

    async def _passed_by_insight(self, tenant_id: str) -> int:
        """A place behind the announcement once insight has forgotten the tenant; 0 before."""
        if not await self._clients.insight.get_deletion(tenant_id):
            return 0
        return await self._clients.insight.get_position(tenant_id)

    async def _followers_are_at(self, tenant_id: str, place: int) -> bool:
        """Whether the others have passed it too; it is fixed, for insight may always be a little ahead."""
        followers = (self._clients.recommender, self._clients.campaign)
        return all([await each.get_position(tenant_id) >= place for each in followers])
