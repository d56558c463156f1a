"""Signed call tokens: only the right caller, audience, time and signature are let in."""

import base64
import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from chassis.errors import Unauthenticated
from chassis.tenancy import Caller, TokenSigner, TokenVerifier, new_signing_key

TENANT = "0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f0001"
PRIVATE, PUBLIC = new_signing_key()


def verifier() -> TokenVerifier:
    return TokenVerifier("insight", {"gateway": PUBLIC})


def signed(header: dict[str, str] | None = None, key: str = PRIVATE, **changes: object) -> str:
    claims = {
        "iss": "gateway",
        "aud": "insight",
        "tenant": TENANT,
        "iat": int(time.time()),
        "exp": int(time.time()) + 60,
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(
        {"alg": "Ed25519", "typ": "nexus-call+jwt"} | (header or {}),
        claims,
        OKPKey.import_key(json.loads(key)),
        algorithms=["Ed25519"],
    )


def test_a_signed_call_names_its_caller_and_tenant() -> None:
    token = TokenSigner("gateway", PRIVATE).token("insight", TENANT)
    known = verifier()
    assert known.verify(token) == Caller("gateway", TENANT)
    assert known.verify(token) == Caller("gateway", TENANT)


def test_a_token_is_reused_for_one_tenant_and_audience_only() -> None:
    signer = TokenSigner("gateway", PRIVATE)
    assert signer.token("insight", TENANT) == signer.token("insight", TENANT)
    assert signer.token("insight", TENANT) != signer.token("identity", TENANT)
    assert signer.token("insight", TENANT) != signer.token("insight", TENANT[:-1] + "2")


def test_a_token_is_renewed_before_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    signer = TokenSigner("gateway", PRIVATE)
    first, now = signer.token("insight", TENANT), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 90)
    second = signer.token("insight", TENANT)
    assert second != first
    monkeypatch.setattr(time, "time", lambda: now + 180)
    assert verifier().verify(second).tenant_id == TENANT


def test_a_token_that_was_good_is_refused_once_it_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    known, now = verifier(), time.time()
    token = signed()
    known.verify(token)
    monkeypatch.setattr(time, "time", lambda: now + 61)
    with pytest.raises(Unauthenticated):
        known.verify(token)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed(aud="identity"), id="for another audience"),
        pytest.param(signed(aud=["insight"]), id="for a list of audiences"),
        pytest.param(signed(iss="stranger"), id="of an unknown caller"),
        pytest.param(signed(key=new_signing_key()[0]), id="signed with another key"),
        pytest.param(signed(exp=int(time.time()) - 1), id="expired"),
        pytest.param(signed(exp=None), id="without an end"),
        pytest.param(signed(exp="9999999999"), id="whose end is no number"),
        pytest.param(signed(iat=int(time.time()) + 600), id="from the future"),
        pytest.param(signed(tenant=None), id="without a tenant"),
        pytest.param(signed(tenant=7), id="whose tenant is no text"),
        pytest.param(signed({"typ": "JWT"}), id="of another purpose"),
        pytest.param("", id="empty"),
        pytest.param("a.b.c", id="that is no token"),
        pytest.param("é.ü.ß", id="that is not ASCII"),
        pytest.param(signed()[:-6] + "AAAAAA", id="with a broken signature"),
    ],
)
def test_refused_is_a_token(token: str) -> None:
    with pytest.raises(Unauthenticated):
        verifier().verify(token)


def test_refused_is_a_token_signed_with_the_public_key_as_a_secret() -> None:
    secret = OctKey.import_key(PUBLIC)
    claims = {"iss": "gateway", "aud": "insight", "tenant": TENANT, "iat": 1, "exp": 9_999_999_999}
    forged = jwt.encode({"alg": "HS256", "typ": "nexus-call+jwt"}, claims, secret, algorithms=["HS256"])
    with pytest.raises(Unauthenticated):
        verifier().verify(forged)


def test_refused_is_an_unsigned_token() -> None:
    _, body, _ = signed().split(".")
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"nexus-call+jwt"}').decode().rstrip("=")
    with pytest.raises(Unauthenticated):
        verifier().verify(f"{header}.{body}.")
