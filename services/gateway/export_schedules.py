"""Makes exports of segments when they are due: once each time, at most one at a time, a missed one later."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chassis.database import Connection, Engine, open_transaction
from chassis.jobs import queue_job
from services.gateway.audit import AuditLog, Entry
from services.gateway.domain.schedules import next_due
from services.gateway.duties import Later
from services.gateway.jobs import EXPORT_SEGMENT
from services.gateway.store import duties, export_schedules, segment_exports, tenants
from services.gateway.store.duties import Duty
from services.gateway.store.export_schedules import Schedule
from services.gateway.store.segment_exports import SegmentExport

EXPORT_SCHEDULED = "export_scheduled"
KEPT_RUNS = 50
_BUSY_SECONDS, _CLOSING_SECONDS = 60.0, 3600.0
# The name space of what belongs to one run.
_RUNS = uuid.UUID("0b4c2a86-8c3b-4f3c-9b0e-6f4d6e5b7a21")


async def plan(connection: Connection, tenant_id: str, schedule: Schedule) -> None:
    """Have the next run begin in time; one that was planned before is dropped when it is due."""
    if schedule.next_at is not None:
        due = schedule.next_at.isoformat()
        body = {"schedule_id": schedule.schedule_id, "due_at": due}
        await duties.add_duty(
            connection,
            tenant_id,
            EXPORT_SCHEDULED,
            body,
            due_at=schedule.next_at,
            duty_id=_id_of("duty", schedule.schedule_id, due),
        )


def reckoned(schedule: Schedule, zone: str, after: datetime) -> Schedule:
    """With the next moment behind another one."""
    return replace(schedule, zone=zone, next_at=next_due(schedule.timing, zone, after), reckoned_from=after)


class ScheduledExports:
    """The duty of every schedule's next run."""

    def __init__(
        self, engine: Engine, audit: AuditLog, export_days: float, clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._audit = audit
        self._keep = timedelta(days=export_days)
        self._now = clock

    async def do(self, duty: Duty) -> Later | None:
        """Start the run and plan the next one, in one transaction: done twice, the second finds it done."""
        schedule_id, due_at = duty.body["schedule_id"], datetime.fromisoformat(duty.body["due_at"])
        tenant = await tenants.load_tenant(self._engine, duty.tenant_id)
        if tenant is None:
            return None
        if tenant.closing_at is not None:
            return Later.after(_CLOSING_SECONDS, duty.body)
        async with open_transaction(self._engine, duty.tenant_id) as connection:
            schedule = await export_schedules.load(connection, schedule_id, changing=True)
            if schedule is None or schedule.next_at != due_at:
                return None
            if schedule.zone != tenant.time_zone:
                # Reckoned anew in the zone that the tenant has now; that may be later, or have been.
                schedule = reckoned(schedule, tenant.time_zone, schedule.reckoned_from)
                if schedule.next_at is not None and schedule.next_at > self._now():
                    await export_schedules.change(connection, schedule)
                    await plan(connection, duty.tenant_id, schedule)
                    return None
            newest = await export_schedules.runs(connection, duty.tenant_id, schedule_id, 1)
            if newest and newest[0].unfinished:
                return Later.after(_BUSY_SECONDS, duty.body)
            following = reckoned(schedule, tenant.time_zone, self._now())
            await export_schedules.change(connection, following)
            await plan(connection, duty.tenant_id, following)
            await self._start(connection, duty.tenant_id, schedule, due_at)
        return None

    async def _start(
        self, connection: Connection, tenant_id: str, schedule: Schedule, due_at: datetime
    ) -> None:
        export_id, now = _id_of("export", schedule.schedule_id, due_at.isoformat()), self._now()
        arguments = {
            "export_id": export_id,
            "segment_id": schedule.segment_id,
            "format": schedule.format,
            "genes": schedule.genes,
        }
        job = await queue_job(
            connection, tenant_id, EXPORT_SEGMENT, arguments, created_by=schedule.created_by
        )
        new = SegmentExport(
            export_id=export_id,
            segment_id=schedule.segment_id,
            job_id=job.id,
            format=schedule.format,
            genes=schedule.genes,
            version=None,
            profiles=None,
            size_bytes=None,
            created_by=schedule.created_by,
            created_at=now,
            finished_at=None,
            expires_at=now + self._keep,
        )
        await segment_exports.save_export(connection, tenant_id, new)
        run = {"due_at": due_at, "started_at": now, "export_id": export_id, "job_id": job.id}
        await export_schedules.add_run(connection, tenant_id, schedule.schedule_id, run, KEPT_RUNS)
        told = {"segment_id": schedule.segment_id, "schedule_id": schedule.schedule_id}
        subject = f"segment_export:{export_id}"
        entry = Entry(tenant_id, "system", "segment_export.made", subject, {}, told)
        await self._audit.record(connection, entry)


def now() -> datetime:
    return datetime.now(UTC)


def _id_of(what: str, schedule_id: str, due: str) -> str:
    return str(uuid.uuid5(_RUNS, f"{what}/{schedule_id}/{due}"))
