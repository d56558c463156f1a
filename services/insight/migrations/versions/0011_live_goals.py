"""Goals and external genes decide who is in a live segment, too."""

from alembic import op

revision = "0011"
down_revision = "0010"

_TRIGGER = """
create constraint trigger live after insert or update or delete on {} deferrable initially deferred
for each row execute function live_changed()
"""


def upgrade() -> None:
    for table in ("goals", "external_genes"):
        op.execute(_TRIGGER.format(table))
