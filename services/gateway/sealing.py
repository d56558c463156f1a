"""Secrets at rest: what the gateway must read again is stored under a key that is not in the database."""

import base64
import binascii

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

_KEY_BYTES = 32
_ALGORITHMS = ("dir", "A256GCM")


class NotOurSeal(Exception):
    """It was sealed with another key or for another use, or it was changed: a fault of the installation."""


class Sealer:
    """Seals with AES-256-GCM. Several keys, the newest first: all open, the first seals."""

    def __init__(self, keys: str) -> None:
        self._keys = [_key(text) for text in keys.split(",")]

    def seal(self, use: str, content: bytes) -> bytes:
        """What only `open_sealed` with the same use reads."""
        header = {"alg": "dir", "enc": "A256GCM", "cty": use}
        return jwe.encrypt_compact(header, content, self._keys[0], algorithms=_ALGORITHMS).encode()

    def open_sealed(self, use: str, sealed: bytes) -> bytes:
        """Raises NotOurSeal."""
        for key in self._keys:
            try:
                opened = jwe.decrypt_compact(sealed, key, algorithms=_ALGORITHMS)
            except (JoseError, ValueError):
                continue
            if opened.protected.get("cty") == use and opened.plaintext is not None:
                return opened.plaintext
        raise NotOurSeal("GATEWAY_ENCRYPTION_KEY does not open what is stored; name the former key after it")


def _key(text: str) -> OctKey:
    try:
        raw = base64.urlsafe_b64decode(text.strip())
    except binascii.Error:
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise SystemExit("GATEWAY_ENCRYPTION_KEY: 32 random bytes in URL-safe base64 are needed")
    return OctKey.import_key(raw)
