"""Signed tokens: whether a tenant vouches for the member, or LINE for the account, that a browser names.

A token is a JWT (RFC 7519) of an algorithm that its key stands for: what the token says of itself chooses
among the tenant's keys and nothing else, so a public key is never taken for a shared secret.
"""

import base64
import binascii
import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

Mode = Literal["off", "report", "enforce"]
Algorithm = Literal["HS256", "RS256", "ES256", "EdDSA"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)

MAX_TOKEN_CHARS = 4096
_MAX_LIFE_SECONDS = 24 * 60 * 60
# Clocks differ.
_LEEWAY_SECONDS = 60
_LINE_ISSUER = "https://access.line.me"
_MIN_SECRET_BYTES = 32
_MIN_CHANNEL_SECRET_BYTES = 16
_MIN_RSA_BITS = 2048

# What became of a token; the names are a promise, and count the events of a day.
Outcome = Literal[
    "verified",
    "missing",
    "malformed",
    "too_large",
    "unknown_key",
    "wrong_algorithm",
    "bad_signature",
    "wrong_audience",
    "wrong_issuer",
    "wrong_subject",
    "no_expiry",
    "expires_too_late",
    "not_yet_valid",
    "expired",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


class _Registry(jws.JWSRegistry):
    """One algorithm, whatever else the header says but what is marked critical."""

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__(algorithms=[algorithm], strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        """Without a warning that RFC 9864 has a newer name for EdDSA: few libraries of shops know it."""
        if self.allowed is None or name not in self.allowed:
            raise UnsupportedAlgorithmError(f"{name} is not the algorithm of the key")
        return self.algorithms[name]


_REGISTRIES: Mapping[Algorithm, _Registry] = {algorithm: _Registry(algorithm) for algorithm in ALGORITHMS}


class KeyNotUsable(Exception):
    """This is no key to verify with; the message says why, and what to send."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that verifies; `kid` is "" where tokens need not name it."""

    key_id: str
    name: str
    kid: str
    algorithm: Algorithm
    key: Key


@dataclass(frozen=True, slots=True)
class Line:
    """A tenant's LINE Login channel; `provider` leads the ids of its users."""

    channel_id: str
    provider: str
    keys: Sequence[SigningKey]


@dataclass(frozen=True, slots=True)
class Policy:
    """A tenant's settings; an event's token is for its id or one of `audiences`."""

    tenant_id: str
    mode: Mode = "off"
    audiences: frozenset[str] = frozenset()
    keys: Sequence[SigningKey] = ()
    line: Line | None = None


class TokenCheck(Protocol):
    """Looks at the tokens of one tenant's events."""

    # Whether a browser's user ids are looked at, and whether one that nobody signed claims nothing.
    asked: bool
    enforced: bool

    def vouches(self, token: object, user_id: str, now_ms: int) -> bool:
        """Whether the tenant signed that this is its member."""
        ...

    def line_id(self, token: object, now_ms: int) -> str | None:
        """The LINE account that LINE signed for, as an identifier; None when it did not."""
        ...


@dataclass(frozen=True, slots=True)
class Signed:
    """A token whose signature is right, or the reason why it is not; what it says is not looked at yet."""

    claims: Mapping[str, object]
    fault: Outcome | None = None


def signed(token: object, keys: Iterable[SigningKey]) -> Signed:
    """Check a token's form and signature."""
    if not isinstance(token, str) or token.count(".") != 2 or not token.isascii():
        return Signed({}, "malformed")
    if len(token) > MAX_TOKEN_CHARS:
        return Signed({}, "too_large")
    header = _header(token)
    if header is None:
        return Signed({}, "malformed")
    named = header.get("kid", "")
    fitting = [key for key in keys if not key.kid or not named or key.kid == named]
    if not fitting:
        return Signed({}, "unknown_key")
    fitting = [key for key in fitting if key.algorithm == header.get("alg")]
    if not fitting:
        return Signed({}, "wrong_algorithm")
    for key in fitting:
        try:
            payload = jws.deserialize_compact(token, key.key, registry=_REGISTRIES[key.algorithm]).payload
            claims = json.loads(payload or b"")
        except (JoseError, ValueError, RecursionError):
            continue
        return Signed(claims) if isinstance(claims, dict) else Signed({}, "malformed")
    return Signed({}, "bad_signature")


def _header(token: str) -> Mapping[str, object] | None:
    raw = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return header if isinstance(header, dict) else None


def member_outcome(token: Signed, policy: Policy, user_id: str, now_ms: int) -> Outcome:
    """Whether a tenant's token says, at this moment, that the browser is this member's."""
    if token.fault is not None:
        return token.fault
    claims = token.claims
    if not _audiences(claims) & {policy.tenant_id, *policy.audiences}:
        return "wrong_audience"
    if claims.get("sub") != user_id:
        return "wrong_subject"
    return _time_fault(claims, now_ms, _MAX_LIFE_SECONDS) or "verified"


def line_outcome(token: Signed, line: Line, now_ms: int) -> Outcome:
    """Whether LINE's token is for the tenant's channel, at this moment."""
    if token.fault is not None:
        return token.fault
    if token.claims.get("iss") != _LINE_ISSUER:
        return "wrong_issuer"
    if line.channel_id not in _audiences(token.claims):
        return "wrong_audience"
    subject = token.claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 100 or "\0" in subject:
        return "wrong_subject"
    return _time_fault(token.claims, now_ms, None) or "verified"


def _audiences(claims: Mapping[str, object]) -> set[str]:
    told = claims.get("aud")
    many = told if isinstance(told, list) else [told]
    return {one for one in many if isinstance(one, str)}


def _time_fault(claims: Mapping[str, object], now_ms: int, longest_seconds: int | None) -> Outcome | None:
    now = now_ms / 1000
    expires = _moment(claims, "exp")
    if expires is None:
        return "no_expiry"
    if expires <= now:
        return "expired"
    if longest_seconds is not None and expires > now + longest_seconds + _LEEWAY_SECONDS:
        return "expires_too_late"
    for name in ("nbf", "iat"):
        if name in claims:
            moment = _moment(claims, name)
            if moment is None or moment > now + _LEEWAY_SECONDS:
                return "not_yet_valid"
    return None


def _moment(claims: Mapping[str, object], name: str) -> float | None:
    told = claims.get(name)
    return float(told) if isinstance(told, int | float) and not isinstance(told, bool) else None


def shared_key(secret: str) -> tuple[Algorithm, OctKey]:
    """A shared secret, as text; raises KeyNotUsable."""
    raw = secret.encode()
    if len(raw) < _MIN_SECRET_BYTES:
        raise KeyNotUsable(f"A shared secret needs at least {_MIN_SECRET_BYTES} bytes; make one at random.")
    if b"-----BEGIN" in raw:
        raise KeyNotUsable("This is a key file, not a shared secret: send it as public_key.")
    return "HS256", OctKey.import_key(raw)


def channel_key(secret: str) -> OctKey:
    """LINE's channel secret, as long as LINE makes it; raises KeyNotUsable."""
    if len(secret.encode()) < _MIN_CHANNEL_SECRET_BYTES:
        raise KeyNotUsable("line: this is no channel secret; copy it from the LINE Developers console.")
    return OctKey.import_key(secret.encode())


def public_key(text: str) -> tuple[Algorithm, Key]:
    """A public key as PEM, or as a JWK in JSON; raises KeyNotUsable."""
    if "PRIVATE KEY" in text:
        raise KeyNotUsable("This is a private key. Keep it, and send the public one; make a new pair.")
    given: str | dict[str, object] = text
    if text.lstrip().startswith("{"):
        try:
            given = json.loads(text)
        except ValueError as error:
            raise KeyNotUsable("This is no JWK: it is not JSON.") from error
        if isinstance(given, dict) and given.keys() & {"d", "k", "p", "q"}:
            raise KeyNotUsable("This JWK holds a secret. Send the public key; make a new pair.")
    kinds: tuple[tuple[Algorithm, type[RSAKey | ECKey | OKPKey]], ...] = (
        ("RS256", RSAKey),
        ("ES256", ECKey),
        ("EdDSA", OKPKey),
    )
    for algorithm, kind in kinds:
        try:
            with warnings.catch_warnings():
                # Weak keys are refused below, with a reason.
                warnings.simplefilter("ignore", SecurityWarning)
                key = kind.import_key(given)  # type: ignore[arg-type]
            facts = key.as_dict(private=False)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        _require_strong(algorithm, facts)
        return algorithm, key
    raise KeyNotUsable("Send an RSA, P-256 or Ed25519 public key, as PEM or as one JWK.")


def _require_strong(algorithm: Algorithm, facts: Mapping[str, object]) -> None:
    curve = facts.get("crv")
    if algorithm == "RS256":
        modulus = str(facts["n"])
        if len(base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))) * 8 < _MIN_RSA_BITS:
            raise KeyNotUsable(f"An RSA key needs at least {_MIN_RSA_BITS} bits.")
    elif (algorithm, curve) not in (("ES256", "P-256"), ("EdDSA", "Ed25519")):
        raise KeyNotUsable("Of elliptic curves P-256 (ES256) and Ed25519 (EdDSA) are taken.")
