"""What the continuous audit found."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0010"
down_revision = "0009"

# `genes`: by what was compared, how many people's values were, how many differed, and how many of those no
# longer did at a second look.
_AUDITS = """
create table audits (
    tenant_id uuid not null,
    audit_id uuid not null default uuidv7(),
    began_at timestamptz not null,
    seconds double precision not null,
    position bigint not null,
    people integer not null,
    compared integer not null,
    different integer not null,
    passing integer not null,
    reloaded boolean not null,
    genes json not null,
    primary key (tenant_id, audit_id)
)
"""


def upgrade() -> None:
    op.execute(_AUDITS)
    isolate_tenants(op, "audits")
