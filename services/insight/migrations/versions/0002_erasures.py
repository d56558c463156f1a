"""How long a tenant's events are kept, and what remains of them."""

from alembic import op

revision = "0002"
down_revision = "0001"

_RETENTION = """
alter table tenants
    add column retention_days integer not null default 0 check (retention_days >= 0),
    add column keep_first_seen boolean not null default true,
    add column keep_orders boolean not null default true
"""


def upgrade() -> None:
    op.execute(_RETENTION)
