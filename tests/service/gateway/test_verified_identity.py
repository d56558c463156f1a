"""Verified identity at the door: what a browser may claim, the settings, and the report."""

import json
import time
from typing import Any

import pytest
from contracts.gateway.v1 import events_pb2
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from tests.service.gateway.conftest import Shop
from tests.service.gateway.test_bad_rows import accepted_of, bad_rows, until

SECRET = "a secret of the shop that has more than thirty-two bytes"
CHANNEL = {"channel_id": "1650000000", "provider": "shop", "secret": "0123456789abcdef0123456789abcdef"}


async def put(shop: Shop, **settings: Any) -> dict[str, Any]:
    async with shop.client() as client:
        answer = await client.put("/v1/identity/verification", json=settings)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def token(shop: Shop, user_id: str, secret: str = SECRET, **claims: Any) -> str:
    said = {"sub": user_id, "aud": shop.id, "exp": int(time.time()) + 3600} | claims
    return jwt.encode({"alg": "HS256"}, said, OctKey.import_key(secret))


def seen(name: str, user_id: str = "", signed: object = None, **more: Any) -> dict[str, Any]:
    event: dict[str, Any] = {"type": "track", "event": "Seen", "messageId": name, "userId": user_id}
    context = {"page": {"path": "/"}} | ({"identityToken": signed} if signed is not None else {})
    return event | {"anonymousId": f"browser of {name}", "context": context} | more


async def rows(shop: Shop, number: int) -> dict[str, dict[str, Any]]:
    """The accepted events of a tenant by message id, once there are so many."""
    messages = await until(
        lambda: accepted_of(shop), lambda found: sum(len(one.message_ids) for one in found) >= number
    )
    found = {}
    for message in messages:
        verified = set(message.verified_rows)
        for row, message_id in enumerate(message.message_ids):
            found[message_id] = {
                "user_id": message.user_ids[row],
                "anonymous_id": message.anonymous_ids[row],
                "verified": row in verified,
                "payload": json.loads(message.payloads[row]),
                "claims": [(one.kind, one.value, one.verified) for one in message.claims if one.row == row],
                "consents": [
                    (one.purpose, one.granted, one.basis) for one in message.consents if one.row == row
                ],
            }
    return found


async def outcomes(shop: Shop, subject: str = "member") -> dict[str, int]:
    async with shop.client() as client:
        answer = await client.get("/v1/identity/verification/report")
    days = [day for day in answer.json()["days"] if day["subject"] == subject]
    return {one["outcome"]: one["events"] for day in days for one in day["outcomes"]}


async def test_report_changes_nothing_and_counts_every_outcome(shop: Shop) -> None:
    await put(shop, mode="report", keys=[{"secret": SECRET}])
    await shop.send(
        seen("good", "amy", token(shop, "amy")),
        seen("again", "amy", token(shop, "amy")),
        seen("none", "amy"),
        seen("stolen", "eve", token(shop, "amy")),
        seen("late", "amy", token(shop, "amy", exp=int(time.time()) - 10)),
        seen("forged", "amy", token(shop, "amy", "another secret that has more than thirty-two bytes")),
        seen("visitor"),
    )
    found = await rows(shop, 7)
    assert {name: row["user_id"] for name, row in found.items()} == {
        **dict.fromkeys(["good", "again", "none", "late", "forged"], "amy"),
        "stolen": "eve",
        "visitor": "",
    }
    assert {name for name, row in found.items() if row["verified"]} == {"good", "again"}
    counted = await until(lambda: outcomes(shop), lambda found: sum(found.values()) == 6)
    assert counted == {"verified": 2, "missing": 1, "wrong_subject": 1, "expired": 1, "bad_signature": 1}


async def test_enforced_an_unsigned_member_claims_nothing_and_the_event_stays(shop: Shop) -> None:
    await put(shop, mode="enforce", keys=[{"secret": SECRET}])
    await shop.send(
        seen("good", "amy", token(shop, "amy")),
        seen("none", "amy"),
        seen("stolen", "eve", token(shop, "amy")),
        seen("alone", "amy", anonymousId=None),
        seen("alone and signed", "amy", token(shop, "amy"), anonymousId=None),
    )
    found = await rows(shop, 4)
    assert {name: (row["user_id"], row["verified"]) for name, row in found.items()} == {
        "good": ("amy", True),
        "none": ("", False),
        "stolen": ("", False),
        "alone and signed": ("amy", True),
    }
    assert found["none"]["payload"]["userId"] == "amy"
    [bad] = await until(lambda: bad_rows(shop), lambda rows: len(rows) == 1)
    assert (bad["message_id"], bad["reason"]) == ("alone", "IDENTITY_NOT_VERIFIED")
    async with shop.client() as client:
        replay = await client.post(f"/v1/bad-rows/{bad['id']}/replay")
    assert (replay.json()["status"], replay.json()["reason"]) == ("new", "IDENTITY_NOT_VERIFIED")
    await shop.send(seen("server", "amy"), key=shop.secret_key)
    assert (await rows(shop, 5))["server"]["user_id"] == "amy"


async def test_a_token_is_never_stored_with_the_event(shop: Shop) -> None:
    signed = token(shop, "amy")
    context = {"identityToken": signed, "lineIdToken": "x.y.z", "page": {"path": "/"}}
    await shop.send(seen("browser", "amy", context=context))
    await shop.send(seen("server", "amy", context=context), key=shop.secret_key)
    found = await rows(shop, 2)
    for row in found.values():
        assert row["payload"]["context"] == {"page": {"path": "/"}}
        assert not row["verified"]


async def test_keys_are_rotated_without_a_gap_and_a_key_that_was_taken_out_vouches_no_more(
    shop: Shop,
) -> None:
    pair = ECKey.generate_key("P-256")
    first = await put(shop, mode="enforce", keys=[{"secret": SECRET, "name": "old"}])
    old = first["keys"][0]["id"]
    signed = token(shop, "amy")
    await shop.send(seen("old alone", "amy", signed))
    pem = pair.as_pem(private=False).decode()
    both = await put(shop, mode="enforce", keys=[{"id": old}, {"public_key": pem, "kid": "2027"}])
    assert [(key["algorithm"], key["public_key"]) for key in both["keys"]] == [("HS256", ""), ("ES256", pem)]
    claims = {"sub": "amy", "aud": shop.id, "exp": int(time.time()) + 60}
    new = jwt.encode({"alg": "ES256", "kid": "2027"}, claims, pair)
    await shop.send(seen("old of two", "amy", signed), seen("new of two", "amy", new))
    await put(shop, mode="enforce", keys=[{"id": both["keys"][1]["id"]}])
    await shop.send(seen("old gone", "amy", signed), seen("new alone", "amy", new))
    found = await rows(shop, 5)
    assert {name for name, row in found.items() if row["user_id"]} == set(found) - {"old gone"}


async def test_line_vouches_for_an_account_although_a_browser_sends_it(shop: Shop) -> None:
    await put(shop, mode="off", line=CHANNEL)
    claims = {"iss": "https://access.line.me", "sub": "U1", "aud": "1650000000", "exp": int(time.time()) + 60}
    key = OctKey.import_key(CHANNEL["secret"])
    good = jwt.encode({"alg": "HS256"}, claims, key)
    bad = jwt.encode({"alg": "HS256"}, claims | {"aud": "1650000001"}, key)
    await shop.send(
        seen("good", "amy", context={"lineIdToken": good}), seen("bad", "amy", context={"lineIdToken": bad})
    )
    found = await rows(shop, 2)
    line = events_pb2.IDENTIFIER_KIND_LINE_ID
    assert (found["good"]["claims"], found["bad"]["claims"]) == ([(line, "shop:U1", True)], [])
    counted = await until(lambda: outcomes(shop, "line"), lambda found: sum(found.values()) == 2)
    assert counted == {"verified": 1, "wrong_audience": 1}
    kept = await put(shop, mode="off", line=CHANNEL | {"secret": None})
    assert kept["line"] == {
        "channel_id": "1650000000",
        "provider": "shop",
        "has_secret": True,
        "public_keys": [],
    }


async def test_settings_show_no_secret_and_refuse_what_cannot_verify(shop: Shop) -> None:
    await put(shop, mode="report", audiences=["shop.example"], keys=[{"secret": SECRET}], line=CHANNEL)
    async with shop.client() as client:
        answer = await client.get("/v1/identity/verification")
        assert SECRET not in answer.text
        assert CHANNEL["secret"] not in answer.text
        assert answer.json()["audience"] == shop.id
        for wrong, code in (
            ({"mode": "on"}, "REQUEST_NOT_VALID"),
            ({"mode": "report", "keys": [{"secret": "short"}]}, "REQUEST_NOT_VALID"),
            ({"mode": "report", "keys": [{"public_key": "no key"}]}, "REQUEST_NOT_VALID"),
            ({"mode": "report", "keys": [{"secret": SECRET, "public_key": "x"}]}, "REQUEST_NOT_VALID"),
            ({"mode": "report", "keys": [{}]}, "REQUEST_NOT_VALID"),
            ({"mode": "off", "line": CHANNEL | {"secret": ""}}, "REQUEST_NOT_VALID"),
            ({"mode": "off", "line": CHANNEL | {"provider": "a:b"}}, "REQUEST_NOT_VALID"),
            (
                {"mode": "off", "keys": [{"id": "6f9d7a52-62a5-4b0e-8b8e-2f0c3a4d5e61"}]},
                "SIGNING_KEY_NOT_FOUND",
            ),
        ):
            refused = await client.put("/v1/identity/verification", json=wrong)
            assert (refused.status_code, refused.json()["code"]) == (400, code), wrong
        unchanged = await client.get("/v1/identity/verification")
        audit = await client.get("/v1/audit")
    assert unchanged.json() == answer.json()
    assert SECRET not in audit.text


async def test_another_tenants_key_vouches_for_nobody_here(shop: Shop) -> None:
    other = await shop.gateway.make_tenant("other")
    await put(other, mode="enforce", keys=[{"secret": SECRET}])
    await put(shop, mode="enforce", keys=[{"secret": "a secret of this shop, longer than thirty-two bytes"}])
    await shop.send(seen("foreign", "amy", token(other, "amy")), seen("mixed", "amy", token(shop, "amy")))
    found = await rows(shop, 2)
    assert {row["user_id"] for row in found.values()} == {""}


@pytest.mark.parametrize("signal", [True, False])
async def test_the_privacy_signal_of_a_browser_denies_advertising(shop: Shop, signal: bool) -> None:
    headers = {"sec-gpc": "1" if signal else "0"}
    for key, name in ((shop.write_key, "browser"), (shop.secret_key, "server")):
        async with shop.gateway.client(key, headers=headers) as client:
            sent = await client.post("/v1/track", json=seen(name))
        assert sent.status_code == 200
    found = await rows(shop, 2)
    expected = [("advertising", False, events_pb2.CONSENT_BASIS_GPC)] if signal else []
    assert (found["browser"]["consents"], found["server"]["consents"]) == (expected, [])
