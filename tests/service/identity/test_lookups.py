"""Looking identifiers up in bulk: what they are now, and nobody is made known by it."""

import uuid

import pytest
from contracts.gateway.v1 import events_pb2 as gateway_events
from contracts.identity.v1 import identity_service_pb2 as messages

from chassis.errors import ExpectedError
from tests.service.identity.cell import NOW_MS, SERVER, Event, Gateway

USER = gateway_events.IDENTIFIER_KIND_USER_ID
EMAIL = gateway_events.IDENTIFIER_KIND_EMAIL
PHONE = gateway_events.IDENTIFIER_KIND_PHONE
LINE = gateway_events.IDENTIFIER_KIND_LINE_ID


async def look_up(gateway: Gateway, *names: tuple[int, str]) -> list[messages.FoundIdentifier]:
    request = messages.LookUpIdentifiersRequest(
        identifiers=[messages.IdentifierName(kind=kind, value=value) for kind, value in names]  # type: ignore[arg-type]
    )
    answer = await gateway.client.call(gateway.stub.LookUpIdentifiers, request, tenant_id=gateway.tenant_id)
    return list(answer.found)


async def test_identifiers_are_found_in_whatever_form_they_are_written(gateway: Gateway) -> None:
    claims = ((EMAIL, "amy@shop.example"), (PHONE, "+886912345678"))
    await gateway.accept(
        Event("m1", anonymous_id="browser", at_ms=NOW_MS),
        Event("m2", user_id="amy", anonymous_id="browser", at_ms=NOW_MS + 1, source=SERVER, claims=claims),
    )
    await gateway.received(2)
    found = await look_up(
        gateway,
        (USER, " amy "),
        (EMAIL, "ＡＭＹ@shop.example"),
        (PHONE, "0912-345-678"),
        (USER, "ben"),
        (USER, "undefined"),
        (PHONE, "none of these"),
        (LINE, "x" * 600),
    )
    profile = (await gateway.profile(1)).profile
    by_value = {one.value: one.nid for one in profile.identifiers}
    assert [one.nid for one in found[:3]] == [
        by_value["amy"],
        by_value["amy@shop.example"],
        by_value["+886912345678"],
    ]
    assert {one.profile_id for one in found[:3]} == {profile.profile_id}
    assert [(one.nid, one.profile_id, one.unusable) for one in found[3:]] == [
        (0, 0, False),
        (0, 0, True),
        (0, 0, True),
        (0, 0, True),
    ]


async def test_nobody_becomes_known_by_being_looked_up_nor_is_anothers_found(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", user_id="amy"))
    await gateway.received(1)
    assert (await look_up(gateway, (USER, "amy"), (USER, "ben")))[1].nid == 0
    assert (await look_up(gateway, (USER, "ben")))[0].nid == 0
    count = messages.CountProfilesRequest()
    counted = await gateway.client.call(gateway.stub.CountProfiles, count, tenant_id=gateway.tenant_id)
    assert counted.profiles == 1
    gateway.tenant_id = str(uuid.uuid4())
    assert (await look_up(gateway, (USER, "amy")))[0].nid == 0


@pytest.mark.parametrize("names", [[], [(USER, "a")] * 5_001, [(0, "a")]])
async def test_too_many_or_of_no_kind_is_refused(gateway: Gateway, names: list[tuple[int, str]]) -> None:
    with pytest.raises(ExpectedError) as refused:
        await look_up(gateway, *names)
    assert refused.value.reason == "IDENTIFIER_NOT_USABLE"
