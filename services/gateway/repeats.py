"""Idempotency-Key: a request that is sent again is not done again, but answered as it was the first time.

Answers may hold keys and people's data, so they are sealed: the key to one is derived from the caller's own
credential and Idempotency-Key, of which nothing is stored here.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chassis.database import Engine
from services.gateway.errors.requests import IdempotencyKeyReused, RequestInProgress, RequestOutcomeUnknown
from services.gateway.store import repeats
from services.gateway.store.repeats import Claim

_NONCE_BYTES = 12
# No request takes so long: whoever claimed it died.
_AT_WORK = timedelta(seconds=90)
# Larger answers are sent once and not kept; no operation that may be repeated has one.
_MAX_ANSWER_BYTES = 256 * 1024


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """What a request was answered with."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class AnsweredBefore(Exception):
    """The request was answered before; here is the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A claimed request: its answer is still to be kept, or it is released."""

    engine: Engine
    claim: Claim
    sealing_key: bytes

    async def keep(self, answer: Answer) -> None:
        """Keep what succeeded; what was refused changed nothing and may be tried again."""
        if answer.status >= 400 or len(answer.body) > _MAX_ANSWER_BYTES:
            await self.release()
            return
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + AESGCM(self.sealing_key).encrypt(
            nonce, msgspec.msgpack.encode(answer), self.claim.fingerprint
        )
        await repeats.save_answer(self.engine, self.claim, answer.status, sealed)

    async def release(self) -> None:
        await repeats.release(self.engine, self.claim)


async def claimed(engine: Engine, claim: Claim, credential: str) -> Repeatable:
    """The request, ours to act on.

    Raises AnsweredBefore for a repetition, RequestInProgress while the first one is at work,
    RequestOutcomeUnknown when it never ended, and IdempotencyKeyReused for another request.
    """
    sealing_key = _sealing_key(credential, claim)
    earlier = await repeats.claim(engine, claim)
    if earlier is None:
        return Repeatable(engine, claim, sealing_key)
    if earlier.fingerprint != claim.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was used for another request.")
    if earlier.answer is None:
        if datetime.now(UTC) - earlier.claimed_at < _AT_WORK:
            raise RequestInProgress("The first request with this Idempotency-Key is still at work.")
        raise RequestOutcomeUnknown("The first request with this Idempotency-Key never ended.")
    nonce, sealed = earlier.answer[:_NONCE_BYTES], earlier.answer[_NONCE_BYTES:]
    try:
        opened = AESGCM(sealing_key).decrypt(nonce, sealed, claim.fingerprint)
    except InvalidTag:
        raise IdempotencyKeyReused("This Idempotency-Key was used with another credential.") from None
    raise AnsweredBefore(msgspec.msgpack.decode(opened, type=Answer))


def fingerprint(method: str, path: str, query: str, body: bytes) -> bytes:
    """What makes two requests the same."""
    return hashlib.sha256(b"\0".join([method.encode(), path.encode(), query.encode(), body])).digest()


def _sealing_key(credential: str, claim: Claim) -> bytes:
    about = f"{claim.tenant_id}\0{claim.actor}\0{claim.idempotency_key}".encode("utf-8", "surrogatepass")
    return HKDF(SHA256(), 32, salt=None, info=about).derive(credential.encode("utf-8", "surrogatepass"))
