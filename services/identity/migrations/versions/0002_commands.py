"""Commands to the writer, what it still has to say, and positions of two lanes."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """To be filled."""
