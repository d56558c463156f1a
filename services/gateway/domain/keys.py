"""Keys: their form, their hash, and what a known key allows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from services.gateway.domain.permissions import scopes_of

KeyKind = Literal["browser", "server", "restricted"]
# Whether what was sent may have been written by anybody, or by the tenant's own servers only.
SourceKind = Literal["browser", "server"]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 32
# Of the open API, for a tenant for whom the operator named no other rate.
CALLS_PER_SECOND = 50.0
PREFIXES: Mapping[KeyKind, str] = {"browser": "pk_live_", "server": "sk_live_", "restricted": "rk_live_"}


@dataclass(frozen=True, slots=True)
class WriteKey:
    """A key that is in force; empty `allowed_origins` allows every origin."""

    tenant_id: str
    key_id: str
    kind: KeyKind
    allowed_origins: tuple[str, ...]
    events_per_second: float
    # What beyond sending events: "read" and "manage" stand for many, a restricted key has them one by one.
    scopes: frozenset[str] = frozenset()
    # When a rotated key ends by itself.
    expires_at: datetime | None = None
    calls_per_second: float = CALLS_PER_SECOND

    @property
    def source(self) -> SourceKind:
        return "browser" if self.kind == "browser" else "server"

    @property
    def may_send(self) -> bool:
        """Whether it may send events: a restricted key only when it says so."""
        return self.kind != "restricted" or "events:write" in scopes_of(self.scopes)


class KeyRing(Protocol):
    """Knows every key in force without asking anybody."""

    def find(self, key: str) -> WriteKey | None:
        """None: there is no such key. Raises DatabaseUnavailable when that cannot be known now."""
        ...


def key_from(kind: KeyKind, entropy: bytes) -> str:
    """A key from 32 random bytes: 190 bits survive the 32 characters of base 62."""
    return PREFIXES[kind] + letters_from(entropy)


def letters_from(entropy: bytes) -> str:
    """32 letters and digits from 32 random bytes."""
    number = int.from_bytes(entropy, "big")
    letters = []
    for _ in range(_LENGTH):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)


def key_hash(key: str) -> bytes:
    """What is stored of a key; a fast hash does, because a key cannot be guessed."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
