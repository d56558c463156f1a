"""Tenants, their keys and teammates, sessions, bad rows and idempotent requests.

Looked up before a tenant is known, and therefore readable by a transaction that names itself a lookup:
`tenants` and `keys` (a key says whose it is) and `memberships` (a teammate says where they may go).
`teammates`, `sessions`, `positions` and `requests` belong to no single tenant and have no tenant_id.
"""

from alembic import op

from chassis.database import isolate_tenants
from chassis.jobs import create_jobs_tables

revision = "0001"
down_revision = None

_TENANTS = """
create table tenants (
    tenant_id uuid primary key,
    name text not null,
    time_zone text not null,
    currency text not null,
    locale text not null,
    settings jsonb not null default '{}',
    events_per_second double precision not null,
    demo boolean not null default false,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now()
)
"""

_KEYS = """
create table keys (
    tenant_id uuid not null references tenants,
    key_id uuid not null,
    kind text not null check (kind in ('browser', 'server')),
    name text not null,
    hash bytea not null,
    prefix text not null,
    last4 text not null,
    allowed_origins text[] not null default '{}',
    scopes text[] not null default '{}',
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    revoked_at timestamptz,
    changed_at timestamptz not null default now(),
    primary key (tenant_id, key_id)
)
"""

# Without a tenant in front: a key is found by its hash before anybody knows whose it is. A hash of 190
# random bits says nothing about another tenant.
_KEY_HASH = "create unique index keys_hash on keys (hash)"

_TEAMMATES = """
create table teammates (
    teammate_id uuid primary key,
    email text not null unique check (email = lower(email)),
    name text not null,
    password_hash text not null,
    created_at timestamptz not null default now()
)
"""

_MEMBERSHIPS = """
create table memberships (
    tenant_id uuid not null references tenants,
    teammate_id uuid not null references teammates,
    role text not null check (role in ('owner', 'admin', 'marketer', 'analyst', 'viewer')),
    created_at timestamptz not null default now(),
    primary key (tenant_id, teammate_id)
)
"""

_SESSIONS = """
create table sessions (
    token_hash bytea primary key,
    teammate_id uuid not null references teammates on delete cascade,
    chosen_tenant uuid not null references tenants,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
)
"""

# `seq` and `row` are the event's place in the stream of rejected events: read twice, stored once.
_BAD_ROWS = """
create table bad_rows (
    tenant_id uuid not null,
    seq bigint not null,
    row integer not null,
    stage text not null,
    reason text not null,
    detail text not null,
    payload bytea not null,
    message_id text not null,
    key_id text not null,
    key_kind text not null check (key_kind in ('browser', 'server', '')),
    received_at timestamptz not null,
    call smallint not null,
    sent_at text not null,
    status text not null default 'new' check (status in ('new', 'replayed')),
    replayed_at timestamptz,
    primary key (tenant_id, seq, row)
)
"""

# `base` is added to places of a stream that replaced a lost one, so that places stay unique and rise.
_POSITIONS = """
create table positions (
    stream text primary key,
    base bigint not null,
    position bigint not null
)
"""

# `salt` is forgotten after a day: until then a repeated request can be answered with the same keys.
_REQUESTS = """
create table requests (
    idempotency_key text primary key,
    fingerprint bytea not null,
    subject uuid not null,
    salt bytea,
    created_at timestamptz not null default now()
)
"""


def upgrade() -> None:
    for statement in (_TENANTS, _KEYS, _KEY_HASH, _TEAMMATES, _MEMBERSHIPS, _SESSIONS, _BAD_ROWS):
        op.execute(statement)
    for statement in (_POSITIONS, _REQUESTS):
        op.execute(statement)
    op.execute("create index keys_changed on keys (changed_at)")
    op.execute("create index tenants_changed on tenants (changed_at)")
    op.execute("create index memberships_teammate on memberships (teammate_id)")
    op.execute("create index sessions_expiry on sessions (expires_at)")
    op.execute("create index bad_rows_status on bad_rows (tenant_id, status, reason)")
    op.execute("alter table bad_rows alter column payload set storage external")
    for table in ("tenants", "keys", "memberships", "bad_rows"):
        isolate_tenants(op, table)
    create_jobs_tables(op)
    for table in ("tenants", "keys", "memberships"):
        op.execute(
            f"create policy lookup on {table} for select using (current_setting('app.lookup', true) = 'on')"
        )
