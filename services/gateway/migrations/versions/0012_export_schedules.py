"""Exports that are made again and again, and each time that one was."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0012"
down_revision = "0011"

# `zone` is the one that `next_at` was reckoned in; without `next_at` the schedule is paused.
_SCHEDULES = """
create table export_schedules (
    tenant_id uuid not null,
    schedule_id uuid not null,
    segment_id uuid not null,
    format text not null check (format in ('csv', 'parquet')),
    genes text[] not null,
    every text not null check (every in ('day', 'week', 'month')),
    hour integer not null check (hour between 0 and 23),
    weekday integer check (weekday between 1 and 7),
    day_of_month integer check (day_of_month between 1 and 31),
    zone text not null,
    next_at timestamptz,
    reckoned_from timestamptz not null,
    created_by text not null,
    created_at timestamptz not null,
    primary key (tenant_id, schedule_id)
)
"""

_RUNS = """
create table export_runs (
    tenant_id uuid not null,
    schedule_id uuid not null,
    due_at timestamptz not null,
    started_at timestamptz not null,
    export_id uuid not null,
    job_id uuid not null,
    primary key (tenant_id, schedule_id, due_at),
    foreign key (tenant_id, schedule_id) references export_schedules on delete cascade
)
"""


def upgrade() -> None:
    for statement in (_SCHEDULES, _RUNS):
        op.execute(statement)
    op.execute("create index on export_schedules (tenant_id, created_at, schedule_id)")
    for table in ("export_schedules", "export_runs"):
        isolate_tenants(op, table)
