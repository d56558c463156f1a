"""What somebody signed for counts like a secret key's claim, though a browser sent it."""

from collections.abc import Sequence

from contracts.gateway.v1 import events_pb2 as gateway_events

from tests.service.identity.cell import NOW_MS, SERVER, Event, Gateway, accepted

EMAIL = gateway_events.IDENTIFIER_KIND_EMAIL
LINE = gateway_events.IDENTIFIER_KIND_LINE_ID


async def send(
    gateway: Gateway, *events: Event, rows: Sequence[int] = (), claims: Sequence[int] = ()
) -> None:
    """`rows` whose user id was signed for, and places of claims that were."""
    message = accepted(events)
    message.verified_rows.extend(rows)
    for place in claims:
        message.claims[place].verified = True
    await gateway.accept_bytes(message.SerializeToString())


async def test_a_member_who_signed_in_has_the_browser_that_another_only_claimed(gateway: Gateway) -> None:
    await send(gateway, Event("m1", "a", "u1"), Event("m2", "a", "u2", at_ms=NOW_MS + 1), rows=[1])
    await gateway.received(2)
    await gateway.accept(Event("m3", "a"))
    await gateway.received(3)
    people = await gateway.people()
    assert people["m3"] == people["m2"] != people["m1"]


async def test_without_a_signature_the_first_member_has_it(gateway: Gateway) -> None:
    await send(gateway, Event("m1", "a", "u1"), Event("m2", "a", "u2", at_ms=NOW_MS + 1))
    await gateway.received(2)
    await gateway.accept(Event("m3", "a"))
    await gateway.received(3)
    people = await gateway.people()
    assert people["m3"] == people["m1"] != people["m2"]


async def test_an_address_that_a_provider_signed_for_joins_the_browser(gateway: Gateway) -> None:
    """The LINE id is signed for, the e-mail of the same event is not, and stays a trait."""
    line, mail = (LINE, "main:U1"), (EMAIL, "amy@shop.example")
    await send(gateway, Event("m1", "a", claims=[line, mail]), claims=[0])
    await gateway.accept(Event("m2", source=SERVER, claims=[line]), Event("m3", source=SERVER, claims=[mail]))
    await gateway.received(3)
    people = await gateway.people()
    assert people["m1"] == people["m2"] != people["m3"]


async def test_a_signed_address_does_not_sign_for_the_member_beside_it(gateway: Gateway) -> None:
    """The browser claims u1 and proves a LINE id; a server knows that this LINE id is u2's."""
    line = (LINE, "main:U1")
    await send(gateway, Event("m1", "a", "u1", claims=[line]), claims=[0])
    await gateway.accept(Event("m2", user_id="u2", source=SERVER, claims=[line], at_ms=NOW_MS + 1))
    await gateway.received(2)
    await gateway.accept(Event("m3", source=SERVER, claims=[line]))
    await gateway.received(3)
    people = await gateway.people()
    assert people["m3"] == people["m2"] != people["m1"]


async def test_signatures_and_claims_travel_on_with_their_events(gateway: Gateway) -> None:
    """A copy is dropped, so that rows move up; what points at them moves along."""
    line = (LINE, "main:U1")
    await gateway.accept(Event("m1", "a"))
    await gateway.received(1)
    await send(
        gateway,
        Event("m1", "a"),
        Event("m2", "b"),
        Event("m3", "c", "u1", claims=[line]),
        rows=[2],
        claims=[0],
    )
    await gateway.received(4)
    last = (await gateway.resolved())[-1].events
    assert list(last.message_ids) == ["m2", "m3"]
    assert list(last.verified_rows) == [1]
    assert [(claim.row, claim.value, claim.verified) for claim in last.claims] == [(1, "main:U1", True)]


async def test_a_signature_for_an_event_that_is_not_there_sets_the_message_aside(gateway: Gateway) -> None:
    await send(gateway, Event("m1", "a"), rows=[7])
    assert (await gateway.received(1)).set_aside == 1
    assert [each.reason for each in await gateway.set_aside()] == ["MESSAGE_UNREADABLE"]
