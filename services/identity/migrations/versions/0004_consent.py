"""Consent, suppression, addresses and reachability.

Suppressions and address reports keep the fingerprint of an identifier and never its value, so that they
hold for identifiers that are not known yet, or are erased.
"""

from alembic import op

from chassis.database import isolate_tenants

revision = "0004"
down_revision = "0003"

_STATEMENTS = """
create table consent_statements (
    tenant_id uuid not null,
    statement bigint generated always as identity,
    nid integer not null,
    purpose text collate "C" not null,
    granted boolean not null,
    stated_at_ms bigint not null,
    source text not null check (source in ('event', 'gpc', 'unsubscribe', 'api')),
    trusted boolean not null,
    message_id text collate "C" not null,
    evidence jsonb not null,
    actor text not null,
    recorded_at timestamptz not null default now(),
    primary key (tenant_id, nid, statement)
)
"""

# Of each identifier and purpose the last statement, of the trusted and of the others.
_CONSENTS = """
create table consents (
    tenant_id uuid not null,
    nid integer not null,
    purpose text collate "C" not null,
    trusted boolean not null,
    granted boolean not null,
    stated_at_ms bigint not null,
    message_id text collate "C" not null,
    primary key (tenant_id, nid, purpose, trusted)
)
"""

_SUPPRESSIONS = """
create table suppressions (
    tenant_id uuid not null,
    fingerprint bytea not null,
    kind smallint not null check (kind between 1 and 6),
    reason text not null,
    actor text not null,
    since timestamptz not null default now(),
    entry bigint generated always as identity,
    primary key (tenant_id, fingerprint)
)
"""
_SUPPRESSIONS_NEWEST = "create unique index suppressions_newest on suppressions (tenant_id, entry)"

_ADDRESS_REPORTS = """
create table address_reports (
    tenant_id uuid not null,
    fingerprint bytea not null,
    deliverable boolean not null,
    reported_at_ms bigint not null,
    message_id text collate "C" not null,
    primary key (tenant_id, fingerprint)
)
"""

# What was announced last; a profile that is reachable by nothing and never was is not here.
_REACHABILITY = """
create table reachability (
    tenant_id uuid not null,
    profile_id integer not null,
    email text not null,
    sms text not null,
    line text not null,
    primary key (tenant_id, profile_id)
)
"""

_TENANT_TABLES = ("consent_statements", "consents", "suppressions", "address_reports", "reachability")


def upgrade() -> None:
    for statement in (_STATEMENTS, _CONSENTS, _SUPPRESSIONS, _SUPPRESSIONS_NEWEST):
        op.execute(statement)
    for statement in (_ADDRESS_REPORTS, _REACHABILITY):
        op.execute(statement)
    op.execute("alter table intakes add column suppressed bigint not null default 0")
    for table in _TENANT_TABLES:
        isolate_tenants(op, table)
