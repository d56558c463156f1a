"""Where the parts of identity meet."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from chassis.background import in_background
from chassis.bus import Bus, connect_bus
from chassis.database import open_engine
from chassis.process import run, run_migrations
from chassis.rpc import serve
from chassis.settings import load_settings
from chassis.tenancy import TokenVerifier
from services.identity import consents, erasures, links, rules
from services.identity.api import IdentityApi
from services.identity.commands import CommandQueue, Handler
from services.identity.domain.identifiers import Rules
from services.identity.erasure_keeper import ErasureKeeper
from services.identity.erasure_ledger import ErasureLedger
from services.identity.inflows import adopt
from services.identity.settings import Settings
from services.identity.store import Database
from services.identity.writer import keep_writing

NAME = "identity"


@asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[None]:
    """Entered means answering and resolving; left means drained."""
    defaults, ledger = Rules(), ErasureLedger(settings.ledger_url)
    async with (
        open_engine(settings.database_url.get_secret_value()) as engine,
        connect_bus(settings.bus_url.get_secret_value(), name=NAME) as bus,
        keep_writing(bus, settings, defaults, _handlers(defaults)),
        in_background(_keeper(settings, engine, bus, ledger).keep()),
        serve(
            settings.listen,
            [IdentityApi(engine, CommandQueue(engine), defaults, ledger)],
            TokenVerifier(NAME, settings.trusted_keys),
            drain_seconds=settings.drain_seconds,
        ),
    ):
        yield


def _keeper(settings: Settings, engine: Database, bus: Bus, ledger: ErasureLedger) -> ErasureKeeper:
    return ErasureKeeper(
        engine,
        settings.database_url.get_secret_value(),
        bus,
        commands=CommandQueue(engine),
        ledger=ledger,
        clean_after_seconds=settings.clean_after_seconds,
    )


def _handlers(defaults: Rules) -> Mapping[str, Handler]:
    """Of every command that changes something."""
    return {
        **links.handlers(),
        **rules.handlers(defaults),
        **consents.handlers(),
        **erasures.handlers(),
    }


def main(arguments: list[str]) -> None:
    """`python -m services identity [--print-config | migrate | adopt <stream>]`."""
    match arguments:
        case ["migrate"]:
            run_migrations(NAME, Settings, Path(__file__).parent / "migrations")
        case ["adopt", stream]:
            url = load_settings(Settings).database_url.get_secret_value()
            if not asyncio.run(adopt(url, stream)):
                sys.exit(f"identity does not read a stream {stream}")
        case _:
            run(NAME, service, Settings, arguments)
