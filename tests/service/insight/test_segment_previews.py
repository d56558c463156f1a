"""Trees over real events, through HTTP: every number is counted by hand from the story below."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from contracts.gateway.v1 import events_pb2
from contracts.identity.v1 import identity_service_pb2 as identity_pb
from prometheus_client import REGISTRY

from tests.service.gateway.conftest import Gateway, running_gateway
from tests.service.insight.installation import ANONYMOUS_ID, USER_ID, Client, Installation, Sent, Shop

TAIPEI = ZoneInfo("Asia/Taipei")


def ago(days: int) -> date:
    return datetime.now(TAIPEI).date() - timedelta(days)


def noon(days: int) -> datetime:
    """Of the tenant's day so many days ago."""
    return datetime.combine(ago(days), datetime.min.time(), TAIPEI).astimezone(UTC) + timedelta(hours=12)


def order(nid: int, days: int, revenue: int, kind: int = USER_ID) -> Sent:
    properties = {"order_id": f"o{nid}-{days}", "revenue": revenue, "currency": "TWD"}
    return Sent(nid, "Order Completed", at=noon(days), nid_kind=kind, properties=properties)


def view(nid: int, days: int, kind: int = ANONYMOUS_ID) -> Sent:
    properties = {"product_id": "p1", "category": "保養 > 面膜", "brand": "Acme", "price": 300}
    return Sent(nid, "Product Viewed", at=noon(days), nid_kind=kind, properties=properties)


# Five people. 1: member, three orders and a view. 2: visitor, views. 3: member, one order. 4: visitor, long
# ago. 5: nid 5 saw a page, nid 6 (a member) ordered; they are one.
STORY = [
    *(order(1, days, revenue) for days, revenue in ((2, 1000), (5, 500), (40, 300))),
    view(1, 1, USER_ID),
    view(2, 3),
    view(2, 4),
    order(3, 10, 2000),
    Sent(4, "Home", kind="page", at=noon(100)),
    Sent(5, "Home", kind="page", at=noon(2)),
    order(6, 1, 700),
]
BUYERS = {"gene": "orders", "in": {"last_days": 90}, "is": {"op": ">=", "value": 2}}
VIEWERS = {"event": "product_viewed", "in": {"last_days": 7}}
VISITORS = {"gene": "member_stage", "is": {"one_of": ["visitor"]}}
TREE = {"all": [{"any": [BUYERS, VIEWERS]}, {"not": VISITORS}]}


@dataclass
class Door:
    """The story's tenant through the open API."""

    http: httpx.AsyncClient
    shop: Shop

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any) -> Any:
        answer = await self.http.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def count(self, tree: Any) -> int:
        return int((await self.post("/v1/segments/preview", {"tree": tree}))["profiles"])


@pytest.fixture(scope="module")
async def gateway(serving_installation: Installation) -> AsyncIterator[Gateway]:
    installation = serving_installation
    signing = (installation.private_key, installation.trusted["gateway"])
    async with running_gateway(
        installation.engines, signing=signing, insight_address=installation.listen
    ) as running:
        yield running


@pytest.fixture(scope="module")
async def door(gateway: Gateway, insight: Client) -> AsyncIterator[Door]:
    tenant = await gateway.make_tenant()
    shop = Shop(insight, tenant.id)
    await shop.send(*STORY)
    position = await shop.move((5, ANONYMOUS_ID, 5), (6, USER_ID, 5))
    await shop.counted(position)
    gateway.people.profiles[tenant.id] = [somebody(number) for number in (1, 2, 3, 4, 5)]
    async with tenant.client(timeout=60) as http:
        yield Door(http, shop)


def somebody(number: int) -> identity_pb.Profile:
    identifier = identity_pb.Identifier(
        nid=number, kind=events_pb2.IDENTIFIER_KIND_ANONYMOUS_ID, value=f"a{number}"
    )
    return identity_pb.Profile(profile_id=number, identifiers=[identifier])


async def test_a_nested_tree_is_counted_node_by_node(door: Door) -> None:
    found = await door.post("/v1/segments/preview", {"tree": TREE})
    assert (found["profiles"], found["members"], found["visitors"]) == (1, 1, 0)
    assert (found["everybody"], found["share"], found["exact"]) == (5, 0.2, True)
    assert {one["pointer"]: one["profiles"] for one in found["counts"]} == {
        "/tree": 1,
        "/tree/all/0": 2,
        "/tree/all/0/any/0": 1,
        "/tree/all/0/any/1": 2,
        "/tree/all/1": 3,
        "/tree/all/1/not": 2,
    }
    assert found["reachable"] == {"email": 0, "line": 0, "sms": 0}
    assert found["sentence"] == {
        "zh_tw": "（最近 90 天訂單數至少 2 筆，或最近 7 天曾瀏覽商品），且不符合（會員階段是訪客）。",
        "en": "(has at least 2 orders in the last 90 days, or viewed a product in the last 7 days), "
        "and not (member stage is visitor).",
    }
    assert found["position"] > 0 and found["as_of"] and found["answered_by"] in ("memory", "store")


async def test_set_algebra_money_dates_and_sequences_are_counted(door: Door) -> None:
    spent = {"gene": "revenue", "in": {"last_days": 30}, "is": {"between": [700, 1500]}}
    assert await door.count(spent) == 2  # 1: 1,500; 5: 700
    best = {"gene": "revenue", "in": {"all_time": True}, "is": {"above": "mean"}}
    assert await door.count(best) == 2  # of 1,800, 0, 2,000, 0, 700: above 900
    assert await door.count({"difference": [best, BUYERS]}) == 1
    days = {"from": ago(10).isoformat(), "to": ago(5).isoformat()}
    assert await door.count({"event": "order_completed", "in": days}) == 2
    again = {"first": {"event": "order_completed"}, "then": {"event": "order_completed"}}
    assert await door.count(again | {"within_days": 3, "in": {"last_days": 30}}) == 1
    dear = {"event": "product_viewed", "where": [{"property": "price", "is": {"op": ">", "value": 299}}]}
    assert await door.count(dear | {"in": {"all_time": True}, "times": {"op": "=", "value": 2}}) == 1
    assert await door.count({"not": {"gene": "days_since_order", "is": {"op": ">", "value": 9}}}) == 4


async def test_all_that_is_wrong_is_told_at_its_place(door: Door) -> None:
    bad = {"all": [{"gene": "orders", "is": {"one_of": ["1"]}}, {"not": {"any": []}}]}
    answer = await door.http.post("/v1/segments/preview", json={"tree": bad})
    assert (answer.status_code, answer.json()["code"]) == (400, "SEGMENT_NOT_VALID")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("/tree/all/0/in", "WINDOW_MISSING"),
        ("/tree/all/0/is", "OPERATOR_NOT_ALLOWED"),
        ("/tree/all/1/not/any", "GROUP_EMPTY"),
    ]
    assert all(one["fix"] for one in answer.json()["errors"])
    many = {"tree": {"all": [{"gene": "無" * 60, "is": {"known": True}}] * 180}}
    told = (await door.http.post("/v1/segments/preview", json=many)).json()
    assert len(told["errors"]) + int(told["facts"]["errors_left_off"]) == 100
    shapeless = await door.http.post("/v1/segments/preview", json={"tree": {"all": [{"gene": "orders"}]}})
    assert shapeless.json()["errors"][0]["pointer"] == "/tree/all/0/is"


@pytest.mark.parametrize("kind", ["segment", "snapshot", "list"])
async def test_a_tree_that_names_what_is_not_there_is_refused(door: Door, kind: str) -> None:
    tree = {"all": [VISITORS, {kind: "0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f0001"}]}
    answer = await door.http.post("/v1/segments/preview", json={"tree": tree})
    assert (answer.status_code, answer.json()["code"]) == (404, f"{kind.upper()}_NOT_FOUND")


async def test_saved_segments_and_snapshots_are_counted_and_called_by_their_names(door: Door) -> None:
    made = await door.http.post("/v1/segments", json={"name": "看過的人", "tree": VIEWERS})
    assert made.status_code == 201, made.text
    segment_id = made.json()["id"]
    taken = await door.http.post(f"/v1/segments/{segment_id}/snapshots", json={})
    assert taken.status_code == 201, taken.text
    tree = {"difference": [{"segment": segment_id}, BUYERS]}
    found = await door.post("/v1/segments/preview", {"tree": tree})
    assert found["profiles"] == 1
    assert found["sentence"]["zh_tw"] == "屬於客群「看過的人」，但排除（最近 90 天訂單數至少 2 筆）。"
    frozen = await door.post("/v1/segments/preview", {"tree": {"snapshot": taken.json()["id"]}})
    assert frozen["profiles"] == 2
    assert frozen["sentence"]["en"] == f"In snapshot “看過的人, {datetime.now(UTC):%Y-%m-%d}”."
    why = await door.post("/v1/segments/explain", {"profile_id": 2, "segment_id": segment_id})
    assert (why["member"], why["nodes"][0]["sentence"]["zh_tw"]) == (True, "最近 7 天曾瀏覽商品。")


async def test_an_attribute_is_asked_what_its_type_allows(door: Door) -> None:
    identified = Sent(1, kind="identify", at=noon(1), nid_kind=USER_ID, traits={"points": 120})
    await door.shop.counted(await door.shop.send(identified))
    assert await door.count({"attribute": "points", "is": {"op": ">=", "value": 100}}) == 1
    bad = {"attribute": "points", "is": {"before": "2026-01-01"}}
    async with asyncio.timeout(120):
        # A new attribute has a type within seconds; until then any test may suit it.
        while (answer := await door.http.post("/v1/segments/preview", json={"tree": bad})).is_success:
            await asyncio.sleep(0.2)
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/tree/is"]


async def test_why_somebody_is_out_is_told_condition_by_condition(door: Door) -> None:
    found = await door.post("/v1/segments/explain", {"profile_id": 2, "tree": TREE})
    assert (found["member"], found["known_today"]) == (False, False)
    assert [(one["pointer"], one["fulfilled"], one["value"]) for one in found["nodes"]] == [
        ("/tree", False, None),
        ("/tree/all/0", True, None),
        ("/tree/all/0/any/0", False, "0"),
        ("/tree/all/0/any/1", True, None),
        ("/tree/all/1", False, None),
        ("/tree/all/1/not", True, "visitor"),
    ]
    assert found["nodes"][5]["sentence"]["zh_tw"] == "會員階段是訪客。"


async def test_a_past_day_is_explained_with_what_is_known_today(door: Door) -> None:
    asked = {"profile_id": 1, "tree": BUYERS}
    then = [await door.post("/v1/segments/explain", asked | {"on": ago(days).isoformat()}) for days in (3, 6)]
    assert [(one["member"], one["nodes"][0]["value"]) for one in then] == [(True, "2"), (False, "1")]
    assert then[0]["known_today"] is True
    future = await door.http.post("/v1/segments/explain", json=asked | {"on": ago(0).isoformat()})
    assert (future.status_code, future.json()["code"]) == (400, "DAY_NOT_VALID")
    long_ago = await door.http.post("/v1/segments/explain", json=asked | {"on": "0001-01-01"})
    assert (long_ago.status_code, long_ago.json()["code"]) == (400, "DAY_NOT_VALID")
    nobody = await door.http.post("/v1/segments/explain", json=asked | {"profile_id": 99})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "PROFILE_NOT_FOUND")


async def test_a_gene_lies_as_counted_and_tells_who_ordered_since(door: Door) -> None:
    found = await door.get("/v1/genes/orders/distribution", last_days=365, conversion=True)
    # On the day before the last 30, only 1 had ordered (40 days ago); 1, 3 and 5 ordered since.
    assert [
        (one["low"], one["high"], one["profiles"], one["before"], one["converted"])
        for one in found["buckets"]
    ] == [("0", "0", 2, 4, 2), ("1", "1", 2, 1, 1), ("3", "3", 1, 0, 0)]
    assert (found["mean"], found["median"], found["unknown"], found["everybody"]) == ("1", "1", 0, 5)
    brands = await door.get("/v1/genes/viewed_brands/distribution")
    assert [(one["value"], one["profiles"]) for one in brands["buckets"]] == [("Acme", 2)]
    assert (brands["unknown"], brands["window"]) == (3, {"last_days": 30})


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/genes/order/distribution", "GENE_NOT_KNOWN"),
        ("/v1/genes/member_stage/distribution?last_days=7", "GENE_NOT_KNOWN"),
        ("/v1/genes/orders/distribution?last_days=7&all_time=true", "REQUEST_NOT_VALID"),
        ("/v1/genes/orders/distribution?from=2026-01-01", "REQUEST_NOT_VALID"),
    ],
)
async def test_a_distribution_of_nothing_is_refused(door: Door, path: str, code: str) -> None:
    answer = await door.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_one_profile_has_all_genes_of_both_its_browsers(door: Door) -> None:
    found = await door.get("/v1/profiles/5/genes", percentiles=True)
    genes = {one["gene"]: one for one in found["genes"]}
    assert len(genes) == 31
    told = {name: genes[name]["value"] for name in ("orders", "revenue", "days_since_order", "member_stage")}
    assert told == {"orders": "1", "revenue": "700", "days_since_order": "1", "member_stage": "first_time"}
    assert genes["active_days"]["value"] == "2"
    assert genes["viewed_brands"]["value"] == []
    assert genes["favourite_category"]["value"] is None
    # At most one order: all but profile 1.
    assert genes["orders"]["percentile"] == 80
    assert genes["member_stage"]["percentile"] is None


async def test_the_catalogue_is_served_with_examples_that_can_be_asked(door: Door) -> None:
    genes = (await door.get("/v1/genes"))["genes"]
    assert [gene["number"] for gene in genes] == list(range(1, 32))
    counts = await asyncio.gather(*(door.count(gene["example"]) for gene in genes[:31:5]))
    assert all(0 <= count <= 5 for count in counts)
    assert genes[17]["example_sentence"]["zh_tw"] == "最近 365 天訂單數至少 2 筆。"


def cancelled() -> float:
    """How many previews ended because nobody waited any more."""
    labels = {"method": "/contracts.insight.v1.GenesService/PreviewSegment", "status": "CANCELLED"}
    return REGISTRY.get_sample_value("rpc_server_seconds_count", labels) or 0


async def test_a_preview_that_nobody_waits_for_is_given_up(door: Door) -> None:
    before = cancelled()
    # Whoever hangs up too early never asked insight, and too late has the answer: one of these is between.
    for patience_seconds in (0.2, 0.4, 0.8, 1.6):
        events = [f"act {n} of {patience_seconds}" for n in range(190)]
        long = {"any": [{"event": name, "in": {"last_days": 30}} for name in events]}
        with suppress(httpx.TimeoutException):
            await door.http.post("/v1/segments/preview", json={"tree": long}, timeout=patience_seconds)
        await asyncio.sleep(1)
        if cancelled() > before:
            return
    pytest.fail("no preview was given up")


async def test_no_tenant_sees_anything_of_another(door: Door, gateway: Gateway, insight: Client) -> None:
    """Asked in turn, so that nothing kept for one is taken for the other."""
    stranger = await gateway.make_tenant()
    async with stranger.client(timeout=60) as http:
        theirs = Door(http, Shop(insight, stranger.id))
        assert (await door.count(VISITORS), await theirs.count(VISITORS)) == (2, 0)
        nobody = await theirs.post("/v1/segments/preview", {"tree": {"not": VISITORS}})
        assert (nobody["everybody"], nobody["share"]) == (0, None)
        await theirs.shop.counted(await theirs.shop.send(view(1, 1), order(2, 1, 10)))
        assert (await door.count(VISITORS), await theirs.count(VISITORS)) == (2, 1)
        assert await theirs.count({"not": VISITORS}) == 1
        assert (await http.get("/v1/profiles/5/genes")).status_code == 404
