"""Passwords: hashed slowly, in threads, a few at a time, and as slowly for people who do not exist."""

import asyncio
from collections.abc import Mapping

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from services.gateway.domain.password_rules import Fault, fault_of
from services.gateway.errors.sign_in import PasswordNotGood

# OWASP's floor for argon2id; more would let a burst of sign-ins eat the machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = 2
_FAULTS: Mapping[Fault, str] = {
    "short": "The password is shorter than 8 characters.",
    "common": "The password is among the commonest.",
    "pattern": "The password repeats itself, or follows the keyboard.",
    "personal": "The password is your name or address.",
}


class Passwords:
    """Judges, hashes and checks passwords."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobody = _HASHER.hash("nobody has this password")

    @staticmethod
    def require_good(password: str, *personal: str) -> None:
        """Raise PasswordNotGood; `personal` is what is known of its owner, such as name and address."""
        fault = fault_of(password, personal)
        if fault is not None:
            raise PasswordNotGood(_FAULTS[fault], fault=fault)

    async def hashed(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the password; without a hash False, after the same time."""
        async with self._turn:
            right = await asyncio.to_thread(_verified, password_hash or self._nobody, password)
        return right and password_hash is not None

    @staticmethod
    def is_outdated(password_hash: str) -> bool:
        """Whether it was hashed with other parameters than today's."""
        return _HASHER.check_needs_rehash(password_hash)


def _verified(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except VerificationError:
        return False
