"""Signing in: sessions, second factors, passkeys, resets, single sign-on, and letters.

What belongs to a person belongs to no single tenant: sessions, factors, tickets, letters and attempts have
no tenant_id. Single sign-on is a tenant's; a sign-in that starts with an e-mail address looks it up.
"""

from alembic import op

from chassis.database import isolate_tenants

revision = "0003"
down_revision = "0002"

# Without a password: a teammate who came by single sign-on, or has not accepted the invitation yet.
_TEAMMATES = """
alter table teammates
    alter column password_hash drop not null,
    add column language text not null default 'zh-TW' check (language in ('zh-TW', 'en'))
"""

# `only_tenant`: signed in by that tenant's identity provider, which vouches for nothing elsewhere.
_SESSIONS = """
alter table sessions
    add column session_id uuid not null default gen_random_uuid(),
    add column authenticated_at timestamptz not null default now(),
    add column last_used_at timestamptz not null default now(),
    add column method text not null default 'password' check (method in ('password', 'passkey', 'sso')),
    add column second_factor boolean not null default false,
    add column only_tenant uuid references tenants on delete cascade,
    add column browser text not null default '',
    add column address text not null default '',
    alter column chosen_tenant drop not null,
    drop constraint sessions_chosen_tenant_fkey,
    add constraint sessions_chosen_tenant_fkey
        foreign key (chosen_tenant) references tenants on delete set null
"""

# `last_step`: the newest time step whose code was used; a code is good once.
_ONE_TIME_CODES = """
create table one_time_codes (
    teammate_id uuid primary key references teammates on delete cascade,
    sealed bytea not null,
    confirmed_at timestamptz,
    last_step bigint not null default 0
)
"""

_RECOVERY_CODES = """
create table recovery_codes (
    teammate_id uuid not null references teammates on delete cascade,
    hash bytea not null,
    primary key (teammate_id, hash)
)
"""

_PASSKEYS = """
create table passkeys (
    passkey_id uuid primary key,
    credential_id bytea not null unique,
    teammate_id uuid not null references teammates on delete cascade,
    public_key bytea not null,
    sign_count bigint not null,
    name text not null,
    backed_up boolean not null,
    made_at timestamptz not null default now(),
    last_used_at timestamptz
)
"""

# One-way tickets: a reset by mail, a sign-in that waits for its second factor, a passkey's challenge, a
# trip to an identity provider. Taken once, then gone.
_TICKETS = """
create table tickets (
    token_hash bytea primary key,
    purpose text not null,
    teammate_id uuid references teammates on delete cascade,
    data jsonb not null default '{}',
    tries integer not null default 0,
    expires_at timestamptz not null
)
"""

# Lost in a crash of the server: then everybody's allowance is whole again.
_ATTEMPTS = """
create unlogged table attempts (
    name bytea primary key,
    full_at timestamptz not null
)
"""

_SINGLE_SIGN_ON = """
create table single_sign_on (
    tenant_id uuid primary key references tenants on delete cascade,
    issuer text not null,
    client_id text not null,
    sealed_secret bytea not null,
    email_domains text[] not null,
    default_role text check (default_role in ('admin', 'marketer', 'analyst', 'viewer')),
    changed_at timestamptz not null default now()
)
"""

_SUBJECTS = """
create table single_sign_on_subjects (
    tenant_id uuid not null references tenants on delete cascade,
    issuer text not null,
    subject text not null,
    teammate_id uuid not null references teammates on delete cascade,
    made_at timestamptz not null default now(),
    primary key (tenant_id, issuer, subject)
)
"""

# Sealed, because a letter may hold a link that opens an account. Gone as soon as it is sent.
_LETTERS = """
create table letters (
    letter_id uuid primary key,
    sealed bytea not null,
    attempts integer not null default 0,
    due_at timestamptz not null default now(),
    keep_until timestamptz not null
)
"""


def upgrade() -> None:
    for statement in (_TEAMMATES, _SESSIONS, _ONE_TIME_CODES, _RECOVERY_CODES, _PASSKEYS, _TICKETS):
        op.execute(statement)
    for statement in (_ATTEMPTS, _SINGLE_SIGN_ON, _SUBJECTS, _LETTERS):
        op.execute(statement)
    op.execute("alter table tenants add column second_factor_required boolean not null default false")
    op.execute("create unique index sessions_id on sessions (session_id)")
    op.execute("create index sessions_teammate on sessions (teammate_id)")
    op.execute("create index passkeys_teammate on passkeys (teammate_id)")
    op.execute("create index tickets_teammate on tickets (teammate_id)")
    op.execute("create index tickets_expiry on tickets (expires_at)")
    op.execute("create index attempts_expiry on attempts (full_at)")
    op.execute("create index letters_due on letters (due_at)")
    op.execute("create index single_sign_on_domains on single_sign_on using gin (email_domains)")
    op.execute("create index single_sign_on_subjects_teammate on single_sign_on_subjects (teammate_id)")
    for table in ("single_sign_on", "single_sign_on_subjects"):
        isolate_tenants(op, table)
    op.execute(
        "create policy lookup on single_sign_on for select using (current_setting('app.lookup', true) = 'on')"
    )
