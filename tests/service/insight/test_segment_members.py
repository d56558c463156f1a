"""Who is in a saved segment, through the service's door."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from contracts.identity.v1 import events_pb2 as identity_pb
from contracts.insight.v1 import segment_tree_pb2 as tree_pb
from contracts.insight.v1 import segments_service_pb2 as pb

from tests.service.insight.installation import ERASED, SERVER, USER_ID, Client, Sent, Shop
from tests.service.insight.segment_door import Door, any_of, in_segment, orders


@pytest.fixture
def door(insight: Client, shop: Shop) -> Door:
    return Door(insight, shop.tenant_id)


def order(nid: int, name: str, days_ago: int = 1) -> Sent:
    at = datetime.now(UTC) - timedelta(days_ago)
    said = {"order_id": name, "revenue": 100}
    return Sent(nid, "Order Completed", at=at, source=SERVER, properties=said, channel="server")


async def test_a_segment_is_counted_and_listed_at_one_moment(door: Door, shop: Shop) -> None:
    await shop.move((1, USER_ID, 1), (2, 6, 1), (3, 6, 3), (4, 6, 4))
    position = await shop.send(order(1, "a"), order(2, "b"), order(3, "c"), order(4, "d", days_ago=40))
    await shop.counted(position)
    bought = await door.create("買過", orders(1))

    size = await door.ask(pb.GetSegmentSizeRequest(segment_id=bought.segment_id))
    assert (size.profiles, size.members, size.everybody, size.version) == (2, 1, 3, 1)
    assert size.watermark.position == position

    columns = [pb.GeneColumn(gene="orders"), pb.GeneColumn(gene="member_stage")]
    columns[0].window.days_ago.first = 29
    request = pb.ListSegmentMembersRequest(segment_id=bought.segment_id, columns=columns)
    answer = await door.ask(request)
    shown = [(m.profile_id, m.values[0].number, m.values[1].text) for m in answer.members]
    assert shown == [(1, "2", "repeat"), (3, "1", "first_time")]
    assert (answer.profiles, answer.next_page_token) == (2, "")
    assert list(answer.columns) == columns


async def test_pages_stay_at_the_first_ones_moment_and_version(door: Door, shop: Shop) -> None:
    await shop.counted(await shop.send(*(order(nid, f"o{nid}") for nid in (1, 2, 3))))
    bought = await door.create("買過", orders(1))

    async def page(token: str) -> Any:
        request = pb.ListSegmentMembersRequest(segment_id=bought.segment_id, page_size=2, page_token=token)
        return await door.ask(request)

    first = await page("")
    assert [member.profile_id for member in first.members] == [1, 2]
    await shop.counted(await shop.send(order(9, "o9")))
    await door.update(bought, tree=orders(5))
    second = await page(first.next_page_token)
    assert [member.profile_id for member in second.members] == [3]
    assert (second.next_page_token, second.profiles, second.version) == ("", 3, 1)
    assert (second.watermark.position, second.now) == (first.watermark.position, first.now)
    assert not (await page("")).members

    foreign = pb.ListSegmentMembersRequest(
        segment_id=(await door.create("別的", orders(1))).segment_id, page_token=first.next_page_token
    )
    assert (await door.refused(foreign)).reason == "PAGE_TOKEN_NOT_VALID"


async def test_a_snapshot_stays_as_it_was_taken_through_merges(door: Door, shop: Shop) -> None:
    await shop.counted(await shop.send(*(order(nid, f"o{nid}") for nid in (1, 2))))
    bought = await door.create("買過", orders(1))
    taken = (await door.ask(pb.TakeSnapshotRequest(segment_id=bought.segment_id, actor="amy"))).snapshot
    assert (taken.profiles, taken.version, taken.taken_by) == (2, 1, "amy")
    assert (await door.ask(pb.GetSnapshotRequest(snapshot_id=taken.snapshot_id))).snapshot == taken

    await shop.send(order(3, "o3"))
    await shop.counted(await shop.move((2, 6, 5), (5, 6, 5)))
    frozen = await door.create(
        "當時", tree_pb.SegmentNode(in_snapshot=tree_pb.InSnapshotCondition(snapshot_id=taken.snapshot_id))
    )
    listed = await door.ask(pb.ListSegmentMembersRequest(segment_id=frozen.segment_id))
    assert [member.profile_id for member in listed.members] == [1, 5]

    assert (
        await door.refused(pb.DeleteSnapshotRequest(snapshot_id=taken.snapshot_id))
    ).reason == "SEGMENT_IN_USE"
    assert (
        await door.refused(pb.DeleteSegmentRequest(segment_id=bought.segment_id))
    ).reason == "SEGMENT_IN_USE"
    await door.ask(pb.DeleteSegmentRequest(segment_id=frozen.segment_id))
    await door.ask(pb.DeleteSnapshotRequest(snapshot_id=taken.snapshot_id))
    shown = await door.ask(pb.ListSnapshotsRequest(segment_id=bought.segment_id))
    assert not shown.snapshots


async def test_snapshots_are_listed_newest_first(door: Door) -> None:
    bought = await door.create("買過", orders(1))
    taken = []
    for note in ("一", "二", "三"):
        request = pb.TakeSnapshotRequest(segment_id=bought.segment_id, actor="amy", note=note)
        taken.append((await door.ask(request)).snapshot)
    first = await door.ask(pb.ListSnapshotsRequest(segment_id=bought.segment_id, page_size=2))
    assert list(first.snapshots) == [taken[2], taken[1]]
    second = pb.ListSnapshotsRequest(
        segment_id=bought.segment_id, page_size=2, page_token=first.next_page_token
    )
    assert list((await door.ask(second)).snapshots) == [taken[0]]


async def test_whoever_is_erased_leaves_lists_and_snapshots_at_once(door: Door, shop: Shop) -> None:
    await shop.counted(await shop.send(*(order(nid, f"o{nid}") for nid in (1, 2, 3))))
    bought = await door.create("買過", orders(1))
    taken = (await door.ask(pb.TakeSnapshotRequest(segment_id=bought.segment_id, actor="amy"))).snapshot
    page = await door.ask(pb.ListSegmentMembersRequest(segment_id=bought.segment_id, page_size=1))
    erased = identity_pb.ProfileErased(erasure_id="018f0000-0000-7000-8000-000000000001", nids=[2])
    await shop.counted(await shop.publish(ERASED, erased.SerializeToString()))
    request = pb.ListSegmentMembersRequest(segment_id=bought.segment_id, page_token=page.next_page_token)
    rest = await door.ask(request)
    assert ([member.profile_id for member in rest.members], rest.profiles) == ([3], 2)
    frozen = await door.create(
        "當時", tree_pb.SegmentNode(in_snapshot=tree_pb.InSnapshotCondition(snapshot_id=taken.snapshot_id))
    )
    assert (await door.ask(pb.GetSegmentSizeRequest(segment_id=frozen.segment_id))).profiles == 2


async def test_saved_segments_are_added_up_as_they_are_now(door: Door, shop: Shop) -> None:
    await shop.counted(
        await shop.send(order(1, "a"), order(2, "b"), order(2, "c"), Sent(3, at=datetime.now(UTC)))
    )
    once, twice = await door.create("一次", orders(1)), await door.create("兩次", orders(2))
    both = await door.create("任一", any_of(in_segment(once.segment_id), in_segment(twice.segment_id)))
    size = pb.GetSegmentSizeRequest(segment_id=both.segment_id)
    assert (await door.ask(size)).profiles == 2
    await door.update(once, tree=orders(0))
    assert (await door.ask(size)).profiles == 3


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (pb.GeneColumn(gene="shoe_size"), "GENE_NOT_KNOWN"),
        (
            pb.GeneColumn(gene="member_stage", window=tree_pb.SegmentWindow(all_time=tree_pb.AllTime())),
            "GENE_NOT_KNOWN",
        ),
    ],
)
async def test_only_genes_of_the_catalogue_are_shown(door: Door, column: pb.GeneColumn, reason: str) -> None:
    made = await door.create("買過", orders(1))
    request = pb.ListSegmentMembersRequest(segment_id=made.segment_id, columns=[column])
    assert (await door.refused(request)).reason == reason


async def test_every_starter_can_be_counted(door: Door, shop: Shop) -> None:
    await shop.move((3, USER_ID, 3))
    visits = [Sent(nid, at=datetime.now(UTC) - timedelta(minutes=1)) for nid in (3, 4)]
    position = await shop.send(order(1, "a"), order(2, "b"), order(2, "c"), *visits)
    await shop.counted(position)
    sizes = {}
    for segment in (await door.ask(pb.ListSegmentsRequest(page_size=200))).segments:
        size = await door.ask(pb.GetSegmentSizeRequest(segment_id=segment.segment_id))
        sizes[segment.starter] = size.profiles
    stages = {key: size for key, size in sizes.items() if key.startswith("lifecycle.") and size}
    assert stages == {
        "lifecycle.visitor": 1,
        "lifecycle.member": 1,
        "lifecycle.first_time": 1,
        "lifecycle.repeat": 1,
    }
    assert (sizes["activity.active"], sizes["potential.7"], sizes["core.best"]) == (2, 2, 1)
