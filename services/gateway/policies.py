"""Settings of verified identity between what is stored, sealed, and what verifies."""

import json
from collections.abc import Sequence
from typing import Any, TypedDict, cast

from services.gateway.domain.verification import (
    Line,
    Mode,
    Policy,
    SigningKey,
    channel_key,
    public_key,
    shared_key,
)
from services.gateway.sealing import Sealer
from services.gateway.store.verification import SealedPolicy

_USE = "verification"


class StoredKey(TypedDict):
    """A key as it is kept: `secret` and `public_key` exclude each other."""

    key_id: str
    name: str
    kid: str
    secret: str
    public_key: str


class StoredLine(TypedDict):
    """A LINE channel as it is kept; "" where there is no secret."""

    channel_id: str
    provider: str
    secret: str
    public_keys: list[StoredKey]


class StoredPolicy(TypedDict):
    """Everything of one tenant, in clear."""

    mode: Mode
    audiences: list[str]
    keys: list[StoredKey]
    line: StoredLine | None


NEW: StoredPolicy = {"mode": "off", "audiences": [], "keys": [], "line": None}


def sealed(tenant_id: str, policy: StoredPolicy, sealer: Sealer) -> SealedPolicy:
    """Ready to be stored."""
    keys, line = (
        sealer.seal(f"{_USE} {tenant_id}", json.dumps(part).encode())
        for part in (policy["keys"], policy["line"])
    )
    return SealedPolicy(tenant_id, policy["mode"], policy["audiences"], keys, line)


def opened(found: SealedPolicy, sealer: Sealer) -> StoredPolicy:
    """As it was given to `sealed`; raises NotOurSeal."""
    keys, line = (
        json.loads(sealer.open_sealed(f"{_USE} {found.tenant_id}", part)) for part in (found.keys, found.line)
    )
    return StoredPolicy(
        mode=cast(Mode, found.mode), audiences=list(found.audiences), keys=keys, line=cast(Any, line)
    )


def policy_of(tenant_id: str, stored: StoredPolicy) -> Policy:
    """The keys made ready; raises KeyNotUsable for one that is none."""
    line = stored["line"]
    return Policy(
        tenant_id,
        stored["mode"],
        frozenset(stored["audiences"]),
        signing_keys(stored["keys"]),
        None if line is None else _line(line),
    )


def signing_keys(stored: Sequence[StoredKey]) -> list[SigningKey]:
    """Raises KeyNotUsable."""
    keys = []
    for one in stored:
        algorithm, key = shared_key(one["secret"]) if one["secret"] else public_key(one["public_key"])
        keys.append(SigningKey(one["key_id"], one["name"], one["kid"], algorithm, key))
    return keys


def _line(stored: StoredLine) -> Line:
    keys = signing_keys(stored["public_keys"])
    if stored["secret"]:
        keys.append(SigningKey("", "", "", "HS256", channel_key(stored["secret"])))
    return Line(stored["channel_id"], stored["provider"], keys)
