"""What people agreed to: recorded from events and by call, the strictest of a person's identifiers."""

import json
import uuid

import pytest
from contracts.identity.v1 import identity_service_pb2 as messages

from chassis.errors import ExpectedError
from tests.service.identity.cell import BROWSER, NOW_MS, SERVER, Event, Gateway, accepted
from tests.service.identity.consent_calls import (
    DENIED,
    EMAIL,
    GPC,
    GRANTED,
    consents,
    put,
    saying,
    statements,
    states,
)


async def test_an_event_states_the_consents_of_everyone_it_names(gateway: Gateway) -> None:
    event = Event("m1", user_id="amy", anonymous_id="phone")
    await gateway.accept_bytes(saying(event, analytics=True, advertising=False))
    await gateway.received(1)
    assert await states(gateway, 1) == {"analytics": GRANTED, "advertising": DENIED}
    found = (await statements(gateway, 1)).statements
    assert {(one.nid, one.consent.purpose) for one in found} == {
        (nid, purpose) for nid in (1, 2) for purpose in ("analytics", "advertising")
    }
    assert {(one.source, one.message_id, one.evidence_json) for one in found} == {("event", "m1", "{}")}
    assert {one.consent.stated_at.ToMilliseconds() for one in found} == {NOW_MS}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
async def test_the_last_statement_counts_whatever_order_they_arrive_in(
    gateway: Gateway, order: tuple[int, ...]
) -> None:
    said = [
        saying(Event("m1", anonymous_id="a", at_ms=NOW_MS), email=False, sms=True),
        saying(Event("m2", anonymous_id="a", at_ms=NOW_MS + 1), email=True),
        saying(Event("m3", anonymous_id="a", at_ms=NOW_MS + 2), sms=False),
    ]
    for number, index in enumerate(order, 1):
        await gateway.accept_bytes(said[index])
        await gateway.received(number)
    assert await states(gateway, 1) == {"email": GRANTED, "sms": DENIED}


async def test_a_copy_of_an_event_states_nothing_again_and_repetitions_are_kept_once(
    gateway: Gateway,
) -> None:
    first = saying(Event("m1", anonymous_id="a"), analytics=True)
    for message in (
        first,
        first,
        saying(Event("m2", anonymous_id="a", at_ms=NOW_MS + 60_000), analytics=True),
    ):
        await gateway.accept_bytes(message)
    await gateway.received(3)
    found = (await statements(gateway, 1)).statements
    assert [one.message_id for one in found] == ["m1"]
    [consent] = (await consents(gateway, 1)).consents
    assert consent.stated_at.ToMilliseconds() == NOW_MS + 60_000


async def test_a_merge_takes_the_stricter_consent_and_an_unmerge_gives_it_back(gateway: Gateway) -> None:
    await gateway.accept_bytes(saying(Event("m1", anonymous_id="laptop"), email=False, analytics=True))
    await gateway.accept_bytes(saying(Event("m2", user_id="amy", at_ms=NOW_MS + 1), email=True))
    await gateway.received(2)
    assert (await states(gateway, 1))["email"] == DENIED
    assert (await states(gateway, 2))["email"] == GRANTED
    await gateway.accept(Event("m3", user_id="amy", anonymous_id="laptop", at_ms=NOW_MS + 2))
    await gateway.received(3)
    assert await states(gateway, 2) == {"email": DENIED, "analytics": GRANTED}
    request = messages.UnlinkRequest(
        command_id=str(uuid.uuid4()), links=[messages.LinkName(a_nid=1, b_nid=2)], actor="teammate:1"
    )
    await gateway.client.call(gateway.stub.Unlink, request, tenant_id=gateway.tenant_id)
    assert (await states(gateway, 2)) == {"email": GRANTED}


async def test_what_a_server_was_told_no_a_browser_cannot_turn_into_yes(gateway: Gateway) -> None:
    """A write key can be read by anybody; whoever has it must not agree for a member who refused."""
    await gateway.accept_bytes(saying(Event("m1", user_id="amy", source=SERVER), email=False))
    forged = Event("m2", user_id="amy", anonymous_id="thief", at_ms=NOW_MS + 1, source=BROWSER)
    await gateway.accept_bytes(saying(forged, email=True))
    await gateway.received(2)
    assert await states(gateway, 1) == {"email": DENIED}
    signed = accepted([Event("m3", user_id="amy", anonymous_id="hers", at_ms=NOW_MS + 2)])
    signed.verified_rows.append(0)
    signed.consents.add(row=0, purpose="email", granted=True, basis=1)
    await gateway.accept_bytes(signed.SerializeToString())
    await gateway.received(3)
    assert await states(gateway, 1) == {"email": GRANTED}


async def test_the_privacy_signal_denies_advertising(gateway: Gateway) -> None:
    message = accepted([Event("m1", anonymous_id="a")])
    message.consents.add(row=0, purpose="advertising", granted=False, basis=GPC)
    await gateway.accept_bytes(message.SerializeToString())
    await gateway.received(1)
    assert await states(gateway, 1) == {"advertising": DENIED}
    assert [one.source for one in (await statements(gateway, 1)).statements] == ["gpc"]


async def test_a_teammate_records_a_statement_about_all_of_a_person_with_its_evidence(
    gateway: Gateway,
) -> None:
    event = Event("m1", user_id="amy", anonymous_id="a", claims=[(EMAIL, "amy@x.tw")], source=SERVER)
    await gateway.accept(event)
    await gateway.received(1)
    evidence = {"form": "newsletter 2026-11", "wording": "我同意"}
    command_id = str(uuid.uuid4())
    for _ in range(2):
        answer = await put(gateway, 3, json.dumps(evidence), command_id, email=GRANTED)
        assert [(one.purpose, one.state) for one in answer.consents] == [("email", GRANTED)]
    found = (await statements(gateway, 1)).statements
    assert sorted(one.nid for one in found) == [1, 2, 3]
    assert {(one.source, one.actor, one.message_id) for one in found} == {("api", "teammate:1", "")}
    assert all(json.loads(one.evidence_json) == evidence for one in found)


async def test_statements_come_in_pages_newest_first(gateway: Gateway) -> None:
    for number in range(5):
        event = Event(f"m{number}", anonymous_id="a", at_ms=NOW_MS + number)
        await gateway.accept_bytes(saying(event, email=bool(number % 2)))
    await gateway.received(5)
    first = await statements(gateway, 1, page_size=3)
    rest = await statements(gateway, 1, page_size=3, page_token=first.next_page_token)
    assert [one.message_id for one in [*first.statements, *rest.statements]] == ["m4", "m3", "m2", "m1", "m0"]
    assert not rest.next_page_token


async def test_impossible_statements_are_refused_with_a_reason(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", anonymous_id="a"))
    await gateway.received(1)

    async def reason(**wrong: object) -> str:
        good = {
            "command_id": str(uuid.uuid4()),
            "profile_id": 1,
            "consents": [messages.Consent(purpose="email", state=GRANTED)],
        }
        request = messages.PutConsentsRequest(**{**good, **wrong})  # type: ignore[arg-type]
        with pytest.raises(ExpectedError) as refused:
            await gateway.client.call(gateway.stub.PutConsents, request, tenant_id=gateway.tenant_id)
        return refused.value.reason

    future = messages.Consent(purpose="email", state=GRANTED)
    future.stated_at.FromSeconds(4_000_000_000)
    assert await reason(consents=[]) == "INVALID_CONSENT"
    assert await reason(consents=[future]) == "INVALID_CONSENT"
    assert await reason(consents=[messages.Consent(purpose="E-mail", state=GRANTED)]) == "INVALID_CONSENT"
    assert await reason(consents=[messages.Consent(purpose="email")]) == "INVALID_CONSENT"
    assert await reason(consents=[messages.Consent(purpose="email", state=GRANTED)] * 2) == "INVALID_CONSENT"
    assert await reason(evidence_json="[1]") == "INVALID_CONSENT"
    assert await reason(evidence_json='{"a": "\\u0000"}') == "INVALID_CONSENT"
    assert await reason(command_id="once") == "INVALID_COMMAND_ID"
    assert await reason(profile_id=7) == "PROFILE_NOT_FOUND"
    assert await reason(profile_id=2**31) == "PROFILE_NOT_FOUND"
