"""Long work outside the serving process: how it is asked for, watched, cancelled, and kept in PostgreSQL.

A service keeps its jobs in its own database (`create_jobs_tables` in a migration) and runs them with
`chassis.job_runner`; each attempt is a process of its own that lives in `chassis.job_process`.

`jobs` is a tenant's table. `job_queue` names only (tenant_id, id) of what is not finished: the runner
must find work of all tenants, and there is nothing of a tenant in it to see.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import isolate_tenants, open_transaction
from chassis.errors import InvalidArgument, NotFound

if TYPE_CHECKING:
    # Only migrations have it at hand; a job's process starts a quarter of a second sooner without.
    from alembic.operations import Operations

MAX_ATTEMPTS = 5
_MAX_PAGE = 200


class JobNotFound(NotFound):
    reason = "JOB_NOT_FOUND"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """One job as last stored; `checkpoint` is where its next attempt would go on."""

    tenant_id: str
    id: str
    kind: str
    arguments: dict[str, Any]
    state: JobState
    done: int
    total: int | None
    message: str
    error_reason: str
    checkpoint: dict[str, Any] | None
    result: dict[str, Any] | None
    attempts: int
    created_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None


class Jobs(Protocol):
    """What a service asks of whatever runs its jobs; the same in a child process and in a cluster."""

    async def start(self, tenant_id: str, kind: str, arguments: Mapping[str, Any], *, created_by: str) -> Job:
        """Queue a job; `arguments` is JSON, and `kind` one that the service's job process knows."""

    async def get(self, tenant_id: str, job_id: str) -> Job:
        """Raises JobNotFound."""

    async def list(
        self, tenant_id: str, *, kind: str = "", page_size: int = 50, before: str = ""
    ) -> Sequence[Job]:
        """Newest first; the next page is `before` the id of the last one."""

    async def cancel(self, tenant_id: str, job_id: str) -> Job:
        """Ask it to stop; a job that has finished stays as it is. Raises JobNotFound."""


_COLUMNS = (
    "tenant_id::text, id::text, kind, arguments::text, state, done, total, message, error_reason, "
    "checkpoint::text, result::text, attempts, created_by, created_at, started_at, finished_at, heartbeat_at"
)

_CREATE = """
create table jobs (
    tenant_id uuid not null,
    id uuid not null default uuidv7(),
    kind text not null,
    arguments jsonb not null,
    state text not null default 'queued'
        check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    done bigint not null default 0,
    total bigint,
    message text not null default '',
    error_reason text not null default '',
    checkpoint jsonb,
    result jsonb,
    attempts int not null default 0,
    created_by text not null,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    heartbeat_at timestamptz,
    primary key (tenant_id, id)
)
"""

# `due_at` is when a runner may take it: now, after a pause, or when the runner that has it stops renewing.
_CREATE_QUEUE = """
create table job_queue (
    tenant_id uuid not null,
    id uuid not null unique,
    runner uuid,
    due_at timestamptz not null default now(),
    cancel_requested boolean not null default false,
    primary key (tenant_id, id)
)
"""


def create_jobs_tables(op: "Operations | ModuleType") -> None:
    """In a migration: `jobs` and `job_queue`."""
    op.execute(_CREATE)
    isolate_tenants(op, "jobs")
    op.execute(_CREATE_QUEUE)


class StoredJobs:
    """Jobs in PostgreSQL, for any way of running them; `wake` is set when there is something to do."""

    def __init__(self, engine: AsyncEngine, wake: asyncio.Event) -> None:
        self._engine = engine
        self._wake = wake

    async def start(self, tenant_id: str, kind: str, arguments: Mapping[str, Any], *, created_by: str) -> Job:
        async with open_transaction(self._engine, tenant_id) as connection:
            job = await queue_job(connection, tenant_id, kind, arguments, created_by=created_by)
        self._wake.set()
        return job

    async def get(self, tenant_id: str, job_id: str) -> Job:
        async with open_transaction(self._engine, tenant_id) as connection:
            return await load_job(connection, tenant_id, job_id)

    async def list(
        self, tenant_id: str, *, kind: str = "", page_size: int = 50, before: str = ""
    ) -> Sequence[Job]:
        if not 1 <= page_size <= _MAX_PAGE:
            raise InvalidArgument("Ask for 1 to 200 jobs a page.", page_size=page_size)
        async with open_transaction(self._engine, tenant_id) as connection:
            rows = await connection.execute(
                sa.text(
                    f"select {_COLUMNS} from jobs where tenant_id = :tenant_id "  # noqa: S608 - constant
                    "and (:kind = '' or kind = :kind) "
                    "and (cast(:before as uuid) is null or id < cast(:before as uuid)) "
                    "order by id desc limit :page_size"
                ),
                {"tenant_id": tenant_id, "kind": kind, "before": before or None, "page_size": page_size},
            )
            return [_job(row) for row in rows]

    async def cancel(self, tenant_id: str, job_id: str) -> Job:
        async with open_transaction(self._engine, tenant_id) as connection:
            key = {"tenant_id": tenant_id, "id": job_id}
            await load_job(connection, tenant_id, job_id)
            # Nobody has it yet: it ends here. Otherwise whoever has it will see the request.
            unclaimed = await connection.execute(
                sa.text("delete from job_queue where tenant_id = :tenant_id and id = :id and runner is null"),
                key,
            )
            if unclaimed.rowcount:
                await connection.execute(
                    sa.text(
                        "update jobs set state = 'cancelled', finished_at = now() "
                        "where tenant_id = :tenant_id and id = :id"
                    ),
                    key,
                )
            else:
                await connection.execute(
                    sa.text(
                        "update job_queue set cancel_requested = true "
                        "where tenant_id = :tenant_id and id = :id"
                    ),
                    key,
                )
            job = await load_job(connection, tenant_id, job_id)
        self._wake.set()
        return job


async def queue_job(
    connection: AsyncConnection, tenant_id: str, kind: str, arguments: Mapping[str, Any], *, created_by: str
) -> Job:
    """Like `Jobs.start`, in a transaction of the tenant: with whatever else it does, or not at all.

    The runner finds it by itself, half a second after the commit at the latest.
    """
    row = await connection.execute(
        sa.text(
            "insert into jobs (tenant_id, kind, arguments, created_by) values "  # noqa: S608 - constant
            "(:tenant_id, :kind, cast(:arguments as jsonb), :created_by) returning " + _COLUMNS
        ),
        {
            "tenant_id": tenant_id,
            "kind": kind,
            "arguments": json.dumps(dict(arguments), allow_nan=False),
            "created_by": created_by,
        },
    )
    job = _job(row.one())
    await connection.execute(
        sa.text("insert into job_queue (tenant_id, id) values (:tenant_id, :id)"),
        {"tenant_id": tenant_id, "id": job.id},
    )
    return job


async def load_job(connection: AsyncConnection, tenant_id: str, job_id: str) -> Job:
    """One job, in a transaction of its tenant; raises JobNotFound."""
    rows = await connection.execute(
        sa.text(f"select {_COLUMNS} from jobs where tenant_id = :tenant_id and id::text = :id"),  # noqa: S608
        {"tenant_id": tenant_id, "id": job_id},
    )
    row = rows.one_or_none()
    if row is None:
        raise JobNotFound("There is no such job.", job_id=job_id)
    return _job(row)


def _job(row: sa.Row[Any]) -> Job:
    facts = dict(row._mapping)
    for name in ("arguments", "checkpoint", "result"):
        facts[name] = None if facts[name] is None else json.loads(facts[name])
    return Job(**{**facts, "state": JobState(facts["state"])})
