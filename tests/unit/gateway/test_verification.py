"""Signed tokens: what a browser may claim with one, and every way of forging one."""

import base64
import json
import warnings
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from joserfc import jws, jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from services.gateway.domain.verification import (
    KeyNotUsable,
    Line,
    Outcome,
    Policy,
    SigningKey,
    channel_key,
    line_outcome,
    member_outcome,
    public_key,
    shared_key,
    signed,
)

NOW_MS = 1_790_000_000_000
NOW = NOW_MS // 1000
TENANT = "11111111-1111-4111-8111-111111111111"
SECRET = "a secret of the shop that has more than thirty-two bytes"
RSA, EC, ED = RSAKey.generate_key(2048), ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")


SHORT_RSA = (
    generate_private_key(65537, 1024)
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


def public(key: RSAKey | ECKey | OKPKey, kid: str = "") -> SigningKey:
    algorithm, ready = public_key(key.as_pem(private=False).decode())
    return SigningKey("id", "", kid, algorithm, ready)


def shared(secret: str = SECRET, kid: str = "") -> SigningKey:
    return SigningKey("id", "", kid, *shared_key(secret))


def token(
    key: Key | None = None, algorithm: str = "HS256", header: dict[str, Any] | None = None, **claims: Any
) -> str:
    """Signed for amy, an hour long, unless `claims` say otherwise; None takes a claim out."""
    said = {"sub": "amy", "aud": TENANT, "exp": NOW + 3600, "iat": NOW} | claims
    said = {name: value for name, value in said.items() if value is not None}
    chosen = key or OctKey.import_key(SECRET)
    with warnings.catch_warnings():
        # RFC 9864 has a newer name for EdDSA.
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.encode({"alg": algorithm, **(header or {})}, said, chosen, algorithms=[algorithm])


def outcome(text: object, *keys: SigningKey, user_id: str = "amy", now_ms: int = NOW_MS) -> Outcome:
    policy = Policy(TENANT, "enforce", frozenset({"shop.example"}), keys or [shared()])
    return member_outcome(signed(text, policy.keys), policy, user_id, now_ms)


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


GOOD_CLAIMS = {"sub": "amy", "aud": TENANT, "exp": NOW + 3600}


@pytest.mark.parametrize(
    ("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA")], ids=["RSA", "EC", "Ed25519"]
)
def test_every_kind_of_key_verifies(key: RSAKey | ECKey | OKPKey, algorithm: str) -> None:
    assert outcome(token(key, algorithm), public(key)) == "verified"
    jwk = json.dumps(key.as_dict(private=False))
    told, ready = public_key(jwk)
    assert outcome(token(key, algorithm), SigningKey("id", "", "", told, ready)) == "verified"


def test_a_shared_secret_verifies_and_the_audience_may_be_another_or_a_list() -> None:
    assert outcome(token()) == "verified"
    assert outcome(token(aud="shop.example")) == "verified"
    assert outcome(token(aud=["else", TENANT])) == "verified"


def test_two_keys_are_in_force_while_they_are_rotated() -> None:
    old, new = shared(), shared("another secret of the shop, thirty-two bytes or more")
    assert outcome(token(), new, old) == "verified"
    assert outcome(token(), new) == "bad_signature"


def test_a_token_that_names_its_key_is_verified_by_that_key_only() -> None:
    assert outcome(token(header={"kid": "2026"}), shared(kid="2026"), public(RSA, "2025")) == "verified"
    assert outcome(token(header={"kid": "2024"}), shared(kid="2026")) == "unknown_key"
    assert (
        outcome(unsigned({"alg": "HS256", "kid": ["2026"]}, GOOD_CLAIMS), shared(kid="2026")) == "unknown_key"
    )


def test_a_forged_token_is_not_believed() -> None:
    good = token()
    head, body, signature = good.split(".")
    other = base64.urlsafe_b64encode(json.dumps(GOOD_CLAIMS | {"sub": "eve"}).encode()).decode().rstrip("=")
    assert outcome(f"{head}.{other}.{signature}", user_id="eve") == "bad_signature"
    assert outcome(f"{head}.{body}.{signature[:-4]}AAAA") == "bad_signature"
    assert outcome(f"{head}.{body}.") == "bad_signature"


@pytest.mark.parametrize("none", ["none", "None", "NONE", "", None])
def test_a_token_without_a_signature_is_not_believed(none: str | None) -> None:
    for keys in ([shared()], [public(RSA)], []):
        policy = Policy(TENANT, "enforce", keys=keys)
        text = unsigned({"alg": none}, GOOD_CLAIMS)
        assert member_outcome(signed(text, keys), policy, "amy", NOW_MS) in ("wrong_algorithm", "unknown_key")


def test_a_public_key_is_never_taken_for_a_shared_secret() -> None:
    """The classic confusion: HS256 with the text of the RSA public key, which everybody may know."""
    pem = RSA.as_pem(private=False)
    head = base64.urlsafe_b64encode(b'{"alg":"HS256"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps(GOOD_CLAIMS).encode()).decode().rstrip("=")
    mac = hmac.HMAC(pem, hashes.SHA256())
    mac.update(f"{head}.{body}".encode())
    forged = f"{head}.{body}.{base64.urlsafe_b64encode(mac.finalize()).decode().rstrip('=')}"
    assert outcome(forged, public(RSA)) == "wrong_algorithm"
    with pytest.raises(KeyNotUsable):
        shared_key(pem.decode())


def test_a_key_inside_the_token_is_not_looked_at() -> None:
    mine = RSAKey.generate_key(2048)
    header = {"jwk": mine.as_dict(private=False), "jku": "https://evil.example/keys"}
    text = jwt.encode({"alg": "RS256", "jwk": header["jwk"]}, GOOD_CLAIMS, mine, algorithms=["RS256"])
    assert outcome(text, public(RSA)) == "bad_signature"


def test_a_token_of_one_member_does_not_serve_another() -> None:
    assert outcome(token(), user_id="eve") == "wrong_subject"
    assert outcome(token(sub=None)) == "wrong_subject"
    assert outcome(token(sub=1), user_id="1") == "wrong_subject"


def test_a_token_for_another_audience_is_not_believed() -> None:
    other = "22222222-2222-4222-8222-222222222222"
    for wrong in (other, [other], None, 5, [None], ""):
        assert outcome(token(aud=wrong)) == "wrong_audience"


def test_a_token_lives_a_day_at_most_and_says_until_when() -> None:
    assert outcome(token(exp=NOW)) == "expired"
    assert outcome(token(exp=NOW + 1)) == "verified"
    assert outcome(token(exp=NOW + 24 * 3600)) == "verified"
    assert outcome(token(exp=NOW + 25 * 3600)) == "expires_too_late"
    assert outcome(token(exp=None)) == "no_expiry"
    assert outcome(token(exp=True)) == "no_expiry"
    assert outcome(unsigned({"alg": "HS256"}, GOOD_CLAIMS | {"exp": 1e400})) == "bad_signature"
    assert outcome(token(), now_ms=NOW_MS + 2 * 3600_000) == "expired"


def test_a_token_from_the_future_waits() -> None:
    assert outcome(token(nbf=NOW + 30)) == "verified"
    assert outcome(token(nbf=NOW + 600)) == "not_yet_valid"
    assert outcome(token(iat=NOW + 600)) == "not_yet_valid"
    assert outcome(token(nbf="soon")) == "not_yet_valid"


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        ("", "malformed"),
        ("a.b", "malformed"),
        ("…..", "malformed"),
        ("a.b.c", "malformed"),
        ("..", "malformed"),
        (5, "malformed"),
        ({"alg": "HS256"}, "malformed"),
        ("e30.e30.e30", "wrong_algorithm"),
        ("W10.W10.W10", "malformed"),
        ("a" * 5000 + ".b.c", "too_large"),
        (base64.urlsafe_b64encode(b"[" * 2000).decode() + ".b.c", "malformed"),
    ],
)
def test_what_is_no_token_is_told_apart(wrong: object, because: Outcome) -> None:
    assert outcome(wrong) == because


def test_a_signed_text_that_is_no_object_says_nothing() -> None:
    text = jws.serialize_compact({"alg": "HS256"}, b"[1]", OctKey.import_key(SECRET))
    assert outcome(text) == "malformed"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no key",
        "{",
        "[]",
        SHORT_RSA,
        ECKey.generate_key("P-384").as_pem(private=False).decode(),
        RSA.as_pem(private=True).decode(),
        json.dumps(EC.as_dict(private=True)),
        json.dumps({"kty": "oct", "k": "AAAA"}),
    ],
    ids=["empty", "text", "broken", "list", "short RSA", "P-384", "private PEM", "private JWK", "secret JWK"],
)
def test_what_is_no_public_key_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(KeyNotUsable) as refused:
        public_key(text)
    assert len(str(refused.value)) > 20


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(KeyNotUsable):
        shared_key("x" * 31)


def test_line_vouches_for_its_users_of_the_tenants_channel() -> None:
    """Web login signs with the channel's secret, LIFF with LINE's key."""
    secret = "0123456789abcdef0123456789abcdef"
    keys = [SigningKey("", "", "", "HS256", channel_key(secret)), public(EC)]
    line = Line("1650000000", "shop", keys)
    claims = {"iss": "https://access.line.me", "sub": "U1", "aud": "1650000000", "exp": NOW + 3600}

    def result(key: Key, algorithm: str, **wrong: Any) -> Outcome:
        text = jwt.encode({"alg": algorithm}, claims | wrong, key, algorithms=[algorithm])
        return line_outcome(signed(text, line.keys), line, NOW_MS)

    assert result(OctKey.import_key(secret), "HS256") == "verified"
    assert result(EC, "ES256") == "verified"
    assert result(ECKey.generate_key("P-256"), "ES256") == "bad_signature"
    assert result(EC, "ES256", iss="https://evil.example") == "wrong_issuer"
    assert result(EC, "ES256", aud="1650000001") == "wrong_audience"
    assert result(EC, "ES256", exp=NOW) == "expired"
    assert result(EC, "ES256", sub="") == "wrong_subject"
