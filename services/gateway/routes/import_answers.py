"""An import as the API tells it: what was found in its file, how it is mapped, and how far it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field

from chassis.jobs import Job, JobNotFound, Jobs, JobState
from services.gateway.domain.importing.mapping import MAX_COLUMNS
from services.gateway.domain.masking import (
    Sight,
    is_personal,
    masked,
    masked_json,
    masked_text,
    masked_value,
)
from services.gateway.routes.parts import Body, Storable
from services.gateway.store.imports import Import

State = Literal[
    "waiting_for_file",
    "reading",
    "unreadable",
    "ready",
    "queued",
    "running",
    "succeeded",
    "failed",
    "cancelled",
]
CellType = Literal["text", "number", "boolean", "time", "json"]
_MAX_CONSTANT_CHARS = 500


def _time_zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("is no time zone, such as Asia/Taipei")
    return text


class ColumnBody(Body):
    column: Annotated[str, Field(min_length=1, max_length=200), Storable]
    to: Annotated[str, Field(min_length=1, max_length=200), Storable] = Field(
        description="user_id, email, timestamp, properties.<name>, …: see the guide on importing"
    )
    type: CellType = "text"


class MappingBody(Body):
    """Which column becomes what."""

    columns: list[ColumnBody] = Field(default=[], max_length=MAX_COLUMNS)
    constants: dict[
        Annotated[str, Field(max_length=200), Storable],
        Annotated[str, Field(min_length=1, max_length=_MAX_CONSTANT_CHARS), Storable],
    ] = Field(default={}, max_length=50, description="What every row says, by target")
    lines_of_orders: bool = Field(
        False, description="Rows that follow each other with one order_id are lines of one event"
    )
    whole_events: bool = Field(False, description="Each line is an event as the tracking API takes it")
    time_zone: Annotated[str, AfterValidator(_time_zone)] | None = Field(
        None, description="Of times without an offset; null: the tenant's"
    )


class FoundColumn(BaseModel):
    column: str
    type: CellType
    samples: list[str]


class Found(BaseModel):
    """How the file is read."""

    format: Literal["csv", "jsonl", "parquet"]
    encoding: str
    delimiter: str
    header: bool


class Counts(BaseModel):
    """rows = accepted + rejected, at every moment."""

    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    job_id: str
    rows: int
    accepted: int
    rejected: int
    rejected_by_reason: dict[str, int]
    events: int = Field(description="Fewer than rows where several rows are lines of one order")
    added: int = Field(description="Products that are new; `changed` and `unchanged` were known")
    changed: int
    unchanged: int
    matched: int = Field(description="Of a list or gene: rows that name somebody who is known")
    unmatched: int = Field(description="Of a list or gene: rows that name somebody who is not")
    match_rate: float | None = Field(description="matched / (matched + unmatched), 0 to 1")
    share: float | None = Field(description="How much of the file has been read, 0 to 1; null: not known")
    rows_per_second: float | None
    eta_seconds: float | None
    error_reason: str
    message: str


class DryRun(Counts):
    """What starting would do."""

    bad_rows: list[dict[str, Any]] = Field(
        description="The first 20, with line, reason and the row; all are at `dry-run/rejected/file`"
    )
    sample_events: list[str]
    first_at: datetime | None
    last_at: datetime | None
    people: int = Field(description="Different people that the rows name")
    unmatched_lines: list[int] = Field(description="Of a list: the first 20 lines that match nobody")


class ImportAnswer(BaseModel):
    id: str
    kind: Literal["events", "members", "products", "list", "gene", "ad_costs"]
    file_name: str
    list_id: str | None = Field(description="The list that it changes, once that has been started")
    gene_id: str | None = Field(description="The external gene that it changes, likewise")
    state: State
    problem: str | None = Field(description="Why the file cannot be read")
    size_bytes: int | None
    found: Found | None
    columns: list[FoundColumn] = Field(description="Empty in lists")
    suggested: MappingBody | None
    mapping: MappingBody | None
    dry_run: DryRun | None
    progress: Counts | None
    created_by: str
    created_at: datetime
    stored_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    file_deleted_at: datetime | None


class ImportList(BaseModel):
    imports: list[ImportAnswer]
    next_cursor: str | None


async def import_answer(jobs: Jobs, found: Import, sight: Sight, *, brief: bool = False) -> ImportAnswer:
    """`brief`: without what is large."""
    job = await _job(jobs, found.tenant_id, found.job)
    look_job = None if found.look is not None else await _job(jobs, found.tenant_id, found.look_job)
    check_job = None if brief else await _job(jobs, found.tenant_id, found.check_job)
    look = found.look or {}
    return ImportAnswer(
        id=found.import_id,
        kind=found.kind,
        file_name=found.file_name,
        list_id=job.arguments.get("list_id") if job else None,
        gene_id=job.arguments.get("gene_id") if job else None,
        state=_state(found, job, look_job),
        problem=look_job.message if look_job and look_job.state is JobState.FAILED else None,
        size_bytes=found.size_bytes,
        found=Found(**{name: look["form"][name] for name in Found.model_fields}) if look else None,
        columns=[] if brief or not look else _columns(found, look, sight),
        suggested=None if brief or not look else MappingBody(**look["suggested"]),
        mapping=None if brief or not found.mapping else MappingBody(**found.mapping),
        dry_run=_dry_run(check_job, found, sight) if check_job else None,
        progress=Counts(**_counts(job, found.size_bytes)) if job else None,
        created_by=found.created_by,
        created_at=found.created_at,
        stored_at=found.stored_at,
        started_at=job.started_at if job else None,
        ended_at=job.finished_at if job else None,
        file_deleted_at=found.deleted_at,
    )


async def _job(jobs: Jobs, tenant_id: str, job_id: str | None) -> Job | None:
    try:
        return None if job_id is None else await jobs.get(tenant_id, job_id)
    except JobNotFound:
        return None


def _state(found: Import, job: Job | None, look_job: Job | None) -> State:
    if job is not None:
        return job.state.value
    if found.size_bytes is None:
        return "waiting_for_file"
    if found.look is None:
        failed = look_job is not None and look_job.state in (JobState.FAILED, JobState.CANCELLED)
        return "unreadable" if failed else "reading"
    return "ready"


def _columns(found: Import, look: Mapping[str, Any], sight: Sight) -> list[FoundColumn]:
    """A column's examples are personal when its own name says so, or what it was taken for."""
    taken_for = {one["column"]: one["to"] for one in look["suggested"].get("columns", [])}
    columns = [FoundColumn(**column) for column in look["columns"]]
    if sight.everything:
        return columns
    for each in columns:
        names = (each.column, taken_for.get(each.column, ""))
        personal = any(is_personal(name, of_person=of_people(found.kind)) for name in names)
        each.samples = [masked(one) if personal and one else masked_text(one) for one in each.samples]
    return columns


def of_people(kind: str) -> bool:
    """Whether the rows of such a file describe people: "name" in it is theirs."""
    return kind in ("members", "list", "gene")


def shown_row(row: Any, kind: str, sight: Sight) -> Any:
    """A row of such a file, to teammates without personal data."""
    return row if sight.everything else masked_value("", row, of_person=of_people(kind))


def _dry_run(job: Job, found: Import, sight: Sight) -> DryRun:
    told: Mapping[str, Any] = job.result or {}
    events = told.get("sample_events", [])
    return DryRun(
        **_counts(job, None),
        bad_rows=[shown_row(row, found.kind, sight) for row in told.get("bad_rows", [])],
        sample_events=events if sight.everything else [masked_json(event) for event in events],
        first_at=told.get("first_at"),
        last_at=told.get("last_at"),
        people=told.get("people", 0),
        unmatched_lines=told.get("unmatched_lines", []),
    )


def _counts(job: Job, size_bytes: int | None) -> dict[str, Any]:
    told: Mapping[str, Any] = job.result or job.checkpoint or {}
    rows, seconds = int(told.get("rows", 0)), float(told.get("seconds", 0))
    matched, unmatched = int(told.get("matched", 0)), int(told.get("unmatched", 0))
    share = None
    if size_bytes and told.get("bytes_read"):
        share = min(1.0, told["bytes_read"] / size_bytes)
    if job.state is JobState.SUCCEEDED:
        share = 1.0
    return {
        "state": job.state.value,
        "job_id": job.id,
        "rows": rows,
        **{name: int(told.get(name, 0)) for name in ("accepted", "rejected", "events")},
        **{name: int(told.get(name, 0)) for name in ("added", "changed", "unchanged")},
        "matched": matched,
        "unmatched": unmatched,
        "match_rate": round(matched / (matched + unmatched), 6) if matched + unmatched else None,
        "rejected_by_reason": told.get("by_reason", {}),
        "share": share,
        "rows_per_second": round(rows / seconds, 1) if seconds else None,
        "eta_seconds": round(seconds / share - seconds, 1) if share and seconds else None,
        "error_reason": job.error_reason,
        "message": job.message,
    }
