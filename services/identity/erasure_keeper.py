"""What happens of an erasure after it was applied: kept in the ledger, found on the bus, cleaned from files.

On start, what the ledger has and the database lacks is erased again: the database was restored from a copy
that is older.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from prometheus_client import Gauge

from chassis.bus import Bus
from chassis.errors import Unavailable
from services.identity.commands import Command, CommandQueue
from services.identity.erasure_ledger import ErasureLedger
from services.identity.erasures import ERASE_AGAIN, FORGET_TENANT
from services.identity.store import Database
from services.identity.store.queries import erasure_work
from services.identity.store.queries.erasure_work import OpenErasure
from services.identity.store.queries.forgetting import delete_rest
from services.identity.subscriptions import ERASED_TOPIC, IDENTITY_STREAM, erasure_id_of

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_RETRY_SECONDS = 5.0
# As long as nobody can be served: the readers of the tables wait behind us.
_LOCK_SECONDS = 2.0

_unclean = Gauge("identity_unclean_erasures", "Erasures whose rows may still be in table files")


class ErasureKeeper:
    """Works for all tenants, beside the writer."""

    def __init__(
        self,
        database: Database,
        database_url: str,
        bus: Bus,
        *,
        commands: CommandQueue,
        ledger: ErasureLedger,
        clean_after_seconds: float,
    ) -> None:
        self._database = database
        self._database_url = database_url
        self._bus = bus
        self._commands = commands
        self._ledger = ledger
        self._clean_after = timedelta(seconds=clean_after_seconds)

    async def keep(self) -> None:
        """For ever; pauses while a part is away."""
        replayed = False
        while True:
            try:
                replayed = replayed or await self._replay()
                await self._look()
                await asyncio.sleep(_LOOK_SECONDS)
            except Unavailable as error:
                log.warning("erasures_wait", extra={"reason": error.reason})
                await asyncio.sleep(_RETRY_SECONDS)

    async def _replay(self) -> bool:
        """Erase again what this database has forgotten that it erased."""
        async for tenant_id, deletion_id, erasure_ids in self._ledger.tenants():
            if deletion_id is not None:
                if await erasure_work.has_tenant(self._database, tenant_id):
                    log.warning("tenant_forgotten_again", extra={"tenant_id": tenant_id})
                    await self._forget(tenant_id, deletion_id)
                continue
            missing = erasure_ids - await erasure_work.load_erasure_ids(self._database, tenant_id)
            for erasure_id in sorted(missing):
                entry = await self._ledger.load(tenant_id, erasure_id)
                # Not its own id: a restored database may remember the answer, and not what it did.
                again = str(uuid.uuid5(uuid.UUID(erasure_id), "again"))
                await self._commands.run(Command(tenant_id, again, ERASE_AGAIN, entry, entry["actor"]))
            if missing:
                log.warning("erased_again", extra={"tenant_id": tenant_id, "erasures": len(missing)})
        return True

    async def _forget(self, tenant_id: str, deletion_id: str) -> None:
        while not (await self._commands.run(Command(tenant_id, deletion_id, FORGET_TENANT, {})))["done"]:
            await asyncio.sleep(_LOOK_SECONDS)
        # Otherwise each start would find something of it, and announce its end again.
        await delete_rest(self._database, tenant_id)

    async def _look(self) -> None:
        """One round over what is not finished."""
        erasures = await erasure_work.load_open(self._database)
        _unclean.set(sum(erasure.files_clean_at is None for erasure in erasures))
        if not erasures:
            return
        for erasure in erasures:
            if erasure.ledgered_at is None:
                await self._ledger.write(erasure)
                await erasure_work.save_ledgered(self._database, erasure)
        await self._find_announced([erasure for erasure in erasures if not erasure.announced_at])
        await self._clean([erasure for erasure in erasures if erasure.files_clean_at is None])
        await erasure_work.close_erasures(
            self._database, [erasure for erasure in erasures if erasure.finished]
        )

    async def _find_announced(self, erasures: Sequence[OpenErasure]) -> None:
        """Announcements of a tenant come in order: the newest on the bus says that all before are there."""
        by_tenant: dict[str, list[OpenErasure]] = {}
        for erasure in erasures:
            by_tenant.setdefault(erasure.tenant_id, []).append(erasure)
        for tenant_id, waiting in by_tenant.items():
            last = await self._bus.last_message(IDENTITY_STREAM, f"{ERASED_TOPIC}.{tenant_id}")
            if last is None:
                continue
            newest = erasure_id_of(last)
            for erasure in waiting:
                if erasure.erasure_id == newest:
                    await erasure_work.save_announced(self._database, tenant_id, erasure.entry, last.seq)

    async def _clean(self, erasures: Sequence[OpenErasure]) -> None:
        """Once for all, when the oldest has waited long enough."""
        if not erasures:
            return
        if datetime.now(UTC) - min(erasure.applied_at for erasure in erasures) < self._clean_after:
            return
        started = time.monotonic()
        deleted_before = max(erasure.applied_at for erasure in erasures)
        if not await erasure_work.clean_files(self._database_url, deleted_before, _LOCK_SECONDS):
            return
        await erasure_work.save_clean(self._database, erasures)
        seconds = round(time.monotonic() - started, 1)
        log.info("files_cleaned", extra={"erasures": len(erasures), "seconds": seconds})
