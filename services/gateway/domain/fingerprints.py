"""Fingerprints: how an identifier is recognised where its value must not be kept."""

from hashlib import sha256


def fingerprint(tenant_id: str, kind: int, value: str) -> bytes:
    """32 bytes; identity computes the same, and tests/contract holds the two together.

    `value` is normalised as identity does; `kind` is the number of contracts.gateway.v1.IdentifierKind.
    """
    return sha256(f"{tenant_id}\0{kind}\0{value}".encode()).digest()
