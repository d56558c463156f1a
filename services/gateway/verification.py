"""Verified identity at the door: every tenant's keys in memory, tokens looked at once, outcomes counted."""

import asyncio
import contextlib
import hashlib
import itertools
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import cast

from chassis.background import cancelled
from chassis.database import DatabaseUnavailable, Engine, open_transaction
from services.gateway.domain.verification import (
    KeyNotUsable,
    Mode,
    Outcome,
    Policy,
    Signed,
    line_outcome,
    member_outcome,
    signed,
)
from services.gateway.policies import opened, policy_of
from services.gateway.sealing import NotOurSeal, Sealer
from services.gateway.store import verification as store
from services.gateway.store.verification import SealedPolicy

log = logging.getLogger(__name__)

_REFRESH_SECONDS = 1.5
_SAVE_SECONDS = 5.0
# Tokens whose signature is remembered, in each of two generations; a page sends the same one with each event.
_REMEMBERED = 20_000

# (day in UTC, "member" or "line", outcome) → events
Counts = Counter[tuple[date, str, str]]


_settings = itertools.count()


class _Signatures:
    """What signatures came to, of the tokens seen lately, of all tenants."""

    def __init__(self) -> None:
        self._young: dict[bytes, Signed] = {}
        self._old: dict[bytes, Signed] = {}

    def get(self, key: bytes) -> Signed | None:
        return self._young.get(key) or self._old.get(key)

    def put(self, key: bytes, found: Signed) -> None:
        if len(self._young) >= _REMEMBERED:
            self._old, self._young = self._young, {}
        self._young[key] = found


class TenantTokens:
    """See domain.verification.TokenCheck."""

    def __init__(self, policy: Policy, signatures: _Signatures) -> None:
        self._policy = policy
        self._signatures = signatures
        # A key that was taken out no longer vouches for what was signed with it.
        self._settings = b"%d" % next(_settings)
        self.asked = policy.mode != "off"
        self.enforced = policy.mode == "enforce"
        self.counts: Counts = Counter()

    def vouches(self, token: object, user_id: str, now_ms: int) -> bool:
        """See domain.verification.TokenCheck."""
        outcome: Outcome = "missing"
        if token is not None:
            outcome = member_outcome(self._signed(b"member", token), self._policy, user_id, now_ms)
        self._count("member", outcome, now_ms)
        return outcome == "verified"

    def line_id(self, token: object, now_ms: int) -> str | None:
        """See domain.verification.TokenCheck."""
        line = self._policy.line
        if line is None:
            return None
        found = self._signed(b"line", token)
        outcome = line_outcome(found, line, now_ms)
        self._count("line", outcome, now_ms)
        return f"{line.provider}:{found.claims['sub']}" if outcome == "verified" else None

    def _signed(self, use: bytes, token: object) -> Signed:
        keys = self._policy.keys
        if use == b"line" and self._policy.line is not None:
            keys = self._policy.line.keys
        if not isinstance(token, str):
            return signed(token, keys)
        text = token.encode("utf-8", "surrogatepass")
        known = hashlib.sha256(b"%s %s %s" % (self._settings, use, text)).digest()
        found = self._signatures.get(known)
        if found is None:
            found = signed(token, keys)
            self._signatures.put(known, found)
        return found

    def _count(self, subject: str, outcome: Outcome, now_ms: int) -> None:
        day = datetime.fromtimestamp(now_ms / 1000, UTC).date()
        self.counts[day, subject, outcome] += 1


class Verification:
    """Follows the settings in the database; a change is known here within two seconds."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self._engine = engine
        self._sealer = sealer
        self._signatures = _Signatures()
        self._tenants: dict[str, TenantTokens] = {}
        self._known: dict[str, SealedPolicy] = {}
        self._unsaved: dict[str, Counts] = {}
        self._since: datetime | None = None
        self._refreshing = asyncio.Lock()

    def of(self, tenant_id: str) -> TenantTokens | None:
        """None where a tenant looks at no tokens at all.

        Raises DatabaseUnavailable while that is not known of any tenant yet.
        """
        if self._since is None:
            raise DatabaseUnavailable("The gateway does not know yet who signs for members.")
        return self._tenants.get(tenant_id)

    async def loaded(self, tenant_id: str) -> TenantTokens | None:
        """The same straight from the database, for work that has not followed it."""
        async with open_transaction(self._engine, tenant_id) as connection:
            found = await store.load_policy(connection)
        return None if found is None else self._tokens(found)

    async def refresh(self) -> None:
        """Take over what changed; whoever has just changed something calls it too."""
        async with self._refreshing:
            changes, self._since = await store.load_policy_changes(self._engine, self._since)
            for change in changes:
                # The same rows come again for a minute.
                if self._known.get(change.tenant_id) != change:
                    self._keep_counts(change.tenant_id)
                    self._put(change)

    def _put(self, change: SealedPolicy) -> None:
        self._known[change.tenant_id] = change
        tokens = self._tokens(change)
        if tokens is None:
            self._tenants.pop(change.tenant_id, None)
        else:
            self._tenants[change.tenant_id] = tokens

    def _tokens(self, found: SealedPolicy) -> TenantTokens | None:
        try:
            policy = policy_of(found.tenant_id, opened(found, self._sealer))
        except (NotOurSeal, KeyNotUsable):
            # Without its keys nobody is vouched for; what the tenant asked for still holds.
            log.error("verification_unreadable", extra={"tenant_id": found.tenant_id})
            policy = Policy(found.tenant_id, cast(Mode, found.mode))
        if policy.mode == "off" and policy.line is None:
            return None
        return TenantTokens(policy, self._signatures)

    def _keep_counts(self, tenant_id: str) -> None:
        tokens = self._tenants.get(tenant_id)
        if tokens is not None and tokens.counts:
            self._unsaved.setdefault(tenant_id, Counter()).update(tokens.counts)
            tokens.counts = Counter()

    async def save(self) -> None:
        """Add what was counted to the tenants' days; what could not be added is kept for the next time."""
        for tenant_id in list(self._tenants):
            self._keep_counts(tenant_id)
        taken, self._unsaved = self._unsaved, {}
        for tenant_id, counts in taken.items():
            try:
                await store.add_counts(self._engine, tenant_id, counts)
            except DatabaseUnavailable:
                self._unsaved.setdefault(tenant_id, Counter()).update(counts)
            except Exception:
                # A tenant that was deleted meanwhile must not cost the others their counts.
                log.exception("verification_counts_not_saved", extra={"tenant_id": tenant_id})

    async def follow(self) -> None:
        """Refresh for ever; what is known stays in force while the database is away."""
        save_at = time.monotonic() + _SAVE_SECONDS
        while True:
            try:
                await self.refresh()
            except DatabaseUnavailable:
                log.warning("verification_not_refreshed")
            except Exception:
                # One that stopped following would let a key live on that was taken out.
                log.exception("verification_not_refreshed")
            if time.monotonic() >= save_at:
                save_at = time.monotonic() + _SAVE_SECONDS
                await self.save()
            await asyncio.sleep(_REFRESH_SECONDS)


@asynccontextmanager
async def follow_verification(engine: Engine, sealer: Sealer) -> AsyncIterator[Verification]:
    """Follows the database until left; then everything counted is saved."""
    verification = Verification(engine, sealer)
    with contextlib.suppress(DatabaseUnavailable):
        await verification.refresh()
    following = asyncio.create_task(verification.follow())
    try:
        yield verification
    finally:
        await cancelled(following)
        await verification.save()
