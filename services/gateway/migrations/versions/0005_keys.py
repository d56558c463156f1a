"""Restricted keys, rotation, partners, idempotency and usage."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0005"
down_revision = "0004"

# A key that replaces another lives beside it until the old one's `expires_at`.
_KEYS = """
alter table keys
    drop constraint keys_kind_check,
    add constraint keys_kind_check check (kind in ('browser', 'server', 'restricted')),
    add column expires_at timestamptz,
    add column replaced_by uuid
"""

# A company that works for several tenants; the operator makes it, each tenant grants it what it may do.
_PARTNERS = """
create table partners (
    partner_id uuid primary key,
    name text not null,
    client_id text not null unique,
    created_at timestamptz not null default now(),
    closed_at timestamptz
)
"""

_CLIENT_SECRETS = """
create table client_secrets (
    partner_id uuid not null references partners,
    secret_hash bytea not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    primary key (partner_id, secret_hash)
)
"""

_GRANTS = """
create table grants (
    tenant_id uuid not null references tenants,
    partner_id uuid not null references partners,
    scopes text[] not null,
    granted_by text not null,
    granted_at timestamptz not null default now(),
    revoked_at timestamptz,
    primary key (tenant_id, partner_id)
)
"""

# What is stored of an access token; `tenant_id` is null where a partner only asks whom it may act for.
_ACCESS_TOKENS = """
create table access_tokens (
    token_hash bytea primary key,
    partner_id uuid not null references partners,
    for_tenant uuid,
    scopes text[] not null,
    expires_at timestamptz not null
)
"""

# `answer` is sealed with a key that only the caller's own request yields; null while the first is at work.
_REPEATABLE = """
create table repeatable (
    tenant_id uuid not null references tenants,
    actor text not null,
    idempotency_key text not null,
    fingerprint bytea not null,
    status smallint,
    answer bytea,
    claimed_at timestamptz not null default now(),
    primary key (tenant_id, actor, idempotency_key)
)
"""

_USAGE = """
create table usage (
    tenant_id uuid not null references tenants,
    on_day date not null,
    events bigint not null default 0,
    set_aside bigint not null default 0,
    bytes bigint not null default 0,
    calls bigint not null default 0,
    as_of timestamptz not null default now(),
    primary key (tenant_id, on_day)
)
"""


# Tidying up knows no tenant: it sees, and may delete, what is too old to be repeated, and nothing else.
_TOO_OLD = "current_setting('app.lookup', true) = 'on' and claimed_at < now() - interval '1 day'"


def upgrade() -> None:
    for statement in (_KEYS, _PARTNERS, _CLIENT_SECRETS, _GRANTS, _ACCESS_TOKENS, _REPEATABLE, _USAGE):
        op.execute(statement)
    op.execute("alter table tenants add column calls_per_second double precision not null default 50")
    op.execute("create index grants_partner on grants (partner_id)")
    op.execute("create index access_tokens_expiry on access_tokens (expires_at)")
    op.execute("create index repeatable_age on repeatable (claimed_at)")
    for table in ("grants", "repeatable", "usage"):
        isolate_tenants(op, table)
    op.execute("create policy lookup on grants for select using (current_setting('app.lookup', true) = 'on')")
    op.execute(f"create policy too_old_seen on repeatable for select using ({_TOO_OLD})")
    op.execute(f"create policy too_old on repeatable for delete using ({_TOO_OLD})")
