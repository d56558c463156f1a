"""What advertising cost."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0009"
down_revision = "0008"

# One amount a source and local day, in the currency it was paid in.
_AD_COSTS = """
create table ad_costs (
    tenant_id uuid not null,
    source text collate "C" not null,
    on_date date not null,
    amount numeric(38, 4) not null check (amount >= 0),
    currency text not null,
    stored_by text not null,
    stored_at timestamptz not null default now(),
    primary key (tenant_id, source, on_date)
)
"""
_BY_DAY = "create index on ad_costs (tenant_id, on_date, source)"


def upgrade() -> None:
    op.execute(_AD_COSTS)
    op.execute(_BY_DAY)
    isolate_tenants(op, "ad_costs")
