"""Whoever is asked says the same: previews, saved segments, lists of people, reasons, both evaluators.

Others send, join and part people all the while, so each answer is compared at the moment that it is of.
"""

import asyncio
import csv
import io
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from contracts.identity.v1 import events_pb2 as identity_pb
from contracts.insight.v1 import genes_service_pb2 as genes_pb
from contracts.insight.v1 import genes_service_pb2_grpc as genes_grpc
from contracts.insight.v1 import segments_service_pb2 as pb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chassis.clickhouse import open_clickhouse
from chassis.database import open_engine
from chassis.errors import ExpectedError
from services.insight.api.trees import tree_message
from services.insight.domain.segments.answers import Evaluation
from services.insight.domain.segments.tree import (
    All,
    AllTime,
    AnyOf,
    AttributeCondition,
    Compare,
    Contains,
    DaysSince,
    Difference,
    EventCondition,
    EventStep,
    GeneCondition,
    InSegment,
    Known,
    Mode,
    Node,
    Not,
    OneOf,
    Op,
    SequenceCondition,
    last_days,
)
from services.insight.evaluation import Moment
from services.insight.store.evaluator import SqlEvaluator
from services.insight.store.tenants import Tenants
from tests.contract.evaluator_shops import Shelf
from tests.gene_reference import Saved
from tests.service.gateway.conftest import Gateway, running_gateway
from tests.service.insight.installation import (
    ANONYMOUS_ID,
    ERASED,
    SERVER,
    USER_ID,
    Client,
    Installation,
    Sent,
    Shop,
)
from tests.service.insight.segment_door import Door

PEOPLE = range(1, 15)
MONTH, LONG = last_days(30), last_days(365)
CONDITIONS: Sequence[Node] = (
    GeneCondition("orders", Compare(Op.GE, Decimal(1)), LONG),
    GeneCondition("revenue", Compare(Op.LT, Decimal(300)), MONTH),
    GeneCondition("avg_order_value", Compare(Op.GT, Decimal(150)), AllTime()),
    GeneCondition("days_since_order", Compare(Op.LE, Decimal(20))),
    GeneCondition("active_days", Compare(Op.GE, Decimal(2)), MONTH),
    GeneCondition("viewed_categories", Contains(Mode.ANY, ("wear",)), LONG),
    GeneCondition("abandoned_cart", Known(), MONTH),
    GeneCondition("viewed_not_bought", Contains(Mode.NONE, ("p1",)), MONTH),
    GeneCondition("favourite_category", OneOf(("wear > hats", "food"))),
    GeneCondition("member_stage", OneOf(("visitor", "first_time"))),
    GeneCondition("first_seen_on", DaysSince(40)),
    AttributeCondition("city", OneOf(("Taipei",))),
    EventCondition(EventStep("product_viewed"), MONTH, Compare(Op.GE, Decimal(2))),
    SequenceCondition(EventStep("product_viewed"), EventStep("order_completed"), 10, LONG),
)
TREES = st.recursive(
    st.sampled_from(CONDITIONS),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: All(tuple(nodes))),
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: AnyOf(tuple(nodes))),
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: Difference(tuple(nodes))),
        inner.map(Not),
    ),
    max_leaves=5,
)

LINES = ({"product_id": "p1", "category": "wear > hats"}, {"product_id": "p2", "category": "food"})

few = settings(
    max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,)
)


@dataclass
class Crowd:
    """What people do, one thing after the other, as the dice fall."""

    shop: Shop
    dice: random.Random
    orders: list[str] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    profiles: dict[int, int] = field(default_factory=lambda: {nid: nid for nid in PEOPLE})

    def nid(self) -> int:
        return self.dice.choice([nid for nid in PEOPLE if nid not in self.gone])

    def act(self, days: float | None = None) -> Sent:
        dice, nid = self.dice, self.nid()
        at = datetime.now(UTC) - timedelta(dice.uniform(0, 60) if days is None else days)
        line = dice.choice(
            [{"product_id": "p1", "category": "wear > hats"}, {"product_id": "p2", "category": "food"}]
        )
        kind = USER_ID if nid % 3 == 0 else ANONYMOUS_ID
        match dice.randrange(6):
            case 0:
                order_id = f"o{len(self.orders)}"
                self.orders.append(order_id)
                said = {"order_id": order_id, "revenue": dice.randrange(1, 500), "products": [line]}
                return Sent(nid, "Order Completed", at=at, nid_kind=kind, source=SERVER, properties=said)
            case 1 if self.orders:
                said = {"order_id": dice.choice(self.orders), "revenue": dice.randrange(1, 300)}
                name = dice.choice(["Order Refunded", "Order Updated", "Order Cancelled"])
                return Sent(nid, name, at=at, nid_kind=kind, source=SERVER, properties=said, channel="server")
            case 2:
                traits = {"city": dice.choice(["Taipei", "Tainan", None])}
                return Sent(nid, kind="identify", at=at, nid_kind=kind, traits=traits)
            case 3:
                return Sent(nid, "Product Added", at=at, nid_kind=kind, properties=line | {"quantity": 1})
            case _:
                return Sent(nid, at=at, nid_kind=kind, properties=line)

    async def send(self, n_events: int, days: float | None = None) -> int:
        return await self.shop.send(*(self.act(days) for _ in range(n_events)))

    async def join(self) -> int:
        """Two of them become one."""
        profiles = {self.profiles[self.nid()], self.profiles[self.nid()]}
        joined = [nid for nid, profile in self.profiles.items() if profile in profiles]
        return await self._move(joined, min(profiles))

    async def part(self) -> int:
        """Everybody is a person of their own again."""
        apart = [nid for nid in PEOPLE if nid not in self.gone]
        self.profiles |= {nid: nid for nid in apart}
        return await self.shop.move(*((nid, ANONYMOUS_ID, nid) for nid in apart))

    async def _move(self, nids: Sequence[int], profile_id: int) -> int:
        self.profiles |= dict.fromkeys(nids, profile_id)
        return await self.shop.move(*((nid, ANONYMOUS_ID, profile_id) for nid in nids))

    async def erase(self) -> int:
        """One of them, whole."""
        erased_id = self.profiles[self.nid()]
        nids = [nid for nid, profile_id in self.profiles.items() if profile_id == erased_id]
        self.gone.update(nids)
        erased = identity_pb.ProfileErased(erasure_id=f"00000000-0000-0000-0000-{erased_id:012}", nids=nids)
        return await self.shop.publish(ERASED, erased.SerializeToString())

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Meanwhile they go on."""

        enough = asyncio.Event()

        async def going_on() -> None:
            while not enough.is_set():
                await self.send(3, days=0)
                if self.dice.random() < 0.2:
                    await self.join()
                await asyncio.sleep(0.1)

        task = asyncio.create_task(going_on())
        try:
            yield
        finally:
            # Not in the middle of a join: who is whom is known here, too.
            enough.set()
            await task


@dataclass
class Asking:
    """One tenant's answers, each beside what the store says at the same moment."""

    client: Client
    shop: Shop
    store: SqlEvaluator

    async def agrees(self, root: Node, segment_id: str, dice: random.Random) -> None:
        preview = await self._genes("PreviewSegment", genes_pb.PreviewSegmentRequest(root=tree_message(root)))
        wanted = await self._wanted(root, preview)
        assert (preview.profiles, preview.everybody) == (len(wanted.members), wanted.everybody)
        assert (preview.members, preview.visitors) == (wanted.size.members, wanted.size.visitors)
        assert {one.channel: one.profiles for one in preview.reachable} == dict(wanted.size.reachable)
        assert {tuple(one.path): one.profiles for one in preview.counts} == dict(wanted.counts)
        door = Door(self.client, self.shop.tenant_id)
        size = await door.ask(pb.GetSegmentSizeRequest(segment_id=segment_id))
        wanted = await self._wanted(root, size)
        assert (size.profiles, size.members, size.everybody) == (
            len(wanted.members),
            wanted.size.members,
            wanted.everybody,
        )
        listed, token = list[int](), ""
        while True:
            request = pb.ListSegmentMembersRequest(segment_id=segment_id, page_size=4, page_token=token)
            page = await door.ask(request)
            listed += [member.profile_id for member in page.members]
            if not (token := page.next_page_token):
                break
        wanted = await self._wanted(root, page)
        assert (listed, page.profiles) == (sorted(wanted.members), len(wanted.members))
        await self._explained(root, dice)

    async def _explained(self, root: Node, dice: random.Random) -> None:
        everybody = (await self._wanted(All(()), await self._now())).members
        for profile_id in dice.sample(sorted(everybody), min(2, len(everybody))):
            request = genes_pb.ExplainMembershipRequest(profile_id=profile_id, root=tree_message(root))
            try:
                told = await self._genes("ExplainMembership", request)
            except ExpectedError as error:
                # Who was joined to somebody else meanwhile is nobody.
                assert error.reason == "PROFILE_NOT_FOUND"
                continue
            moment = Moment(told.watermark.position, (await self._now()).now.ToMilliseconds())
            wanted = await self.store.evaluate(self.shop.tenant_id, root, moment)
            assert told.member == (profile_id in wanted.members)

    async def _now(self) -> Any:
        return await self._genes(
            "PreviewSegment", genes_pb.PreviewSegmentRequest(root=tree_message(CONDITIONS[0]))
        )

    async def _wanted(self, root: Node, answer: Any) -> Evaluation:
        moment = Moment(answer.watermark.position, answer.now.ToMilliseconds())
        return await self.store.evaluate(self.shop.tenant_id, root, moment)

    async def _genes(self, name: str, request: Any) -> Any:
        stub = genes_grpc.GenesServiceStub(self.client.rpc.channel)
        return await self.client.rpc.call(getattr(stub, name), request, tenant_id=self.shop.tenant_id)


@pytest.fixture(scope="module")
async def store_and_shelf(serving_installation: Installation) -> AsyncIterator[tuple[SqlEvaluator, Shelf]]:
    engines, shelf = serving_installation.engines, Shelf()
    async with (
        open_engine(engines.postgres_url("insight")) as engine,
        open_clickhouse(engines.clickhouse_url("insight")) as clickhouse,
    ):
        yield SqlEvaluator(clickhouse, Tenants(engine), shelf), shelf


@few
@given(seed=st.integers(0, 2**32), first=TREES, second=TREES)
async def test_every_count_is_the_same_whatever_happens_meanwhile(
    insight: Client, store_and_shelf: tuple[SqlEvaluator, Shelf], seed: int, first: Node, second: Node
) -> None:
    shop, dice = insight.shop(), random.Random(seed)
    store, shelf = store_and_shelf
    crowd, asking, door = Crowd(shop, dice), Asking(insight, shop, store), Door(insight, shop.tenant_id)
    await shop.counted(await crowd.send(60))
    saved = (await door.create("first", tree_message(first))).segment_id
    both = Difference((InSegment(saved), second))
    saved_both = (await door.create("both", tree_message(both))).segment_id
    shelf.saved[shop.tenant_id] = Saved(segments={saved: first})

    async def agrees() -> None:
        await asking.agrees(both, saved_both, dice)

    async with crowd.busy():
        await agrees()
        # Joined; late events, refunds among them; parted again.
        for happening in (crowd.join(), crowd.send(15), crowd.part()):
            await shop.counted(await happening)
            await agrees()
    # An erasure changes the past, so nothing else may happen while it is compared.
    await shop.counted(await crowd.erase())
    await agrees()


@pytest.fixture(scope="module")
async def gateway(serving_installation: Installation) -> AsyncIterator[Gateway]:
    installation = serving_installation
    signing = (installation.private_key, installation.trusted["gateway"])
    async with running_gateway(
        installation.engines, signing=signing, insight_address=installation.listen
    ) as running:
        yield running


async def test_an_export_has_the_people_that_are_listed_and_counted(
    insight: Client, gateway: Gateway
) -> None:
    tenant = await gateway.make_tenant()
    crowd = Crowd(Shop(insight, tenant.id), random.Random(3))
    await crowd.shop.counted(await crowd.send(80))
    tree = {"any": [{"gene": "orders", "in": {"last_days": 90}, "is": {"op": ">=", "value": 1}}]}
    async with tenant.client(timeout=60) as http:
        segment = (await http.post("/v1/segments", json={"name": "bought", "tree": tree})).json()["id"]
        for happening in (crowd.join(), crowd.part(), crowd.send(10), crowd.erase()):
            await crowd.shop.counted(await happening)
            preview = (await http.post("/v1/segments/preview", json={"tree": tree})).json()
            size = (await http.get(f"/v1/segments/{segment}/size")).json()
            listed = (await http.get(f"/v1/segments/{segment}/members", params={"limit": 200})).json()
            exported = await _exported(http, segment)
            assert preview["profiles"] == size["profiles"] == listed["profiles"] == len(exported) > 0
            assert [member["profile_id"] for member in listed["members"]] == exported


async def _exported(http: httpx.AsyncClient, segment_id: str) -> list[int]:
    """The profile ids in the file."""
    made = (await http.post(f"/v1/segments/{segment_id}/exports", json={"genes": ["orders:90"]})).json()
    async with asyncio.timeout(200):
        while (await http.get(f"/v1/segment-exports/{made['id']}")).json()["state"] != "ready":
            await asyncio.sleep(0.1)
    text = (await http.get(f"/v1/segment-exports/{made['id']}/file")).content.decode("utf-8-sig")
    return [int(row["profile_id"]) for row in csv.DictReader(io.StringIO(text))]
