"""Lists of people through the open API, with identity and insight behind it: from a file to its people."""

import csv
import io
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.service.gateway.conftest import Shop
from tests.service.gateway.importing import ImportOf
from tests.service.gateway.teammates_door import teammate


@pytest.fixture
def shop(shop_of_members: Shop) -> Shop:
    return shop_of_members


@pytest.fixture
async def client(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with shop.client(timeout=60) as client:
        yield client


async def make(client: httpx.AsyncClient, name: str) -> str:
    made = await client.post("/v1/lists", json={"name": name})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def mapped(client: httpx.AsyncClient, data: bytes) -> ImportOf:
    made = await ImportOf.made(client, "list")
    await made.send(data)
    await made.map_as_suggested()
    return made


async def upload(client: httpx.AsyncClient, list_id: str, mode: str, data: bytes) -> ImportOf:
    made = await mapped(client, data)
    body = {"import_id": made.id, "mode": mode}
    started = await client.post(f"/v1/lists/{list_id}/uploads", json=body)
    assert started.status_code == 202, started.text
    facts = await made.until("succeeded", "failed", "cancelled")
    assert (facts["state"], facts["list_id"]) == ("succeeded", list_id), facts
    return made


async def members(client: httpx.AsyncClient, list_id: str) -> set[str]:
    found: set[str] = set()
    cursor = ""
    while True:
        path = f"/v1/lists/{list_id}/members"
        page = (await client.get(path, params={"limit": 2, "cursor": cursor})).json()
        found |= {
            one["value"]
            for profile in page["profiles"]
            for one in profile["identifiers"]
            if one["kind"] == "user_id"
        }
        cursor = page["next_cursor"] or ""
        if not cursor:
            return found


@pytest.mark.parametrize("encoding", ["utf-16", "big5"])
async def test_the_match_rate_is_known_before_anything_changes(
    client: httpx.AsyncClient, encoding: str
) -> None:
    rows = "姓名,電子郵件,手機\n王小明,AMY@x.example,\n林美華,,0933-000-111\n陳,new@x.example,\n李,,\n"
    made = await mapped(client, rows.encode(encoding))
    tried = await made.dry_run()
    assert {name: tried[name] for name in ("rows", "accepted", "rejected", "matched", "unmatched")} == {
        "rows": 4,
        "accepted": 3,
        "rejected": 1,
        "matched": 2,
        "unmatched": 1,
    }
    assert (tried["match_rate"], tried["people"], tried["unmatched_lines"]) == (0.666667, 2, [4])
    assert [(row["line"], row["reason"]) for row in tried["bad_rows"]] == [(5, "NO_PERSON")]


async def sheet(client: httpx.AsyncClient, list_id: str) -> list[dict[str, str]]:
    answer = await client.get(f"/v1/lists/{list_id}/members/file")
    assert answer.headers["content-disposition"] == f'attachment; filename="list-{list_id}.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_append_remove_replace_and_the_way_back(shop: Shop, client: httpx.AsyncClient) -> None:
    list_id = await make(client, "熟客")
    done = await upload(client, list_id, "append", b"user_id,note\nm1,a\nm2,b\n,c\nm9,d\n")
    progress = (await done.facts())["progress"]
    assert (progress["matched"], progress["unmatched"], progress["match_rate"]) == (2, 1, 0.666667)
    assert [(row["line"], row["reason"]) for row in await done.rejected()] == [(4, "NO_PERSON")]
    assert await members(client, list_id) == {"m1", "m2"}
    # Another of a person's identifiers is the same person.
    await upload(client, list_id, "append", b'{"email": "amy@x.example"}\n{"user_id": "m3"}\n')
    assert await members(client, list_id) == {"m1", "m2", "m3"}
    whole = [(row["user_id"], row["email"], row["orders"]) for row in await sheet(client, list_id)]
    assert sorted(whole) == [("m1", "amy@x.example", "0"), ("m2", "ben@x.example", "0"), ("m3", "", "0")]
    async with teammate(shop, "marketer") as marketer:
        masked = {row["user_id"]: row for row in await sheet(marketer, list_id)}
    assert (masked["m1"]["email"], masked["m1"]["phone"]) == ("a•••@x.example", "•••678")
    found = (await client.get(f"/v1/lists/{list_id}")).json()
    assert (found["people"], found["list"]["identifiers"], found["list"]["version"]) == (3, 4, 2)
    body = {"tree": {"all": [{"list": list_id}, {"not": {"attribute": "email", "is": {"known": True}}}]}}
    preview = await client.post("/v1/segments/preview", json=body)
    assert preview.status_code == 200, preview.text
    assert (preview.json()["profiles"], [one["profiles"] for one in preview.json()["counts"]][1]) == (1, 3)
    await upload(client, list_id, "remove", b"user_id\nm2\n")
    assert await members(client, list_id) == {"m1", "m3"}
    await upload(client, list_id, "replace", b"user_id\nm2\n")
    assert await members(client, list_id) == {"m2"}
    restored = await client.post(f"/v1/lists/{list_id}/restore")
    assert (restored.status_code, restored.json()["version"]) == (200, 5)
    assert await members(client, list_id) == {"m1", "m3"}


async def test_lists_are_listed_deleted_and_what_is_wrong_is_refused(client: httpx.AsyncClient) -> None:
    list_id = await make(client, "short-lived")
    again = await client.post("/v1/lists", json={"name": "Short-Lived"})
    assert (again.status_code, again.json()["code"]) == (409, "LIST_NAME_TAKEN")
    listed = (await client.get("/v1/lists", params={"limit": 1})).json()
    assert [one["id"] for one in listed["lists"]] == [list_id]
    of_events = await ImportOf.made(client, "events")
    await of_events.send(b'{"type": "track", "event": "e", "userId": "m1"}\n')
    await of_events.map_as_suggested()
    body = {"import_id": of_events.id, "mode": "append"}
    refused = await client.post(f"/v1/lists/{list_id}/uploads", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "IMPORT_OF_ANOTHER_KIND")
    of_people = await mapped(client, b"user_id\nm1\n")
    refused = await of_people.post("start")
    assert (refused.status_code, refused.json()["code"]) == (409, "IMPORT_OF_ANOTHER_KIND")
    named = await client.post("/v1/segments", json={"name": "of a list", "tree": {"list": list_id}})
    assert named.status_code == 201, named.text
    refused = await client.delete(f"/v1/lists/{list_id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "LIST_IN_USE")
    assert refused.json()["facts"]["used_by"] == "of a list"
    await client.post(f"/v1/segments/{named.json()['id']}/archive")
    assert (await client.delete(f"/v1/lists/{list_id}")).status_code == 204
    body = {"import_id": of_people.id, "mode": "append"}
    refused = await client.post(f"/v1/lists/{list_id}/uploads", json=body)
    assert (refused.status_code, refused.json()["code"]) == (404, "LIST_NOT_FOUND")


async def test_another_tenant_sees_no_list(shop: Shop, client: httpx.AsyncClient) -> None:
    list_id = await make(client, "ours")
    other = await shop.gateway.make_tenant("other")
    async with other.client(timeout=60) as theirs:
        assert (await theirs.get("/v1/lists")).json()["lists"] == []
        for method, path in (
            ("GET", ""),
            ("GET", "/members"),
            ("GET", "/members/file"),
            ("DELETE", ""),
            ("POST", "/restore"),
        ):
            answer = await theirs.request(method, f"/v1/lists/{list_id}{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "LIST_NOT_FOUND")
        made = await mapped(theirs, b"user_id\nm1\n")
        assert (await made.dry_run())["match_rate"] == 0


async def test_attributes_are_what_was_imported_and_their_type_can_be_chosen(
    client: httpx.AsyncClient,
) -> None:
    listed = (await client.get("/v1/attributes")).json()
    found = {one["name"]: one for one in listed["attributes"]}
    assert (listed["everybody"], listed["left_off"]) == (3, False)
    assert (found["phone"]["type"], found["phone"]["people"], found["phone"]["share"]) == (
        "text",
        2,
        0.666667,
    )
    assert {(one["value"], one["people"]) for one in found["email"]["top_values"]} == {
        ("amy@x.example", 1),
        ("ben@x.example", 1),
    }
    for chosen, expected in (("number", ("number", "text", True)), (None, ("text", "text", False))):
        put = await client.put("/v1/attributes", json={"name": "phone", "type": chosen})
        assert put.status_code == 204, put.text
        found = {one["name"]: one for one in (await client.get("/v1/attributes")).json()["attributes"]}
        phone = found["phone"]
        assert (phone["type"], phone["inferred_type"], phone["chosen"]) == expected
