"""Exports that are made again and again."""

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Filled in by the change that needs it."""
