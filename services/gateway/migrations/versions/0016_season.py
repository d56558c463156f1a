"""Which campaign season 檔期 a tenant's team looks at, and which one it is compared with."""

from alembic import op

revision = "0016"
down_revision = "0015"

_SEASON = """
alter table tenants
    add column season_on date,
    add column season_before_on date,
    add check ((season_on is null) = (season_before_on is null)),
    add check (season_before_on < season_on)
"""


def upgrade() -> None:
    op.execute(_SEASON)
