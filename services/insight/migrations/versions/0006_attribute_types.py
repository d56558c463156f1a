"""The types of attributes that a tenant chose."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0006"
down_revision = "0005"

_ATTRIBUTE_TYPES = """
create table attribute_types (
    tenant_id uuid not null,
    name text collate "C" not null,
    type text not null check (type in ('number', 'text', 'date', 'boolean', 'list')),
    changed_by text not null,
    changed_at timestamptz not null default now(),
    primary key (tenant_id, name)
)
"""


def upgrade() -> None:
    op.execute(_ATTRIBUTE_TYPES)
    isolate_tenants(op, "attribute_types")
