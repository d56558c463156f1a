"""Deletes an import's file and its rejected rows when their days are over."""

from datetime import UTC, datetime, timedelta

from chassis.database import Engine, open_transaction
from chassis.jobs import Jobs
from services.gateway.duties import Later
from services.gateway.files import Files
from services.gateway.imports import rejected
from services.gateway.store import imports
from services.gateway.store.duties import Duty
from services.gateway.store.imports import Import

CLEAR_IMPORT = "clear_import"
_LOOK_AGAIN_SECONDS = 3600.0


class Clearing:
    """The duty of every import, from the moment its file is asked for."""

    def __init__(self, engine: Engine, jobs: Jobs, files: Files, days: float) -> None:
        self._engine = engine
        self._jobs = jobs
        self._files = files
        self._keep = timedelta(days=days)

    async def clear(self, duty: Duty) -> Later | None:
        """Now, or when the days after its end are over; `body` names the import."""
        async with open_transaction(self._engine, duty.tenant_id) as connection:
            found = await imports.load(connection, duty.tenant_id, str(duty.body["import_id"]))
        if found is None or found.deleted_at is not None:
            return None
        ended_at, parts = await self._end(found)
        if ended_at is None:
            return Later.after(_LOOK_AGAIN_SECONDS, duty.body)
        due_at = ended_at + self._keep
        if due_at > datetime.now(UTC):
            return Later(due_at, duty.body)
        await self.delete(found, parts)
        return None

    async def delete(self, found: Import, parts: int) -> None:
        """The rows of it, and whatever the import itself shows of them, are gone."""
        await rejected.delete(self._files, found.tenant_id, found.import_id, parts)
        async with open_transaction(self._engine, found.tenant_id) as connection:
            await imports.change(connection, found, look=None, deleted_at=datetime.now(UTC))

    async def _end(self, found: Import) -> tuple[datetime | None, int]:
        """When it ended, or its file came; None while it is at work. And how many rejected parts it has."""
        if found.job is None:
            return found.stored_at or found.created_at, 0
        job = await self._jobs.get(found.tenant_id, found.job)
        return job.finished_at, int((job.checkpoint or {}).get("parts", 0)) + 1
