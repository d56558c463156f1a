"""Reports on products and searches, and overlaps, through HTTP: their numbers are counted by hand."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.service.gateway.conftest import Gateway, running_gateway
from tests.service.insight.installation import Client, Installation, Sent, Shop

SHOES = {"category": "wear > shoes", "brand": "Acme"}


def did(nid: int, event: str, ago_days: float, **properties: Any) -> Sent:
    return Sent(nid, event, at=datetime.now(UTC) - timedelta(ago_days), properties=properties)


def viewed(nid: int, product: str, ago_days: float, **said: Any) -> Sent:
    return did(nid, "Product Viewed", ago_days, product_id=product, **SHOES, **said)


# p1 (100) is viewed by 1, 2, 3 and ordered by 3; 1 ordered p2 (300) instead. 4 has two =p3 in the cart.
STORY = [
    *(viewed(nid, "p1", 3, price=100, name="Runner") for nid in (1, 2, 3)),
    viewed(4, "p2", 4, price="300", currency="TWD"),
    viewed(4, "=p3", 4, price=200),
    did(1, "Order Completed", 1, order_id="a", revenue=300, products=[{"product_id": "p2", "name": "Boot"}]),
    did(
        3, "Order Completed", 1, order_id="b", revenue=100, products=[{"product_id": "p1", "name": "Runner"}]
    ),
    did(4, "Product Added", 2, product_id="=p3", quantity=2),
    did(1, "Products Searched", 2, query="Shoe", results=3),
    did(2, "Products Searched", 2, query="shoe", results=3),
    did(2, "Products Searched", 2, query="shoes for dogs", results=0),
]


@pytest.fixture(scope="module")
async def gateway(serving_installation: Installation) -> AsyncIterator[Gateway]:
    installation = serving_installation
    signing = (installation.private_key, installation.trusted["gateway"])
    async with running_gateway(
        installation.engines, signing=signing, insight_address=installation.listen
    ) as running:
        yield running


@pytest.fixture(scope="module")
async def http(gateway: Gateway, insight: Client) -> AsyncIterator[httpx.AsyncClient]:
    tenant = await gateway.make_tenant()
    shop = Shop(insight, tenant.id)
    await shop.counted(await shop.send(*STORY))
    async with tenant.client(timeout=60) as client:
        yield client


async def got(http: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def count(http: httpx.AsyncClient, tree: Any) -> int:
    answer = await http.post("/v1/segments/preview", json={"tree": tree})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["profiles"])


async def test_products_viewed_and_not_ordered(http: httpx.AsyncClient) -> None:
    report = await got(http, "/v1/reports/products/viewed", category="wear")
    found = {one["id"]: one for one in report["products"]}
    assert {name: (one["people"]["profiles"], one["views"]) for name, one in found.items()} == {
        "p1": (2, 2),
        "p2": (1, 1),
        "=p3": (1, 1),
    }
    p1 = found["p1"]
    assert (p1["category"], p1["brand"], p1["in_stock"], p1["name"]) == (
        "wear > shoes",
        "Acme",
        None,
        "Runner",
    )
    assert p1["price"] == {"amount": "100.00", "currency": "TWD", "home_amount": "100.00"}
    assert (p1["category_price"], p1["against_category"]) == ("200.00", "-0.5")
    instead = {"id": "p2", "name": "Boot", "people": {"profiles": 1, "tree": None}}
    assert p1["instead"] == [instead]
    assert (report["people"]["profiles"], report["n_products"], report["currency"]) == (3, 3, "TWD")
    assert report["as_of"] and report["now"] and report["answered_by"] in ("memory", "store")
    for number in (report["people"], *(one["people"] for one in report["products"])):
        assert await count(http, number["tree"]) == number["profiles"]
    assert (await got(http, "/v1/reports/products/viewed", category="elsewhere"))["products"] == []
    assert (await got(http, "/v1/reports/products/viewed", min_people=2))["n_products"] == 1


async def test_pages_are_of_one_moment_and_of_one_question(http: httpx.AsyncClient) -> None:
    first = await got(http, "/v1/reports/products/viewed", limit=2)
    second = await got(http, "/v1/reports/products/viewed", limit=2, cursor=first["next_cursor"])
    assert [one["id"] for one in (*first["products"], *second["products"])] == ["p1", "=p3", "p2"]
    assert (first["now"], second["next_cursor"]) == (second["now"], None)
    for other in ({"days": 30}, {"brand": "Acme"}):
        answer = await http.get(
            "/v1/reports/products/viewed", params={**other, "limit": 2, "cursor": first["next_cursor"]}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "CURSOR_NOT_VALID")
    assert (await http.get("/v1/reports/products/viewed", params={"days": 91})).status_code == 400


async def test_products_left_in_carts(http: httpx.AsyncClient) -> None:
    report = await got(http, "/v1/reports/products/carted", sort="value")
    assert [(one["id"], one["people"]["profiles"], one["quantity"]) for one in report["products"]] == [
        ("=p3", 1, "2")
    ]
    assert report["products"][0]["value"] == {"amount": "400.00", "currency": "TWD", "home_amount": "400.00"}
    assert (report["value"], report["unconverted"]) == ("400.00", [])
    assert await count(http, report["products"][0]["people"]["tree"]) == 1


async def test_searches_and_who_ordered(http: httpx.AsyncClient) -> None:
    report = await got(http, "/v1/reports/searches")
    shoe, dogs = report["terms"]
    assert (shoe["term"], shoe["searches"], shoe["results"], shoe["without_result"]) == ("shoe", 2, 3, 0)
    told = {name: shoe[name]["profiles"] for name in ("people", "ordered", "not_ordered", "ordered_soon")}
    assert told == {"people": 2, "ordered": 1, "not_ordered": 1, "ordered_soon": 1}
    assert shoe["ordered_soon"]["tree"] is None
    for name in ("people", "ordered", "not_ordered"):
        assert await count(http, shoe[name]["tree"]) == shoe[name]["profiles"]
    nothing = await got(http, "/v1/reports/searches", without_result=True, q="SHOES")
    assert [one["term"] for one in nothing["terms"]] == [dogs["term"]] == ["shoes for dogs"]


async def test_files_say_the_same_and_no_cell_is_a_formula(http: httpx.AsyncClient) -> None:
    answers = {name: await http.get(f"/v1/reports/{name}/file") for name in ("products/viewed", "searches")}
    assert all(one.status_code == 200 for one in answers.values())
    text = answers["products/viewed"].content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["product"], row["people"], row["instead"]) for row in rows] == [
        ("p1", "2", "p2 (1)"),
        ("'=p3", "1", ""),
        ("p2", "1", ""),
    ]
    terms = csv.DictReader(io.StringIO(answers["searches"].content.decode("utf-8-sig")))
    assert [(row["term"], row["ordered_within_7_days"]) for row in terms] == [
        ("shoe", "1"),
        ("shoes for dogs", "0"),
    ]
    carted = (await http.get("/v1/reports/products/carted/file")).content.decode("utf-8-sig")
    assert [row["home_value"] for row in csv.DictReader(io.StringIO(carted))] == ["400.00"]


async def test_a_report_is_of_a_saved_segments_people(http: httpx.AsyncClient) -> None:
    tree = {"gene": "orders", "in": {"last_days": 30}, "is": {"op": ">=", "value": 1}}
    segment = (await http.post("/v1/segments", json={"name": "Buyers of a month", "tree": tree})).json()
    report = await got(http, "/v1/reports/products/viewed", segment=segment["id"])
    assert [(one["id"], one["people"]["profiles"]) for one in report["products"]] == [("p1", 1)]
    assert await count(http, report["products"][0]["people"]["tree"]) == 1
    searched = await got(http, "/v1/reports/searches", segment=segment["id"])
    assert [(one["term"], one["people"]["profiles"]) for one in searched["terms"]] == [("shoe", 1)]
    missing = await http.get(
        "/v1/reports/searches", params={"segment": "00000000-0000-4000-8000-0000000000ff"}
    )
    assert (missing.status_code, missing.json()["code"]) == (404, "SEGMENT_NOT_FOUND")


async def test_every_region_of_an_overlap_opens_as_a_segment(http: httpx.AsyncClient) -> None:
    bought = {"gene": "orders", "in": {"last_days": 30}, "is": {"op": ">=", "value": 1}}
    searched = {"gene": "search_keywords", "in": {"last_days": 30}, "is": {"known": True}}
    answer = await http.post("/v1/segments/overlap", json={"sets": [bought, searched]})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert {tuple(one["inside"]): one["profiles"] for one in found["regions"]} == {
        (0,): 1,
        (1,): 1,
        (0, 1): 1,
    }
    assert ([one["profiles"] for one in found["sets"]], found["union"]["profiles"]) == ([2, 2], 3)
    assert found["everybody"] == 4
    for one in (*found["regions"], *found["sets"], found["union"]):
        assert await count(http, one["tree"]) == one["profiles"]
    wrong = await http.post(
        "/v1/segments/overlap", json={"sets": [bought, {"gene": "x", "is": {"known": True}}]}
    )
    assert wrong.json()["errors"][0]["pointer"] == "/sets/1/gene"
    assert (await http.post("/v1/segments/overlap", json={"sets": []})).status_code == 400
