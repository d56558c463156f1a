"""Saved segments through the service's door."""

import uuid
from typing import Any

import pytest
from contracts.insight.v1 import segment_tree_pb2 as tree_pb
from contracts.insight.v1 import segments_service_pb2 as pb

from chassis.errors import ExpectedError
from services.insight.domain.segments.starters import STARTERS
from tests.service.insight.installation import Client, Shop
from tests.service.insight.segment_door import Door, any_of, in_segment, orders

NOBODY = str(uuid.UUID(int=7))


@pytest.fixture
def door(insight: Client, shop: Shop) -> Door:
    return Door(insight, shop.tenant_id)


def saved(segment: pb.Segment) -> pb.Segment:
    """Without how far its people are counted."""
    segment.ClearField("state")
    return segment


async def test_a_segment_is_read_back_as_it_was_saved(door: Door) -> None:
    made = await door.create("  Café 常客 ", orders(2), folder="會員", description="買過\n兩次")
    assert (made.name, made.folder, made.owner, made.version) == ("Café 常客", "會員", "amy", 1)
    answer = await door.ask(pb.GetSegmentRequest(segment_id=made.segment_id))
    assert saved(answer.segment) == made
    assert answer.segment.tree == orders(2)
    assert not answer.used_by


@pytest.mark.parametrize("name", ["café 常客", "CAFE\u0301 常客"])
async def test_names_are_one_whatever_their_case_and_accents(door: Door, name: str) -> None:
    made = await door.create("Café 常客", orders(2))
    refused = await door.refused(pb.CreateSegmentRequest(name=name, tree=orders(1), actor="amy"))
    assert (refused.reason, refused.facts) == ("SEGMENT_NAME_TAKEN", {"segment_id": made.segment_id})


@pytest.mark.parametrize("name", ["", " \u3000", "a\0b", "a\nb", "客" * 201])
async def test_a_name_is_one_readable_line(door: Door, name: str) -> None:
    refused = await door.refused(pb.CreateSegmentRequest(name=name, tree=orders(1), actor="amy"))
    assert (refused.reason, refused.facts["field"]) == ("SEGMENT_TEXT_NOT_VALID", "name")


async def test_a_lost_update_is_refused_and_names_the_newer_version(door: Door) -> None:
    read = await door.create("重要", orders(1))
    newer = await door.update(read, tree=orders(2))
    assert (newer.version, newer.changed_by, newer.name) == (2, "ben", "重要")
    with pytest.raises(ExpectedError) as refused:
        await door.update(read, tree=orders(3))
    assert refused.value.reason == "SEGMENT_CHANGED"
    assert (refused.value.facts["version"], refused.value.facts["changed_by"]) == ("2", "ben")


async def test_what_changes_nothing_makes_no_version(door: Door) -> None:
    made = await door.create("重要", orders(1))
    assert (await door.update(made, name="重要", tree=orders(1))).version == 1


async def test_versions_are_kept_compared_and_restored(door: Door) -> None:
    first = await door.create("重要", orders(1), note="first")
    second = await door.update(first, tree=any_of(orders(1), orders(5)), name="更重要", note="wider")
    listed = await door.ask(pb.ListSegmentVersionsRequest(segment_id=first.segment_id, page_size=1))
    (newest,) = listed.versions
    assert (newest.version, newest.name, newest.note, newest.changed_by) == (2, "更重要", "wider", "ben")
    listed = await door.ask(
        pb.ListSegmentVersionsRequest(segment_id=first.segment_id, page_token=listed.next_page_token)
    )
    assert [(one.version, one.note) for one in listed.versions] == [(1, "first")]
    assert not listed.next_page_token

    third = await door.update(second, tree=any_of(orders(1), orders(7)))
    request = pb.DiffSegmentVersionsRequest(segment_id=first.segment_id, from_version=2, to_version=3)
    (change,) = (await door.ask(request)).changes
    assert (list(change.before.path), change.before.node) == ([1], orders(5))
    assert (list(change.after.path), change.after.node) == ([1], orders(7))

    restore = pb.RestoreSegmentVersionRequest(
        segment_id=first.segment_id, version=third.version, restored_version=1, actor="amy"
    )
    restored = (await door.ask(restore)).segment
    assert (restored.version, restored.tree, restored.name) == (4, orders(1), "更重要")
    assert (await door.refused(restore)).reason == "SEGMENT_CHANGED"


async def test_a_segment_that_others_name_stays(door: Door) -> None:
    inner = await door.create("裡面", orders(1))
    outer = await door.create("外面", any_of(in_segment(inner.segment_id), orders(9)))
    used_by = (await door.ask(pb.GetSegmentRequest(segment_id=inner.segment_id))).used_by
    assert [(user.segment_id, user.name) for user in used_by] == [(outer.segment_id, "外面")]
    delete = pb.DeleteSegmentRequest(segment_id=inner.segment_id)
    refused = await door.refused(delete)
    assert (refused.reason, refused.facts["used_by"]) == ("SEGMENT_IN_USE", outer.segment_id)
    archive = pb.ArchiveSegmentRequest(segment_id=inner.segment_id, archived=True)
    assert (await door.refused(archive)).reason == "SEGMENT_IN_USE"

    await door.ask(pb.DeleteSegmentRequest(segment_id=outer.segment_id))
    await door.ask(delete)
    gone = await door.refused(pb.GetSegmentRequest(segment_id=inner.segment_id))
    assert gone.reason == "SEGMENT_NOT_FOUND"


async def test_a_segment_may_not_reach_itself(door: Door) -> None:
    first = await door.create("一", orders(1))
    second = await door.create("二", in_segment(first.segment_id))
    third = await door.create("三", any_of(orders(1), in_segment(second.segment_id)))
    for through in (first, second, third):
        with pytest.raises(ExpectedError) as refused:
            await door.update(first, tree=in_segment(through.segment_id))
        assert refused.value.reason == "SEGMENT_CYCLE"
        way = refused.value.facts["way"].split(" ")
        assert (way[0], way[-1], way[1]) == (first.segment_id, first.segment_id, through.segment_id)


async def test_segments_do_not_name_one_another_without_end(door: Door) -> None:
    below = await door.create("層 0", orders(1))
    for level in range(1, 10):
        below = await door.create(f"層 {level}", in_segment(below.segment_id))
    request = pb.CreateSegmentRequest(name="層 10", tree=in_segment(below.segment_id), actor="amy")
    assert (await door.refused(request)).reason == "SEGMENTS_TOO_DEEP"


async def test_a_tree_names_only_segments_that_are_there(door: Door, insight: Client) -> None:
    foreign = await Door(insight, insight.shop().tenant_id).create("別家", orders(1))
    for missing in (NOBODY, foreign.segment_id):
        request = pb.CreateSegmentRequest(name="空", tree=in_segment(missing), actor="amy")
        assert (await door.refused(request)).reason == "SEGMENT_NOT_FOUND"


async def test_a_tree_that_makes_no_sense_is_not_saved(door: Door) -> None:
    made = await door.create("重要", orders(1))
    wrong = any_of(orders(1), in_segment("?"))
    for request in (
        pb.CreateSegmentRequest(name="空", tree=wrong, actor="amy"),
        pb.UpdateSegmentRequest(segment_id=made.segment_id, version=1, tree=wrong, actor="amy"),
    ):
        refused = await door.refused(request)
        assert refused.reason == "SEGMENT_NOT_VALID"
        assert '"path":[1]' in refused.facts["problems"]


async def test_another_tenants_segment_does_not_exist(door: Door, insight: Client) -> None:
    made = await door.create("重要", orders(1))
    other = Door(insight, insight.shop().tenant_id)
    for request in (
        pb.GetSegmentRequest(segment_id=made.segment_id),
        pb.UpdateSegmentRequest(segment_id=made.segment_id, version=1, name="我的", actor="eve"),
        pb.ArchiveSegmentRequest(segment_id=made.segment_id, archived=True),
        pb.DeleteSegmentRequest(segment_id=made.segment_id),
        pb.ListSegmentVersionsRequest(segment_id=made.segment_id),
        pb.DiffSegmentVersionsRequest(segment_id=made.segment_id, from_version=1, to_version=1),
        pb.RestoreSegmentVersionRequest(segment_id=made.segment_id, version=1, restored_version=1),
        pb.GetSegmentSizeRequest(segment_id=made.segment_id),
        pb.ListSegmentMembersRequest(segment_id=made.segment_id),
        pb.GetSegmentMembershipRequest(segment_id=made.segment_id),
        pb.ListSegmentDaysRequest(segment_id=made.segment_id),
        pb.ListSegmentChangesRequest(segment_id=made.segment_id),
        pb.TakeSnapshotRequest(segment_id=made.segment_id, actor="eve"),
        pb.ListSnapshotsRequest(segment_id=made.segment_id),
    ):
        assert (await other.refused(request)).reason == "SEGMENT_NOT_FOUND"
    take = pb.TakeSnapshotRequest(segment_id=made.segment_id, actor="amy")
    taken = (await door.ask(take)).snapshot.snapshot_id
    for request in (pb.GetSnapshotRequest(snapshot_id=taken), pb.DeleteSnapshotRequest(snapshot_id=taken)):
        assert (await other.refused(request)).reason == "SNAPSHOT_NOT_FOUND"
    snapshot = tree_pb.SegmentNode(in_snapshot=tree_pb.InSnapshotCondition(snapshot_id=taken))
    named = pb.CreateSegmentRequest(name="別人的快照", tree=snapshot, actor="eve")
    assert (await other.refused(named)).reason == "SNAPSHOT_NOT_FOUND"
    assert saved((await door.ask(pb.GetSegmentRequest(segment_id=made.segment_id))).segment) == made


async def test_a_new_tenant_begins_with_the_starters_once(door: Door) -> None:
    listed = (await door.ask(pb.ListSegmentsRequest(page_size=200))).segments
    assert sorted(segment.starter for segment in listed) == sorted(starter.key for starter in STARTERS)
    fan = next(segment for segment in listed if segment.starter == "lifecycle.fan")
    assert (fan.name, fan.folder) == ("粉絲", "會員生命週期")
    await door.ask(pb.DeleteSegmentRequest(segment_id=fan.segment_id))
    again = (await door.ask(pb.ListSegmentsRequest(page_size=200))).segments
    assert len(again) == len(listed) - 1


@pytest.mark.parametrize("sort", [1, 2, 3])
async def test_pages_list_every_segment_once_in_order(door: Door, sort: Any) -> None:
    await door.create("Zoo", orders(1))
    await door.create("apple", orders(1))
    seen: list[pb.Segment] = []
    token = ""
    while not seen or token:
        answer = await door.ask(pb.ListSegmentsRequest(sort=sort, page_size=7, page_token=token))
        seen += answer.segments
        token = answer.next_page_token
    names = [segment.name for segment in seen]
    assert len(names) == len(set(names)) == len(STARTERS) + 2
    if sort == pb.SEGMENT_SORT_NAME:
        assert names.index("apple") < names.index("Zoo")
    else:
        assert names[:2] == ["apple", "Zoo"]


async def test_a_list_may_be_of_a_folder_a_text_or_the_archive(door: Door) -> None:
    kept = await door.create("ＶＩＰ 客", orders(1), folder="大客戶")
    gone = await door.create("舊 VIP", orders(1), folder="大客戶")
    await door.ask(pb.ArchiveSegmentRequest(segment_id=gone.segment_id, archived=True))

    async def names(**asked: Any) -> list[str]:
        answer = await door.ask(pb.ListSegmentsRequest(**asked))
        return [segment.name for segment in answer.segments]

    assert await names(folder="大客戶") == ["ＶＩＰ 客"]
    assert await names(text="ｖｉｐ") == ["ＶＩＰ 客"]
    assert await names(archived=True) == ["舊 VIP"]
    folders = (await door.ask(pb.ListSegmentsRequest())).folders
    assert {folder.name: folder.segments for folder in folders}["大客戶"] == 1
    back = await door.ask(pb.ArchiveSegmentRequest(segment_id=gone.segment_id, archived=False))
    assert not back.segment.HasField("archived_at")
    assert kept.name in await names(folder="大客戶")


async def test_a_folder_is_found_however_its_accents_are_written(door: Door) -> None:
    made = await door.create("一", orders(1), folder="Cafe\u0301")
    found = await door.ask(pb.ListSegmentsRequest(folder="Caf\u00e9"))
    again = await door.ask(pb.ListSegmentsRequest(folder="Cafe\u0301"))
    assert [one.segment_id for one in found.segments] == [made.segment_id]
    assert found.segments == again.segments


@pytest.mark.parametrize("token", ["?", "WyJjaGFuZ2VkIiwgIngiLCAieSJd", "WyJuYW1lIiwgIngiLCAieSJd"])
async def test_a_token_of_another_list_is_refused(door: Door, token: str) -> None:
    assert (await door.refused(pb.ListSegmentsRequest(page_token=token))).reason == "PAGE_TOKEN_NOT_VALID"
