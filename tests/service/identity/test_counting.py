"""One event counts once, and what cannot be counted is set aside alone."""

import asyncio
from dataclasses import replace

from contracts.gateway.v1 import events_pb2 as gateway_events

from tests.service.identity.cell import NOW_MS, SERVER, Event, Gateway, accepted

DAY_MS = 86_400_000


async def test_an_event_counts_once_however_often_and_wherever_it_comes_again(gateway: Gateway) -> None:
    event = Event("m1", anonymous_id="browser-1")
    await gateway.accept(event, Event("m2", anonymous_id="browser-2"), event)
    await gateway.accept(replace(event, at_ms=NOW_MS + 30 * DAY_MS), Event("m3", anonymous_id="browser-1"))
    await gateway.accept(Event("m4", user_id="amy", anonymous_id="browser-1"))
    await gateway.accept(replace(event, user_id="amy"), event)
    intake = await gateway.received(8)
    assert sorted(await gateway.counted_ids()) == ["m1", "m2", "m3", "m4"]
    assert (intake.counted, intake.duplicates, intake.set_aside) == (4, 4, 0)


async def test_the_first_accepted_copy_counts_and_a_later_one_joins_nobody(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", anonymous_id="browser-1"))
    await gateway.accept(Event("m1", anonymous_id="browser-2", user_id="amy"))
    await gateway.received(2)
    found = await gateway.search()
    assert [i.value for profile in found.profiles for i in profile.identifiers] == ["browser-1"]


async def test_a_browser_and_a_server_may_use_the_same_message_id(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", user_id="amy"), Event("m1", user_id="amy", source=SERVER))
    assert (await gateway.received(2)).counted == 2


async def test_an_unusable_event_is_set_aside_without_its_neighbours(gateway: Gateway) -> None:
    await gateway.accept(
        Event("m1", anonymous_id="browser-1"),
        Event("m2", user_id="null"),
        Event("m3", user_id="x" * 600, anonymous_id="browser-1"),
        Event("m4", anonymous_id="nul\0byte"),
        Event("", anonymous_id="browser-1"),
        Event("m6", user_id="undefined", anonymous_id="browser-1"),
    )
    intake = await gateway.received(6)
    assert (intake.counted, intake.duplicates, intake.set_aside) == (2, 0, 4)
    assert await gateway.counted_ids() == ["m1", "m6"]
    aside = await gateway.set_aside()
    assert {(event.message_id, event.reason) for event in aside} == {
        ("m2", "NO_USABLE_IDENTIFIER"),
        ("m3", "IDENTIFIER_TOO_LONG"),
        ("m4", "IDENTIFIER_NOT_TEXT"),
        ("", "MESSAGE_ID_UNUSABLE"),
    }
    assert {event.stage for event in aside} == {"identity.resolve"}
    assert {event.payload for event in aside} >= {b'{"messageId":"m2"}'}


async def test_an_event_that_was_set_aside_counts_when_it_comes_again_repaired(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", user_id="null"), Event("m1", user_id="amy"))
    await gateway.accept(Event("m1", user_id="amy"))
    intake = await gateway.received(3)
    assert (intake.counted, intake.duplicates, intake.set_aside) == (1, 1, 1)


async def test_a_message_that_cannot_be_read_is_set_aside_and_the_next_is_resolved(gateway: Gateway) -> None:
    uneven = accepted([Event("m1", anonymous_id="b")])
    uneven.user_ids.append("too many")
    await gateway.accept_bytes(b"\xff\xff not a message")
    await gateway.accept_bytes(uneven.SerializeToString())
    await gateway.accept(Event("m2", anonymous_id="b"))
    intake = await gateway.received(3)
    assert (intake.counted, intake.set_aside) == (1, 2)
    aside = await gateway.set_aside()
    assert [event.reason for event in aside] == ["MESSAGE_UNREADABLE"] * 2
    assert aside[0].payload == b"\xff\xff not a message"


async def test_what_is_published_keeps_every_column_and_claim_of_its_event(gateway: Gateway) -> None:
    claims = [(gateway_events.IDENTIFIER_KIND_EMAIL, "Amy@Example.com")]
    first = [Event("m1", anonymous_id="b1"), Event("m2", anonymous_id="b1")]
    second = [
        Event("m2", anonymous_id="b1"),
        Event("m3", user_id="amy", source=SERVER, claims=claims, at_ms=NOW_MS - 5),
    ]
    await asyncio.gather(gateway.accept(*first), gateway.accept(*second))
    await gateway.received(4)
    seen = {}
    for message in await gateway.resolved():
        events = message.events
        for row, message_id in enumerate(events.message_ids):
            seen[message_id] = (
                events.sources[events.source_rows[row]].key_id,
                events.timestamps_ms[row],
                events.user_ids[row],
                events.payloads[row],
                [claim.value for claim in events.claims if claim.row == row],
                message.nid_kinds[row],
            )
    payload = {name: Event(name).payload for name in ("m1", "m2", "m3")}
    anonymous = gateway_events.IDENTIFIER_KIND_ANONYMOUS_ID
    assert seen == {
        "m1": ("b", NOW_MS, "", payload["m1"], [], anonymous),
        "m2": ("b", NOW_MS, "", payload["m2"], [], anonymous),
        "m3": (
            "s",
            NOW_MS - 5,
            "amy",
            payload["m3"],
            ["Amy@Example.com"],
            gateway_events.IDENTIFIER_KIND_USER_ID,
        ),
    }


async def test_places_and_numbers_only_rise(gateway: Gateway) -> None:
    for number in range(30):
        await gateway.accept(Event(f"m{number}", anonymous_id=f"b{number}"))
    await gateway.received(30)
    messages = await gateway.resolved()
    places = [message.accepted_to for message in messages]
    assert places == sorted(set(places))
    assert messages[-1].nid_high_water == 30
    assert sorted(nid for message in messages for nid in message.nids) == list(range(1, 31))
