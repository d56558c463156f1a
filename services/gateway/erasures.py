"""What the gateway itself does when somebody is erased, and how far every store is with it."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contracts.identity.v1 import identity_service_pb2 as identity_pb

from chassis.database import Engine
from chassis.jobs import Jobs
from services.gateway.clients import Clients
from services.gateway.domain.traces import traces
from services.gateway.duties import Later
from services.gateway.files import Files
from services.gateway.settings import Settings
from services.gateway.store import exports, privacy, segment_exports
from services.gateway.store.duties import Duty

log = logging.getLogger(__name__)

ERASE = "erase"
EXPORTS = "exports"

# An erasure that identity has not heard of by then was never asked for in full: its caller was told so.
_NEVER_ASKED = timedelta(minutes=15)
_ASK_AGAIN_SECONDS = 10.0
_UNREAD_AT_ONCE = 500
_LOCK_SECONDS = 2.0


class Sweeper:
    """Does the duty ERASE; body: erasure_id, step."""

    def __init__(
        self, engine: Engine, clients: Clients, *, files: Files, jobs: Jobs, settings: Settings
    ) -> None:
        self._engine = engine
        self._clients = clients
        self._files = files
        self._jobs = jobs
        self._settings = settings

    async def do(self, duty: Duty) -> Later | None:
        """Sweep, clean the files when some time has passed, and sweep again when the bus is clean."""
        erasure = await self._clients.identity.get_erasure(duty.tenant_id, duty.body["erasure_id"])
        if erasure is None:
            if datetime.now(UTC) - duty.created_at > _NEVER_ASKED:
                return None
            return Later.after(_ASK_AGAIN_SECONDS, duty.body)
        step = duty.body.get("step", "sweep")
        if step == "clean":
            return await self._clean(duty, erasure)
        await self._sweep(duty.tenant_id, erasure)
        if step == "sweep":
            body = {**duty.body, "step": "clean"}
            return Later.after(self._settings.clean_after_seconds, body)
        return None

    async def _sweep(self, tenant_id: str, erasure: identity_pb.Erasure) -> None:
        await self._read_unread(tenant_id)
        await privacy.sweep(
            self._engine,
            tenant_id,
            erasure.erasure_id,
            fingerprints=list(erasure.fingerprints),
            requested_at=erasure.requested_at.ToDatetime(UTC),
        )
        about = sorted({*erasure.nids, erasure.profile_id} - {0})
        for export in await exports.delete_exports_about(self._engine, tenant_id, about):
            await self._jobs.cancel(tenant_id, export.job_id)
            await self._files.delete(tenant_id, EXPORTS, export.export_id)
        # Nobody knows who is in which.
        for of_segment in await segment_exports.delete_all(self._engine, tenant_id):
            await self._jobs.cancel(tenant_id, of_segment.job_id)
            await self._files.delete(tenant_id, EXPORTS, of_segment.export_id)

    async def _read_unread(self, tenant_id: str) -> None:
        """Note whom rows name that were stored before this was noted."""
        while unread := await privacy.load_unread(self._engine, tenant_id, _UNREAD_AT_ONCE):
            named = {place: await asyncio.to_thread(traces, tenant_id, payload) for place, payload in unread}
            await privacy.save_read(self._engine, tenant_id, named)

    async def _clean(self, duty: Duty, erasure: identity_pb.Erasure) -> Later | None:
        tenant_id = duty.tenant_id
        swept = await privacy.load_sweep(self._engine, tenant_id, erasure.erasure_id)
        if swept is not None and swept.cleaned_at is None:
            url = self._settings.database_url.get_secret_value()
            if not await privacy.clean_files(url, swept.swept_at, _LOCK_SECONDS):
                return Later.after(_ASK_AGAIN_SECONDS, duty.body)
            await privacy.save_cleaned(self._engine, tenant_id, erasure.erasure_id)
        after_bus = erasure.requested_at.ToDatetime(UTC) + timedelta(days=self._settings.bus_keep_days)
        return Later(after_bus, {**duty.body, "step": "sweep again"})


@dataclass(frozen=True, slots=True)
class StoreState:
    """One store: `done_at`, or the time by which it is due."""

    store: str
    done_at: datetime | None
    due_at: datetime | None
    # When a follower is known to be done, but not since when.
    done: bool = False


class Receipts:
    """Looks, on every read, where each store is."""

    def __init__(self, engine: Engine, clients: Clients, settings: Settings) -> None:
        self._engine = engine
        self._clients = clients
        self._settings = settings

    async def states(self, tenant_id: str, erasure: identity_pb.Erasure) -> list[StoreState]:
        """In the order in which they are done."""
        requested_at = erasure.requested_at.ToDatetime(UTC)
        position = erasure.announced_at_position
        sweep, insight, watermarks = await asyncio.gather(
            privacy.load_sweep(self._engine, tenant_id, erasure.erasure_id),
            self._clients.insight.get_erasure(tenant_id, erasure.erasure_id),
            self._watermarks(tenant_id),
        )
        at_once, in_a_day = requested_at + timedelta(minutes=1), requested_at + timedelta(days=1)

        def by_age(store: str, days: float) -> StoreState:
            over_at = requested_at + timedelta(days=days)
            done = datetime.now(UTC) >= over_at
            return StoreState(store, over_at if done else None, None if done else over_at, done)

        def when(store: str, done_at: datetime | None, due_at: datetime) -> StoreState:
            return StoreState(store, done_at, None if done_at else due_at, done_at is not None)

        def moment(message: object, field: str) -> datetime | None:
            stamp = getattr(message, field)
            return stamp.ToDatetime(UTC) if message.HasField(field) else None  # type: ignore[attr-defined]

        states = [
            when("identity", requested_at, at_once),
            when("gateway", sweep.swept_at if sweep else None, at_once),
            when("insight", moment(insight, "hidden_at"), at_once),
        ]
        for name, reached in watermarks.items():
            done = 0 < position <= reached
            states.append(StoreState(name, None, None if done else at_once, done))
        states += [
            when("identity_files", moment(erasure, "files_clean_at"), in_a_day),
            when("gateway_files", sweep.cleaned_at if sweep else None, in_a_day),
            when("insight_files", moment(insight, "files_clean_at"), in_a_day),
            by_age("repeated_requests", 1),
            by_age("import_files", self._settings.import_file_days),
            by_age("bus", self._settings.bus_keep_days),
            by_age("logs", self._settings.log_keep_days),
            by_age("backups", self._settings.backup_keep_days),
        ]
        return states

    async def _watermarks(self, tenant_id: str) -> Mapping[str, int]:
        recommender, campaign = await asyncio.gather(
            self._clients.recommender.get_position(tenant_id), self._clients.campaign.get_position(tenant_id)
        )
        return {"recommender": recommender, "campaign": campaign}

    def closes_at(self, erasure: identity_pb.Erasure) -> datetime:
        """When the last store is done, if all keep their time."""
        days = max(
            self._settings.bus_keep_days,
            self._settings.log_keep_days,
            self._settings.backup_keep_days,
            self._settings.import_file_days,
            1,
        )
        return erasure.requested_at.ToDatetime(UTC) + timedelta(days=days)
