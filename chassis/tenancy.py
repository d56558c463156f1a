"""Signed, short-lived tokens that name caller, audience and tenant of a call between services."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis.errors import Unauthenticated

_ALGORITHMS = ["Ed25519"]
_LIFETIME_SECONDS = 120
_SKEW_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and for which tenant."""

    service: str
    tenant_id: str


def new_signing_key() -> tuple[str, str]:
    """A fresh (private, public) pair of Ed25519 JWKs as JSON."""
    key = OKPKey.generate_key("Ed25519", private=True)
    return json.dumps(key.as_dict(private=True)), json.dumps(key.as_dict(private=False))


class TokenSigner:
    """Signs calls of one service; a token is reused for half its life."""

    def __init__(self, caller: str, private_jwk: str) -> None:
        self._caller = caller
        self._key = OKPKey.import_key(json.loads(private_jwk))
        self._tokens: dict[tuple[str, str], tuple[float, str]] = {}

    def token(self, audience: str, tenant_id: str) -> str:
        """A token that lets this service call `audience` for `tenant_id`."""
        now = time.time()
        renew_at, token = self._tokens.get((audience, tenant_id), (0.0, ""))
        if now < renew_at:
            return token
        claims = {
            "iss": self._caller,
            "aud": audience,
            "tenant": tenant_id,
            "iat": int(now),
            "exp": int(now) + _LIFETIME_SECONDS,
        }
        token = jwt.encode(
            {"alg": "Ed25519", "typ": "nexus-call+jwt"}, claims, self._key, algorithms=_ALGORITHMS
        )
        if len(self._tokens) > 10_000:
            self._tokens.clear()
        self._tokens[audience, tenant_id] = (now + _LIFETIME_SECONDS / 2, token)
        return token


class TokenVerifier:
    """Verifies calls to one service."""

    def __init__(self, audience: str, trusted_keys: Mapping[str, str]) -> None:
        self._audience = audience
        self._keys = {caller: OKPKey.import_key(json.loads(jwk)) for caller, jwk in trusted_keys.items()}
        self._seen: dict[str, tuple[int, Caller]] = {}

    def verify(self, token: str) -> Caller:
        """The caller; raises Unauthenticated when the token is forged, expired or for somebody else."""
        now = time.time()
        known = self._seen.get(token)
        if known is not None and now < known[0]:
            return known[1]
        expires_at, caller = self._decode(token, now)
        if len(self._seen) > 10_000:
            self._seen.clear()
        self._seen[token] = (expires_at, caller)
        return caller

    def _decode(self, token: str, now: float) -> tuple[int, Caller]:
        claimed = _unverified_issuer(token)
        key = self._keys.get(claimed)
        if key is None:
            raise Unauthenticated("The calling service is not known here.", caller=claimed)
        try:
            decoded = jwt.decode(token, key, algorithms=_ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise Unauthenticated("The call's token is not valid.") from error
        claims = decoded.claims
        expires_at, issued_at = claims.get("exp"), claims.get("iat")
        tenant_id = claims.get("tenant")
        if decoded.header.get("typ") != "nexus-call+jwt" or claims.get("aud") != self._audience:
            raise Unauthenticated(
                "The call's token is for another audience.", audience=str(claims.get("aud"))
            )
        if (
            not isinstance(expires_at, int)
            or not isinstance(issued_at, int)
            or not isinstance(tenant_id, str)
        ):
            raise Unauthenticated("The call's token is incomplete.")
        if now >= expires_at or issued_at > now + _SKEW_SECONDS:
            raise Unauthenticated("The call's token has expired.")
        return expires_at, Caller(claimed, tenant_id)


def _unverified_issuer(token: str) -> str:
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return str(claims["iss"])
    except (IndexError, ValueError, KeyError, TypeError) as error:
        raise Unauthenticated("The call's token cannot be read.") from error
