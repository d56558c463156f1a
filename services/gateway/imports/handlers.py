"""The kinds of jobs that imports have, and their handlers."""

import os
from collections.abc import Mapping
from typing import Any

from chassis.bus import Bus
from chassis.database import Engine
from chassis.job_process import Handler, JobContext
from services.gateway.clients import connect_clients
from services.gateway.files import Files
from services.gateway.settings import Settings

LOOK_AT_FILE = "look_at_file"
CHECK_IMPORT = "check_import"
IMPORT_FILE = "import_file"
# Behind all services, those that nobody waits at included.
_NICENESS = 19


def import_handlers(settings: Settings, engine: Engine, bus: Bus) -> dict[str, Handler]:
    """For the gateway's job process."""

    def handler(name: str) -> Handler:
        async def run(context: JobContext) -> Mapping[str, Any]:
            # What reads files costs a third of a second and 60 MB, which no other process should pay.
            import pyarrow

            from services.gateway.imports.running import ImportJobs

            # Its own pool keeps what it has freed; a batch after the other that is a third of our memory.
            pyarrow.set_memory_pool(pyarrow.system_memory_pool())
            os.nice(_NICENESS)
            async with connect_clients(settings) as clients:
                jobs = ImportJobs(
                    engine,
                    bus,
                    Files(settings.files_url),
                    clients.recommender,
                    clients.identity,
                    clients.lists,
                    clients.external_genes,
                    clients.people_reports,
                )
                match name:
                    case "look":
                        return await jobs.look(context)
                    case "check":
                        return await jobs.check(context)
                return await jobs.run(context)

        return run

    return {LOOK_AT_FILE: handler("look"), CHECK_IMPORT: handler("check"), IMPORT_FILE: handler("run")}
