"""Who is in each segment now, what changed, and the tenants whose segments are kept so."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0007"
down_revision = "0006"

# Names all tenants that have segments; `changed` rises with whatever decides who is in one, beside events.
_QUEUE = """
create table live_queue (
    tenant_id uuid primary key,
    changed bigint not null default 1
)
"""

_SEGMENTS = """
create table live_segments (
    tenant_id uuid not null,
    segment_id uuid not null,
    version integer not null,
    definition text not null,
    failure text not null,
    failure_text text not null,
    since timestamptz not null,
    answered_by text not null,
    position bigint not null,
    as_of timestamptz not null,
    yardstick_age_seconds double precision,
    size bigint not null,
    sequence bigint not null,
    primary key (tenant_id, segment_id),
    foreign key (tenant_id, segment_id) references segments on delete cascade
)
"""

# A roaring bitmap of profile ids as of a sequence; those of later deltas come on top.
_MEMBERS = """
create table live_members (
    tenant_id uuid not null,
    segment_id uuid not null,
    sequence bigint not null,
    members bytea not null,
    primary key (tenant_id, segment_id),
    foreign key (tenant_id, segment_id) references live_segments on delete cascade
)
"""

_DELTAS = """
create table live_deltas (
    tenant_id uuid not null,
    segment_id uuid not null,
    sequence bigint not null,
    version integer not null,
    reason text not null check (
        reason in ('events', 'time', 'yardstick', 'definition', 'identity', 'erasure')
    ),
    position bigint not null,
    at timestamptz not null,
    entered bytea not null,
    gone bytea not null,
    n_entered bigint not null,
    n_gone bigint not null,
    published boolean not null default false,
    primary key (tenant_id, segment_id, sequence),
    foreign key (tenant_id, segment_id) references live_segments on delete cascade
)
"""
_UNSENT = "create index on live_deltas (tenant_id) where not published"

# As recorded on that local day; a day without a row is like the one before, with nobody entered or gone.
_DAYS = """
create table live_days (
    tenant_id uuid not null,
    segment_id uuid not null,
    day date not null,
    size bigint not null,
    entered bigint not null,
    gone bigint not null,
    primary key (tenant_id, segment_id, day),
    foreign key (tenant_id, segment_id) references live_segments on delete cascade
)
"""

_CHANGED = """
create function live_changed() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'segments' and tg_op <> 'DELETE' then
        insert into live_queue (tenant_id) values (new.tenant_id)
        on conflict (tenant_id) do update set changed = live_queue.changed + 1;
    else
        update live_queue set changed = changed + 1 where tenant_id = coalesce(new.tenant_id, old.tenant_id);
    end if;
    return null;
end
$$
"""
# At the end of a transaction, so that none that waits for another's rows keeps the queue's.
_TRIGGER = """
create constraint trigger live after insert or update or delete on {} deferrable initially deferred
for each row execute function live_changed()
"""
_WATCHED = ("segments", "list_versions", "attribute_types", "tenants", "exchange_rates")

_FILL = (
    "alter table segments no force row level security",
    "insert into live_queue (tenant_id) select distinct tenant_id from segments",
    "alter table segments force row level security",
)


def upgrade() -> None:
    for statement in (_QUEUE, _SEGMENTS, _MEMBERS, _DELTAS, _UNSENT, _DAYS, _CHANGED):
        op.execute(statement)
    for table in ("live_segments", "live_members", "live_deltas", "live_days"):
        isolate_tenants(op, table)
    for table in _WATCHED:
        op.execute(_TRIGGER.format(table))
    for statement in _FILL:
        op.execute(statement)
