"""External genes, goals and states through their own doors: values, history, who names them, erasure."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from contracts.identity.v1 import events_pb2 as identity_events
from contracts.insight.v1 import external_genes_service_pb2 as pb
from contracts.insight.v1 import external_genes_service_pb2_grpc as pb_grpc
from contracts.insight.v1 import genes_service_pb2 as genes_pb
from contracts.insight.v1 import genes_service_pb2_grpc as genes_grpc
from contracts.insight.v1 import goals_service_pb2 as goals_pb
from contracts.insight.v1 import goals_service_pb2_grpc as goals_grpc
from contracts.insight.v1 import segment_tree_pb2 as tree_pb
from contracts.insight.v1 import segments_service_pb2 as segments_pb
from contracts.insight.v1 import segments_service_pb2_grpc as segments_grpc
from contracts.insight.v1 import states_service_pb2 as states_pb
from contracts.insight.v1 import states_service_pb2_grpc as states_grpc

from chassis.database import open_engine, open_transaction
from chassis.errors import ExpectedError
from tests.service.insight.installation import ERASED, Installation, Sent, Shop

MERGE, REPLACE, REMOVE = pb.EXTERNAL_MODE_MERGE, pb.EXTERNAL_MODE_REPLACE, pb.EXTERNAL_MODE_REMOVE


class Door:
    """One shop's external genes, goals, segments and previews."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        channel = shop.client.rpc.channel
        self._stubs = (
            pb_grpc.ExternalGenesServiceStub(channel),
            goals_grpc.GoalsServiceStub(channel),
            segments_grpc.SegmentsServiceStub(channel),
            genes_grpc.GenesServiceStub(channel),
            states_grpc.StatesServiceStub(channel),
        )

    async def ask(self, request: Any) -> Any:
        """The method follows from the request."""
        name = type(request).__name__.removesuffix("Request")
        stub = next(stub for stub in self._stubs if hasattr(stub, name))
        return await self.shop.client.rpc.call(getattr(stub, name), request, tenant_id=self.shop.tenant_id)

    async def reason(self, request: Any) -> str:
        with pytest.raises(ExpectedError) as refused:
            await self.ask(request)
        return refused.value.reason

    async def gene(self, name: str = "會員等級", kind: str = "category", **said: Any) -> str:
        draft = pb.ExternalGeneDraft(
            name=genes_pb.LocalText(zh_tw=name, en=name),
            type=kind,
            origin=pb.EXTERNAL_ORIGIN_MODEL,
            validation={"auc": "0.81"},
            **said,
        )
        request = pb.CreateExternalGeneRequest(gene_id=str(uuid.uuid4()), draft=draft, owner="chen")
        return str((await self.ask(request)).gene.gene_id)

    async def bring(
        self, gene_id: str, mode: Any, *parts: dict[int, str], change_id: str = "", unmatched: int = 0
    ) -> Any:
        """All parts, then the commit."""
        said: dict[str, Any] = {"gene_id": gene_id, "mode": mode, "change_id": change_id or str(uuid.uuid4())}
        for number, told in enumerate(parts):
            values = [pb.ExternalValue(nid=nid, value=value) for nid, value in told.items()]
            await self.ask(pb.PutExternalValuesRequest(**said, actor="chen", part=number, values=values))
        request = pb.PutExternalValuesRequest(**said, actor="chen", commit=True, unmatched=unmatched)
        return (await self.ask(request)).gene

    async def people(self, node: tree_pb.SegmentNode) -> int:
        return int((await self.ask(genes_pb.PreviewSegmentRequest(root=node))).profiles)


@pytest.fixture
async def door(shop: Shop) -> Door:
    """Of a shop with 10 people, nids 1 to 10, of whom 1 finished a quiz."""
    quiz = Sent(1, name="Quiz Finished", properties={"level": "hard", "score": 8})
    await shop.counted(await shop.send(quiz, *(Sent(nid) for nid in range(1, 11))))
    return Door(shop)


def one_of(gene_id: str, *values: str) -> tree_pb.SegmentNode:
    test = tree_pb.ValueTest(one_of=tree_pb.OneOfTest(values=values))
    return tree_pb.SegmentNode(external=tree_pb.ExternalCondition(gene_id=gene_id, test=test))


def changed(gene_id: str, **said: str) -> tree_pb.SegmentNode:
    change = tree_pb.ChangedTest(days=7, **said)
    return tree_pb.SegmentNode(external=tree_pb.ExternalCondition(gene_id=gene_id, changed=change))


def saving(name: str, node: tree_pb.SegmentNode) -> segments_pb.CreateSegmentRequest:
    return segments_pb.CreateSegmentRequest(name=name, tree=node, actor="amy")


async def test_values_are_brought_changed_and_remembered(door: Door) -> None:
    gene_id = await door.gene()
    first = await door.bring(gene_id, MERGE, {1: "gold", 2: " silver "}, {3: "gold"}, unmatched=2)
    assert (first.number, first.identifiers, first.unmatched) == (1, 3, 2)
    assert await door.people(one_of(gene_id, "gold")) == 2
    again = await door.bring(gene_id, REPLACE, {1: "silver", 2: "silver"})
    assert (again.number, again.identifiers) == (2, 2)
    assert await door.people(changed(gene_id)) == 1
    assert await door.people(changed(gene_id, before="gold", after="silver")) == 1
    assert await door.people(changed(gene_id, after="gold")) == 0
    await door.bring(gene_id, REMOVE, {2: ""})
    found = await door.ask(pb.GetExternalGeneRequest(gene_id=gene_id))
    assert (found.people, found.gene.draft.validation["auc"]) == (1, "0.81")
    (own,) = (await door.ask(pb.GetProfileExternalGenesRequest(profile_id=1))).genes
    assert own.value.text == "silver"
    assert [(one.before, one.after) for one in own.history] == [("gold", "silver"), ("", "gold")]
    (lost,) = (await door.ask(pb.GetProfileExternalGenesRequest(profile_id=3))).genes
    assert (lost.value.WhichOneof("value"), lost.history[0].HasField("after")) == (None, False)
    changes = (await door.ask(pb.ListExternalChangesRequest(gene_id=gene_id, page_size=2))).changes
    assert [(one.number, one.changed) for one in changes] == [(3, 1), (2, 2)]


async def test_a_change_is_made_once_and_bad_values_are_told(door: Door) -> None:
    gene_id, change_id = await door.gene("分數", "ratio"), str(uuid.uuid4())
    values = [pb.ExternalValue(nid=nid, value=value) for nid, value in ((1, "0.5"), (2, "50%"), (3, "2"))]
    said: dict[str, Any] = {
        "gene_id": gene_id,
        "mode": MERGE,
        "change_id": change_id,
        "actor": "chen",
        "values": values,
    }
    tried = await door.ask(pb.PutExternalValuesRequest(**said, only_check=True, commit=True))
    assert ([one.row for one in tried.refused], tried.gene.number) == ([1, 2], 0)
    for _ in range(2):
        put = await door.ask(pb.PutExternalValuesRequest(**said, commit=True))
        assert (put.gene.number, put.gene.identifiers) == (1, 1)
    lies = await door.ask(pb.GetExternalDistributionRequest(gene_id=gene_id))
    assert ([bucket.low for bucket in lies.buckets], lies.unknown, lies.mean) == (["0.5"], 9, "0.5")


async def test_tests_are_held_against_the_type_and_what_is_named_stays(door: Door) -> None:
    gene_id = await door.gene("消費預測", "money")
    wrong = one_of(gene_id, "gold")
    assert await door.reason(genes_pb.PreviewSegmentRequest(root=wrong)) == "SEGMENT_NOT_VALID"
    assert await door.reason(saving("wrong", wrong)) == "SEGMENT_NOT_VALID"
    missing = changed(str(uuid.uuid4()))
    assert await door.reason(saving("missing", missing)) == "EXTERNAL_GENE_NOT_FOUND"
    assert await door.reason(genes_pb.PreviewSegmentRequest(root=missing)) == "EXTERNAL_GENE_NOT_FOUND"
    saved = await door.ask(saving("uses it", changed(gene_id)))
    told = await door.ask(genes_pb.PreviewSegmentRequest(root=changed(gene_id)))
    assert "消費預測" in told.sentence.zh_tw
    assert await door.reason(pb.DeleteExternalGeneRequest(gene_id=gene_id)) == "EXTERNAL_GENE_IN_USE"
    await door.ask(segments_pb.DeleteSegmentRequest(segment_id=saved.segment.segment_id))
    await door.ask(pb.DeleteExternalGeneRequest(gene_id=gene_id))
    assert await door.reason(pb.GetExternalGeneRequest(gene_id=gene_id)) == "EXTERNAL_GENE_NOT_FOUND"


async def test_an_erased_person_has_no_value_from_the_moment_it_is_known(door: Door) -> None:
    gene_id = await door.gene()
    await door.bring(gene_id, MERGE, {4: "gold", 5: "gold"})
    erased = identity_events.ProfileErased(erasure_id=str(uuid.uuid4()), profile_id=4, nids=[4])
    await door.shop.counted(await door.shop.publish(ERASED, erased.SerializeToString()))
    assert await door.people(one_of(gene_id, "gold")) == 1
    assert (await door.bring(gene_id, MERGE, {4: "gold"})).identifiers == 1


async def test_another_shop_knows_nothing_of_them(door: Door) -> None:
    gene_id = await door.gene()
    other = Door(door.shop.client.shop())
    assert await other.reason(pb.GetExternalGeneRequest(gene_id=gene_id)) == "EXTERNAL_GENE_NOT_FOUND"
    assert list((await other.ask(pb.ListExternalGenesRequest())).genes) == []
    request = pb.PutExternalValuesRequest(
        gene_id=gene_id, change_id=str(uuid.uuid4()), mode=MERGE, commit=True
    )
    assert await other.reason(request) == "EXTERNAL_GENE_NOT_FOUND"


def goal(name: str, event: str = "Quiz Finished", value: str = "score") -> goals_pb.GoalDraft:
    hard = tree_pb.ValueTest(one_of=tree_pb.OneOfTest(values=["hard"]))
    where = [tree_pb.PropertyTest(path="level", test=hard)]
    return goals_pb.GoalDraft(
        name=name, step=tree_pb.EventStep(event=event, where=where), value_property=value
    )


async def test_a_goal_is_named_counted_and_guarded(door: Door) -> None:
    said: dict[str, Any] = {"goal_id": str(uuid.uuid4()), "draft": goal("完成測驗"), "actor": "chen"}
    one, two = await asyncio.gather(*(door.ask(goals_pb.CreateGoalRequest(**said)) for _ in range(2)))
    assert one.goal == two.goal
    goal_id = one.goal.goal_id
    window = tree_pb.SegmentWindow(all_time=tree_pb.AllTime())
    reached = tree_pb.SegmentNode(goal=tree_pb.GoalCondition(goal_id=goal_id, window=window))
    assert await door.people(reached) == 1
    renamed = goals_pb.UpdateGoalRequest(goal_id=goal_id, draft=goal("Other", "page"), actor="amy")
    assert (await door.ask(renamed)).goal.draft.step.event == "page"
    assert await door.people(reached) == 0
    taken = goals_pb.CreateGoalRequest(goal_id=str(uuid.uuid4()), draft=goal("other"), actor="amy")
    assert await door.reason(taken) == "GOAL_NAME_TAKEN"
    spelt = goals_pb.CreateGoalRequest(
        goal_id=str(uuid.uuid4()), draft=goal("x", "Order Completed"), actor=""
    )
    assert await door.reason(spelt) == "SEGMENT_NOT_VALID"
    saved = (await door.ask(saving("reached", reached))).segment
    assert await door.reason(goals_pb.DeleteGoalRequest(goal_id=goal_id)) == "GOAL_IN_USE"
    await door.ask(segments_pb.DeleteSegmentRequest(segment_id=saved.segment_id))
    await door.ask(goals_pb.DeleteGoalRequest(goal_id=goal_id))
    assert list((await door.ask(goals_pb.ListGoalsRequest())).goals) == []
    assert await door.reason(genes_pb.PreviewSegmentRequest(root=reached)) == "GOAL_NOT_FOUND"


async def test_the_overlay_of_a_distribution_takes_a_goal(door: Door) -> None:
    request = genes_pb.GetGeneDistributionRequest(gene="orders", conversion=True, goal_id=str(uuid.uuid4()))
    assert await door.reason(request) == "GOAL_NOT_FOUND"
    made = goals_pb.CreateGoalRequest(goal_id=request.goal_id, draft=goal("quiz"), actor="chen")
    await door.ask(made)
    buckets = (await door.ask(request)).buckets
    assert [bucket.HasField("converted") for bucket in buckets] == [True]


async def test_who_slept_and_woke_up_is_told_between_two_days(door: Door) -> None:
    now = datetime.now(UTC)

    def order(nid: int, ago: int) -> Sent:
        at = now - timedelta(days=ago)
        said = {"order_id": f"{door.shop.tenant_id}-{nid}-{ago}", "revenue": 100}
        return Sent(nid, name="Order Completed", at=at, received_at=at, source=2, properties=said)

    # 1 buys every 10 days and slept for 15 days before today; 2 buys every 10 days; 3 slept on.
    days = {1: (50, 40, 30, 0), 2: (25, 15, 5), 3: (55, 45, 35)}
    await door.shop.counted(
        await door.shop.send(*(order(nid, ago) for nid, some in days.items() for ago in some))
    )
    then = (now - timedelta(days=12)).date().isoformat()
    asked = states_pb.GetStateTransitionsRequest(state="nes_state", from_on=then)
    found = await door.ask(asked)
    moved = {(one.before, one.after): one.profiles for one in found.transitions}
    assert moved == {("", ""): 7, ("s1", "e0"): 1, ("e0", "e0"): 1, ("s2", "s3"): 1}
    assert (found.asleep, found.woken, found.everybody) == (2, 1, 10)
    counts = {one.state: one for one in found.counts}
    assert await door.people(counts["e0"].tree) == counts["e0"].profiles == 2
    for one in found.transitions:
        assert await door.people(one.tree) == one.profiles, (one.before, one.after)
    assert [await door.people(tree) for tree in (found.asleep_tree, found.woken_tree)] == [2, 1]
    week_ago = (now - timedelta(days=7)).date().isoformat()
    ended = await door.ask(
        states_pb.GetStateTransitionsRequest(state="nes_state", from_on=then, to_on=week_ago)
    )
    for one in ended.transitions:
        assert await door.people(one.tree) == one.profiles, (one.before, one.after)
    for count in ended.counts:
        assert await door.people(count.tree) == count.profiles, count.state
    tomorrow = (now + timedelta(days=1)).date().isoformat()
    late = states_pb.GetStateTransitionsRequest(state="nes_state", from_on=tomorrow)
    assert await door.reason(late) == "DAY_NOT_VALID"
    (nes, napl) = (await door.ask(states_pb.ListStatesRequest())).states
    assert (nes.id, napl.id, [one.value for one in nes.choices][:2]) == (
        "nes_state",
        "napl_state",
        ["n", "e0"],
    )


async def test_numbers_are_measured_by_everybodys_and_overlaid_with_what_followed(
    door: Door, serving_installation: Installation
) -> None:
    gene_id, tier = await door.gene("購買機率", "ratio"), await door.gene()
    long_ago = datetime.now(UTC) - timedelta(days=45)
    seen = [Sent(nid, at=long_ago, received_at=long_ago) for nid in (1, 2, 3)]
    order = Sent(1, name="Order Completed", at=datetime.now(UTC), properties={"order_id": gene_id})
    await door.shop.counted(await door.shop.send(*seen, order))
    await door.bring(gene_id, MERGE, {1: "0.9", 2: "0.9", 3: "0.1", 4: "0.1"})
    await door.bring(tier, MERGE, {1: "gold"})
    asked = pb.GetProfileExternalGenesRequest(profile_id=3, percentiles=True)
    (own,) = (await door.ask(asked)).genes
    assert own.percentile == 50
    both = (await door.ask(pb.GetProfileExternalGenesRequest(profile_id=1, percentiles=True))).genes
    assert {one.gene.draft.type: one.HasField("percentile") for one in both} == {
        "category": False,
        "ratio": True,
    }
    overlaid = pb.GetExternalDistributionRequest(gene_id=gene_id, conversion=True)
    # Nobody had a value before they were brought.
    told = (await door.ask(overlaid)).buckets
    assert [(one.low, one.before, one.converted) for one in told] == [("0.1", 0, 0), ("0.9", 0, 0)]
    async with (
        open_engine(serving_installation.engines.postgres_url("insight")) as engine,
        open_transaction(engine, door.shop.tenant_id) as connection,
    ):
        for table in ("external_genes", "external_changes"):
            moved = (
                f"update {table} set changed_at = changed_at - interval '40 days' where gene_id = :gene_id"
            )
            await connection.execute(sa.text(moved), {"gene_id": gene_id})
    told = (await door.ask(overlaid)).buckets
    assert [(one.low, one.before, one.converted) for one in told] == [("0.1", 2, 0), ("0.9", 2, 1)]
    overlaid.goal_id = str(uuid.uuid4())
    assert await door.reason(overlaid) == "GOAL_NOT_FOUND"
