"""A tenant's rules for joining, and who changed what."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """To be filled."""
