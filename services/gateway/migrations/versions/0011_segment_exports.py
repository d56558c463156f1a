"""Files of the people in a segment."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0011"
down_revision = "0010"

_EXPORTS = """
create table segment_exports (
    tenant_id uuid not null,
    export_id uuid not null,
    segment_id uuid not null,
    job_id uuid not null,
    format text not null check (format in ('csv', 'parquet')),
    genes text[] not null,
    version bigint,
    profiles bigint,
    size_bytes bigint,
    created_by text not null,
    created_at timestamptz not null,
    finished_at timestamptz,
    expires_at timestamptz not null,
    primary key (tenant_id, export_id)
)
"""


def upgrade() -> None:
    op.execute(_EXPORTS)
    op.execute("create index on segment_exports (tenant_id, created_at, export_id)")
    isolate_tenants(op, "segment_exports")
