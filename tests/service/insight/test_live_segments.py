"""Saved segments are kept right while things happen, and tell who entered and who left."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from contracts.identity.v1 import events_pb2 as identity_pb2
from contracts.insight.v1 import events_pb2
from contracts.insight.v1 import segments_service_pb2 as pb

from chassis.bus import connect_bus
from chassis.database import open_engine
from services.insight.api.segment_events import change_messages, stream
from services.insight.live.outbox import READER, Outbox
from services.insight.store.live import LiveStore
from tests.service.insight.installation import ERASED, Client, Installation, Sent, Shop
from tests.service.insight.segment_door import Door, in_segment, orders
from tests.service.insight.segment_follower import Follower

EVENTS, IDENTITY = events_pb2.SEGMENT_CHANGE_REASON_EVENTS, events_pb2.SEGMENT_CHANGE_REASON_IDENTITY
DEFINITION, ERASURE = (
    events_pb2.SEGMENT_CHANGE_REASON_DEFINITION,
    events_pb2.SEGMENT_CHANGE_REASON_ERASURE,
)


@pytest.fixture
def door(insight: Client, shop: Shop) -> Door:
    return Door(insight, shop.tenant_id)


@pytest.fixture
async def follower(serving_installation: Installation, shop: Shop) -> AsyncIterator[Follower]:
    url = serving_installation.engines.bus_url("recommender")
    async with connect_bus(url, name="recommender") as bus:
        yield Follower(bus, shop.tenant_id)


def order(nid: int, order_id: str) -> Sent:
    now = datetime.now(UTC)
    properties = {"order_id": order_id, "total": "100", "currency": "TWD"}
    return Sent(nid, "Order Completed", at=now, properties=properties)


async def state_of(door: Door, segment_id: str) -> pb.SegmentState:
    answer = await door.ask(pb.GetSegmentRequest(segment_id=segment_id))
    state: pb.SegmentState = answer.segment.state
    return state


async def test_people_enter_by_what_they_do_and_leave_when_they_are_merged_or_erased(
    shop: Shop, door: Door, follower: Follower
) -> None:
    await shop.counted(await shop.send(order(1, "a"), order(2, "b")))
    made = await door.create("買過", orders(1))
    assert (await state_of(door, made.segment_id)).refresh == pb.SEGMENT_REFRESH_WAITING
    await follower.until(made.segment_id, {1, 2})
    await shop.send(order(3, "c"))
    await follower.until(made.segment_id, {1, 2, 3})
    erased = identity_pb2.ProfileErased(erasure_id=str(uuid.uuid4()), profile_id=2, nids=[2])
    await shop.publish(ERASED, erased.SerializeToString())
    await follower.until(made.segment_id, {1, 3})
    # Two strangers turn out to be one, and then not.
    await shop.move((3, 1, 1))
    await follower.until(made.segment_id, {1})
    await shop.move((3, 1, 3))
    await follower.until(made.segment_id, {1, 3})
    await door.update(made, tree=orders(2))
    await follower.until(made.segment_id, set())
    assert follower.reasons(made.segment_id) == [
        DEFINITION,
        EVENTS,
        ERASURE,
        IDENTITY,
        IDENTITY,
        DEFINITION,
    ]

    state = await state_of(door, made.segment_id)
    assert (state.refresh, state.version, state.profiles) == (pb.SEGMENT_REFRESH_LIVE, 2, 0)
    assert (state.entered_today, state.left_today, state.sequence) == (4, 4, 6)
    answer = await door.ask(pb.ListSegmentDaysRequest(segment_id=made.segment_id))
    assert [(day.profiles, day.entered, day.left) for day in answer.days] == [(0, 4, 4)]
    assert not answer.next_page_token

    first = await door.ask(pb.ListSegmentChangesRequest(segment_id=made.segment_id, page_size=4))
    told = [
        (change.sequence, list(change.entered_profiles), list(change.left_profiles), change.left)
        for change in first.changes
    ]
    # Of whom was erased only the number is told.
    assert told == [(6, [], [1, 3], 2), (5, [3], [], 0), (4, [], [3], 1), (3, [], [], 1)]
    second = await door.ask(
        pb.ListSegmentChangesRequest(segment_id=made.segment_id, page_token=first.next_page_token)
    )
    assert [list(change.entered_profiles) for change in second.changes] == [[3], [1]]
    assert not second.next_page_token


async def test_the_list_of_segments_tells_sizes_without_counting(
    shop: Shop, door: Door, follower: Follower
) -> None:
    await shop.send(order(1, "a"))
    made = await door.create("買過", orders(1))
    named = await door.create("同上", in_segment(made.segment_id))
    await follower.until(named.segment_id, {1})
    theirs = await door.ask(pb.ListSegmentsRequest(text="同上", profile_id=1))
    nobodys = await door.ask(pb.ListSegmentsRequest(text="同上", profile_id=2))
    assert ([one.name for one in theirs.segments], list(nobodys.segments)) == (["同上"], [])
    listed = await door.ask(pb.ListSegmentsRequest(text="同上"))
    (segment,) = listed.segments
    assert (segment.state.profiles, segment.state.entered_today) == (1, 1)
    # The segment that it names becomes another.
    await door.update(made, tree=orders(2))
    await follower.until(named.segment_id, set())
    assert follower.reasons(named.segment_id) == [DEFINITION, DEFINITION]
    counted = await door.ask(pb.GetSegmentSizeRequest(segment_id=named.segment_id))
    assert counted.profiles == (await state_of(door, named.segment_id)).profiles == 0


async def test_old_changes_leave_the_bus_whoever_has_read_them(
    serving_installation: Installation, shop: Shop, door: Door, follower: Follower
) -> None:
    await shop.send(order(1, "a"))
    made = await door.create("買過", orders(1))
    await follower.until(made.segment_id, {1})
    installation = serving_installation
    async with (
        connect_bus(installation.engines.bus_url("insight"), name="insight") as bus,
        open_engine(installation.engines.postgres_url("insight")) as engine,
    ):
        short = replace(stream(2**30, 1), keep_seconds=0.3)
        outbox = Outbox(bus, LiveStore(engine), short, change_messages)
        async with asyncio.timeout(120):
            while (bounds := await bus.bounds("INSIGHT"))[0] <= follower.place:
                await shop.send(order(2, "b"))
                await bus.report_position("INSIGHT", READER, bounds[1])
                await outbox._purge()
                await asyncio.sleep(0.3)
