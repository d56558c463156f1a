"""However often the service is killed: a reader of the changes ends with the people that are stored."""

import asyncio
import itertools
import time
from datetime import UTC, datetime

from contracts.insight.v1 import segments_service_pb2 as pb
from pyroaring import BitMap

from chassis.bus import connect_bus
from chassis.errors import ExpectedError
from tests.service.insight.installation import Installation, Sent
from tests.service.insight.segment_door import Door, orders
from tests.service.insight.segment_follower import Follower

# A refresh is a second apart: some kills hit before it, some between what is stored and what is published.
PAUSES = (1.3, 1.9, 2.6)


async def test_a_reader_of_the_changes_ends_with_who_is_stored_across_kills() -> None:
    installation = Installation()
    try:
        await installation.start()
        await followed_across_kills(installation)
    finally:
        installation.stop()


async def followed_across_kills(installation: Installation) -> None:
    installation.start_service()
    async with (
        installation.client() as client,
        connect_bus(installation.engines.bus_url("recommender"), name="recommender") as bus,
    ):
        shop = client.shop()
        door, nids = Door(client, shop.tenant_id), itertools.count(1)
        await shop.counted(await shop.send(order(next(nids))))
        made = await door.create("買過", orders(1))
        for pause in PAUSES:
            until = time.monotonic() + pause
            while time.monotonic() < until:
                sent = await shop.send(*(order(next(nids)) for _ in range(3)))
                await asyncio.sleep(0.05)
            installation.kill_service()
            installation.start_service()
            await shop.counted(sent)
        everybody = set(range(1, next(nids)))
        follower = Follower(bus, shop.tenant_id)
        await follower.until(made.segment_id, everybody, timeout_seconds=40)
        # Without a gap, and nobody entered twice: the follower looks.
        heard = [one.sequence for one in follower.heard if one.segment_id == made.segment_id]
        assert heard == list(range(1, len(heard) + 1))
        state = await state_of(door, made.segment_id, len(everybody))
        assert (state.profiles, state.sequence) == (len(everybody), len(heard))
        request = pb.GetSegmentMembershipRequest(segment_id=made.segment_id)
        stored = await door.ask(request)
        assert set(BitMap.deserialize(stored.members)) == follower.members[made.segment_id]
        assert stored.sequence == len(heard)
        assert state.entered_today - state.left_today == len(everybody)


async def state_of(door: Door, segment_id: str, profiles: int) -> pb.SegmentState:
    deadline = time.monotonic() + 120
    while True:
        try:
            state: pb.SegmentState = (
                await door.ask(pb.GetSegmentRequest(segment_id=segment_id))
            ).segment.state
            if state.profiles == profiles:
                return state
        except ExpectedError:
            pass
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


def order(nid: int) -> Sent:
    properties = {"order_id": f"o{nid}", "total": "100", "currency": "TWD"}
    return Sent(nid, "Order Completed", at=datetime.now(UTC), properties=properties)
