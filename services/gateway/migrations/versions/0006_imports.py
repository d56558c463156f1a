"""Imports and the files they come from."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """To be filled."""
