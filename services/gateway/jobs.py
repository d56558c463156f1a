"""Batch in: replays of many bad rows and imports of files, each in a process of its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from chassis.bus import connect_bus
from chassis.database import open_engine
from chassis.job_process import Handler, JobContext, run_job
from chassis.settings import load_settings
from services.gateway.clients import connect_clients
from services.gateway.exports import PersonExport
from services.gateway.files import Files
from services.gateway.imports.handlers import import_handlers
from services.gateway.replays import Replays
from services.gateway.sealing import Sealer
from services.gateway.segment_exports import SegmentFile
from services.gateway.settings import Settings
from services.gateway.store import bad_rows
from services.gateway.store.bad_rows import Filter
from services.gateway.verification import Verification

EXPORT_PERSON = "export_person"
EXPORT_SEGMENT = "export_segment"
REPLAY_BAD_ROWS = "replay_bad_rows"
# What the text that is looked for is sealed for.
REPLAY_TEXT = "replayed text"
_AT_ONCE = 200


@asynccontextmanager
async def handlers(settings: Settings) -> AsyncIterator[Mapping[str, Handler]]:
    """What the gateway's job process can do."""
    async with (
        open_engine(settings.database_url.get_secret_value(), pool_size=2) as engine,
        connect_bus(settings.bus_url.get_secret_value(), name="gateway") as bus,
    ):
        sealer = Sealer(settings.encryption_key.get_secret_value())
        replays = Replays(engine, bus, Verification(engine, sealer))

        async def replay_bad_rows(context: JobContext) -> dict[str, Any]:
            """Arguments are a Filter's fields, its text sealed; rows that become bad later are not taken."""
            chosen = _filter(context.arguments, sealer)
            state = context.checkpoint or {
                "after": [0, -1],
                "replayed": 0,
                "still_bad": 0,
                "total": await bad_rows.count_bad_rows(engine, context.tenant_id, chosen),
            }
            while not context.cancelled:
                seq, row = state["after"]
                places = await bad_rows.load_places(
                    engine, context.tenant_id, chosen, after=(seq, row), limit=_AT_ONCE
                )
                if not places:
                    break
                outcome = await replays.replay(context.tenant_id, places)
                state["after"] = list(places[-1])
                state["replayed"] += outcome.replayed
                state["still_bad"] += outcome.still_bad
                await context.progress(
                    state["replayed"] + state["still_bad"], state["total"], checkpoint=state
                )
            return {"replayed": state["replayed"], "still_bad": state["still_bad"]}

        async def export_person(context: JobContext) -> dict[str, Any]:
            """Arguments: export_id, profile_id."""
            async with connect_clients(settings) as clients:
                return await PersonExport(context, engine, clients, Files(settings.files_url)).make()

        async def export_segment(context: JobContext) -> dict[str, Any]:
            """Arguments: export_id, segment_id, format, genes."""
            async with connect_clients(settings) as clients:
                return await SegmentFile(context, engine, clients, Files(settings.files_url)).make()

        own: Mapping[str, Handler] = {
            EXPORT_PERSON: export_person,
            EXPORT_SEGMENT: export_segment,
            REPLAY_BAD_ROWS: replay_bad_rows,
        }
        yield {**own, **import_handlers(settings, engine, bus)}


def _filter(arguments: Mapping[str, Any], sealer: Sealer) -> Filter:
    told = dict(arguments)
    if sealed := told.pop("sealed_text", ""):
        told["text"] = sealer.open_sealed(REPLAY_TEXT, sealed.encode()).decode()
    return Filter(**told)


def main(arguments: list[str]) -> None:
    """`python -m services gateway job <id> <attempt>`."""
    run_job("gateway", handlers, load_settings(Settings), arguments)
