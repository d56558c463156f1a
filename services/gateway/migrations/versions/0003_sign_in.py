"""Signing in: sessions, second factors, passkeys, resets, single sign-on."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """To be filled."""
