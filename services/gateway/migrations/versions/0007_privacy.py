"""Exports, what a bad row says of whom, retention and the end of a tenant."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """To be filled."""
