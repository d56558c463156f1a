"""Whom a bad row names, exports, retention, duties that are done until they are done, and a tenant's end.

`duty_queue` names (tenant, duty) of all tenants and nothing of a tenant. `deleted_tenants` is what the
operator keeps of a tenant that is gone: ids, a time, and where its audit log ended.
"""

from alembic import op

from chassis.database import isolate_tenants

revision = "0007"
down_revision = "0006"

_TENANTS = """
alter table tenants
    add column retention_days integer check (retention_days > 0),
    add column keep_first_seen boolean not null default true,
    add column keep_orders boolean not null default true,
    add column closing_at timestamptz
"""

# Equality of bytes leaks nothing, so that an index of it is used beneath row level security; one of a list
# would not be.
_FINGERPRINTS = """
create table bad_row_fingerprints (
    tenant_id uuid not null,
    seq bigint not null,
    row integer not null,
    fingerprint bytea not null,
    primary key (tenant_id, seq, row, fingerprint),
    foreign key (tenant_id, seq, row) references bad_rows on delete cascade
)
"""
_BY_FINGERPRINT = "create index bad_row_fingerprints_of on bad_row_fingerprints (tenant_id, fingerprint)"

# `swept_at`: nothing here shows them any more; `cleaned_at`: no table file holds them.
_SWEEPS = """
create table erasure_sweeps (
    tenant_id uuid not null,
    erasure_id uuid not null,
    requested_at timestamptz not null,
    swept_at timestamptz not null default now(),
    cleaned_at timestamptz,
    primary key (tenant_id, erasure_id)
)
"""
_ERASED = """
create table erased_fingerprints (
    tenant_id uuid not null,
    fingerprint bytea not null,
    until timestamptz not null,
    primary key (tenant_id, fingerprint)
)
"""

# Bad rows that are gone, so that what was received still adds up; `counted`: identity had counted them.
_DELETED_ROWS = """
create table deleted_bad_rows (
    tenant_id uuid not null,
    status text not null,
    reason text not null,
    counted boolean not null,
    rows bigint not null,
    primary key (tenant_id, status, reason, counted)
)
"""

_EXPORTS = """
create table exports (
    tenant_id uuid not null,
    export_id uuid not null,
    profile_id bigint not null,
    job_id uuid not null,
    nids bigint[] not null default '{}',
    size_bytes bigint,
    created_by text not null,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    expires_at timestamptz not null,
    primary key (tenant_id, export_id)
)
"""

_DUTIES = """
create table duties (
    tenant_id uuid not null,
    duty_id uuid not null,
    kind text not null,
    body jsonb not null,
    failures integer not null default 0,
    created_at timestamptz not null default now(),
    primary key (tenant_id, duty_id)
)
"""
_DUTY_QUEUE = """
create table duty_queue (
    tenant_id uuid not null,
    duty_id uuid not null,
    due_at timestamptz not null,
    primary key (tenant_id, duty_id)
)
"""

_DELETIONS = """
create table deletions (
    tenant_id uuid primary key,
    deletion_id uuid not null,
    requested_by text not null,
    requested_at timestamptz not null default now(),
    due_at timestamptz not null,
    step text not null default 'waiting'
)
"""
_DELETED = """
create table deleted_tenants (
    former_id uuid primary key,
    deletion_id uuid not null,
    requested_at timestamptz not null,
    deleted_at timestamptz not null default now(),
    audit_number bigint not null,
    audit_hash bytea not null
)
"""

# Samples of a column are kept in the catalogue, which no cleaning of ours reaches.
_UNSAMPLED = ("payload", "detail", "message_id", "copy_key")


def upgrade() -> None:
    for statement in (_TENANTS, _FINGERPRINTS, _BY_FINGERPRINT, _SWEEPS, _ERASED, _EXPORTS):
        op.execute(statement)
    for statement in (_DELETED_ROWS, _DUTIES, _DUTY_QUEUE, _DELETIONS, _DELETED):
        op.execute(statement)
    op.execute("create index duty_queue_due on duty_queue (due_at)")
    op.execute("create index exports_newest on exports (tenant_id, created_at, export_id)")
    op.execute("create index bad_rows_age on bad_rows (tenant_id, received_at)")
    # Rows from before are read again when somebody is erased.
    op.execute("alter table bad_rows add column fingerprinted boolean not null default false")
    op.execute("create index bad_rows_unread on bad_rows (tenant_id) where not fingerprinted")
    for column in _UNSAMPLED:
        op.execute(f"alter table bad_rows alter column {column} set statistics 0")
        op.execute(f"select pg_clear_attribute_stats('public', 'bad_rows', '{column}', false)")
    for table in ("bad_row_fingerprints", "erasure_sweeps", "erased_fingerprints", "exports", "duties"):
        isolate_tenants(op, table)
    for table in ("deleted_bad_rows", "deletions"):
        isolate_tenants(op, table)
