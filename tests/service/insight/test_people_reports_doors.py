"""Reports on people through the open API: numbers open as segments, costs are put in, files are safe."""

import csv
import io
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.service.gateway.conftest import Gateway, running_gateway
from tests.service.gateway.importing import ImportOf
from tests.service.insight.installation import Client, Installation, Shop
from tests.service.insight.people_story import monday, story

_WEEKS: dict[str, str | int] = {"unit": "week", "periods": 4, "start": "first_visit", "activity": "visit"}


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
    await shop.counted(await shop.send(*story()))
    async with tenant.client(timeout=60) as client:
        yield client


async def got(http: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def numbers(found: Any) -> Iterator[tuple[int, Any]]:
    """Every number of people with its tree."""
    if isinstance(found, dict) and set(found) == {"profiles", "tree"}:
        yield found["profiles"], found["tree"]
    elif isinstance(found, dict | list):
        for one in found.values() if isinstance(found, dict) else found:
            yield from numbers(one)


@pytest.mark.parametrize(
    ("path", "query", "fewest"),
    (("funnel", {}, 12), ("retention", _WEEKS, 14), ("traffic-sources", {"from": monday(3)}, 15)),
)
async def test_every_number_opens_as_a_segment_of_as_many_people(
    http: httpx.AsyncClient, path: str, query: dict[str, Any], fewest: int
) -> None:
    found = await got(http, f"/v1/reports/{path}", **query)
    assert found["as_of"] and found["now"] and found["answered_by"] in ("memory", "store")
    told = list(numbers(found))
    assert len(told) >= fewest
    for profiles, tree in told:
        preview = await http.post("/v1/segments/preview", json={"tree": tree})
        assert (preview.status_code, preview.json()["profiles"]) == (200, profiles), preview.text


async def test_a_report_is_of_a_segment_and_of_those_first_seen_in_a_window(http: httpx.AsyncClient) -> None:
    members = {"gene": "member_stage", "is": {"one_of": ["visitor"]}}
    made = await http.post("/v1/segments", json={"name": "Visitors", "tree": members})
    found = await got(http, "/v1/reports/funnel", segment=made.json()["id"], first_seen_from=monday(0))
    assert [stage["so_far"]["profiles"] for stage in found["stages"]] == [1, 0, 0, 0, 0, 0]
    assert (found["stages"][1]["conversion"], found["stages"][2]["conversion"]) == (0.0, None)
    nobodys = await http.get("/v1/reports/retention", params={"segment": str(uuid.uuid4())})
    assert (nobodys.status_code, nobodys.json()["code"]) == (404, "SEGMENT_NOT_FOUND")
    unnamed = await http.get("/v1/reports/retention", params={"activity": "goal"})
    assert unnamed.status_code == 400


async def test_costs_are_put_in_as_often_as_one_likes_and_divide_what_they_brought(
    http: httpx.AsyncClient,
) -> None:
    first, last = monday(3).isoformat(), monday(2).isoformat()
    body = {"source": "google / cpc", "from_on": first, "to_on": last}
    costs = [{"on": first, "amount": "1000"}, {"on": last, "amount": "0.5"}]
    for removed in (0, 2):
        put = await http.put("/v1/ad-costs", json={**body, "costs": costs})
        assert put.json() == {"removed": removed, "stored": 2}
    await http.put("/v1/ad-costs", json={**body, "source": "=1+1", "costs": costs[:1]})
    listed = await got(http, "/v1/ad-costs", source="google / cpc", limit=1)
    assert listed["costs"] == [
        {"source": "google / cpc", "on": first, "amount": "1000.00", "currency": "TWD"}
    ]
    rest = await got(http, "/v1/ad-costs", source="google / cpc", cursor=listed["next_cursor"])
    assert ([one["amount"] for one in rest["costs"]], rest["next_cursor"]) == (["0.50"], None)
    found = await got(http, "/v1/reports/traffic-sources", **{"from": first, "limit": 1})
    [ads] = found["sources"]
    assert (ads["source"], ads["cost"]["amount"]) == ("google / cpc", "1000.50")
    assert ads["cost"]["return_on_spend"] == "1.999"
    behind = await got(http, "/v1/reports/traffic-sources", **{"from": first, "cursor": found["next_cursor"]})
    assert {row["source"]: row["cost"] and row["cost"]["amount"] for row in behind["sources"]} == {
        "offline": None,
        "direct": None,
        "search": None,
        "=1+1": "1000.00",
    }
    file = await http.get("/v1/reports/traffic-sources/file", params={"from": first})
    lines = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [line[0] for line in lines] == [
        *("source", "google / cpc", "offline", "direct", "search"),
        # No spreadsheet computes it.
        "'=1+1",
    ]
    gone = await http.delete("/v1/ad-costs", params={"source": "=1+1", "from": first, "to": last})
    assert gone.json() == {"removed": 1}
    wrong = await http.put("/v1/ad-costs", json={**body, "costs": [{"on": first, "amount": "-1"}]})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "AD_COST_NOT_VALID")


async def test_a_file_of_costs_is_put_in_day_by_day_and_leaves_other_days_alone(
    http: httpx.AsyncClient,
) -> None:
    one = {"source": "meta / paid", "from_on": "2026-01-01", "to_on": "2026-01-09"}
    kept = [{"on": on, "amount": "9"} for on in ("2026-01-03", "2026-01-05")]
    await http.put("/v1/ad-costs", json={**one, "costs": kept})
    made = await ImportOf.made(http, "ad_costs")
    await made.send(
        'Campaign,Day,來源,媒介,花費,Clicks,幣別\nA,2026/1/2,meta,paid,"1,000.5",7,TWD\n'
        "B,2026/1/2,meta,paid,0.5,1,TWD\nA,2026/1/3,meta,paid,20,2,USD\nA,soon,meta,paid,1,1,TWD\n".encode()
    )
    suggested = await made.map_as_suggested()
    assert {column["column"]: column["to"] for column in suggested["columns"]} == {
        "Day": "date",
        "來源": "source",
        "媒介": "medium",
        "花費": "cost",
        "幣別": "currency",
    }
    tried = await made.dry_run()
    assert (tried["rows"], tried["accepted"], tried["rejected"]) == (4, 3, 1)
    assert len((await got(http, "/v1/ad-costs", source="meta / paid"))["costs"]) == 2
    done = await made.run()
    assert (done["state"], done["progress"]["accepted"]) == ("succeeded", 3)
    listed = await got(http, "/v1/ad-costs", source="meta / paid")
    assert [(one["on"], one["amount"], one["currency"]) for one in listed["costs"]] == [
        ("2026-01-02", "1001.00", "TWD"),
        ("2026-01-03", "20.00", "USD"),
        ("2026-01-05", "9.00", "TWD"),
    ]
    assert [row["reason"] for row in await made.rejected()] == ["INVALID_TIME"]
    await http.delete(
        "/v1/ad-costs", params={"source": "meta / paid", "from": "2026-01-01", "to": "2026-01-09"}
    )


async def test_the_funnel_and_cohorts_are_files_too(http: httpx.AsyncClient) -> None:
    funnel = await http.get("/v1/reports/funnel/file")
    assert funnel.content.startswith(
        "\ufeffstage,there,so_far,conversion\r\nvisitor,1,5,\r\nmember,1,4,0.8".encode()
    )
    retention = await http.get("/v1/reports/retention/file", params=_WEEKS)
    lines = retention.text.splitlines()
    assert len(lines) == 1 + 4 + 3 + 2 + 1
    assert retention.headers["content-disposition"] == 'attachment; filename="retention.csv"'
