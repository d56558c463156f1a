"""Exports of segments that are made again and again."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from chassis.database import open_transaction
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.schedules import Timing, TimingNotValid
from services.gateway.errors.requests import CursorNotValid
from services.gateway.errors.saved_segments import (
    ExportScheduleNotFound,
    ExportTimingNotValid,
    TooManyExportSchedules,
)
from services.gateway.export_schedules import KEPT_RUNS, plan, reckoned
from services.gateway.routes.parts import Body, Caller, CommandId, Cursor, Limit, PartsOf
from services.gateway.routes.segment_exports import Columns, check_genes
from services.gateway.store import export_schedules, tenants
from services.gateway.store.export_schedules import Run, Schedule

router = APIRouter(tags=["segments"])

_MOST = 200
_LIST = "export schedules"
# Shown in lists; the schedule itself shows all that are kept.
_LATEST = 1

Format = Literal["csv", "parquet"]


class TimingBody(Body):
    """At a whole hour of the tenant's zone. An hour that a change of clocks leaves out is an hour later."""

    every: Literal["day", "week", "month"]
    hour: Annotated[int, Field(ge=0, le=23)]
    weekday: Annotated[int, Field(ge=1, le=7)] | None = Field(None, description="1 is Monday; of `week` only")
    day_of_month: Annotated[int, Field(ge=1, le=31)] | None = Field(
        None, description="Of `month` only; 31 is the last day of every month"
    )


class NewSchedule(Body):
    timing: TimingBody
    format: Format = "csv"
    genes: Columns = Field([], max_length=20, description="Columns as in an export. 要匯出的基因")


class ChangedSchedule(Body):
    """What is left out stays."""

    timing: TimingBody | None = None
    format: Format | None = None
    genes: Columns | None = Field(None, max_length=20)
    paused: bool | None = Field(None, description="What falls into a pause is not made up for")


class TimingAnswer(BaseModel):
    every: str
    hour: int
    weekday: int | None
    day_of_month: int | None


class RunAnswer(BaseModel):
    due_at: datetime
    started_at: datetime
    state: str = Field(description="Of the job: queued, running, succeeded, failed, cancelled")
    error_reason: str | None
    job_id: str = Field(description="Watch it at /v1/jobs/{id}")
    export_id: str | None = Field(description="Null when its file has expired or was deleted")
    profiles: int | None
    size_bytes: int | None
    expires_at: datetime | None


class ScheduleAnswer(BaseModel):
    id: str
    segment_id: str
    timing: TimingAnswer
    time_zone: str
    format: str
    genes: list[str]
    paused: bool
    next_at: datetime | None = Field(description="Null while it is paused")
    created_by: str
    created_at: datetime
    runs: list[RunAnswer] = Field(description="The newest first: in lists one, else all that are kept")


class ScheduleList(BaseModel):
    schedules: list[ScheduleAnswer]
    next_cursor: str | None


@router.post(
    "/v1/segments/{segment_id}/export-schedules", status_code=201, summary="Schedule an export 排程匯出"
)
async def make_export_schedule(
    segment_id: uuid.UUID, body: NewSchedule, principal: Caller, command_id: CommandId, parts: PartsOf
) -> ScheduleAnswer:
    """At most one file is made at a time. A run that was missed while we were down is made once, later."""
    timing = _timing(body.timing)
    await parts.clients.segments.get(principal.tenant_id, str(segment_id))
    await check_genes(parts, principal.tenant_id, body.genes)
    zone, now = await _zone(parts, principal.tenant_id), datetime.now(UTC)
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        found = await export_schedules.load(connection, command_id)
        if found is not None:
            return _answer(found, [])
        if await export_schedules.count(connection) >= _MOST:
            raise TooManyExportSchedules("There are as many schedules as there may be.", limit=_MOST)
        new = Schedule(
            schedule_id=command_id,
            segment_id=str(segment_id),
            format=body.format,
            genes=body.genes,
            timing=timing,
            zone=zone,
            next_at=None,
            reckoned_from=now,
            created_by=principal.name,
            created_at=now,
        )
        new = reckoned(new, zone, now)
        await export_schedules.save(connection, principal.tenant_id, new)
        await plan(connection, principal.tenant_id, new)
        entry = principal.did("export_schedule.made", f"export_schedule:{command_id}", after=_told(new))
        await parts.audit.record(connection, entry)
    return _answer(new, [])


@router.get("/v1/export-schedules", summary="Schedules of exports, newest first 匯出排程清單")
async def list_export_schedules(
    principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> ScheduleList:
    """Each with its newest run."""
    before = _place(cursor) if cursor else None
    found = await export_schedules.load_page(
        parts.engine, principal.tenant_id, before=before, limit=limit + 1
    )
    following = None
    if len(found) > limit:
        found = found[:limit]
        following = cursor_of(_LIST, found[-1].created_at.isoformat(), found[-1].schedule_id)
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        answers = [
            _answer(
                one,
                await export_schedules.runs(connection, principal.tenant_id, one.schedule_id, _LATEST),
            )
            for one in found
        ]
    return ScheduleList(schedules=answers, next_cursor=following)


@router.get("/v1/export-schedules/{export_schedule_id}", summary="One schedule of exports 單一匯出排程")
async def get_export_schedule(
    export_schedule_id: uuid.UUID, principal: Caller, parts: PartsOf
) -> ScheduleAnswer:
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        found = _there(await export_schedules.load(connection, str(export_schedule_id)))
        runs = await export_schedules.runs(connection, principal.tenant_id, found.schedule_id, KEPT_RUNS)
    return _answer(found, runs)


@router.patch("/v1/export-schedules/{export_schedule_id}", summary="Change a schedule 修改匯出排程")
async def change_export_schedule(
    export_schedule_id: uuid.UUID, body: ChangedSchedule, principal: Caller, parts: PartsOf
) -> ScheduleAnswer:
    """Its time is reckoned anew from now on; a run that is under way is not changed."""
    if body.genes is not None:
        await check_genes(parts, principal.tenant_id, body.genes)
    zone = await _zone(parts, principal.tenant_id)
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        found = _there(await export_schedules.load(connection, str(export_schedule_id), changing=True))
        changed = replace(
            found,
            timing=found.timing if body.timing is None else _timing(body.timing),
            format=body.format or found.format,
            genes=found.genes if body.genes is None else body.genes,
        )
        paused = found.next_at is None if body.paused is None else body.paused
        if paused:
            changed = replace(changed, next_at=None)
        elif changed.timing != found.timing or found.next_at is None:
            changed = reckoned(changed, zone, datetime.now(UTC))
        await export_schedules.change(connection, changed)
        await plan(connection, principal.tenant_id, changed)
        entry = principal.did(
            "export_schedule.changed",
            f"export_schedule:{found.schedule_id}",
            before=_told(found),
            after=_told(changed),
        )
        await parts.audit.record(connection, entry)
    return await get_export_schedule(export_schedule_id, principal, parts)


@router.delete(
    "/v1/export-schedules/{export_schedule_id}", status_code=204, summary="Delete a schedule 刪除匯出排程"
)
async def delete_export_schedule(
    export_schedule_id: uuid.UUID, principal: Caller, parts: PartsOf
) -> Response:
    """Files that it made stay until they expire."""
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        found = _there(await export_schedules.load(connection, str(export_schedule_id), changing=True))
        await export_schedules.delete(connection, found.schedule_id)
        entry = principal.did(
            "export_schedule.deleted", f"export_schedule:{found.schedule_id}", before=_told(found)
        )
        await parts.audit.record(connection, entry)
    return Response(status_code=204)


def _timing(sent: TimingBody) -> Timing:
    """Raises ExportTimingNotValid."""
    try:
        return Timing(**sent.model_dump())
    except TimingNotValid as error:
        raise ExportTimingNotValid(str(error)) from error


def _there(found: Schedule | None) -> Schedule:
    if found is None:
        raise ExportScheduleNotFound("There is no such schedule.")
    return found


async def _zone(parts: PartsOf, tenant_id: str) -> str:
    tenant = await tenants.load_tenant(parts.engine, tenant_id)
    return tenant.time_zone if tenant is not None else "UTC"


def _place(cursor: str) -> tuple[datetime, str]:
    """Raises CursorNotValid."""
    place = place_of(_LIST, cursor, str, str)
    try:
        if place is not None:
            at = datetime.fromisoformat(str(place[0]))
            if at.tzinfo is not None:
                return at, str(uuid.UUID(str(place[1])))
    except ValueError:
        pass
    raise CursorNotValid("The cursor belongs to another list.")


def _told(schedule: Schedule) -> dict[str, Any]:
    """For the audit log."""
    timing = schedule.timing
    facts = {"segment_id": schedule.segment_id, "format": schedule.format, "genes": len(schedule.genes)}
    return facts | {"every": timing.every, "hour": timing.hour, "paused": schedule.next_at is None}


def _answer(schedule: Schedule, runs: list[Run]) -> ScheduleAnswer:
    timing = schedule.timing
    return ScheduleAnswer(
        id=schedule.schedule_id,
        segment_id=schedule.segment_id,
        timing=TimingAnswer(
            every=timing.every, hour=timing.hour, weekday=timing.weekday, day_of_month=timing.day_of_month
        ),
        time_zone=schedule.zone,
        format=schedule.format,
        genes=schedule.genes,
        paused=schedule.next_at is None,
        next_at=schedule.next_at,
        created_by=schedule.created_by,
        created_at=schedule.created_at,
        runs=[_run(run) for run in runs],
    )


def _run(run: Run) -> RunAnswer:
    return RunAnswer(
        due_at=run.due_at,
        started_at=run.started_at,
        state=run.state,
        error_reason=run.error_reason or None,
        job_id=run.job_id,
        export_id=run.export_id,
        profiles=run.profiles,
        size_bytes=run.size_bytes,
        expires_at=run.expires_at,
    )
