"""What tenants decide about counting, and their exchange rates."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0001"
down_revision = None

_TENANTS = """
create table tenants (
    tenant_id uuid primary key,
    time_zone text not null,
    currency text not null,
    changed_at timestamptz not null default now()
)
"""

# One unit of `currency` is `rate` units of the tenant's currency, from the day on until the next row.
_EXCHANGE_RATES = """
create table exchange_rates (
    tenant_id uuid not null,
    currency text not null,
    on_date date not null,
    rate numeric not null check (rate > 0 and rate < 'Infinity'),
    primary key (tenant_id, currency, on_date)
)
"""


def upgrade() -> None:
    op.execute(_TENANTS)
    op.execute(_EXCHANGE_RATES)
    for table in ("tenants", "exchange_rates"):
        isolate_tenants(op, table)
