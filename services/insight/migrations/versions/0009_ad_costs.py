"""What advertising cost."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Filled in by the change that needs it."""
