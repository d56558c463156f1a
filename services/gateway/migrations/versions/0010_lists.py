"""Imports of lists of people."""

from alembic import op

revision = "0010"
down_revision = "0009"

_KINDS = """
alter table imports
    drop constraint imports_kind_check,
    add constraint imports_kind_check check (kind in ('events', 'members', 'products', 'list'))
"""


def upgrade() -> None:
    op.execute(_KINDS)
