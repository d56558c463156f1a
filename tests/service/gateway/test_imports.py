"""Importing files: every format up to the stream, counts that add up, rows that explain themselves."""

import csv
import io
import json
from collections.abc import AsyncIterator

import httpx
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.service.gateway.conftest import Shop
from tests.service.gateway.importing import ORDERS, ImportOf, imported, payloads


@pytest.fixture
async def client(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with shop.client(timeout=60) as client:
        yield client


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp950"])
async def test_an_export_of_orders_is_understood_as_it_comes(
    shop: Shop, client: httpx.AsyncClient, encoding: str
) -> None:
    orders = await ImportOf.made(client, "events")
    assert (await orders.send(ORDERS.encode(encoding))).status_code == 202
    mapping = await orders.map_as_suggested()
    assert mapping["lines_of_orders"]
    tried = await orders.dry_run()
    done = await orders.run()
    assert done["state"] == "succeeded"
    names = ("rows", "accepted", "rejected", "events")
    assert [done["progress"][name] for name in names] == [4, 3, 1, 2]
    assert [tried[name] for name in names] == [4, 3, 1, 2]
    assert (tried["people"], tried["first_at"]) == (2, "2026-11-20T02:00:00Z")
    events = [json.loads(payload) for payload in payloads(await imported(shop))]
    assert tried["sample_events"] == [payload.decode() for payload in payloads(await imported(shop))]
    assert [event["properties"]["order_id"] for event in events] == ["A1", "A2"]
    assert events[0]["userId"] == "m1"
    assert events[0]["timestamp"] == "2026-11-20T02:00:00.000Z"
    assert events[0]["properties"]["products"] == [
        {"price": 1200, "product_id": "P1", "quantity": 1},
        {"price": 50.50, "product_id": "P2", "quantity": 2},
    ]
    (bad,) = await orders.rejected()
    assert (bad["line"], bad["reason"]) == (5, "INVALID_TIME")
    assert bad["row"]["訂單編號"] == "A3"


async def test_the_sender_of_imported_events_is_a_server(shop: Shop, client: httpx.AsyncClient) -> None:
    orders = await ImportOf.made(client, "events")
    await orders.send(ORDERS.encode())
    await orders.map_as_suggested()
    await orders.run()
    (message,) = await imported(shop)
    assert [source.key_id for source in message.sources] == [f"import:{orders.id}"]
    assert message.sources[0].kind == 2


async def test_importing_a_file_again_sends_the_same_message_ids(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    for _ in range(2):
        orders = await ImportOf.made(client, "events")
        await orders.send(ORDERS.encode())
        await orders.map_as_suggested()
        await orders.run()
    first, second = await imported(shop)
    assert list(first.message_ids) == list(second.message_ids)
    assert all(message_id.startswith("import:") for message_id in first.message_ids)


async def test_members_claim_their_addresses_and_state_their_consents(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    rows = (
        "會員編號,姓名,電子郵件,手機,電子報\nm1,王小明,Ming@Shop.tw,0912-345-678,是\n"
        ",,news@shop.tw,,否\n,誰,,,是\n"
    )
    members = await ImportOf.made(client, "members")
    await members.send(rows.encode())
    await members.map_as_suggested()
    done = await members.run()
    assert [done["progress"][name] for name in ("rows", "accepted", "rejected")] == [3, 2, 1]
    (message,) = await imported(shop)
    assert list(message.user_ids) == ["m1", ""]
    assert message.anonymous_ids[1].startswith("import:")
    assert [(claim.row, claim.value) for claim in message.claims] == [
        (0, "ming@shop.tw"),
        (0, "0912345678"),
        (1, "news@shop.tw"),
    ]
    assert [(said.row, said.purpose, said.granted) for said in message.consents] == [
        (0, "email", True),
        (1, "email", False),
    ]
    assert [row["reason"] for row in await members.rejected()] == ["NO_PERSON"]


async def test_json_lines_of_whole_events_are_taken_as_they_are(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    lines = [
        {"type": "track", "event": "Signed Up", "userId": "m1", "timestamp": "2020-01-01T00:00:00Z"},
        {"type": "page", "anonymousId": "a1", "messageId": "own", "timestamp": "2020-01-01T00:00:00Z"},
        {"type": "track", "userId": "m1"},
    ]
    text = "\n".join(json.dumps(line) for line in lines) + "\nno json\n"
    events = await ImportOf.made(client, "events")
    await events.send(text.encode())
    assert (await events.map_as_suggested())["whole_events"]
    done = await events.run()
    assert [done["progress"][name] for name in ("rows", "accepted", "rejected")] == [4, 2, 2]
    (message,) = await imported(shop)
    assert message.message_ids[1] == "own"
    told = [(row["line"], row["reason"]) for row in await events.rejected()]
    assert told == [(3, "MISSING_EVENT_NAME"), (4, "INVALID_JSON")]


async def test_json_lines_are_mapped_by_their_members(shop: Shop, client: httpx.AsyncClient) -> None:
    line = {"who": {"id": 7}, "did": "view", "when": 1763692200000, "price": 1.50}
    events = await ImportOf.made(client, "events")
    await events.send(json.dumps(line).encode())
    assert [column["column"] for column in (await events.read())["columns"]] == [
        "who.id", "did", "when", "price"
    ]  # fmt: skip
    columns = [("who.id", "user_id"), ("did", "event"), ("when", "timestamp"), ("price", "properties.price")]
    mapping = [{"column": column, "to": to, "type": "number"} for column, to in columns]
    assert (await events.map({"columns": mapping})).status_code == 200
    await events.run()
    assert payloads(await imported(shop))[0].endswith(
        b'"type":"track","event":"view","userId":"7","timestamp":"2025-11-21T02:30:00.000Z",'
        b'"properties":{"price":1.5}}'
    )


async def test_parquet_keeps_decimals_and_moments(shop: Shop, client: httpx.AsyncClient) -> None:
    moments = pa.array([1763692200000000], pa.timestamp("us", "UTC"))
    table = pa.table({"member": [12345.0], "event": ["buy"], "time": moments, "total": [pa.scalar("9.90")]})
    total = table.column("total").cast(pa.decimal128(10, 2))
    file = io.BytesIO()
    parquet.write_table(table.set_column(3, "total", total), file)
    events = await ImportOf.made(client, "events")
    await events.send(file.getvalue())
    await events.map_as_suggested()
    assert (await events.run())["state"] == "succeeded"
    event = payloads(await imported(shop))[0]
    assert b'"userId":"12345"' in event
    assert b'"total":9.90' in event
    assert b'"timestamp":"2025-11-21T02:30:00.000Z"' in event


async def test_the_rejected_rows_download_as_a_file_without_formulas(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    rows = "member,event,time,=cmd|'/c calc'!A1\n=1+1,view,never,-5\nm1,view,2026-11-20,x,y,z\n"
    events = await ImportOf.made(client, "events")
    await events.send(rows.encode())
    await events.map_as_suggested()
    done = await events.run()
    assert done["progress"]["rejected_by_reason"] == {"INVALID_TIME": 1, "WRONG_COLUMN_COUNT": 1}
    answer = await client.get(f"/v1/imports/{events.id}/rejected/file")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0] == ["line", "reason", "detail", "row", "member", "event", "time", "'=cmd|'/c calc'!A1"]
    assert [lines[1][0], lines[1][1], *lines[1][3:]] == [
        "2",
        "INVALID_TIME",
        "",
        "'=1+1",
        "view",
        "never",
        "-5",
    ]
    assert lines[2][3] == "m1,view,2026-11-20,x,y,z"


async def test_rejected_rows_come_in_pages_that_miss_none(shop: Shop, client: httpx.AsyncClient) -> None:
    rows = "member,event,time\n" + "".join(f"m{number},view,never\n" for number in range(45))
    events = await ImportOf.made(client, "events")
    await events.send(rows.encode())
    await events.map_as_suggested()
    await events.run()
    assert [row["line"] for row in await events.rejected(limit=10)] == list(range(2, 47))


async def test_an_import_is_started_once_and_changes_no_more(shop: Shop, client: httpx.AsyncClient) -> None:
    orders = await ImportOf.made(client, "events")
    assert (await orders.post("start")).json()["code"] == "IMPORT_NOT_READY"
    await orders.send(ORDERS.encode())
    mapping = await orders.map_as_suggested()
    await orders.run()
    for again in (orders.post("start"), orders.map(mapping), orders.send(b"a,b\n1,2\n")):
        answer = await again
        assert (answer.status_code, answer.json()["code"]) == (409, "IMPORT_STARTED")


async def test_a_mapping_that_says_too_little_or_too_much_is_refused(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    orders = await ImportOf.made(client, "events")
    await orders.send(b"who,what,when\nm1,view,2026-11-20\n")
    await orders.read()
    columns = {"who": "user_id", "what": "event", "when": "timestamp"}
    for change, wanted in (
        ({"who": "properties.who"}, "says who it was"),
        ({"when": "properties.when"}, "timestamp"),
        ({"what": "user_id"}, "given twice"),
        ({"what": "tenant_id"}, "nothing that events have"),
        ({"nowhere": "properties.x"}, "no column"),
    ):
        listed = [{"column": column, "to": to} for column, to in (columns | change).items()]
        answer = await orders.map({"columns": listed})
        assert answer.status_code == 400, answer.text
        assert wanted in answer.json()["detail"]


async def test_another_tenants_import_is_not_there(shop: Shop, client: httpx.AsyncClient) -> None:
    theirs = await ImportOf.made(client, "events")
    await theirs.send(ORDERS.encode())
    other = await shop.gateway.make_tenant("other")
    async with other.client() as stranger:
        assert (await stranger.get("/v1/imports")).json()["imports"] == []
        for method, path in (
            ("GET", ""), ("PUT", "/file"), ("PUT", "/mapping"), ("POST", "/dry-run"), ("POST", "/start"),
            ("POST", "/cancel"), ("GET", "/rejected"), ("GET", "/rejected/file"), ("POST", "/look"),
        ):  # fmt: skip
            answer = await stranger.request(method, f"/v1/imports/{theirs.id}{path}", json={})
            assert (answer.status_code, answer.json()["code"]) == (404, "IMPORT_NOT_FOUND"), path
