"""Slows down guessing: tries are counted by address, by account and for everybody, for all gateways at once.

Nobody can lock somebody else out: a browser that signed in before, or that used a link from our letters,
is counted by itself, and passkeys are not counted by account at all.
"""

import hashlib
from collections.abc import Mapping

from chassis.database import Engine
from services.gateway.domain.attempts import Allowance
from services.gateway.errors.sign_in import SignInTooOften
from services.gateway.store.attempts import count_attempt, uncount_attempt

_ALLOWANCES: Mapping[str, Allowance] = {
    "sign-in from address": Allowance(30, 2),
    "sign-in as": Allowance(10, 6),
    "sign-in by known browser": Allowance(10, 6),
    "sign-in by anybody": Allowance(600, 0.05),
    "passkey from address": Allowance(60, 1),
    # One in a million is right, three are at a time: a thousand years for an even chance.
    "code": Allowance(5, 30),
    "code by known browser": Allowance(5, 30),
    "reset from address": Allowance(10, 30),
    "reset to": Allowance(3, 300),
    "reset done from address": Allowance(10, 6),
    "single sign-on from address": Allowance(30, 2),
    "page looked at": Allowance(20, 6),
    "failure told": Allowance(3, 600),
}


class Attempts:
    """Kinds are those of _ALLOWANCES; names are hashed, since they may be addresses of people."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def may(self, kind: str, name: str = "") -> bool:
        """Count a try; False when it was one too many."""
        return await self._wait_seconds(kind, name) == 0

    async def require(self, kind: str, name: str = "") -> None:
        """Count a try; raises SignInTooOften when it was one too many."""
        wait = await self._wait_seconds(kind, name)
        if wait:
            raise SignInTooOften("Too many attempts.", retry_after_seconds=int(wait) + 1)

    async def give_back(self, kind: str, name: str = "") -> None:
        """A try that turned out right: an office behind one address signs in at nine."""
        await uncount_attempt(self._engine, _hashed(kind, name), _ALLOWANCES[kind])

    async def _wait_seconds(self, kind: str, name: str) -> float:
        return await count_attempt(self._engine, _hashed(kind, name), _ALLOWANCES[kind])


def _hashed(kind: str, name: str) -> bytes:
    return hashlib.sha256(f"{kind}\0{name}".encode("utf-8", "surrogatepass")).digest()
