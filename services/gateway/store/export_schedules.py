"""Schedules of exports, and what became of each run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction, tenant_column
from services.gateway.domain.schedules import Timing
from services.gateway.store.tables import metadata

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)

export_schedules = sa.Table(
    "export_schedules",
    metadata,
    tenant_column(),
    sa.Column("schedule_id", _ID),
    sa.Column("segment_id", _ID),
    sa.Column("format", sa.Text),
    sa.Column("genes", ARRAY(sa.Text)),
    sa.Column("every", sa.Text),
    sa.Column("hour", sa.Integer),
    sa.Column("weekday", sa.Integer),
    sa.Column("day_of_month", sa.Integer),
    sa.Column("zone", sa.Text),
    sa.Column("next_at", _TIME),
    sa.Column("reckoned_from", _TIME),
    sa.Column("created_by", sa.Text),
    sa.Column("created_at", _TIME),
)
export_runs = sa.Table(
    "export_runs",
    metadata,
    tenant_column(),
    sa.Column("schedule_id", _ID),
    sa.Column("due_at", _TIME),
    sa.Column("started_at", _TIME),
    sa.Column("export_id", _ID),
    sa.Column("job_id", _ID),
)

# What became of runs is told by their jobs, and by the exports that are still there.
_RUNS = sa.text("""
select r.due_at, r.started_at, cast(r.job_id as text) as job_id, cast(e.export_id as text) as export_id,
    coalesce(j.state, 'forgotten') as state, coalesce(j.error_reason, '') as error_reason,
    e.profiles, e.size_bytes, e.expires_at
from export_runs r
left join jobs j on j.tenant_id = r.tenant_id and j.id = r.job_id
left join segment_exports e on e.tenant_id = r.tenant_id and e.export_id = r.export_id
where r.tenant_id = :tenant_id and r.schedule_id = cast(cast(:schedule_id as text) as uuid)
order by r.due_at desc limit :n_runs
""")
_DROP_OLD = sa.text("""
delete from export_runs where tenant_id = :tenant_id
    and schedule_id = cast(cast(:schedule_id as text) as uuid) and due_at < (
        select min(due_at) from (
            select due_at from export_runs where tenant_id = :tenant_id
                and schedule_id = cast(cast(:schedule_id as text) as uuid) order by due_at desc limit :n_runs
        ) newest
    )
""")


@dataclass(frozen=True, slots=True)
class Schedule:
    """`next_at` is the first moment behind `reckoned_from`, in `zone`; None while it is paused."""

    schedule_id: str
    segment_id: str
    format: str
    genes: list[str]
    timing: Timing
    zone: str
    next_at: datetime | None
    reckoned_from: datetime
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """`state` is the job's; without an export its file is gone, or never was."""

    due_at: datetime
    started_at: datetime
    job_id: str
    export_id: str | None
    state: str
    error_reason: str
    profiles: int | None
    size_bytes: int | None
    expires_at: datetime | None

    @property
    def unfinished(self) -> bool:
        return self.state in ("queued", "running")


async def save(connection: AsyncConnection, tenant_id: str, schedule: Schedule) -> None:
    """Insert, within a transaction of its tenant."""
    await connection.execute(sa.insert(export_schedules).values(tenant_id=tenant_id, **_values(schedule)))


async def change(connection: AsyncConnection, schedule: Schedule) -> None:
    """All that can change."""
    await connection.execute(
        sa.update(export_schedules)
        .where(export_schedules.c.schedule_id == schedule.schedule_id)
        .values(**_values(schedule))
    )


async def load(connection: AsyncConnection, schedule_id: str, *, changing: bool = False) -> Schedule | None:
    """`changing`: whoever else would change it waits for the end of the transaction."""
    query = sa.select(export_schedules).where(export_schedules.c.schedule_id == schedule_id)
    row = (await connection.execute(query.with_for_update() if changing else query)).one_or_none()
    return _schedule(row) if row else None


async def load_page(
    engine: AsyncEngine, tenant_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> list[Schedule]:
    """Newest first, those before a place."""
    columns = export_schedules.c
    query = sa.select(export_schedules)
    query = query.order_by(columns.created_at.desc(), columns.schedule_id.desc()).limit(limit)
    if before is not None:
        place = sa.tuple_(sa.literal(before[0], _TIME), sa.literal(before[1], _ID))
        query = query.where(sa.tuple_(columns.created_at, columns.schedule_id) < place)
    async with open_transaction(engine, tenant_id) as connection:
        return [_schedule(row) for row in await connection.execute(query)]


async def count(connection: AsyncConnection) -> int:
    return int(await connection.scalar(sa.select(sa.func.count()).select_from(export_schedules)) or 0)


async def delete(connection: AsyncConnection, schedule_id: str) -> bool:
    """With its runs; False when there is none. Files that were made stay until they expire."""
    gone = sa.delete(export_schedules).where(export_schedules.c.schedule_id == schedule_id)
    return bool((await connection.execute(gone)).rowcount)


async def add_run(
    connection: AsyncConnection, tenant_id: str, schedule_id: str, run: dict[str, Any], keep: int
) -> None:
    """Note a run, and forget those before the newest `keep`."""
    values = {"tenant_id": tenant_id, "schedule_id": schedule_id}
    await connection.execute(sa.insert(export_runs).values(**values, **run))
    await connection.execute(_DROP_OLD, {**values, "n_runs": keep})


async def runs(connection: AsyncConnection, tenant_id: str, schedule_id: str, n_runs: int) -> list[Run]:
    """The newest first."""
    values = {"tenant_id": tenant_id, "schedule_id": schedule_id, "n_runs": n_runs}
    return [Run(**row._mapping) for row in await connection.execute(_RUNS, values)]


def _values(schedule: Schedule) -> dict[str, Any]:
    values = {name: getattr(schedule, name) for name in Schedule.__slots__ if name != "timing"}
    return values | {name: getattr(schedule.timing, name) for name in Timing.__slots__}


def _schedule(row: sa.Row[Any]) -> Schedule:
    found = dict(row._mapping)
    timing = Timing(**{name: found[name] for name in Timing.__slots__})
    rest = {name: found[name] for name in Schedule.__slots__ if name != "timing"}
    return Schedule(timing=timing, **rest)
