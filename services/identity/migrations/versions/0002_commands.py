"""Commands to the writer, what it still has to say, and a place in each of two lanes.

`command_queue` spans tenants, as the one writer does: it names a tenant and the id of its command, and
nothing else. A lane is 'live', 'imported' or, for what is announced outside of both, 'outbox'; the place
of 'restores' is the number of times that the database turned out to be older than what it had reported.
"""

from alembic import op

from chassis.database import isolate_tenants

revision = "0002"
down_revision = "0001"

_COMMANDS = """
create table commands (
    tenant_id uuid not null,
    command_id text not null,
    kind text not null,
    body json,
    body_hash bytea not null,
    actor text not null,
    state text not null default 'queued' check (state in ('queued', 'unfinished', 'applied', 'refused')),
    tries smallint not null default 0,
    result json,
    refusal json,
    created_at timestamptz not null default now(),
    applied_at timestamptz,
    primary key (tenant_id, command_id)
)
"""
_OPEN_COMMANDS = """
create index commands_open on commands (tenant_id) where state in ('queued', 'unfinished')
"""

_QUEUE = """
create table command_queue (
    entry bigint generated always as identity primary key,
    tenant_id uuid not null,
    command_id text not null,
    open boolean not null default true,
    forget_at timestamptz
)
"""
_QUEUE_OPEN = "create index command_queue_open on command_queue (entry) where open"
_QUEUE_OLD = "create index command_queue_old on command_queue (forget_at) where not open"

_OUTBOX = """
create table outbox (
    tenant_id uuid not null,
    entry bigint generated always as identity,
    subject text not null,
    message_id text not null,
    body bytea not null,
    primary key (tenant_id, entry)
)
"""

_LANES = (
    "update positions set lane = 'live'",
    "alter table positions add column stream_created_at timestamptz",
    # Messages of identity's own stream up to here speak of a stream that another has replaced since.
    "alter table positions add column resolved_from bigint not null default 0",
    "alter table decisions add column lane text not null default 'live'",
    "alter table decisions alter column lane drop default",
    "alter table decisions drop constraint decisions_pkey",
    "alter table decisions add primary key (tenant_id, lane)",
    # Places of two streams are no key.
    "alter table seen_log drop constraint seen_log_pkey",
    "alter table seen_log drop column accepted_to",
    "alter table seen_log add column entry bigint generated always as identity",
    "alter table seen_log add primary key (tenant_id, level, entry)",
    # How many times, as this tenant knows, the database has been restored from an older copy.
    "alter table intakes add column restores integer not null default 0",
)


def upgrade() -> None:
    for statement in (_COMMANDS, _OPEN_COMMANDS, _QUEUE, _QUEUE_OPEN, _QUEUE_OLD, _OUTBOX, *_LANES):
        op.execute(statement)
    for table in ("commands", "outbox"):
        isolate_tenants(op, table)
