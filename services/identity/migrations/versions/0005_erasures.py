"""Erasures, and values that the planner's statistics must not copy.

`erasure_queue` names the tenant and id of each erasure that is not finished, so that the keeper finds those
of all tenants; there is nothing of a tenant in it to see.
"""

from alembic import op

from chassis.database import isolate_tenants

revision = "0005"
down_revision = "0004"

_ERASURES = """
create table erasures (
    tenant_id uuid not null,
    erasure_id uuid not null,
    entry bigint generated always as identity,
    profile_id integer not null,
    nids integer[] not null,
    fingerprints bytea[] not null,
    kinds smallint[] not null,
    requested_at timestamptz not null,
    actor text not null,
    suppressed boolean not null,
    applied_at timestamptz not null default now(),
    announced_at bigint not null default 0,
    ledgered_at timestamptz,
    files_clean_at timestamptz,
    primary key (tenant_id, erasure_id)
)
"""
_NEWEST = "create unique index erasures_newest on erasures (tenant_id, entry)"
_QUEUE = """
create table erasure_queue (
    tenant_id uuid not null,
    erasure_id uuid not null,
    primary key (tenant_id, erasure_id)
)
"""

# Samples of a column are kept in the catalogue, which no cleaning of ours reaches. All look-ups by these go
# through unique or leading keys, for which the planner needs no samples.
_UNSAMPLED = (("identifiers", "value"), ("commands", "body"), ("consent_statements", "evidence"))


def upgrade() -> None:
    for statement in (_ERASURES, _NEWEST, _QUEUE):
        op.execute(statement)
    isolate_tenants(op, "erasures")
    for table, column in _UNSAMPLED:
        op.execute(f"alter table {table} alter column {column} set statistics 0")
        op.execute(f"select pg_clear_attribute_stats('public', '{table}', '{column}', false)")
