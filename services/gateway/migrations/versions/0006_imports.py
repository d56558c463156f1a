"""Imports of files."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0006"
down_revision = "0005"

# What became of an import is in its jobs; the file and its rejected rows are in the file storage.
_IMPORTS = """
create table imports (
    tenant_id uuid not null,
    import_id uuid not null default uuidv7(),
    kind text not null check (kind in ('events', 'members', 'products')),
    file_name text not null,
    asked jsonb not null,
    size_bytes bigint,
    look jsonb,
    mapping jsonb,
    look_job uuid,
    check_job uuid,
    job uuid,
    created_by text not null,
    created_at timestamptz not null default now(),
    stored_at timestamptz,
    deleted_at timestamptz,
    primary key (tenant_id, import_id)
)
"""


def upgrade() -> None:
    op.execute(_IMPORTS)
    isolate_tenants(op, "imports")
