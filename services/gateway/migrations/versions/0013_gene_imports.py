"""Imports of values of external genes."""

from alembic import op

revision = "0013"
down_revision = "0012"

_KINDS = """
alter table imports
    drop constraint imports_kind_check,
    add constraint imports_kind_check check (kind in ('events', 'members', 'products', 'list', 'gene'))
"""


def upgrade() -> None:
    op.execute(_KINDS)
