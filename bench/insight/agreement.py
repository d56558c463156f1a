"""Whether one segment has the same people everywhere: preview, saved, members, export, explain."""

import asyncio
import csv
import io
import time
from typing import Any

from contracts.insight.v1 import genes_service_pb2 as genes_pb
from contracts.insight.v1 import genes_service_pb2_grpc as genes_grpc
from contracts.insight.v1 import segments_service_pb2 as segments_pb

from bench.figures import Figures
from bench.insight.doors import Doors, open_doors
from bench.insight.trees import Trees
from bench.insight.world import World
from bench.system import Answer, System
from services.insight.api.trees import tree_message
from services.insight.domain.segments.tree import Node

_SEGMENTS = 3
_SAMPLE = 10
_PAGE = 2000
# Larger ones would take longer to export than to compare.
_MOST_PEOPLE_SHARE = 0.05
_PATIENCE_SECONDS = 180.0


class CountsDiffer(Exception):
    """One door has other people than another."""


def measure_agreement(system: System, world: World, figures: Figures) -> None:
    """Prints how many doors were compared; raises CountsDiffer."""
    figures.add("insight.agreements", asyncio.run(_agreements(system, world)), "equal")


async def _agreements(system: System, world: World) -> int:
    trees, compared, n_segments = Trees(900), 0, 0
    async with open_doors(system, world.tenant) as doors:
        while n_segments < _SEGMENTS:
            tree = trees.tree()
            previewed = (await doors.preview(tree)).profiles
            if not 0 < previewed <= max(1000, _MOST_PEOPLE_SHARE * world.n_people):
                continue
            compared += await _agreement(doors, tree, n_segments, previewed)
            n_segments += 1
    return compared


async def _agreement(doors: Doors, tree: Node, number: int, previewed: int) -> int:
    segment_id = await doors.save(f"agreement {number} {time.time():.0f}", tree)
    request = segments_pb.GetSegmentSizeRequest(segment_id=segment_id)
    saved = (await doors.call(doors.segments.GetSegmentSize, request)).profiles
    members = await _members(doors, segment_id)
    exported = await _exported(doors, segment_id)
    await doors.until_live([segment_id])
    live = (await doors.changes(segment_id)).state.profiles
    counts = {
        "preview": previewed,
        "saved": saved,
        "members": len(set(members)),
        "export": len(exported),
        "live": live,
    }
    if len(set(counts.values())) != 1 or set(exported) != set(members):
        raise CountsDiffer(f"{counts} of {tree}")
    await _explain(doors, tree, set(members))
    return len(counts) + 2 * _SAMPLE


async def _members(doors: Doors, segment_id: str) -> list[int]:
    found: list[int] = []
    token = ""
    while True:
        request = segments_pb.ListSegmentMembersRequest(
            segment_id=segment_id, page_size=_PAGE, page_token=token
        )
        page = await doors.call(doors.segments.ListSegmentMembers, request)
        found += [member.profile_id for member in page.members]
        token = page.next_page_token
        if not token:
            return found


async def _exported(doors: Doors, segment_id: str) -> list[int]:
    made: dict[str, Any] = await doors.post(f"/v1/segments/{segment_id}/exports", {"format": "csv"})
    path = f"/v1/segment-exports/{made['id']}/file"
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        answer = await doors.http.get(path)
        if answer.status_code == 200:
            break
        if time.monotonic() > deadline:
            raise Answer(f"{path}: {answer.status_code} {answer.text[:300]}")
        await asyncio.sleep(0.2)
    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    return [int(row["profile_id"]) for row in rows]


async def _explain(doors: Doors, tree: Node, members: set[int]) -> None:
    """Some who are in and some who are not."""
    inside = sorted(members)[:: max(1, len(members) // _SAMPLE)][:_SAMPLE]
    outside = [number for number in range(1, 50 * _SAMPLE) if number not in members][:_SAMPLE]
    stub = genes_grpc.GenesServiceStub(doors.rpc.channel)
    for profile_id in (*inside, *outside):
        request = genes_pb.ExplainMembershipRequest(profile_id=profile_id, root=tree_message(tree))
        told = await doors.call(stub.ExplainMembership, request)
        if told.member != (profile_id in members):
            raise CountsDiffer(f"explaining profile {profile_id} says {told.member}: {tree}")
