"""Saved segments through the open API, with insight behind it."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pyarrow import parquet

from chassis.database import open_engine, open_transaction
from services.gateway.export_schedules import plan
from services.gateway.store import export_schedules
from tests.service.gateway.conftest import PATIENCE_SECONDS, Backstage, Shop, running_gateway
from tests.service.gateway.importing import ImportOf

MEMBERS = "會員編號,電子郵件\nm1,amy@x.example\nm2,ben@x.example\nm3,cat@x.example\n"
# Whoever has no order yet, as answers tell it.
NEW = {"gene": "orders", "in": {"last_days": 30}, "is": {"op": "=", "value": "0"}, "as_of": None}


@pytest.fixture(scope="module")
async def shop(engines: Any, backstage: Backstage) -> AsyncIterator[Shop]:
    """With three members."""
    url = engines.postgres_url("gateway_segments", of="gateway")
    async with running_gateway(engines, database_url=url, **backstage.settings) as gateway:
        shop = await gateway.make_tenant()
        await fill(shop)
        yield shop


async def fill(shop: Shop) -> None:
    async with shop.client(timeout=60) as client:
        made = await ImportOf.made(client, "members")
        await made.send(MEMBERS.encode())
        await made.map_as_suggested()
        assert (await made.run())["state"] == "succeeded"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len((await client.get("/v1/profiles")).json()["profiles"]) < 3:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


@pytest.fixture
async def client(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with shop.client(timeout=60) as client:
        yield client


async def make(client: httpx.AsyncClient, name: str, tree: Any = NEW, **more: str) -> dict[str, Any]:
    made = await client.post("/v1/segments", json={"name": name, "tree": tree, **more})
    assert made.status_code == 201, made.text
    return dict(made.json())


async def test_a_segment_is_saved_read_changed_and_deleted(client: httpx.AsyncClient) -> None:
    made = await make(client, "新客", folder="大客戶")
    path = f"/v1/segments/{made['id']}"
    read = await client.get(path)
    more = {"sentence": None, "state": None}
    assert {**read.json(), **more} == {**made, **more, "used_by": []}
    assert (read.json()["tree"], read.headers["etag"]) == (NEW, '"1"')
    assert "訂單數" in read.json()["sentence"]["zh_tw"] and "orders" in read.json()["sentence"]["en"].lower()

    changed = await client.patch(path, json={"name": "新顧客"}, headers={"if-match": '"1"'})
    assert (changed.status_code, changed.json()["version"], changed.headers["etag"]) == (200, 2, '"2"')
    lost = await client.patch(path, json={"name": "另一個", "version": 1})
    assert (lost.status_code, lost.json()["code"]) == (409, "SEGMENT_CHANGED")
    assert lost.json()["facts"]["version"] == "2"
    blind = await client.patch(path, json={"name": "另一個"})
    assert (blind.status_code, blind.json()["code"]) == (400, "SEGMENT_VERSION_MISSING")

    assert (await client.delete(path)).status_code == 204
    gone = await client.get(path)
    assert (gone.status_code, gone.json()["code"]) == (404, "SEGMENT_NOT_FOUND")
    log = (await client.get("/v1/audit")).json()["entries"]
    acts = [entry["action"] for entry in log if entry["subject"] == f"segment:{made['id']}"]
    assert acts == ["segment.deleted", "segment.changed", "segment.made"]


async def test_what_is_wrong_with_a_tree_is_told_at_its_place(client: httpx.AsyncClient) -> None:
    wrong = {"all": [NEW, {**NEW, "gene": "shoe_size"}]}
    refused = await client.post("/v1/segments", json={"name": "錯", "tree": wrong})
    assert (refused.status_code, refused.json()["code"]) == (400, "SEGMENT_NOT_VALID")
    assert refused.json()["errors"][0]["pointer"] == "/tree/all/1/gene"


async def test_the_same_request_again_makes_one_segment(client: httpx.AsyncClient) -> None:
    body = {"name": "只有一個", "tree": NEW}
    headers = {"idempotency-key": "make-once"}
    answers = [(await client.post("/v1/segments", json=body, headers=headers)).json() for _ in range(2)]
    assert answers[0] == answers[1]


async def test_versions_are_listed_compared_and_restored(client: httpx.AsyncClient) -> None:
    made = await make(client, "版本", note="第一版")
    path = f"/v1/segments/{made['id']}"
    wider = {"any": [NEW, {"segment": made["id"]}]}
    circle = await client.patch(path, json={"tree": wider, "version": 1})
    assert (circle.status_code, circle.json()["code"]) == (409, "SEGMENT_CYCLE")
    older = {**NEW, "in": {"last_days": 90}}
    await client.patch(path, json={"tree": older, "version": 1})

    page = (await client.get(f"{path}/versions", params={"limit": 1})).json()
    assert [one["version"] for one in page["versions"]] == [2]
    page = (await client.get(f"{path}/versions", params={"cursor": page["next_cursor"]})).json()
    assert [(one["version"], one["note"]) for one in page["versions"]] == [(1, "第一版")]

    difference = await client.get(f"{path}/difference", params={"from_version": 1, "to_version": 2})
    (change,) = difference.json()["changes"]
    assert (change["before"], change["after"]) == ({"path": [], "node": NEW}, {"path": [], "node": older})
    restored = await client.post(f"{path}/restore", json={"version": 2, "restored_version": 1})
    assert (restored.json()["version"], restored.json()["tree"]) == (3, NEW)


async def test_people_are_counted_listed_and_frozen(client: httpx.AsyncClient) -> None:
    made = await make(client, "成員")
    path = f"/v1/segments/{made['id']}"
    size = (await client.get(f"{path}/size")).json()
    assert (size["profiles"], size["members"], size["visitors"], size["everybody"]) == (3, 3, 0, 3)

    asked: dict[str, Any] = {"gene": ["member_stage", "orders:90", "channels_used"], "limit": 2}
    page = (await client.get(f"{path}/members", params=asked)).json()
    assert page["genes"] == asked["gene"]
    assert [one["genes"] for one in page["members"]] == [["member", "0", []]] * 2
    rest = (await client.get(f"{path}/members", params={**asked, "cursor": page["next_cursor"]})).json()
    assert len(rest["members"]) == 1
    assert (rest["profiles"], rest["next_cursor"], rest["position"]) == (3, None, page["position"])

    taken = await client.post(f"{path}/snapshots", json={"note": "活動前"})
    assert (taken.status_code, taken.json()["profiles"]) == (201, 3)
    assert (await client.get(f"/v1/snapshots/{taken.json()['id']}")).json() == taken.json()
    frozen = await make(client, "活動前的人", {"snapshot": taken.json()["id"]})
    assert (await client.get(f"/v1/segments/{frozen['id']}/size")).json()["profiles"] == 3
    used = await client.delete(f"/v1/snapshots/{taken.json()['id']}")
    assert (used.status_code, used.json()["code"]) == (409, "SEGMENT_IN_USE")
    await client.delete(f"/v1/segments/{frozen['id']}")
    assert (await client.delete(f"/v1/snapshots/{taken.json()['id']}")).status_code == 204
    assert (await client.get(f"{path}/snapshots")).json()["snapshots"] == []


async def test_a_segment_says_how_many_came_and_went_without_being_asked_to_count(
    client: httpx.AsyncClient,
) -> None:
    made = await make(client, "即時")
    path, deadline = f"/v1/segments/{made['id']}", time.monotonic() + PATIENCE_SECONDS
    while (state := (await client.get(path)).json()["state"])["refresh"] != "live":
        assert (state["refresh"], state["profiles"], state["now"]) == ("waiting", None, None)
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    assert (state["profiles"], state["entered_today"], state["left_today"]) == (3, 3, 0)
    assert state["version"] == 1 and state["age_seconds"] < 30 and not state["failure"]
    (listed,) = (await client.get("/v1/segments", params={"q": "即時"})).json()["segments"]
    assert listed["state"]["profiles"] == 3

    history = (await client.get(f"{path}/history")).json()
    (today,) = history["days"]
    assert (today["profiles"], today["entered"], today["left"]) == (3, 3, 0)
    assert (history["state"]["sequence"], history["next_cursor"]) == (1, None)
    (change,) = (await client.get(f"{path}/changes")).json()["changes"]
    assert (change["sequence"], change["reason"], change["entered"]) == (1, "definition", 3)
    assert len(change["entered_profiles"]) == 3 and change["left_profiles"] == []
    for door in ("history", "changes"):
        wrong = await client.get(f"{path}/{door}", params={"cursor": "x"})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "CURSOR_NOT_VALID")


@pytest.mark.parametrize("gene", ["orders:0", "orders:731", "orders:x", "orders:", "orders:１"])
async def test_a_column_is_a_gene_and_perhaps_days(client: httpx.AsyncClient, gene: str) -> None:
    made = await make(client, f"欄位 {gene}")
    refused = await client.get(f"/v1/segments/{made['id']}/members", params={"gene": gene})
    assert (refused.status_code, refused.json()["code"]) == (400, "GENE_COLUMN_NOT_VALID")


async def test_starters_folders_and_the_archive_are_listed(client: httpx.AsyncClient) -> None:
    made = await make(client, "要封存的", folder="舊的")
    listed = (await client.get("/v1/segments", params={"limit": 200})).json()
    assert "lifecycle.fan" in {one["starter"] for one in listed["segments"]}
    assert {"name": "舊的", "segments": 1} in listed["folders"]
    assert (await client.post(f"/v1/segments/{made['id']}/archive")).json()["archived_at"]
    archived = (await client.get("/v1/segments", params={"archived": True})).json()["segments"]
    assert [one["name"] for one in archived] == ["要封存的"]
    assert (await client.post(f"/v1/segments/{made['id']}/unarchive")).json()["archived_at"] is None
    found = (await client.get("/v1/segments", params={"q": "封存", "folder": "舊的"})).json()["segments"]
    assert [one["id"] for one in found] == [made["id"]]


async def exported(client: httpx.AsyncClient, segment_id: str, body: dict[str, Any]) -> httpx.Response:
    """The file."""
    made = await client.post(f"/v1/segments/{segment_id}/exports", json=body)
    assert made.status_code == 202, made.text
    path, deadline = f"/v1/segment-exports/{made.json()['id']}", time.monotonic() + PATIENCE_SECONDS
    while (found := (await client.get(path)).json())["state"] != "ready":
        job = (await client.get(f"/v1/jobs/{found['job_id']}")).json()
        assert job["state"] != "failed" and time.monotonic() < deadline, job
        await asyncio.sleep(0.2)
    assert (found["profiles"], found["version"]) == (3, 1)
    listed = (await client.get("/v1/segment-exports")).json()["exports"]
    assert found in listed
    return await client.get(f"{path}/file")


async def test_a_segment_is_exported_for_spreadsheets(client: httpx.AsyncClient) -> None:
    made = await make(client, "匯出 CSV")
    file = await exported(client, made["id"], {"genes": ["member_stage", "orders:90", "channels_used"]})
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    head, *lines = file.content.decode("utf-8").split("\r\n")
    assert head == "\ufeffprofile_id,member_stage,orders:90,channels_used"
    assert [line.split(",")[1:] for line in lines if line] == [["member", "0", ""]] * 3


async def test_a_segment_is_exported_with_types(client: httpx.AsyncClient) -> None:
    made = await make(client, "匯出 Parquet")
    genes = ["orders", "revenue:365", "channels_used", "member_stage", "first_seen_on", "interest_strength"]
    file = await exported(client, made["id"], {"format": "parquet", "genes": genes})
    table = parquet.read_table(io.BytesIO(file.content))
    assert table.column_names == ["profile_id", *genes]
    assert [str(kind) for kind in table.schema.types[:5]] == [
        "uint32",
        "decimal128(38, 6)",
        "decimal128(38, 6)",
        "list<element: string>",
        "string",
    ]
    assert table.column("orders").to_pylist() == [0, 0, 0]


async def test_an_export_is_made_when_it_is_due_and_a_missed_one_once(
    engines: Any, shop: Shop, client: httpx.AsyncClient
) -> None:
    segment = await make(client, "排程")
    path = f"/v1/segments/{segment['id']}/export-schedules"
    wrong = await client.post(path, json={"timing": {"every": "week", "hour": 3}})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "EXPORT_TIMING_NOT_VALID")
    made = await client.post(path, json={"timing": {"every": "day", "hour": 3}, "genes": ["orders:30"]})
    assert (made.status_code, made.json()["paused"], made.json()["runs"]) == (201, False, [])
    path = f"/v1/export-schedules/{made.json()['id']}"

    # As if we had been away for three days.
    async with (
        open_engine(engines.postgres_url("gateway_segments", of="gateway")) as engine,
        open_transaction(engine, shop.id) as connection,
    ):
        found = await export_schedules.load(connection, made.json()["id"], changing=True)
        assert found is not None and found.next_at is not None
        missed = replace(found, next_at=found.next_at - timedelta(days=3))
        await export_schedules.change(connection, missed)
        await plan(connection, shop.id, missed)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (runs := (await client.get(path)).json()["runs"]) or runs[0]["state"] != "succeeded":
        assert time.monotonic() < deadline, runs
        await asyncio.sleep(0.2)
    (run,) = runs
    assert (run["profiles"], run["error_reason"]) == (3, None)
    assert (await client.get(path)).json()["next_at"] == made.json()["next_at"]
    file = await client.get(f"/v1/segment-exports/{run['export_id']}/file")
    assert file.text.splitlines()[0] == "\ufeffprofile_id,orders:30"
    (listed,) = (await client.get("/v1/export-schedules")).json()["schedules"]
    assert listed["runs"] == runs

    paused = (await client.patch(path, json={"paused": True, "format": "parquet"})).json()
    assert (paused["paused"], paused["next_at"], paused["format"]) == (True, None, "parquet")
    again = (await client.patch(path, json={"paused": False})).json()
    assert again["next_at"] == made.json()["next_at"]
    assert (await client.delete(path)).status_code == 204
    gone = await client.get(path)
    assert (gone.status_code, gone.json()["code"]) == (404, "EXPORT_SCHEDULE_NOT_FOUND")


async def test_an_erasure_takes_files_with_people_away(shop: Shop) -> None:
    own = await shop.gateway.make_tenant()
    await fill(own)
    async with own.client(timeout=60) as client:
        made = await make(client, "有人要被遺忘")
        await exported(client, made["id"], {})
        (listed,) = (await client.get("/v1/segment-exports")).json()["exports"]
        people = (await client.get("/v1/profiles")).json()["profiles"]
        erased = await client.post("/v1/erasures", json={"profile_id": people[0]["id"]})
        assert erased.status_code == 202, erased.text
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (await client.get(f"/v1/segment-exports/{listed['id']}")).status_code != 404:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)


async def test_a_column_of_an_export_is_a_gene_of_the_catalogue(client: httpx.AsyncClient) -> None:
    made = await make(client, "匯出錯誤")
    for genes in (["shoe_size"], ["orders", "orders"], ["orders:x"]):
        refused = await client.post(f"/v1/segments/{made['id']}/exports", json={"genes": genes})
        assert (refused.status_code, refused.json()["code"]) == (400, "GENE_COLUMN_NOT_VALID")


async def test_a_key_that_may_read_does_not_write(shop: Shop, client: httpx.AsyncClient) -> None:
    made = await make(client, "只能看")
    key = await client.post("/v1/keys", json={"kind": "restricted", "scopes": ["segments:read"]})
    assert key.status_code == 201, key.text
    async with shop.client(timeout=60) as reader:
        reader.headers["authorization"] = f"Bearer {key.json()['key']}"
        assert (await reader.get(f"/v1/segments/{made['id']}")).status_code == 200
        refused = await reader.delete(f"/v1/segments/{made['id']}")
        assert refused.status_code == 403
