"""What a tenant decides about its genes."""

from alembic import op

revision = "0009"
down_revision = "0008"

_RULES = """
alter table tenants
    add column session_minutes integer not null default 30 check (session_minutes between 1 and 1440),
    add column slowing_days integer not null default 7 check (slowing_days >= 1),
    add column dormant_days integer not null default 30,
    add column lost_days integer not null default 90 check (lost_days <= 3650),
    add column loyal_orders integer not null default 5 check (loyal_orders between 2 and 1000),
    add column loyal_days integer not null default 365 check (loyal_days between 1 and 3650),
    add column price_after_discount boolean not null default true,
    add constraint tenants_activity check (slowing_days < dormant_days and dormant_days < lost_days)
"""


def upgrade() -> None:
    op.execute(_RULES)
