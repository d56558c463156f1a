"""Yardsticks, borrowed values and audits through HTTP; numbers are counted by hand from the story below."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from contracts.gateway.v1 import events_pb2
from contracts.identity.v1 import identity_service_pb2 as identity_pb

from chassis.database import open_engine
from services.insight.store.audits import Audits, Compared, Run
from tests.service.gateway.conftest import Shop as Customer
from tests.service.gateway.conftest import running_gateway
from tests.service.insight.installation import USER_ID, Client, Installation, Sent, Shop

NOW = datetime.now(UTC)


def order(nid: int, days: int, revenue: str) -> Sent:
    properties = {"order_id": f"o{nid}-{days}", "revenue": revenue, "currency": "TWD"}
    return Sent(nid, "Order Completed", at=NOW - timedelta(days), nid_kind=USER_ID, properties=properties)


# 1 bought 40, 5 and 2 days ago, 2 ten days ago, 3 only looked.
STORY = [
    *(order(1, days, revenue) for days, revenue in ((40, "300"), (5, "500.5"), (2, "1000"))),
    order(2, 10, "20"),
    Sent(3, "Home", kind="page", at=NOW - timedelta(2)),
]


@pytest.fixture(scope="module")
async def tenant(serving_installation: Installation, insight: Client) -> AsyncIterator[Customer]:
    installation = serving_installation
    signing = (installation.private_key, installation.trusted["gateway"])
    async with running_gateway(
        installation.engines, signing=signing, insight_address=installation.listen
    ) as gateway:
        tenant = await gateway.make_tenant()
        shop = Shop(insight, tenant.id)
        await shop.counted(await shop.send(*STORY))
        gateway.people.profiles[tenant.id] = [
            identity_pb.Profile(
                profile_id=number,
                identifiers=[
                    identity_pb.Identifier(
                        nid=number, kind=events_pb2.IDENTIFIER_KIND_USER_ID, value=f"m{number}"
                    )
                ],
            )
            for number in (1, 2, 3)
        ]
        yield tenant


@pytest.fixture(scope="module")
async def http(tenant: Customer) -> AsyncIterator[httpx.AsyncClient]:
    async with tenant.client(timeout=60) as client:
        yield client


async def get(http: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_cycle_of_too_few_orders_is_said_to_be_borrowed(http: httpx.AsyncClient) -> None:
    told = {}
    for profile_id in (1, 2, 3):
        genes = (await get(http, f"/v1/profiles/{profile_id}/genes"))["genes"]
        told[profile_id] = [(one["value"], one["borrowed"]) for one in genes if one["borrowed"]] or [
            (one["value"], False) for one in genes if one["gene"] == "purchase_cycle_days"
        ]
    # Gaps of 35 and 3 days; the only one who came back did after 35; who never bought has none.
    assert told == {1: [("19", False)], 2: [("35", True)], 3: [(None, False)]}


async def test_a_yardstick_says_how_values_lie_and_how_old_it_is(http: httpx.AsyncClient) -> None:
    await http.post("/v1/genes/yardsticks/refresh")
    found = await get(http, "/v1/genes/revenue/yardstick", last_days=30)
    at = {one["share"]: one["value"] for one in found["quantiles"]}
    assert (at[0.0], at[0.5], at[1.0]) == ("0", "20", "1500.5")
    assert (found["profiles"], found["mean"], found["median"]) == (3, "506.833333", "20")
    assert found["window"] == {"last_days": 30}
    assert 0 <= found["age_seconds"] < 60
    assert abs(datetime.fromisoformat(found["made_at"]) - datetime.now(UTC)) < timedelta(minutes=10)
    again = await get(http, "/v1/genes/revenue/yardstick", last_days=30)
    assert again["age_seconds"] > found["age_seconds"] > 0 or again["answered_by"] == "store"


async def test_a_refresh_has_yardsticks_made_anew(http: httpx.AsyncClient) -> None:
    before = await get(http, "/v1/genes/orders/yardstick")
    refreshed = await http.post("/v1/genes/yardsticks/refresh")
    assert refreshed.status_code == 200
    assert refreshed.json()["forgotten"] >= (before["answered_by"] == "memory")
    assert (await http.post("/v1/genes/yardsticks/refresh")).json() == {"forgotten": 0}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/genes/order/yardstick", "GENE_NOT_KNOWN"),
        ("/v1/genes/member_stage/yardstick", "NO_YARDSTICK"),
        ("/v1/genes/audit?cursor=x", "CURSOR_NOT_VALID"),
    ],
)
async def test_what_cannot_be_answered_is_refused(http: httpx.AsyncClient, path: str, code: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_audits_are_listed_page_by_page_the_newest_first(
    http: httpx.AsyncClient, tenant: Customer, serving_installation: Installation
) -> None:
    assert (await get(http, "/v1/genes/audit"))["audits"] == []
    async with open_engine(serving_installation.engines.postgres_url("insight")) as engine:
        for number in range(3):
            genes = {"orders": Compared(5), "revenue": Compared(5, different=number % 2, passing=number)}
            run = Run(NOW, 0.25, 100 + number, 5, genes, reloaded=number == 1)
            await Audits(engine).add(tenant.id, run)
    first = await get(http, "/v1/genes/audit", limit=2)
    last = await get(http, "/v1/genes/audit", limit=2, cursor=first["next_cursor"])
    assert [one["position"] for one in first["audits"] + last["audits"]] == [102, 101, 100]
    assert last["next_cursor"] is None
    drifted = (await get(http, "/v1/genes/audit", drifted=True))["audits"]
    assert [(one["position"], one["different"], one["passing"], one["reloaded"]) for one in drifted] == [
        (101, 1, 1, True)
    ]
    assert drifted[0]["genes"] == [
        {"gene": "revenue", "compared": 5, "different": 1, "passing": 1},
        {"gene": "orders", "compared": 5, "different": 0, "passing": 0},
    ]
