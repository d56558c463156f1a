"""Every key in force, in memory: accepting events asks no database, and goes on while it is away."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.background import cancelled
from chassis.database import DatabaseUnavailable
from services.gateway.domain.keys import CALLS_PER_SECOND, WriteKey, key_hash
from services.gateway.store import keys

log = logging.getLogger(__name__)

_REFRESH_SECONDS = 1.5
# Older than this, "we do not know that key" would be a guess.
_SURE_SECONDS = 5.0
_SAVE_USES_SECONDS = 30.0

_known = Gauge("gateway_keys", "Keys in force")


class CachedKeyRing:
    """Follows the keys in the database; a new or revoked key is known here within two seconds."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._keys: dict[bytes, WriteKey] = {}
        self._rates: dict[str, float] = {}
        self._since: datetime | None = None
        self._refreshed_at = float("-inf")
        self._used: dict[tuple[str, str], datetime] = {}
        self._refreshing = asyncio.Lock()

    def find(self, key: str) -> WriteKey | None:
        """See domain.keys.KeyRing."""
        found = self._keys.get(key_hash(key))
        if found is not None:
            if found.expires_at is not None and found.expires_at <= datetime.now(UTC):
                return None
            self._used[found.tenant_id, found.key_id] = datetime.now(UTC)
            return found
        if time.monotonic() - self._refreshed_at > _SURE_SECONDS:
            raise DatabaseUnavailable("The gateway cannot look up new keys at the moment.")
        return None

    def calls_per_second(self, tenant_id: str) -> float:
        """How often a tenant may call the open API; that of a new tenant where none of its keys is known."""
        return self._rates.get(tenant_id, CALLS_PER_SECOND)

    async def refresh(self) -> None:
        """Take over what changed; callers that have just changed a key call it too."""
        async with self._refreshing:
            asked_at = time.monotonic()
            changes, self._since = await keys.load_key_changes(self._engine, self._since)
            for change in changes:
                if change.key is None:
                    self._keys.pop(change.hash, None)
                else:
                    self._keys[change.hash] = change.key
                    self._rates[change.key.tenant_id] = change.key.calls_per_second
            self._refreshed_at = asked_at
            _known.set(len(self._keys))

    async def save_uses(self) -> None:
        """Remember in the database when each key was last used."""
        used, self._used = self._used, {}
        await keys.save_key_uses(self._engine, [(*key, at) for key, at in used.items()])

    async def follow(self) -> None:
        """Refresh for ever; what is known stays in force while the database is away."""
        save_at = time.monotonic() + _SAVE_USES_SECONDS
        away = False
        while True:
            try:
                await self.refresh()
                if time.monotonic() >= save_at:
                    save_at = time.monotonic() + _SAVE_USES_SECONDS
                    await self.save_uses()
                away = False
            except DatabaseUnavailable:
                if not away:
                    log.warning("keys_not_refreshed")
                away = True
            except Exception:
                # A ring that stopped following would let revoked keys live on.
                log.exception("keys_not_refreshed")
            await asyncio.sleep(_REFRESH_SECONDS)


@asynccontextmanager
async def follow_keys(engine: AsyncEngine) -> AsyncIterator[CachedKeyRing]:
    """A ring that follows the database until left."""
    ring = CachedKeyRing(engine)
    with contextlib.suppress(DatabaseUnavailable):
        await ring.refresh()
    following = asyncio.create_task(ring.follow())
    try:
        yield ring
    finally:
        await cancelled(following)
        with contextlib.suppress(DatabaseUnavailable):
            await ring.save_uses()
