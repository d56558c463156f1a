"""Where the parts of identity meet."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from chassis.bus import connect_bus
from chassis.database import migrate, open_engine
from chassis.process import load_settings, run
from chassis.rpc import serve
from chassis.tenancy import TokenVerifier
from services.identity.api import IdentityApi
from services.identity.domain.identifiers import Rules
from services.identity.settings import Settings
from services.identity.writer import keep_writing

_MIGRATIONS = Path(__file__).parent / "migrations"


@asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[None]:
    """Entered means answering and resolving; left means drained."""
    async with (
        open_engine(settings.database_url.get_secret_value()) as engine,
        connect_bus(settings.bus_url.get_secret_value(), name="identity") as bus,
        keep_writing(bus, settings, Rules()),
        serve(
            settings.listen,
            [IdentityApi(engine)],
            TokenVerifier("identity", settings.trusted_keys),
            drain_seconds=settings.drain_seconds,
        ),
    ):
        yield


def main(arguments: list[str]) -> None:
    """`identity [--print-config]` serves, `identity migrate` brings the database up to date."""
    if arguments[:1] != ["migrate"]:
        run("identity", service, Settings, arguments)
        return
    url = load_settings(Settings).migration_database_url
    if url is None:
        sys.exit("IDENTITY_MIGRATION_DATABASE_URL: migrate needs the owner of the database")
    migrate(url.get_secret_value(), _MIGRATIONS)
