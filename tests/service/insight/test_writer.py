"""Every event counts once, whichever process is killed when."""

import asyncio
import contextlib
import random
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from contracts.gateway.v1 import events_pb2 as gateway_pb2
from contracts.insight.v1 import insight_service_pb2 as pb

from chassis.clickhouse import ClickHouseUnavailable, Query
from services.insight.store.events import EventStore
from services.insight.store.rows import Block, TraitRows
from tests.service.insight.installation import REMAPPED, RESOLVED, USER_ID, Client, Installation, Sent, Shop


@pytest.fixture
async def installation() -> AsyncIterator[Installation]:
    fresh = Installation()
    try:
        await fresh.start()
        yield fresh
    finally:
        fresh.stop()


async def stored(client: Client) -> dict[str, tuple[int, int]]:
    """(rows, distinct places) of every table."""
    found = {}
    for table in ("events", "order_facts", "traits", "profile_of", "event_details"):
        place = "position, row, line" if table == "event_details" else "position, row"
        answer = await client.clickhouse.fetch_unscoped(f"select count(), uniqExact({place}) from {table}")
        found[table] = tuple(answer.rows[0])
    return found


def batch(number: int) -> list[Sent]:
    """Ten events that put rows into every table but the map."""
    lines = {"products": [{"sku": "a"}, {"sku": "b"}]}
    return [
        Sent(number, "Order Completed", properties={"order_id": f"{number}", "revenue": "1.10"} | lines),
        Sent(number, kind="identify", traits={"n": number}),
        *(Sent(number) for _ in range(8)),
    ]


async def some_are_stored(client: Client, more_than: int) -> int:
    """Wait for progress, so that a kill hits a writer at work however slow the machine is."""
    while True:
        with contextlib.suppress(ClickHouseUnavailable):
            if (rows := (await stored(client))["events"][0]) > more_than:
                return rows
        await asyncio.sleep(0.02)


async def test_every_event_counts_once_through_kills_of_writer_and_store(
    installation: Installation,
) -> None:
    rng = random.Random(7)
    async with installation.client() as client:
        shop = client.shop()
        done = asyncio.Event()
        number = last = 0

        async def publish() -> None:
            nonlocal last, number
            while not done.is_set():
                number += 1
                last = await shop.send(*batch(number))
                if number % 3 == 0:
                    last = await shop.move((number, USER_ID, number - 1))
                await asyncio.sleep(0.01)

        publishing = asyncio.create_task(publish())
        installation.start_service()
        rows = 0
        for part in ("store", "writer", "store", "store", "writer", "store"):
            rows = await some_are_stored(client, rows)
            await asyncio.sleep(rng.uniform(0, 0.1))
            if part == "store":
                await asyncio.to_thread(installation.kill_clickhouse)
            else:
                installation.kill_service()
                installation.start_service()
        done.set()
        await publishing
        await shop.counted(last, 60)
        assert await stored(client) == {
            "events": (10 * number, 10 * number),
            "order_facts": (number, number),
            "traits": (number, number),
            "profile_of": (number // 3, number // 3),
            # Two lines of the order, and eight products viewed.
            "event_details": (10 * number, 10 * number),
        }
        assert Decimal((await shop.overview()).total.revenue) == number * Decimal("1.10")


async def test_without_the_read_back_events_count_twice_so_the_test_above_can_fail(
    installation: Installation,
) -> None:
    async with installation.client() as client:
        shop = client.shop()
        installation.start_service(read_back=False)
        await shop.counted(await shop.send(*batch(1)), 60)
        installation.kill_service()
        last = await shop.send(*batch(2))
        installation.start_service(read_back=False)
        await shop.counted(last, 60)
        assert (await stored(client))["events"] == (30, 20)


async def test_a_terminated_writer_finishes_its_block_and_a_new_one_goes_on(
    installation: Installation,
) -> None:
    async with installation.client() as client:
        shop = client.shop()
        installation.start_service()
        await shop.counted(await shop.send(*batch(1)), 30)
        assert await asyncio.to_thread(installation.terminate_service) == 0
        last = await shop.send(*batch(2))
        installation.start_service()
        answer = await shop.counted(last, 30)
        assert (answer.watermark.position, answer.messages_behind) == (last, 0)
        assert (await stored(client))["events"] == (20, 20)


async def test_an_insert_that_finishes_after_its_repetition_adds_nothing(insight: Client) -> None:
    tenant_id = str(uuid.uuid4())

    def block() -> Block:
        # Place 0 is before every stream, so no writer ever reads it back.
        rows = TraitRows([tenant_id], [0], [0], nid=[1], name=["n"], value=["1"], occurred_at=[0])
        return Block(traits=rows, first_position=7)

    async def stored_rows() -> int:
        answer = await insight.clickhouse.fetch(Query("select count() from {{traits}}"), tenant_id)
        return int(answer.rows[0][0])

    store = EventStore(insight.clickhouse)
    await asyncio.gather(*(store.insert(block()) for _ in range(4)))
    assert await stored_rows() == 1
    # Another process reads back instead.
    await EventStore(insight.clickhouse).insert(block())
    assert await stored_rows() == 2


async def test_questions_are_answered_while_the_bus_is_away(installation: Installation) -> None:
    async with installation.client() as client, installation.serving():
        shop = client.shop()
        await shop.counted(await shop.send(Sent(1), Sent(1)))
        installation.stop_bus()
        assert (await shop.overview()).total.events == 2


async def test_a_stream_that_is_not_the_stores_own_is_refused(installation: Installation) -> None:
    async with installation.client() as client:
        shop = client.shop()
        await client.clickhouse.insert_columns(
            "profile_of",
            ["tenant_id", "nid", "kind", "profile_id", "position", "row"],
            ["UUID", "UInt32", "UInt8", "UInt32", "UInt64", "UInt32"],
            [[shop.tenant_id], [1], [1], [1], [10_000], [0]],
        )
        with pytest.raises(BaseExceptionGroup) as refused:
            async with installation.serving():
                await asyncio.sleep(10)
        assert "STREAM_DOES_NOT_FIT" in repr([error.reason for error in refused.value.exceptions])


@pytest.mark.parametrize("first_event", [True, False])
async def test_messages_without_a_row_may_leave_the_stream_and_a_new_writer_goes_on(
    installation: Installation, first_event: bool
) -> None:
    async with installation.client() as client:
        shop = client.shop()
        installation.start_service()
        if first_event:
            await shop.counted(await shop.send(Sent(1)))
        for _ in range(30):
            last = await shop.publish(REMAPPED, b"")
        await shop.counted(last)
        while await client.bus.purge_read("IDENTITY", ["insight"]) < last:
            await asyncio.sleep(0.1)
        assert await client.bus.bounds("IDENTITY") == (last + 1, last)
        installation.kill_service()
        installation.start_service()
        await shop.counted(await shop.send(Sent(2)))
        assert (await stored(client))["events"] == (1 + first_event, 1 + first_event)


async def test_an_event_that_cannot_be_stored_is_set_aside_alone(insight: Client, shop: Shop) -> None:
    broken = Sent(1, payload=b'{"event": nonsense')
    last = await shop.send(Sent(1), broken, Sent(1))
    await shop.counted(last)
    assert (await shop.overview()).total.events == 2
    message = await rejected(insight, shop)
    [event] = message.events
    assert (event.stage, event.reason, event.payload) == (
        "insight.store",
        "EVENT_NOT_READABLE",
        broken.encoded(),
    )
    assert event.source.key_id == "pk"


async def test_a_message_that_cannot_be_read_stops_nothing(insight: Client, shop: Shop) -> None:
    await shop.publish(RESOLVED, b"\xff\xff\xff")
    await shop.counted(await shop.send(Sent(1)))
    assert (await shop.overview()).total.events == 1
    assert (await rejected(insight, shop)).events[0].reason == "MESSAGE_NOT_READABLE"


async def rejected(insight: Client, shop: Shop) -> gateway_pb2.RejectedEvents:
    message = await insight.gateway_bus.last_message(
        "REJECTED", f"gateway.events.rejected.v1.{shop.tenant_id}"
    )
    assert message is not None
    return gateway_pb2.RejectedEvents.FromString(message.data)


async def test_equal_watermarks_give_equal_numbers_while_events_stream_in(
    insight: Client, shop: Shop
) -> None:
    seen: dict[int, set[tuple[int, str]]] = {}
    stop = asyncio.Event()

    async def ask() -> None:
        while not stop.is_set():
            answer = await shop.overview()
            seen.setdefault(answer.watermark.position, set()).add((answer.total.events, answer.total.revenue))

    asking = [asyncio.create_task(ask()) for _ in range(4)]
    last = 0
    for number in range(1, 60):
        last = await shop.send(*batch(number))
    await shop.counted(last)
    await asyncio.sleep(0.3)
    stop.set()
    await asyncio.gather(*asking)
    assert all(len(numbers) == 1 for numbers in seen.values())
    assert max(seen) >= last
    assert seen[max(seen)] == {(590, "64.90")}


async def test_the_watermark_names_the_newest_receipt(shop: Shop) -> None:
    received = datetime(2026, 12, 1, tzinfo=UTC)
    answer = await shop.counted(await shop.send(Sent(1, received_at=received)))
    assert answer.watermark.as_of.ToDatetime(UTC) == received
    assert isinstance(answer, pb.GetWatermarkResponse)


async def test_the_bus_is_told_how_far_insight_has_stored(insight: Client, shop: Shop) -> None:
    last = await shop.send(Sent(1))
    await shop.counted(last)
    await asyncio.sleep(1.5)
    assert await insight.bus.purge_read("IDENTITY", ["insight"], keep=1000) >= last
