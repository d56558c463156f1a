"""Restricted keys, rotation, partners, idempotency and usage."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """To be filled."""
