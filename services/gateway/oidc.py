"""OpenID Connect as a client: discovery, authorization code with PKCE, and the judgement of an ID token."""

import base64
import binascii
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.gateway.domain.mail_addresses import mail_address
from services.gateway.errors.sign_in import AddressNotReachable, SingleSignOnFailed
from services.gateway.outbound import Outbound

# Signatures that only the provider can make. No "none", and no HMAC with a secret that we hold too.
_ALGORITHM_NAMES = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519"
_ALGORITHMS = _ALGORITHM_NAMES.split()
_LEEWAY_SECONDS = 60
_MOST_TOKEN_CHARS = 16_000


@dataclass(frozen=True, slots=True)
class Client:
    """How a tenant's provider knows us."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Provider:
    """What discovery says."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    # RFC 9207: its answers name it, so that another provider's cannot be mixed in.
    names_itself: bool
    basic_authentication: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a provider vouches for; `subject` is theirs for ever, the address may change."""

    subject: str
    email: str
    name: str


async def discover(outbound: Outbound, issuer: str) -> Provider:
    """Raises SingleSignOnFailed, AddressNotReachable."""
    found = await _json(outbound, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise SingleSignOnFailed("The provider calls itself by another name than the issuer.", issuer=issuer)
    texts = {name: found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    for name, url in texts.items():
        if not isinstance(url, str):
            raise SingleSignOnFailed(f"The provider's configuration has no {name}.", issuer=issuer)
        outbound.require_allowed(url)
    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Provider(
        **{name: str(url) for name, url in texts.items()},
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
        basic_authentication=not isinstance(methods, list) or "client_secret_basic" in methods,
    )


def authorization_url(
    provider: Provider, client: Client, *, state: str, nonce: str, verifier: str, email: str
) -> str:
    """Where the browser goes."""
    url: str = prepare_grant_uri(
        provider.authorization_endpoint,
        client_id=client.client_id,
        response_type="code",
        redirect_uri=client.redirect_uri,
        scope="openid email profile",
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
        **({"login_hint": email} if email else {}),
    )
    return url


async def exchange(
    outbound: Outbound, provider: Provider, client: Client, *, code: str, verifier: str, nonce: str
) -> Person:
    """Whom the code stands for; raises SingleSignOnFailed, AddressNotReachable."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": verifier,
    }
    headers = {"accept": "application/json"}
    if provider.basic_authentication:
        # Both parts are form-encoded first (RFC 6749 §2.3.1).
        pair = ":".join(urlencode({"": text})[1:] for text in (client.client_id, client.client_secret))
        headers["authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        form |= {"client_id": client.client_id, "client_secret": client.client_secret}
    answer = await outbound.fetch("POST", provider.token_endpoint, headers=headers, form=form)
    told = _object(answer.body)
    token = told.get("id_token")
    if answer.status != 200 or not isinstance(token, str) or len(token) > _MOST_TOKEN_CHARS:
        raise SingleSignOnFailed("The provider gave no ID token.", status=answer.status)
    keys = await _json(outbound, provider.jwks_uri)
    return person_of(token, keys, client, nonce=nonce, now=int(time.time()))


def person_of(token: str, keys: Mapping[str, Any], client: Client, *, nonce: str, now: int) -> Person:
    """Judge an ID token (OpenID Connect Core §3.1.3.7); raises SingleSignOnFailed."""
    claims = _claims(token, keys, client, nonce=nonce, now=now)
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in claims) and claims.get("azp") != client.client_id:
        raise SingleSignOnFailed("The ID token was made for another application.")
    email, subject = claims.get("email"), claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise SingleSignOnFailed("The ID token names nobody.")
    if not isinstance(email, str):
        raise SingleSignOnFailed("The provider told no e-mail address: allow the scope email.")
    try:
        address = mail_address(email)
    except ValueError as error:
        raise SingleSignOnFailed("The provider told an e-mail address that is none.") from error
    if claims.get("email_verified", True) is not True:
        raise SingleSignOnFailed("The provider has not verified the e-mail address.")
    name = claims.get("name")
    known_name = name[:100] if isinstance(name, str) and name and name.isprintable() else address
    return Person(subject, address, known_name)


def _claims(token: str, keys: Mapping[str, Any], client: Client, *, nonce: str, now: int) -> dict[str, Any]:
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": client.issuer},
        aud={"essential": True, "value": client.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        decoded = jwt.decode(token, _asymmetric(keys), algorithms=_ALGORITHMS)
        registry.validate(decoded.claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise SingleSignOnFailed("The ID token is not valid.", why=type(error).__name__) from error
    return dict(decoded.claims)


def _asymmetric(keys: Mapping[str, Any]) -> KeySet:
    """The provider's public keys; secrets and keys for other uses are left out."""
    listed = keys.get("keys")
    usable = [
        key
        for key in (listed if isinstance(listed, list) else [])
        if isinstance(key, dict)
        and key.get("kty") in ("RSA", "EC", "OKP")
        and key.get("use", "sig") == "sig"
        and key.get("crv") not in ("X25519", "X448")
    ]
    return KeySet.import_key_set({"keys": usable})


async def _json(outbound: Outbound, url: str) -> dict[str, Any]:
    answer = await outbound.fetch("GET", url, headers={"accept": "application/json"})
    if answer.status != 200:
        facts = {"host": urlsplit(url).hostname, "status": answer.status}
        raise AddressNotReachable("The provider does not answer as it should.", **facts)
    return _object(answer.body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError, binascii.Error):
        found = None
    if not isinstance(found, dict):
        raise SingleSignOnFailed("The provider's answer is no JSON object.")
    return found
