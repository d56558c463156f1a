"""One bad row for every event that was set aside, however often its sender repeated it."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Rows from before have no key: each gets one of its own.
    op.execute("alter table bad_rows add column copy_key bytea not null default uuid_send(gen_random_uuid())")
    op.execute("alter table bad_rows alter column copy_key drop default")
    op.execute("create unique index bad_rows_copies on bad_rows (tenant_id, copy_key)")
