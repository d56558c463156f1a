"""Long work: watching and cancelling it."""

import uuid
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from chassis.jobs import Job
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.masking import Sight, masked_value
from services.gateway.errors.requests import CursorNotValid
from services.gateway.routes.parts import Caller, Cursor, Limit, PartsOf

router = APIRouter(tags=["jobs"])


class JobAnswer(BaseModel):
    id: str
    kind: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    done: int
    total: int | None = Field(description="null until it is known")
    message: str
    error_reason: str
    result: dict[str, Any] | None
    attempts: int = Field(description="A job whose process dies goes on in another")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobList(BaseModel):
    jobs: list[JobAnswer]
    next_cursor: str | None


@router.get("/v1/jobs", summary="Jobs, newest first 工作清單")
async def list_jobs(principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50) -> JobList:
    place = place_of("jobs", cursor, str) if cursor else ("",)
    if place is None or (cursor and not _is_uuid(str(place[0]))):
        raise CursorNotValid("The cursor belongs to another list.")
    found = await parts.jobs.list(principal.tenant_id, page_size=limit, before=str(place[0]))
    following = cursor_of("jobs", found[-1].id) if len(found) == limit else None
    return JobList(jobs=[job_answer(job, principal.sight) for job in found], next_cursor=following)


@router.get("/v1/jobs/{job_id}", summary="One job 單一工作")
async def get_job(job_id: uuid.UUID, principal: Caller, parts: PartsOf) -> JobAnswer:
    return job_answer(await parts.jobs.get(principal.tenant_id, str(job_id)), principal.sight)


@router.post("/v1/jobs/{job_id}/cancel", summary="Cancel a job 取消工作")
async def cancel_job(job_id: uuid.UUID, principal: Caller, parts: PartsOf) -> JobAnswer:
    """It stops within two seconds; one that has finished stays as it is."""
    job = await parts.jobs.cancel(principal.tenant_id, str(job_id))
    await parts.audit.write(principal.did("job.cancelled", f"job:{job.id}", after={"kind": job.kind}))
    return job_answer(job, principal.sight)


def job_answer(job: Job, sight: Sight) -> JobAnswer:
    """A stored job as the API tells it."""
    return JobAnswer(
        id=job.id,
        kind=job.kind,
        state=job.state.value,
        done=job.done,
        total=job.total,
        message=job.message,
        error_reason=job.error_reason,
        # A dry run's tells some rows of its file.
        result=job.result if sight.everything else masked_value("", job.result, of_person=True),
        attempts=job.attempts,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
