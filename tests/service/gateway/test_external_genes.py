"""External genes and goals through the open API, with identity and insight behind it."""

import asyncio
import csv
import io
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.service.gateway.conftest import PATIENCE_SECONDS, Shop
from tests.service.gateway.importing import ImportOf

VALUES = "會員編號,等級\nm1,金卡\nm2,銀卡\nm1,銅卡\nm9,金卡\n,金卡\n"


@pytest.fixture
async def client(shop_of_members: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with shop_of_members.client(timeout=60) as client:
        yield client


async def make(client: httpx.AsyncClient, name: str, kind: str) -> str:
    body = {"name": {"zh_tw": name, "en": name}, "type": kind, "origin": "model", "version": "3"}
    made = await client.post("/v1/external-genes", json=body)
    assert made.status_code == 201, made.text
    assert (made.json()["origin"], made.json()["number"]) == ("model", 0)
    return str(made.json()["id"])


async def mapped(client: httpx.AsyncClient, gene_id: str, data: bytes) -> ImportOf:
    made = await ImportOf.made(client, "gene")
    await made.send(data)
    suggested = (await made.read())["suggested"]
    answer = await made.map(suggested | {"constants": {"gene": gene_id}})
    assert answer.status_code == 200, answer.text
    return made


async def people(client: httpx.AsyncClient, node: dict[str, Any]) -> int:
    found = await client.post("/v1/segments/preview", json={"tree": node})
    assert found.status_code == 200, found.text
    return int(found.json()["profiles"])


async def test_a_file_of_values_is_tried_then_brought_and_what_was_not_taken_is_told(
    client: httpx.AsyncClient,
) -> None:
    gene_id = await make(client, "等級", "category")
    made = await mapped(client, gene_id, VALUES.encode("utf-16"))
    tried = await made.dry_run()
    assert (tried["matched"], tried["unmatched"], tried["match_rate"]) == (2, 1, pytest.approx(2 / 3))
    reasons = ["DUPLICATE_PERSON", "NOT_MATCHED", "NO_PERSON"]
    assert [row["reason"] for row in tried["bad_rows"]] == reasons
    file = await client.get(f"/v1/imports/{made.id}/dry-run/rejected/file")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    table = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [(row[0], row[1], row[4]) for row in table[1:]] == [
        ("4", reasons[0], "m1"),
        ("5", reasons[1], "m9"),
        ("6", reasons[2], ""),
    ]
    body = {"import_id": made.id, "mode": "replace"}
    started = await client.post(f"/v1/external-genes/{gene_id}/uploads", json=body)
    assert started.status_code == 202, started.text
    assert (await made.until("succeeded", "failed"))["gene_id"] == gene_id
    assert [(row["line"], row["reason"]) for row in await made.rejected()] == list(
        zip((4, 5, 6), reasons, strict=True)
    )
    one = (await client.get(f"/v1/external-genes/{gene_id}")).json()
    assert (one["people"], one["gene"]["unmatched"]) == (2, 1)
    assert await people(client, {"external_gene": gene_id, "is": {"one_of": ["金卡"]}}) == 1
    known = {"name": "會員等級", "tree": {"external_gene": gene_id, "is": {"known": True}}}
    segment = (await client.post("/v1/segments", json=known)).json()["id"]
    column = {"gene": [f"external:{gene_id}", "orders:all"]}
    members = (await client.get(f"/v1/segments/{segment}/members", params=column)).json()["members"]
    assert sorted(one["genes"] for one in members) == [["金卡", "0"], ["銀卡", "0"]]
    nobodys = {"gene": ["external:" + "0" * 8]}
    missing = await client.get(f"/v1/segments/{segment}/members", params=nobodys)
    assert missing.json()["code"] == "EXTERNAL_GENE_NOT_FOUND"
    lies = (await client.get(f"/v1/external-genes/{gene_id}/distribution")).json()
    assert [(bucket["value"], bucket["profiles"]) for bucket in lies["buckets"]] == [("金卡", 1), ("銀卡", 1)]


async def test_a_mapping_names_its_gene_and_a_value(client: httpx.AsyncClient) -> None:
    gene_id, other = [await make(client, name, "number") for name in ("分數", "點數")]
    made = await mapped(client, gene_id, b"email,score\namy@x.example,3\n")
    wrong = await client.post(
        f"/v1/external-genes/{other}/uploads", json={"import_id": made.id, "mode": "merge"}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (400, "IMPORT_MAPPING_NOT_VALID")
    column = {"columns": [{"column": "email", "to": "email"}], "constants": {"gene": gene_id}}
    assert (await made.map(column)).status_code == 400
    assert (await made.post("start")).json()["code"] == "IMPORT_OF_ANOTHER_KIND"


async def test_a_partner_brings_rows_once_and_their_history_is_kept(client: httpx.AsyncClient) -> None:
    gene_id = await make(client, "流失機率", "ratio")
    path = f"/v1/external-genes/{gene_id}/values"
    rows = [
        {"email": "amy@x.example", "value": 0.25},
        {"user_id": "m1", "value": "0.5"},
        {"user_id": "m2", "value": "much"},
        {"user_id": "nobody", "value": 1},
    ]
    for _ in range(2):
        put = await client.post(path, json={"rows": rows}, headers={"idempotency-key": "push-1"})
        assert put.status_code == 200, put.text
        assert (put.json()["accepted"], put.json()["gene"]["number"]) == (1, 1)
        assert [(one["row"], one["reason"]) for one in put.json()["refused"]] == [
            (1, "DUPLICATE_PERSON"),
            (2, "VALUE_NOT_VALID"),
            (3, "NOT_MATCHED"),
        ]
    await client.post(path, json={"rows": [{"user_id": "m1", "value": "0.75"}]})
    assert await people(client, {"external_gene": gene_id, "is": {"op": ">", "value": 0.7}}) == 1
    change = {"from": "0.25", "to": "0.75", "in_last_days": 1}
    # Whichever identifier named the person before.
    assert await people(client, {"external_gene": gene_id, "changed": change}) == 1
    profile = next(
        one["id"]
        for one in (await client.get("/v1/profiles")).json()["profiles"]
        if any(identifier["value"] == "m1" for identifier in one["identifiers"])
    )
    (own,) = [
        one
        for one in (await client.get(f"/v1/profiles/{profile}/external-genes")).json()["genes"]
        if one["gene"]["id"] == gene_id
    ]
    assert (own["value"], len(own["history"])) == ("0.75", 2)
    changes = (await client.get(f"/v1/external-genes/{gene_id}/changes")).json()["changes"]
    assert [one["number"] for one in changes] == [2, 1]
    removed = await client.post(path, json={"mode": "remove", "rows": [{"user_id": "m1"}]})
    assert removed.json()["accepted"] == 1
    assert (await client.delete(f"/v1/external-genes/{gene_id}")).status_code == 204
    assert (await client.get(f"/v1/external-genes/{gene_id}")).json()["code"] == "EXTERNAL_GENE_NOT_FOUND"


async def test_a_goal_is_named_corrected_counted_and_deleted(client: httpx.AsyncClient) -> None:
    where = [{"property": "a", "is": {"known": True}}]
    body: dict[str, Any] = {
        "name": "預約",
        "event": "Order Completed",
        "where": where,
    }
    wrong = await client.post("/v1/goals", json=body)
    assert [error["pointer"] for error in wrong.json()["errors"]] == ["/event"]
    made = await client.post("/v1/goals", json=body | {"event": "identify", "where": []})
    assert made.status_code == 201, made.text
    goal_id = made.json()["id"]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while await people(client, {"goal": goal_id, "in": {"all_time": True}}) < 3:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    overlay = f"/v1/genes/orders/distribution?conversion=true&goal={goal_id}"
    assert (await client.get(overlay)).status_code == 200
    changed = await client.put(f"/v1/goals/{goal_id}", json=body | {"event": "booked"})
    assert changed.json()["where"] == where
    assert [one["id"] for one in (await client.get("/v1/goals")).json()["goals"]] == [goal_id]
    assert (await client.delete(f"/v1/goals/{goal_id}")).status_code == 204
    assert (await client.get(f"/v1/goals/{goal_id}")).json()["code"] == "GOAL_NOT_FOUND"


async def test_states_are_listed_beside_the_genes_and_their_transitions_told(
    client: httpx.AsyncClient,
) -> None:
    states = (await client.get("/v1/states")).json()["states"]
    assert [state["id"] for state in states] == ["nes_state", "napl_state"]
    assert len((await client.get("/v1/genes")).json()["genes"]) == 31
    body: dict[str, Any] = {
        "state": "nes_state",
        "from_on": "2026-01-01",
        "tree": {"not": {"gene": "orders", "is": {"known": False}, "in": {"all_time": True}}},
    }
    found = await client.post("/v1/reports/state-transitions", json=body)
    assert found.status_code == 200, found.text
    told = found.json()
    assert (told["everybody"], told["wake_up_rate"], told["transitions"][0]["before"]) == (3, None, None)
    for one in told["transitions"]:
        opened = await client.post("/v1/segments/preview", json={"tree": one["tree"]})
        assert opened.json()["profiles"] == one["profiles"], opened.text
    wrong = body | {"tree": {"gene": "nes_state", "is": {"one_of": ["s9"]}}}
    refused = await client.post("/v1/reports/state-transitions", json=wrong)
    assert refused.json()["errors"][0]["pointer"] == "/tree/is/one_of/0"
