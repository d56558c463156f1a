"""What the gateway does for tenants beside answering: duties, and deleting what is too old."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.background import in_background
from services.gateway.deletions import DELETE_TENANT, Deleter
from services.gateway.duties import Duties
from services.gateway.erasures import ERASE, Sweeper
from services.gateway.export_schedules import EXPORT_SCHEDULED, ScheduledExports, now
from services.gateway.imports.clearing import CLEAR_IMPORT, Clearing
from services.gateway.retention import PUSH_TENANT, Retention
from services.gateway.routes.parts import Parts


@asynccontextmanager
async def keep_up(parts: Parts) -> AsyncIterator[None]:
    """Until left; what is unfinished goes on with the next start."""
    engine, clients, settings = parts.engine, parts.clients, parts.settings
    sweeper = Sweeper(engine, clients, files=parts.files, jobs=parts.jobs, settings=settings)
    deleter = Deleter(engine, clients, bus=parts.bus, files=parts.files, jobs=parts.jobs, keys=parts.keys)
    retention = Retention(engine, clients, parts.files, settings.retention_seconds)
    clearing = Clearing(engine, parts.jobs, parts.files, parts.settings.import_file_days)
    exports = ScheduledExports(engine, parts.audit, settings.export_days, now)
    duties = Duties(
        engine,
        {
            ERASE: sweeper.do,
            DELETE_TENANT: deleter.do,
            PUSH_TENANT: retention.push,
            CLEAR_IMPORT: clearing.clear,
            EXPORT_SCHEDULED: exports.do,
        },
    )
    async with in_background(duties.keep()), in_background(retention.keep()):
        yield
