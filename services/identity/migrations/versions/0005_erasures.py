"""Erasures and the end of a tenant."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """To be filled."""
