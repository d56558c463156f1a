"""Where the parts of identity meet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from chassis.bus import connect_bus
from chassis.database import open_engine
from chassis.process import run, run_migrations
from chassis.rpc import serve
from chassis.tenancy import TokenVerifier
from services.identity.api import IdentityApi
from services.identity.domain.identifiers import Rules
from services.identity.settings import Settings
from services.identity.writer import keep_writing

NAME = "identity"


@asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[None]:
    """Entered means answering and resolving; left means drained."""
    async with (
        open_engine(settings.database_url.get_secret_value()) as engine,
        connect_bus(settings.bus_url.get_secret_value(), name=NAME) as bus,
        keep_writing(bus, settings, Rules()),
        serve(
            settings.listen,
            [IdentityApi(engine)],
            TokenVerifier(NAME, settings.trusted_keys),
            drain_seconds=settings.drain_seconds,
        ),
    ):
        yield


def main(arguments: list[str]) -> None:
    """`python -m services identity [migrate]`."""
    if arguments == ["migrate"]:
        run_migrations(NAME, Settings, Path(__file__).parent / "migrations")
    else:
        run(NAME, service, Settings, arguments)
