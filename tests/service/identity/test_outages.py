"""Whatever is killed, whenever: every event once, and the same people."""

import asyncio
import itertools
import random
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest
from contracts.identity.v1 import identity_service_pb2 as messages

from chassis.bus import Bus, BusUnavailable
from chassis.errors import ExpectedError
from services.identity.domain.identifiers import Kind, Rules
from services.identity.domain.partition import Link, Pair, pair_of, partition
from services.identity.main import service
from tests.service.identity.cell import (
    NOW_MS,
    Cell,
    Event,
    Gateway,
    accepted,
    eventually,
    free_port,
    gateway_side,
)

_TOPICS = ["identity.events.resolved.v1", "identity.profile.remapped.v1"]


@pytest.fixture
async def side(cell: Cell) -> AsyncIterator[Gateway]:
    """The gateway's side alone; the test runs identity."""
    async with gateway_side(cell) as side:
        yield side


def story(seed: int, n_events: int) -> list[Event]:
    """Visitors on shared browsers, some of them members; one event in twenty is sent again."""
    chance = random.Random(seed)
    events: list[Event] = []
    for number in range(n_events):
        user = f"u{chance.randrange(12)}" if chance.random() < 0.2 else ""
        anonymous = f"b{chance.randrange(40)}"
        events.append(
            Event(f"m{number}", anonymous_id=anonymous, user_id=user, at_ms=NOW_MS + chance.randrange(99))
        )
    again = chance.choices(events, k=n_events // 20)
    sent = events + again
    chance.shuffle(sent)
    return sent


def expected_people(events: Sequence[Event]) -> set[frozenset[str]]:
    """Message ids by person: a batch reference over the whole set of events."""
    nids: dict[str, int] = {}
    kinds: dict[int, Kind] = {}
    links: dict[Pair, Link] = {}
    primary: dict[str, int] = {}

    def number(kind: Kind, value: str) -> int:
        nid = nids.setdefault(f"{kind}{value}", len(nids) + 1)
        kinds[nid] = kind
        return nid

    for event in events:
        browser = number(Kind.ANONYMOUS_ID, event.anonymous_id)
        primary[event.message_id] = browser
        if event.user_id:
            member = primary[event.message_id] = number(Kind.USER_ID, event.user_id)
            link = Link(*pair_of(member, browser), (1, event.at_ms, event.message_id, 1))
            if link.pair not in links or link.sighting < links[link.pair].sighting:
                links[link.pair] = link
    return grouped(primary, partition(kinds, links.values(), Rules()).profiles)


def grouped(primary: dict[str, int], profiles: dict[int, int]) -> set[frozenset[str]]:
    people: dict[int, set[str]] = {}
    for message_id, nid in primary.items():
        people.setdefault(profiles[nid], set()).add(message_id)
    return {frozenset(person) for person in people.values()}


async def accept_all(side: Gateway, events: Sequence[Event], size: int) -> None:
    for start in range(0, len(events), size):
        await side.accept(*events[start : start + size])
        await asyncio.sleep(0.005)


async def assert_exact(side: Gateway, events: Sequence[Event]) -> None:
    """Each event on the bus once, the counts whole, the people those of the reference."""
    distinct = {event.message_id for event in events}

    async def whole() -> bool:
        return set(await side.counted_ids()) == distinct

    await eventually(whole)
    await asyncio.sleep(0.5)
    assert [name for name, times in Counter(await side.counted_ids()).items() if times > 1] == []
    people = await side.people()
    assert grouped(people, {nid: nid for nid in people.values()}) == expected_people(events)


async def test_killed_again_and_again_under_load_it_counts_each_event_once(cell: Cell, side: Gateway) -> None:
    chance = random.Random(5)
    events = story(5, 6_000)
    process = cell.launch_service()
    try:
        load = asyncio.create_task(accept_all(side, events, 10))
        for _ in range(5):
            await asyncio.sleep(1.2 + chance.random())
            process.kill()
            process.wait()
            process = cell.launch_service()
        await load
        intake = await side.received(len(events))
        await assert_exact(side, events)
        assert intake.received == len(events) == intake.counted + intake.duplicates + intake.set_aside
    finally:
        process.kill()
        process.wait()


async def test_killed_between_decision_and_publication_it_publishes_at_the_next_start(
    cell: Cell, side: Gateway
) -> None:
    first, second = story(1, 200), story(2, 300)
    process = cell.launch_service()
    try:
        await accept_all(side, first, 100)
        await side.received(len(first))
        await assert_exact(side, first)
        # A stream that is full refuses what was decided, while decisions go on being stored.
        await side.reader.ensure_stream("IDENTITY", _TOPICS, max_bytes=1_000)
        place = await side.accept(*second)

        async def decided() -> bool:
            return (await side.intake()).accepted_to == place

        await eventually(decided)
        assert set(await side.counted_ids()) == {event.message_id for event in first}
    finally:
        process.kill()
        process.wait()
    process = cell.launch_service()
    try:
        await eventually(lambda: published_to(side, place))
        await assert_exact(side, first + [event for event in second if event.message_id not in ids(first)])
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def ids(events: Sequence[Event]) -> set[str]:
    return {event.message_id for event in events}


async def published_to(side: Gateway, place: int) -> bool:
    return any(message.accepted_to >= place for message in await side.resolved())


async def test_asked_to_stop_it_finishes_its_batch_and_leaves(cell: Cell, side: Gateway) -> None:
    events = story(3, 3_000)
    load = asyncio.create_task(accept_all(side, events, 10))
    for _ in range(2):
        process = cell.launch_service()
        await side.intake()
        await asyncio.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    process = cell.launch_service()
    try:
        await load
        await assert_exact(side, events)
    finally:
        process.kill()
        process.wait()


async def test_without_postgresql_it_stays_up_says_so_and_catches_up(cell: Cell, side: Gateway) -> None:
    events = story(4, 2_000)
    async with service(cell.settings()):
        await accept_all(side, events[:700], 50)
        await side.received(700)
        cell.kill("postgres")
        try:
            await accept_all(side, events[700:], 50)
            with pytest.raises(ExpectedError) as caught:
                await side.client.call(
                    side.stub.GetIntake,
                    messages.GetIntakeRequest(),
                    tenant_id=side.tenant_id,
                    timeout_seconds=5,
                )
            assert caught.value.status.name == "UNAVAILABLE"
        finally:
            cell.start("postgres")
        await assert_exact(side, events)


async def test_without_the_bus_it_stays_up_and_goes_on_where_it_was(cell: Cell, side: Gateway) -> None:
    events = story(6, 2_000)
    async with service(cell.settings()):
        load = asyncio.create_task(accept_all(side, events, 20))
        for _ in range(2):
            await asyncio.sleep(0.3)
            cell.kill("nats")
            await asyncio.sleep(0.5)
            cell.start("nats")
        await load
        await assert_exact(side, events)


async def test_two_writers_take_turns(cell: Cell, side: Gateway) -> None:
    """As in a rolling restart: the second one waits for the lock and goes on."""
    events = story(7, 1_000)
    process: subprocess.Popen[bytes] | None = None
    try:
        async with service(cell.settings()):
            await accept_all(side, events[:400], 20)
            cell.port, taken = free_port(), cell.port
            process = cell.launch_service()
            cell.port = taken
            await accept_all(side, events[400:600], 20)
        await accept_all(side, events[600:], 20)
        await assert_exact(side, events)
    finally:
        if process is not None:
            process.kill()
            process.wait()


async def test_a_database_restored_from_an_old_copy_repeats_no_event_and_no_number(
    cell: Cell, side: Gateway
) -> None:
    before = await side.accept()
    first = [Event(f"m{number}", anonymous_id=f"b{number}") for number in range(20)]
    async with service(cell.settings()):
        await side.accept(*first)
        await side.received(20)
    connection = await asyncpg.connect(cell.postgres.url("identity"))
    try:
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', $1, true)", side.tenant_id)
            for table in ("identifiers", "links", "ledger", "seen_log", "decisions", "intakes"):
                await connection.execute(f"delete from {table}")
            await connection.execute(
                "update positions set accepted_to = $1, tenants = '{}' where lane = 'live'", before
            )
    finally:
        await connection.close()
    async with service(cell.settings()):
        await side.received(20)
        await side.accept(*first, Event("new", anonymous_id="new"))
        await side.received(41)
    counted = [
        (message_id, nid)
        for message in await side.resolved()
        for message_id, nid in zip(message.events.message_ids, message.nids, strict=True)
    ]
    assert sorted(message_id for message_id, _ in counted) == sorted([*ids(first), "new"])
    assert dict(counted)["new"] > 20


async def test_an_event_that_fails_for_no_known_reason_is_found_and_set_aside_alone(
    cell: Cell, side: Gateway
) -> None:
    owner = await asyncpg.connect(cell.postgres.owner_url("identity"))
    rule = "alter table identifiers add constraint no_poison check (value <> 'poison') not valid"
    try:
        await owner.execute(rule)
        events = [Event(f"m{number}", anonymous_id=f"b{number}") for number in range(60)]
        events[37] = Event("m37", anonymous_id="poison")
        async with service(cell.settings()):
            await side.accept(*events[:30])
            await side.accept(*events[30:])
            intake = await side.received(60)
    finally:
        await owner.execute("alter table identifiers drop constraint no_poison")
        await owner.close()
    assert (intake.counted, intake.duplicates, intake.set_aside) == (59, 0, 1)
    assert [(event.message_id, event.reason) for event in await side.set_aside()] == [
        ("m37", "RESOLVE_FAILED")
    ]


async def test_after_a_long_outage_of_the_bus_it_looks_what_is_there_before_it_repeats_anything(
    cell: Cell, side: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bus forgets ids after a while; from then on only its content tells what it already has."""
    monkeypatch.setattr("services.identity.publishing._SEND_SECONDS", 0.0)
    forgetful = itertools.count()
    publish = Bus.publish

    async def stored_but_unanswered(bus: Bus, subject: str, data: bytes, *, message_id: str) -> int:
        number = next(forgetful)
        await publish(bus, subject, data, message_id=f"{message_id}-{number}")
        if number < 3:
            raise BusUnavailable("the answer got lost")
        return 0

    async with service(cell.settings()):
        with monkeypatch.context() as patch:
            patch.setattr("services.identity.publishing.Bus.publish", stored_but_unanswered)
            events = [Event(f"m{number}", anonymous_id="b") for number in range(6)]
            for event in events:
                await publish(
                    side.bus,
                    f"gateway.events.accepted.v1.{side.tenant_id}",
                    accepted([event]).SerializeToString(),
                    message_id=event.message_id,
                )
            await side.received(6)
    assert sorted(await side.counted_ids()) == [f"m{number}" for number in range(6)]
