"""Who may send how much: the key of a request, its origins, the tenant's quota, the room in memory."""

import base64
import binascii
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.gateway.domain.keys import KeyRing, WriteKey
from services.gateway.domain.quota import Quotas
from services.gateway.errors.requests import (
    GatewayBusy,
    KeyMissing,
    KeyNotKnown,
    NotAllowed,
    OriginNotAllowed,
    QuotaExceeded,
)

# Far longer than any key; what is longer is no key and not worth hashing.
_MAX_KEY_CHARS = 200
_MAX_BODY_BYTES_IN_MEMORY = 64 * 1024 * 1024


class Admission:
    """The tracking API's door keeper."""

    def __init__(self, keys: KeyRing, now: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._now = now
        self._quotas = Quotas()
        self._body_bytes = 0

    def key(self, text: str | None, origin: str | None) -> WriteKey:
        """The key in force; raises KeyMissing, KeyNotKnown, OriginNotAllowed, DatabaseUnavailable."""
        if not text:
            raise KeyMissing("The request names no write key.")
        key = self._keys.find(text) if len(text) <= _MAX_KEY_CHARS else None
        if key is None:
            raise KeyNotKnown("This write key is not in force.")
        if not key.may_send:
            raise NotAllowed("This restricted key may not send events.", scope="events:write")
        if origin is not None and key.allowed_origins and origin.lower() not in key.allowed_origins:
            raise OriginNotAllowed("This write key does not take events from this origin.", origin=origin)
        return key

    def refuse_over_quota(self, key: WriteKey) -> None:
        """Raise QuotaExceeded while the tenant has sent more than its rate allows."""
        wait_seconds = self._quotas.wait_seconds(key.tenant_id, self._now())
        if wait_seconds > 0:
            raise QuotaExceeded(
                "The tenant sends more events than its quota allows.",
                retry_after_seconds=int(wait_seconds) + 1,
                events_per_second=key.events_per_second,
            )

    def charge(self, key: WriteKey, events: int) -> None:
        """Count a request's events against its tenant's quota."""
        self._quotas.charge(key.tenant_id, events, key.events_per_second, self._now())

    @contextmanager
    def room(self) -> Iterator[Callable[[int], None]]:
        """Memory for one request's body while it is dealt with: what it yields takes bytes as they arrive.

        That raises GatewayBusy when there is none left. What is only announced takes none: a few senders
        that announce much and send nothing would shut out all others.
        """
        taken_bytes = 0

        def take(size_bytes: int) -> None:
            nonlocal taken_bytes
            if self._body_bytes + size_bytes > _MAX_BODY_BYTES_IN_MEMORY:
                raise GatewayBusy("Too many large requests at once.")
            self._body_bytes += size_bytes
            taken_bytes += size_bytes

        try:
            yield take
        finally:
            self._body_bytes -= taken_bytes


def key_of_header(authorization: bytes | None) -> str | None:
    """The write key of `Basic base64(key:)` or `Bearer key`; None when the header holds none."""
    if authorization is None:
        return None
    scheme, _, credentials = authorization.strip().partition(b" ")
    credentials = credentials.strip()
    match scheme.lower():
        case b"basic":
            try:
                pair = base64.b64decode(credentials, validate=True)
            except (binascii.Error, ValueError):
                return None
            return pair.partition(b":")[0].decode("utf-8", "replace") or None
        case b"bearer":
            return credentials.decode("utf-8", "replace") or None
    return None
