"""Who is erased is in no answer from then on, and within hours in no file; what is too old goes likewise."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from contracts.identity.v1 import events_pb2 as identity_pb2
from contracts.insight.v1 import insight_service_pb2 as pb

from chassis.errors import ExpectedError
from tests.service.insight.installation import (
    ERASED,
    FORGOTTEN,
    IMPORTED,
    REACHABILITY,
    SERVER,
    Client,
    Installation,
    Sent,
    Shop,
    resolved,
)


@pytest.fixture(scope="module")
async def installation() -> AsyncIterator[Installation]:
    """One that cleans every second."""
    installation = Installation()
    try:
        await installation.start(clean_after_seconds=1)
        yield installation
    finally:
        installation.stop()


@pytest.fixture(scope="module")
async def cleaning(installation: Installation) -> AsyncIterator[Client]:
    async with installation.serving(), installation.client() as client:
        yield client


async def erase(shop: Shop, *nids: int) -> str:
    erasure_id = str(uuid.uuid4())
    message = identity_pb2.ProfileErased(erasure_id=erasure_id, profile_id=min(nids, default=0), nids=nids)
    await shop.counted(await shop.publish(ERASED, message.SerializeToString()))
    return erasure_id


async def state(shop: Shop, erasure_id: str) -> Any:
    return await shop.ask("GetErasure", pb.GetErasureRequest(erasure_id=erasure_id))


async def until(seen: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + 60
    while not await seen():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.1)


async def clean(shop: Shop, erasure_id: str) -> None:
    async def seen() -> bool:
        return (await state(shop, erasure_id)).HasField("files_clean_at")

    await until(seen, "files not clean in time")


def order(nid: int, order_id: str, value: float, **more: Any) -> Sent:
    lines = [{"product_id": "p", "quantity": 1}]
    properties = {"order_id": order_id, "total": value, "currency": "TWD", "products": lines}
    return Sent(nid, "Order Completed", source=SERVER, properties=properties, **more)


async def test_an_erased_person_is_in_no_answer(shop: Shop) -> None:
    await shop.move((2, 1, 1), (1, 6, 1))
    await shop.send(
        Sent(1),
        Sent(2, kind="identify", nid_kind=1, traits={"name": "Lin Mei-Hua"}),
        order(2, "A", 100),
        Sent(3),
        Sent(3, kind="identify", traits={"name": "Lin Da-Wei"}),
        order(3, "B", 40),
    )
    erasure_id = await erase(shop, 1, 2)

    total = (await shop.overview()).total
    gone, stayed = await shop.summaries(1, 3)
    found = await shop.ask("SearchTraits", pb.SearchTraitsRequest(text="Lin"))
    events = await shop.ask("ListProfileEvents", pb.ListProfileEventsRequest(profile_id=1))

    assert (total.visitors, total.members, total.orders, total.revenue, total.events) == (1, 0, 1, "40.00", 3)
    assert (gone.events, gone.orders, list(gone.traits)) == (0, 0, [])
    assert not gone.HasField("first_seen_at")
    assert (stayed.events, stayed.orders) == (3, 1)
    assert list(found.profile_ids) == [3]
    assert not events.events
    answer = await state(shop, erasure_id)
    assert answer.HasField("hidden_at")


async def test_an_erasure_is_one_shops_own(shop: Shop, insight: Client) -> None:
    other = insight.shop()
    await shop.send(Sent(1))
    await other.counted(await other.send(Sent(1)))
    erasure_id = await erase(shop, 1)

    assert (await other.overview()).total.visitors == 1
    assert not (await state(other, erasure_id)).HasField("hidden_at")


async def test_an_erasure_that_never_arrived_is_said_to_be_nowhere(shop: Shop) -> None:
    answer = await state(shop, str(uuid.uuid4()))
    assert not answer.HasField("hidden_at") and not answer.HasField("files_clean_at")
    with pytest.raises(ExpectedError, match="UUID"):
        await state(shop, "yesterday")


async def test_imported_events_count_like_any(shop: Shop) -> None:
    await shop.counted(await shop.publish(IMPORTED, resolved([Sent(1), order(1, "A", 12)])))
    total = (await shop.overview()).total
    assert (total.visitors, total.orders, total.revenue) == (1, 1, "12.00")


async def test_the_files_hold_an_erased_person_no_longer(
    cleaning: Client, installation: Installation
) -> None:
    shop = cleaning.shop()
    await shop.send(Sent(1, kind="identify", traits={"name": "Lin"}), order(1, "A", 5), Sent(2))
    reached = [identity_pb2.Reachability(profile_id=profile_id) for profile_id in (1, 2)]
    await shop.publish(REACHABILITY, identity_pb2.ReachabilityChanged(profiles=reached).SerializeToString())
    erasure_id = await erase(shop, 1)
    await clean(shop, erasure_id)

    tables = ("events", "order_facts", "traits", "event_details", "reachability")
    rows = {table: await stored(cleaning, table, shop) for table in tables}
    assert rows == {"events": 1, "order_facts": 0, "traits": 0, "event_details": 1, "reachability": 1}
    assert (await shop.overview()).total.visitors == 1


async def stored(client: Client, table: str, shop: Shop) -> int:
    answer = await client.clickhouse.fetch_unscoped(
        f"select count() from {table} where tenant_id = '{shop.tenant_id}'"
    )
    return int(answer.rows[0][0])


async def test_an_erasure_of_nobody_closes_too(cleaning: Client) -> None:
    shop = cleaning.shop()
    await clean(shop, await erase(shop))


async def test_events_past_their_retention_go_and_what_was_chosen_stays(cleaning: Client) -> None:
    shop = cleaning.shop()
    now = datetime.now(UTC)
    old, new = now - timedelta(40), now - timedelta(2)
    await shop.counted(
        await shop.send(
            Sent(1, at=old),
            order(1, "A", 7, at=old),
            Sent(1, at=new),
            Sent(2, kind="identify", traits={"name": "Old"}, at=old),
            Sent(3, at=new),
        )
    )
    await keep(shop, 30, keep_first_seen=True, keep_orders=True)

    async def gone() -> bool:
        # Of details two products seen lately remain, and the line of the order.
        rows = [await stored(cleaning, table, shop) for table in ("events", "event_details")]
        return rows == [2, 3]

    await until(gone, "old events still there")
    first, second, third = await shop.summaries(1, 2, 3)
    assert (first.events, first.orders, first.first_seen_at.ToDatetime(UTC)) == (1, 1, millis(old))
    assert (second.events, list(second.traits), second.first_seen_at.ToDatetime(UTC)) == (0, [], millis(old))
    assert not second.HasField("last_seen_at")
    assert third.first_seen_at.ToDatetime(UTC) == millis(new)


async def test_nothing_remains_where_nothing_was_chosen(cleaning: Client) -> None:
    shop = cleaning.shop()
    now = datetime.now(UTC)
    long_ago, old, new = now - timedelta(60), now - timedelta(40), now - timedelta(2)
    refund = {"order_id": "B", "total": 3, "currency": "TWD"}
    await shop.counted(
        await shop.send(
            order(1, "A", 7, at=old),
            # An order whose refund is new stays as a whole: the refund alone would be money lost.
            order(2, "B", 9, at=long_ago),
            Sent(2, "Order Refunded", source=SERVER, properties=refund, at=new),
        )
    )
    await keep(shop, 30, keep_first_seen=False, keep_orders=False)

    async def gone() -> bool:
        rows = [await stored(cleaning, table, shop) for table in ("order_facts", "event_details")]
        return rows == [2, 1]

    await until(gone, "old orders still there")
    first, second = await shop.summaries(1, 2)
    assert (first.events, first.orders) == (0, 0) and not first.HasField("first_seen_at")
    assert (second.events, second.orders, second.revenue.amount) == (1, 1, "6.00")


async def keep(shop: Shop, days: int, **kept: bool) -> None:
    retention = pb.Retention(days=days, **kept)
    request = pb.PutTenantRequest(time_zone="Asia/Taipei", currency="TWD", retention=retention)
    await shop.ask("PutTenant", request)


def millis(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


async def test_a_retention_nobody_can_mean_is_refused(shop: Shop) -> None:
    with pytest.raises(ExpectedError, match="36500 days"):
        await keep(shop, 36_501)


async def test_a_forgotten_tenant_leaves_nothing(cleaning: Client) -> None:
    shop, other = cleaning.shop(), cleaning.shop()
    await keep(shop, 0)
    await other.send(Sent(1))
    await shop.send(Sent(1, kind="identify", traits={"name": "Lin"}), order(1, "A", 5))
    await shop.move((1, 1, 1))
    await erase(shop, 9)
    message = identity_pb2.TenantForgotten(deletion_id=str(uuid.uuid4()))
    assert not (await shop.ask("GetDeletion", pb.GetDeletionRequest())).done
    await shop.publish(FORGOTTEN, message.SerializeToString())

    async def done() -> bool:
        return bool((await shop.ask("GetDeletion", pb.GetDeletionRequest())).done)

    await until(done, "not forgotten in time")
    tables = ("events", "order_facts", "traits", "event_details", "profile_of", "erased_nids", "first_seen")
    assert {table: await stored(cleaning, table, shop) for table in tables} == dict.fromkeys(tables, 0)
    assert await stored(cleaning, "events", other) == 1
