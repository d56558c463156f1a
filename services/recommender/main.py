"""Where the parts of the recommender service meet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from chassis.background import in_background
from chassis.bus import connect_bus
from chassis.database import open_engine
from chassis.process import run, run_migrations
from chassis.rpc import serve
from chassis.tenancy import TokenVerifier
from services.recommender.api import RecommenderApi
from services.recommender.settings import Settings
from services.recommender.store import Store
from services.recommender.store.catalogue import Catalogue
from services.recommender.subscriptions import follow_identity

NAME = "recommender"


@asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[None]:
    """Entered: answers calls and follows the stream. Left: calls in progress are answered."""
    async with (
        open_engine(settings.database_url.get_secret_value()) as engine,
        connect_bus(settings.bus_url.get_secret_value(), name=NAME) as bus,
        in_background(follow_identity(bus, Store(engine))),
        serve(
            settings.listen,
            [RecommenderApi(Store(engine), Catalogue(engine))],
            TokenVerifier(NAME, settings.trusted_keys),
            drain_seconds=settings.drain_seconds,
        ),
    ):
        yield


def main(arguments: list[str]) -> None:
    """`python -m services recommender [migrate]`."""
    if arguments == ["migrate"]:
        run_migrations(NAME, Settings, Path(__file__).parent / "migrations")
    else:
        run(NAME, service, Settings, arguments)
