"""Fingerprints: how an identifier is recognised where its value must not be kept."""

from hashlib import sha256

from services.identity.domain.identifiers import Identifier


def fingerprint(tenant_id: str, identifier: Identifier) -> bytes:
    """32 bytes; the gateway computes the same, and tests/contract holds the two together.

    `identifier` is normalised. The tenant's id, 36 characters, is in it, so that nobody can tell whether two
    tenants know the same person.
    """
    kind, value = identifier
    return sha256(f"{tenant_id}\0{int(kind)}\0{value}".encode()).digest()
