"""How a tenant proves who its visitors are, and what came of it."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """To be filled."""
