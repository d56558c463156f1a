"""Every story through the bus and the API, in several orders and batch splits, each a tenant of its own."""

import asyncio
import time
from collections.abc import Sequence

import pytest
from contracts.gateway.v1 import events_pb2 as gateway_events

from services.identity.main import service
from tests.identity_stories import STORIES, Story, StoryEvent
from tests.service.identity.cell import BROWSER, SERVER, Cell, Event, Gateway, gateway_side
from tests.service.identity.map_calls import MapCalls

KINDS = {
    "user": gateway_events.IDENTIFIER_KIND_USER_ID,
    "email": gateway_events.IDENTIFIER_KIND_EMAIL,
    "phone": gateway_events.IDENTIFIER_KIND_PHONE,
    "line": gateway_events.IDENTIFIER_KIND_LINE_ID,
    "ext": gateway_events.IDENTIFIER_KIND_EXTERNAL_ID,
    "alias": gateway_events.IDENTIFIER_KIND_ANONYMOUS_ID,
}
AT_ONCE = 12


async def test_every_story_makes_the_people_it_tells_of(cell: Cell) -> None:
    turns = asyncio.Semaphore(AT_ONCE)
    async with gateway_side(cell) as side, service(cell.settings()):

        async def told(story: Story, messages: Sequence[Sequence[StoryEvent]]) -> list[str]:
            async with turns:
                people = await _lived(MapCalls(Gateway(side.bus, side.reader, side.client)), story, messages)
            return [] if story.holds(people) else [f"{story.name}: {[sorted(person) for person in people]}"]

        failures = await asyncio.gather(
            *(told(story, messages) for story in STORIES for messages in story.deliveries())
        )
    assert [line for lines in failures for line in lines] == []


async def _lived(
    calls: MapCalls, story: Story, messages: Sequence[Sequence[StoryEvent]]
) -> frozenset[frozenset[str]]:
    for line in story.before:
        await _say(calls, line)
    sent = 0
    for message in messages:
        await calls.gateway.accept(*map(_event, message))
        sent += len(message)
    await _received(calls.gateway, sent)
    for line in story.after:
        await _say(calls, line)
    if story.later:
        await calls.gateway.accept(*map(_event, story.later))
        await _received(calls.gateway, sent + len(story.later))
    return frozenset(frozenset(person.split()) for person in await calls.people())


async def _received(gateway: Gateway, number: int) -> None:
    deadline = time.monotonic() + 60
    while (await gateway.intake()).received < number:
        assert time.monotonic() < deadline, "the events never arrived"
        await asyncio.sleep(0.05)


async def _say(calls: MapCalls, line: Sequence[str]) -> None:
    match line:
        case ["link", first, second]:
            await calls.link(*await calls.pair(first, second))
        case ["unlink", first, second]:
            await calls.unlink(await calls.pair(first, second))
        case ["restore", first, second]:
            await calls.restore(await calls.pair(first, second))
        case ["limit", kind, limit]:
            await calls.put({KINDS[kind]: int(limit)})
        case ["block", value]:
            await calls.put(blocked=[value])
        case ["country", code]:
            await calls.put(phone_country_code=code)
        case ["defaults"]:
            await calls.put()
        case _:
            pytest.fail(f"nobody knows how to {line}")


def _event(told: StoryEvent) -> Event:
    claims = [(KINDS[kind], value) for kind, value in told.claims if kind not in ("user", "anon")]
    source = SERVER if told.server else BROWSER
    return Event(told.message_id, told.first("anon"), told.first("user"), told.at_ms, source, claims)
