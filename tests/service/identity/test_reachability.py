"""Who can be reached: announced once for each change, the same in the end whatever the order."""

import itertools
import uuid

import pytest
from contracts.identity.v1 import identity_service_pb2 as messages

from tests.service.identity.cell import NOW_MS, SERVER, Event, Gateway
from tests.service.identity.consent_calls import (
    ANONYMOUS_ID,
    DENIED,
    EMAIL,
    GRANTED,
    LINE_ID,
    PHONE,
    USER_ID,
    announced,
    channels,
    consents,
    put,
    reporting,
    saying,
    suppress,
    unsuppress,
)

NOBODY = {"email": "NO_ADDRESS", "sms": "NO_ADDRESS", "line": "NO_ADDRESS"}
SIGNED_UP = Event("up", user_id="amy", source=SERVER, claims=[(EMAIL, "amy@x.tw")])


async def test_each_change_is_announced_once_with_all_channels(gateway: Gateway) -> None:
    await gateway.accept(Event("m0", anonymous_id="a"))
    await gateway.accept(SIGNED_UP)
    await gateway.received(2)
    profile = (await gateway.people())["up"]
    await gateway.accept_bytes(saying(Event("m1", user_id="amy", at_ms=NOW_MS + 1), email=True))
    await gateway.received(3)
    await gateway.accept_bytes(saying(Event("m2", user_id="amy", at_ms=NOW_MS + 2), email=True))
    await gateway.accept(Event("m3", user_id="amy", at_ms=NOW_MS + 3))
    await gateway.received(5)
    await put(gateway, profile, email=DENIED)
    assert await announced(gateway) == [
        (profile, NOBODY | {"email": "NO_CONSENT"}),
        (profile, NOBODY | {"email": ""}),
        (profile, NOBODY | {"email": "DENIED"}),
    ]
    assert await channels(gateway, profile) == NOBODY | {"email": "DENIED"}


async def test_messages_go_to_the_address_heard_of_last(gateway: Gateway) -> None:
    await gateway.accept_bytes(saying(SIGNED_UP, email=True))
    newer = Event("m1", user_id="amy", source=SERVER, claims=[(EMAIL, "new@x.tw")], at_ms=NOW_MS + 1)
    await gateway.accept(newer)
    await gateway.received(2)
    profile = (await gateway.people())["up"]
    [email, *_] = (await consents(gateway, profile)).channels
    assert (email.channel, email.address) == ("email", "new@x.tw")
    bounce = Event("m2", user_id="amy", source=SERVER, at_ms=NOW_MS + 2)
    await gateway.accept_bytes(reporting(bounce, EMAIL, "new@x.tw", deliverable=False))
    await gateway.received(3)
    [email, *_] = (await consents(gateway, profile)).channels
    assert (email.reachable, email.address) == (True, "amy@x.tw")


async def test_an_address_whose_messages_come_back_is_reached_again_after_one_arrives(
    gateway: Gateway,
) -> None:
    """The bounce comes before anybody knows the address, and the later delivery before the bounce."""
    later = Event("m2", user_id="shop", source=SERVER, at_ms=NOW_MS + 2)
    await gateway.accept_bytes(reporting(later, EMAIL, "AMY@x.tw", deliverable=True))
    earlier = Event("m1", user_id="shop", source=SERVER, at_ms=NOW_MS + 1)
    await gateway.accept_bytes(reporting(earlier, EMAIL, "amy@x.tw", deliverable=False))
    await gateway.accept_bytes(saying(SIGNED_UP, email=True))
    await gateway.received(3)
    profile = (await gateway.people())["up"]
    assert (await channels(gateway, profile))["email"] == ""
    last = Event("m3", user_id="shop", source=SERVER, at_ms=NOW_MS + 3)
    await gateway.accept_bytes(reporting(last, EMAIL, "amy@x.tw", deliverable=False))
    await gateway.received(4)
    assert (await channels(gateway, profile))["email"] == "UNDELIVERABLE"
    assert (await announced(gateway))[-1] == (profile, NOBODY | {"email": "UNDELIVERABLE"})


async def test_a_browser_reports_of_no_address(gateway: Gateway) -> None:
    await gateway.accept_bytes(saying(SIGNED_UP, email=True))
    forged = Event("m1", user_id="amy", at_ms=NOW_MS + 1)
    await gateway.accept_bytes(reporting(forged, EMAIL, "amy@x.tw", deliverable=False))
    await gateway.received(2)
    assert (await channels(gateway, (await gateway.people())["up"]))["email"] == ""


async def test_one_suppressed_identifier_makes_a_whole_person_unreachable(gateway: Gateway) -> None:
    claims = [(EMAIL, "amy@x.tw"), (PHONE, "0912345678"), (LINE_ID, "shop:U1")]
    event = Event("m1", user_id="amy", source=SERVER, claims=claims)
    await gateway.accept_bytes(saying(event, email=True, sms=True, line=True))
    await gateway.received(1)
    profile = (await gateway.people())["m1"]
    everything = {"email": "", "sms": "", "line": ""}
    assert await channels(gateway, profile) == everything
    await suppress(gateway, (PHONE, "0912345678"))
    nothing = dict.fromkeys(everything, "SUPPRESSED")
    assert await channels(gateway, profile) == nothing
    assert (await consents(gateway, profile)).suppressed
    await unsuppress(gateway, (PHONE, "0912345678"))
    assert await announced(gateway) == [(profile, everything), (profile, nothing), (profile, everything)]


async def test_a_merge_with_somebody_suppressed_suppresses_both_until_it_is_undone(gateway: Gateway) -> None:
    await gateway.accept_bytes(saying(SIGNED_UP, email=True))
    await gateway.accept(Event("m1", anonymous_id="tablet", at_ms=NOW_MS + 1))
    await gateway.accept(Event("m2", user_id="amy", anonymous_id="phone", at_ms=NOW_MS + 2))
    await gateway.received(3)
    profile = (await gateway.people())["up"]
    tablet = (await gateway.people())["m1"]
    await suppress(gateway, (ANONYMOUS_ID, "tablet"))
    link = messages.LinkRequest(command_id=str(uuid.uuid4()), a_nid=profile, b_nid=tablet, actor="teammate:1")
    await gateway.client.call(gateway.stub.Link, link, tenant_id=gateway.tenant_id)
    assert set((await channels(gateway, tablet)).values()) == {"SUPPRESSED"}
    undo = messages.UnlinkRequest(
        command_id=str(uuid.uuid4()),
        links=[messages.LinkName(a_nid=profile, b_nid=tablet)],
        actor="teammate:1",
    )
    await gateway.client.call(gateway.stub.Unlink, undo, tenant_id=gateway.tenant_id)
    last = dict(await announced(gateway))
    assert last[profile] == NOBODY | {"email": ""}
    assert set(last[tablet].values()) == {"SUPPRESSED"}


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
async def test_the_end_is_the_same_in_every_order(gateway: Gateway, order: tuple[int, ...]) -> None:
    story = [
        saying(Event("m1", anonymous_id="a", at_ms=NOW_MS), sms=True, email=True),
        saying(
            Event("m2", user_id="amy", source=SERVER, claims=[(EMAIL, "amy@x.tw")], at_ms=NOW_MS + 1),
            email=False,
        ),
        saying(
            Event("m3", user_id="amy", source=SERVER, claims=[(PHONE, "0912345678")], at_ms=NOW_MS + 2),
            email=True,
        ),
        saying(Event("m4", user_id="amy", anonymous_id="a", at_ms=NOW_MS + 3)),
    ]
    for number, index in enumerate(order, 1):
        await gateway.accept_bytes(story[index])
        await gateway.received(number)
    profile = (await gateway.people())["m1"]
    # E-mail: the address itself still says no (m2), although the member said yes since (m3).
    expected = {"email": "DENIED", "sms": "", "line": "NO_ADDRESS"}
    assert await channels(gateway, profile) == expected
    last = dict(await announced(gateway))
    assert {nid: reach for nid, reach in last.items() if reach != NOBODY} == {profile: expected}


async def test_a_person_who_is_erased_is_reachable_by_nothing(gateway: Gateway) -> None:
    await gateway.accept_bytes(saying(SIGNED_UP, email=True))
    await gateway.received(1)
    profile = (await gateway.people())["up"]
    request = messages.EraseRequest(erasure_id=str(uuid.uuid4()), profile_id=profile, actor="teammate:1")
    await gateway.client.call(gateway.stub.Erase, request, tenant_id=gateway.tenant_id)
    assert (await announced(gateway))[-1] == (profile, NOBODY)


async def test_consent_alone_reaches_nobody_and_announces_nothing(gateway: Gateway) -> None:
    await gateway.accept_bytes(saying(Event("m1", anonymous_id="a"), email=True, sms=True))
    await gateway.received(1)
    assert await announced(gateway) == []
    await put(gateway, 1, line=GRANTED)
    assert await announced(gateway) == []
    await suppress(gateway, (USER_ID, "somebody else"))
    assert await announced(gateway) == []
