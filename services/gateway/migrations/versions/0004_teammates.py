"""Invitations, operators, impersonation, and the audit log."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0004"
down_revision = "0003"

# No reference to tenants: the log outlives its tenant, and the platform's own chain belongs to none.
_AUDIT_ENTRIES = """
create table audit_entries (
    tenant_id uuid not null,
    number bigint not null check (number > 0),
    at timestamptz not null,
    actor text not null,
    action text not null,
    subject text not null,
    before text not null,
    after text not null,
    address text not null,
    hash bytea not null check (length(hash) = 32),
    primary key (tenant_id, number)
)
"""

# For the owner too: whoever means to change history has to drop this first, and is found out by the hashes.
_APPEND_ONLY = """
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end
$$
"""

# Whatever the installation's roles are called: those that may serve may add and read, and nothing else.
_REVOKE = """
do $$
declare
    serving record;
begin
    for serving in
        select distinct grantee from information_schema.role_table_grants
        where table_schema = 'public' and table_name = 'audit_entries' and grantee <> current_user
    loop
        execute format(
            'revoke update, delete, truncate, references, trigger on audit_entries from %s',
            case when serving.grantee = 'PUBLIC' then 'public' else quote_ident(serving.grantee) end
        );
    end loop;
end
$$
"""

_INVITATIONS = """
create table invitations (
    tenant_id uuid not null references tenants on delete cascade,
    invitation_id uuid not null,
    email text not null check (email = lower(email)),
    role text not null check (role in ('owner', 'admin', 'marketer', 'analyst', 'viewer')),
    locale text not null,
    token_hash bytea not null,
    invited_by text not null,
    created_at timestamptz not null default now(),
    sent_at timestamptz not null default now(),
    expires_at timestamptz not null,
    accepted_at timestamptz,
    revoked_at timestamptz,
    primary key (tenant_id, invitation_id)
)
"""

_OPERATORS = """
create table operators (
    teammate_id uuid primary key references teammates on delete cascade,
    created_at timestamptz not null default now()
)
"""

# Of one session: when that has ended, nobody acts here any more.
_IMPERSONATIONS = """
create table impersonations (
    tenant_id uuid not null references tenants on delete cascade,
    impersonation_id uuid not null,
    teammate_id uuid not null references teammates on delete cascade,
    session_id uuid not null,
    role text not null check (role in ('admin', 'marketer', 'analyst', 'viewer')),
    reason text not null,
    started_at timestamptz not null default now(),
    ends_at timestamptz not null,
    ended_at timestamptz,
    ended_by text not null default '',
    primary key (tenant_id, impersonation_id)
)
"""


def upgrade() -> None:
    for statement in (_AUDIT_ENTRIES, _INVITATIONS, _OPERATORS, _IMPERSONATIONS, _APPEND_ONLY, _REVOKE):
        op.execute(statement)
    for name, events, each in (("rows", "update or delete", "row"), ("table", "truncate", "statement")):
        op.execute(
            f"create trigger append_only_{name} before {events} on audit_entries "
            f"for each {each} execute function refuse_change()"
        )
    op.execute("create index audit_entries_actor on audit_entries (tenant_id, actor, number)")
    op.execute("create index audit_entries_action on audit_entries (tenant_id, action, number)")
    op.execute("create index audit_entries_subject on audit_entries (tenant_id, subject, number)")
    op.execute("create index audit_entries_at on audit_entries (tenant_id, at)")
    # Found by a secret's hash before anybody knows whose it is.
    op.execute("create unique index invitations_token on invitations (token_hash)")
    op.execute(
        "create unique index invitations_open on invitations (tenant_id, email) "
        "where accepted_at is null and revoked_at is null"
    )
    op.execute(
        "create unique index impersonations_session on impersonations (session_id) where ended_at is null"
    )
    op.execute("create index impersonations_end on impersonations (ends_at) where ended_at is null")
    for table in ("audit_entries", "invitations", "impersonations"):
        isolate_tenants(op, table)
    for table in ("invitations", "impersonations"):
        op.execute(
            f"create policy lookup on {table} for select using (current_setting('app.lookup', true) = 'on')"
        )
