"""What the continuous audit found."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Filled in by the change that needs it."""
