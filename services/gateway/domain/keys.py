"""Write keys and secret keys: their form, their hash, and what a known key allows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

KeyKind = Literal["browser", "server"]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 32
PREFIXES: Mapping[KeyKind, str] = {"browser": "pk_live_", "server": "sk_live_"}


@dataclass(frozen=True, slots=True)
class WriteKey:
    """A key that is in force; empty `allowed_origins` allows every origin."""

    tenant_id: str
    key_id: str
    kind: KeyKind
    allowed_origins: tuple[str, ...]
    events_per_second: float
    # What beyond sending events: "read" and "manage" of the open API.
    scopes: frozenset[str] = frozenset()


class KeyRing(Protocol):
    """Knows every key in force without asking anybody."""

    def find(self, key: str) -> WriteKey | None:
        """None: there is no such key. Raises DatabaseUnavailable when that cannot be known now."""
        ...


def key_from(kind: KeyKind, entropy: bytes) -> str:
    """A key from 32 random bytes: 190 bits survive the 32 characters of base 62."""
    number = int.from_bytes(entropy, "big")
    letters = []
    for _ in range(_LENGTH):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return PREFIXES[kind] + "".join(letters)


def key_hash(key: str) -> bytes:
    """What is stored of a key; a fast hash does, because a key cannot be guessed."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
