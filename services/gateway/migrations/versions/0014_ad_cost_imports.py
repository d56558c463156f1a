"""Imports of what advertising cost."""

from alembic import op

revision = "0014"
down_revision = "0013"

_KINDS = """
alter table imports
    drop constraint imports_kind_check,
    add constraint imports_kind_check
        check (kind in ('events', 'members', 'products', 'list', 'gene', 'ad_costs'))
"""


def upgrade() -> None:
    op.execute(_KINDS)
