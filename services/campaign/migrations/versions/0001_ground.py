"""How far identity's stream has been followed.

`positions` holds one place a stream, which is nobody's; it has no tenant.
"""

from alembic import op

from chassis.database import isolate_tenants

revision = "0001"
down_revision = None

_POSITIONS = """
create table positions (
    stream text primary key,
    position bigint not null
)
"""

_FOLLOWED = """
create table followed (
    tenant_id uuid primary key,
    position bigint not null,
    newest_received_at timestamptz,
    events bigint not null
)
"""


def upgrade() -> None:
    op.execute(_POSITIONS)
    op.execute("insert into positions values ('IDENTITY', 0)")
    op.execute(_FOLLOWED)
    isolate_tenants(op, "followed")
