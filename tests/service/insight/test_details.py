"""What is inside of events is stored beside them, once, also of events from before there were details."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from contracts.identity.v1 import events_pb2 as identity_pb2

from services.insight.backfill import Backfill
from services.insight.store.detail_backfill import DetailBackfill, Progress
from tests.service.insight.installation import (
    REACHABILITY,
    SERVER,
    Client,
    Installation,
    Sent,
    Shop,
    resolved,
)

_COLUMNS = "name, toInt8(aspect), order_id, product, category, brand, value, quantity, price, discount, line"


async def rows_of(shop: Shop) -> list[tuple[Any, ...]]:
    answer = await shop.client.clickhouse.fetch_unscoped(
        f"select nid, {_COLUMNS} from event_details where tenant_id = '{shop.tenant_id}' "
        "order by position, row, aspect, line"
    )
    return [tuple(str(value) if value is not None else None for value in row) for row in answer.rows]


def order(nid: int, order_id: str = "A", **more: Any) -> Sent:
    lines = [{"product_id": "p1", "quantity": 2, "price": 9.9}, {"product_id": "p2", "category": "a>b"}]
    properties = {"order_id": order_id, "total": 30, "discount": 5, "products": lines} | more
    return Sent(nid, "Order Completed", source=SERVER, properties=properties, channel="server")


def journey() -> list[Sent]:
    """A visit from a search, a product seen, a word searched, an order."""
    page = {"url": "https://shop.tw/", "referrer": "https://www.google.com/"}
    arrival = b'{"context": {"channel": "web", "page": {"url": "%s", "referrer": "%s"}}}'
    return [
        Sent(1, "", kind="page", payload=arrival % (page["url"].encode(), page["referrer"].encode())),
        Sent(1, properties={"sku": "p1", "brand": "Acme"}),
        Sent(1, "Products Searched", properties={"query": " Red  Shoes"}),
        order(1),
        Sent(1, "Signed In"),
    ]


_JOURNEY = [
    ("1", "page", "5", "", "", "referrer", "", "search", "0", None, None, "0"),
    ("1", "product_viewed", "1", "", "p1", "", "Acme", "", "1", None, None, "0"),
    ("1", "products_searched", "2", "", "", "", "", "red shoes", "0", None, None, "0"),
    ("1", "order_completed", "1", "A", "p1", "", "", "", "2", "9.9", None, "0"),
    ("1", "order_completed", "1", "A", "p2", "a > b", "", "", "1", None, None, "1"),
    ("1", "order_completed", "6", "A", "", "", "", "", "0", None, "5", "0"),
]


def plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Decimals without trailing zeros."""
    return [
        tuple(value.rstrip("0").rstrip(".") if value and "." in value else value for value in row)
        for row in rows
    ]


async def test_a_journey_is_told_in_details(shop: Shop) -> None:
    await shop.counted(await shop.send(*journey()))
    assert plain(await rows_of(shop)) == _JOURNEY


async def test_lines_of_an_order_without_an_id_bear_its_message(shop: Shop) -> None:
    updated = Sent(2, "Order Updated", source=SERVER, properties={"products": [{"sku": "x"}]})
    await shop.counted(await shop.send(order(1, ""), updated))
    facts = await shop.client.clickhouse.fetch_unscoped(
        f"select order_id from order_facts where tenant_id = '{shop.tenant_id}'"
    )
    order_id = facts.rows[0][0]
    assert order_id.startswith("~")
    assert [row[3] for row in await rows_of(shop)] == [order_id] * 3


async def test_reachability_is_kept_as_announced(shop: Shop) -> None:
    def reach(profile_id: int, *channels: str) -> identity_pb2.Reachability:
        said = [
            identity_pb2.ChannelReach(channel=c, reachable=c in channels) for c in ("email", "sms", "line")
        ]
        return identity_pb2.Reachability(profile_id=profile_id, channels=said)

    message = identity_pb2.ReachabilityChanged(profiles=[reach(1, "email", "line"), reach(2)])
    await shop.counted(await shop.publish(REACHABILITY, message.SerializeToString()))
    answer = await shop.client.clickhouse.fetch_unscoped(
        f"select profile_id, channels from reachability where tenant_id = '{shop.tenant_id}' order by row"
    )
    assert [tuple(row) for row in answer.rows] == [(1, 5), (2, 0)]


@pytest.fixture
async def installation() -> AsyncIterator[Installation]:
    fresh = Installation()
    try:
        await fresh.start()
        yield fresh
    finally:
        fresh.stop()


async def test_a_store_of_before_gets_its_details_while_new_events_come(installation: Installation) -> None:
    async with installation.client() as client:
        shops = [client.shop() for _ in range(3)]
        async with installation.serving():
            for number in range(4):
                for shop in shops:
                    last = await shop.send(*journey(), *(order(2, f"{number}") for _ in range(3)))
            await shops[0].counted(last)
            expected = [await rows_of(shop) for shop in shops]
        # As a version without details left it.
        for table in ("event_details", "detail_backfills"):
            await client.clickhouse.command(f"truncate table {table}")
        # It died between the orders and the events of its last message, and before one more came.
        await client.clickhouse.command(
            f"alter table events delete where position = {last} settings mutations_sync = 2"
        )
        await shops[1].publish("identity.events.imported.v1", resolved(journey()))
        async with installation.serving():
            await shops[2].counted(await shops[2].send(*journey()))
            await done(client)
            seen = [await rows_of(shop) for shop in shops]
        assert seen[0] == expected[0]
        assert seen[1][: len(expected[1])] == expected[1] and plain(seen[1][len(expected[1]) :]) == _JOURNEY
        assert seen[2][: len(expected[2])] == expected[2] and plain(seen[2][len(expected[2]) :]) == _JOURNEY
        # And nothing twice at the next start.
        async with installation.serving():
            await shops[0].counted(await shops[0].send(Sent(1, "Signed In")))
            assert [await rows_of(shop) for shop in shops] == seen


async def done(client: Client) -> None:
    while True:
        answer = await client.clickhouse.fetch_unscoped("select count(), max(done) from detail_backfills")
        if answer.rows[0][1]:
            return
        await asyncio.sleep(0.05)


class Dying(DetailBackfill):
    """Dies after the insert, before its progress is noted, every second time."""

    calls = 0

    async def save(self, progress: Progress) -> None:
        self.calls += 1
        if progress.step and self.calls % 2:
            raise KeyboardInterrupt
        await super().save(progress)


async def test_a_backfill_that_is_interrupted_goes_on_and_writes_no_row_twice(
    installation: Installation,
) -> None:
    async with installation.client() as client:
        shops = [client.shop() for _ in range(2)]
        async with installation.serving():
            for shop in shops:
                last = await shop.send(*(event for _ in range(5) for event in journey()))
            await shops[0].counted(last)
            expected = [await rows_of(shop) for shop in shops]
        for table in ("event_details", "detail_backfills"):
            await client.clickhouse.command(f"truncate table {table}")

        store = Dying(client.clickhouse)
        starts = 0
        while not (progress := await store.begin(last)).done:
            starts += 1
            backfill = Backfill(store, progress, lambda: last, asyncio.Lock(), n_events=4)
            with contextlib.suppress(KeyboardInterrupt):
                await backfill.run()
        assert starts > 5
        assert [await rows_of(shop) for shop in shops] == expected
