"""Verified identity: each tenant's settings and keys, and what became of the tokens of a day.

`keys` and `line` hold secrets, sealed by the gateway. The settings are followed before a tenant is known, as
its write keys are, and so are readable by a lookup.
"""

from alembic import op

from chassis.database import isolate_tenants

revision = "0008"
down_revision = "0007"

_VERIFICATION = """
create table verification (
    tenant_id uuid primary key references tenants on delete cascade,
    mode text not null check (mode in ('off', 'report', 'enforce')),
    audiences text[] not null,
    keys bytea not null,
    line bytea not null,
    changed_at timestamptz not null default now()
)
"""

_COUNTS = """
create table verification_counts (
    tenant_id uuid not null references tenants on delete cascade,
    on_day date not null,
    subject text not null check (subject in ('member', 'line')),
    outcome text not null,
    events bigint not null,
    primary key (tenant_id, on_day, subject, outcome)
)
"""


def upgrade() -> None:
    op.execute(_VERIFICATION)
    op.execute("create index verification_changed on verification (changed_at)")
    op.execute(_COUNTS)
    for table in ("verification", "verification_counts"):
        isolate_tenants(op, table)
    op.execute(
        "create policy lookup on verification for select using (current_setting('app.lookup', true) = 'on')"
    )
