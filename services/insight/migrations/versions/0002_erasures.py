"""Erasures, retention and deletions."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """To be filled."""
