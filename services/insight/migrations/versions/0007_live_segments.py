"""What live segments keep."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Filled in by the change that needs it."""
