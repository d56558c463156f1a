"""Authenticator apps (TOTP, RFC 6238: six digits, 30 s) and the recovery codes for when the phone is gone."""

import base64
import hashlib
import hmac
import io
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pyotp
import segno
from sqlalchemy.ext.asyncio import AsyncConnection

from services.gateway.errors.sign_in import SecondFactorOff, SecondFactorOn
from services.gateway.sealing import Sealer
from services.gateway.store import factors

_USE = "one-time codes"
_STEP_SECONDS = 30
# A phone's clock may be a little off.
_STEPS_AROUND = (0, -1, 1)
_N_RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
_ISSUER = "Nexus"

Factor = Literal["one_time_code", "recovery_code"]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app takes: the secret to type, its URI, and that as a QR code."""

    secret: str
    uri: str
    svg: str


class SecondFactors:
    """One for the installation."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    @staticmethod
    async def is_on(connection: AsyncConnection, teammate_id: str) -> bool:
        found = await factors.load_one_time_codes(connection, teammate_id)
        return found is not None and found.confirmed

    async def begin(self, connection: AsyncConnection, teammate_id: str, email: str) -> Enrolment:
        """A new secret, in force once a code has confirmed it; raises SecondFactorOn."""
        secret = pyotp.random_base32()
        if not await factors.save_one_time_codes(connection, teammate_id, self._sealed(teammate_id, secret)):
            raise SecondFactorOn("An authenticator app is set up already.")
        uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)
        drawn = io.BytesIO()
        segno.make(uri, error="m").save(drawn, kind="svg", xmldecl=False, scale=5, border=2, light="#fff")
        return Enrolment(secret, uri, drawn.getvalue().decode())

    async def confirm(self, connection: AsyncConnection, teammate_id: str, code: str) -> Sequence[str] | None:
        """Turn it on; the recovery codes, shown once. None: the code is wrong. Raises SecondFactorOff/On."""
        found = await factors.load_one_time_codes(connection, teammate_id)
        if found is None:
            raise SecondFactorOff("Begin to set up an authenticator app first.")
        if found.confirmed:
            raise SecondFactorOn("An authenticator app is set up already.")
        step = self._step_of(teammate_id, found.sealed, code)
        if step is None or not await factors.use_step(connection, teammate_id, step, confirm=True):
            return None
        return await self.new_recovery_codes(connection, teammate_id)

    async def new_recovery_codes(self, connection: AsyncConnection, teammate_id: str) -> Sequence[str]:
        """In place of the old ones; shown once."""
        codes = [_recovery_code() for _ in range(_N_RECOVERY_CODES)]
        hashes = [_hash(teammate_id, code) for code in codes]
        await factors.replace_recovery_codes(connection, teammate_id, hashes)
        return codes

    async def use(self, connection: AsyncConnection, teammate_id: str, code: str) -> Factor | None:
        """Which factor the code is, used up now; None: neither, or used before."""
        digits = "".join(code.split())
        if len(digits) == 6 and digits.isascii() and digits.isdigit():
            found = await factors.load_one_time_codes(connection, teammate_id)
            step = self._step_of(teammate_id, found.sealed, digits) if found and found.confirmed else None
            used = step is not None and await factors.use_step(connection, teammate_id, step)
            return "one_time_code" if used else None
        if await factors.use_recovery_code(connection, teammate_id, _hash(teammate_id, code)):
            return "recovery_code"
        return None

    def _step_of(self, teammate_id: str, sealed: bytes, code: str) -> int | None:
        """The time step whose code it is."""
        opened = self._sealer.open_sealed(_USE, sealed).decode()
        owner, _, secret = opened.partition(" ")
        if owner != teammate_id:
            return None
        now = int(time.time()) // _STEP_SECONDS
        app = pyotp.TOTP(secret)
        given = "".join(code.split()).encode("utf-8", "replace")
        matching = [
            now + around
            for around in _STEPS_AROUND
            if hmac.compare_digest(app.at((now + around) * _STEP_SECONDS).encode(), given)
        ]
        return matching[0] if matching else None

    def _sealed(self, teammate_id: str, secret: str) -> bytes:
        # With its owner, so that a row copied to another teammate opens nothing.
        return self._sealer.seal(_USE, f"{teammate_id} {secret}".encode())


def _recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _hash(teammate_id: str, code: str) -> bytes:
    """80 random bits cannot be guessed, so a fast hash does; spaces, dashes and case do not count."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(f"{teammate_id} {plain}".encode("utf-8", "surrogatepass")).digest()
