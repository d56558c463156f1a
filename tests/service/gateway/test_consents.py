"""Consents and suppressions by HTTP: what the gateway asks of identity, for whom, and what it writes down."""

from typing import Any

from contracts.identity.v1 import identity_service_pb2 as identity_pb

from tests.service.gateway.conftest import Shop


def suppressed(*named: tuple[str, str]) -> dict[str, Any]:
    return {"identifiers": [{"kind": kind, "value": value} for kind, value in named]}


async def test_a_statement_reaches_identity_and_the_audit_log_without_its_evidence(shop: Shop) -> None:
    body = {
        "consents": [{"purpose": "email", "state": "granted", "stated_at": "2026-11-20T10:00:00+08:00"}],
        "evidence": {"wording": "amy@x.tw 同意"},
    }
    async with shop.client() as client:
        answer = await client.put("/v1/profiles/7/consents", json=body)
        audit = await client.get("/v1/audit")
    assert answer.status_code == 200, answer.text
    assert [(one["purpose"], one["state"]) for one in answer.json()] == [("email", "granted")]
    [asked] = shop.gateway.people.asked[shop.id]
    assert isinstance(asked, identity_pb.PutConsentsRequest)
    assert (asked.profile_id, asked.consents[0].stated_at.seconds) == (7, 1_795_140_000)
    assert asked.actor.startswith("key:")
    [entry] = [one for one in audit.json()["entries"] if one["action"] == "consents.stated"]
    assert (entry["subject"], entry["after"]) == ("profile:7", {"email": "granted"})
    assert "amy" not in audit.text


async def test_suppressed_identifiers_are_named_as_events_name_them_and_never_written_down(
    shop: Shop,
) -> None:
    body = suppressed(("email", " Amy@X.tw"), ("phone", "０９１２-345-678"), ("user_id", "Amy "))
    async with shop.client() as client:
        added = await client.post("/v1/suppressions", json=body | {"reason": "asked"})
        lifted = await client.request("DELETE", "/v1/suppressions", json=body)
        audit = await client.get("/v1/audit")
    assert (added.json(), lifted.json()) == ({"added": 3}, {"lifted": 3})
    for asked in shop.gateway.people.asked[shop.id]:
        assert [one.value for one in asked.identifiers] == ["amy@x.tw", "0912345678", "Amy "]
    assert {"suppressions.added", "suppressions.lifted"} <= {one["action"] for one in audit.json()["entries"]}
    assert "amy" not in audit.text.lower()


async def test_what_no_statement_or_suppression_can_be_is_refused_before_identity_is_asked(
    shop: Shop,
) -> None:
    consent = {"purpose": "email", "state": "granted"}
    async with shop.client() as client:
        for wrong in (
            {"consents": []},
            {"consents": [consent, consent]},
            {"consents": [consent | {"purpose": "E-Mail"}]},
            {"consents": [consent | {"state": "maybe"}]},
            {"consents": [consent | {"stated_at": "2999-01-01T00:00:00Z"}]},
            {"consents": [consent | {"stated_at": "2026-01-01T00:00:00"}]},
            {"consents": [consent], "evidence": {"text": "x" * 9000}},
            {"consents": [consent], "evidence": {"text": "\0"}},
            {"consents": [consent], "tenant_id": "another"},
        ):
            refused = await client.put("/v1/profiles/7/consents", json=wrong)
            assert (refused.status_code, refused.json()["code"]) == (400, "REQUEST_NOT_VALID"), wrong
        for wrong in (suppressed(), suppressed(("name", "amy")), suppressed(("email", ""))):
            refused = await client.post("/v1/suppressions", json=wrong)
            assert (refused.status_code, refused.json()["code"]) == (400, "REQUEST_NOT_VALID"), wrong
    assert shop.id not in shop.gateway.people.asked


async def test_a_list_gives_cursors_of_its_own(shop: Shop) -> None:
    async with shop.client() as client:
        first = (await client.get("/v1/suppressions", params={"limit": 1})).json()
        rest = await client.get("/v1/suppressions", params={"limit": 1, "cursor": first["next_cursor"]})
        elsewhere = await client.get(
            "/v1/profiles/7/consents/statements", params={"cursor": first["next_cursor"]}
        )
    assert [one["kind"] for one in first["suppressions"]] == ["email"]
    assert (rest.json()["suppressions"], rest.json()["next_cursor"]) == ([], None)
    assert elsewhere.json()["code"] == "CURSOR_NOT_VALID"
