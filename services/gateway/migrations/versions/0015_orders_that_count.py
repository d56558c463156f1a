"""When an order counts is for a tenant to say."""

from alembic import op

revision = "0015"
down_revision = "0014"

_RULES = """
alter table tenants
    add column order_counts text not null default 'placed'
        check (order_counts in ('placed', 'paid', 'picked_up', 'return_period')),
    add column return_days integer not null default 7 check (return_days between 1 and 365)
"""


def upgrade() -> None:
    op.execute(_RULES)
