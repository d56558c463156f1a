"""To be forgotten, to be told everything, a tenant's end: the gateway with the real services behind it."""

import asyncio
import csv
import io
import json
import uuid
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import httpx
import pytest

from tests.service.gateway.conftest import PATIENCE_SECONDS, Backstage, Gateway, Shop, running_gateway
from tests.service_process import ServiceProcess, running

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
async def platform(engines: Any, backstage: Backstage) -> AsyncIterator[Gateway]:
    """All five services."""
    async with AsyncExitStack() as stack:
        addresses = {}
        for name in ("recommender", "campaign"):
            process = await stack.enter_async_context(running(engines, name))
            addresses[f"{name}_address"] = process.address
            await until(lambda process=process: ready(process), bool)
        yield await stack.enter_async_context(
            running_gateway(
                engines,
                # No other gateway of the tests, with other services behind it, takes its duties.
                database_url=engines.postgres_url("gateway_privacy", of="gateway"),
                **addresses,
                **backstage.settings,
                clean_after_seconds=0.5,
                retention_seconds=0.5,
                deletion_grace_hours=0,
            )
        )


async def ready(process: ServiceProcess) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"http://{process.admin_address}/readyz")).status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
async def shop(platform: Gateway) -> Shop:
    return await platform.make_tenant("王家小舖")


async def until(
    answer: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool], seconds: int = PATIENCE_SECONDS
) -> Any:
    for _ in range(seconds * 5):
        got = await answer()
        if wanted(got):
            return got
        await asyncio.sleep(0.2)
    raise AssertionError(f"it never came true; last: {str(got)[:1500]}")


async def ask(shop: Shop, path: str, method: str = "GET", **more: Any) -> httpx.Response:
    async with shop.client() as client:
        return await client.request(method, path, **more)


async def profiles(shop: Shop, text: str = "") -> list[dict[str, Any]]:
    answer = await ask(shop, "/v1/profiles", params={"q": text})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["profiles"])


def lived(user_id: str) -> list[dict[str, Any]]:
    """What somebody did; the last of it cannot be understood."""
    return [
        {"type": "identify", "userId": user_id, "anonymousId": f"b-{user_id}", "messageId": f"1{user_id}",
         "traits": {"email": f"{user_id}@example.com", "name": "=HYPERLINK(\"x\")"}},
        {"type": "track", "event": "Product Viewed", "userId": user_id, "messageId": f"2{user_id}"},
        {"type": "track", "event": "Order Completed", "userId": user_id, "messageId": f"3{user_id}",
         "properties": {"order_id": "-1+1", "total": 120.5, "currency": "TWD"}},
        {"type": "track", "event": "Order Completed", "userId": user_id, "timestamp": "yesterday"},
    ]  # fmt: skip


async def arrived(shop: Shop, *user_ids: str) -> dict[str, int]:
    """Their profiles, once all that they did is counted."""
    for user_id in user_ids:
        await shop.send(*lived(user_id), key=shop.secret_key)
    found = {}
    for user_id in user_ids:
        [profile] = await until(
            lambda user_id=user_id: profiles(shop, user_id),
            lambda found: len(found) == 1 and found[0]["totals"]["events"] == 3,
        )
        found[user_id] = profile["id"]

    async def bad() -> Any:
        return (await ask(shop, "/v1/bad-rows")).json()["bad_rows"]

    await until(bad, lambda rows: len(rows) == len(user_ids))
    return found


async def test_an_erased_person_is_nowhere_and_the_receipt_says_where_they_were(shop: Shop) -> None:
    known = await arrived(shop, "amy", "ben")
    made = await ask(shop, f"/v1/profiles/{known['amy']}/export", "POST")
    assert made.status_code == 202, made.text
    export = made.json()
    body = {"identifier": {"kind": "email", "value": " AMY@example.com"}}
    asked = await ask(shop, "/v1/erasures", "POST", json=body)
    assert asked.status_code == 202, asked.text
    assert asked.json()["profile_id"] == known["amy"]
    assert asked.json()["identifiers"] == 3

    async def receipt() -> dict[str, Any]:
        answer = await ask(shop, f"/v1/erasures/{asked.json()['id']}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def done(of: dict[str, Any]) -> set[str]:
        return {each["store"] for each in of["stores"] if each["state"] == "done"}

    live = {"identity", "gateway", "insight", "recommender", "campaign", "identity_files", "gateway_files"}
    found = await until(receipt, lambda found: live <= done(found))
    assert found["state"] == "open"
    later = {each["store"]: each["due_at"] for each in found["stores"] if each["state"] == "due"}
    assert set(later) >= {"bus", "logs", "backups"}
    assert later["backups"] == found["closes_at"]
    assert [each["userId"] for each in await bad_events(shop)] == ["ben"]
    assert await profiles(shop, "amy") == []
    assert (await ask(shop, f"/v1/profiles/{known['amy']}")).status_code == 404
    assert (await ask(shop, f"/v1/exports/{export['id']}")).status_code == 404
    assert (await ask(shop, f"/v1/exports/{export['id']}/file")).status_code == 404
    assert len(await profiles(shop, "ben")) == 1


async def bad_events(shop: Shop) -> list[dict[str, Any]]:
    rows = (await ask(shop, "/v1/bad-rows")).json()["bad_rows"]
    return [json.loads(row["payload"]) for row in rows]


async def test_what_was_received_still_adds_up_without_the_rows_of_the_erased(shop: Shop) -> None:
    await arrived(shop, "amy", "ben")
    before = (await ask(shop, "/v1/reports/intake")).json()
    await ask(shop, "/v1/erasures", "POST", json={"identifier": {"kind": "user_id", "value": "amy"}})
    await until(lambda: bad_events(shop), lambda rows: len(rows) == 1)
    after = (await ask(shop, "/v1/reports/intake")).json()
    assert (after["received"], after["bad"]) == (before["received"], before["bad"]) == (8, 2)


async def test_a_repeated_request_is_one_erasure_and_a_second_one_another(shop: Shop) -> None:
    await arrived(shop, "amy")
    body = {"identifier": {"kind": "user_id", "value": "amy"}}
    again = {"idempotency-key": str(uuid.uuid4())}
    first = await ask(shop, "/v1/erasures", "POST", json=body, headers=again)
    second = await ask(shop, "/v1/erasures", "POST", json=body, headers=again)
    third = await ask(shop, "/v1/erasures", "POST", json=body)
    assert first.json() == second.json()
    assert (third.json()["profile_id"], third.json()["identifiers"]) == (None, 0)
    listed = (await ask(shop, "/v1/erasures", params={"limit": 1})).json()
    assert [each["id"] for each in listed["erasures"]] == [third.json()["id"]]
    rest = (await ask(shop, "/v1/erasures", params={"cursor": listed["next_cursor"]})).json()
    assert [each["id"] for each in rest["erasures"]] == [first.json()["id"]]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "REQUEST_NOT_VALID"),
        ({"profile_id": 1, "identifier": {"kind": "email", "value": "a@b.tw"}}, 400, "REQUEST_NOT_VALID"),
        ({"profile_id": 4711}, 404, "PROFILE_NOT_FOUND"),
        ({"identifier": {"kind": "user_id", "value": "null"}}, 400, "IDENTIFIER_NOT_USABLE"),
    ],
)
async def test_a_wrong_erasure_is_told_what_is_wrong(
    shop: Shop, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await ask(shop, "/v1/erasures", "POST", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def exported(shop: Shop, profile_id: int) -> zipfile.ZipFile:
    made = await ask(shop, f"/v1/profiles/{profile_id}/export", "POST")
    assert made.status_code == 202, made.text

    async def export() -> Any:
        return (await ask(shop, f"/v1/exports/{made.json()['id']}")).json()

    found = await until(export, lambda found: found["state"] == "ready")
    file = await ask(shop, f"/v1/exports/{found['id']}/file")
    assert file.status_code == 200
    assert file.headers["cache-control"] == "no-store"
    assert file.headers["content-disposition"] == f'attachment; filename="person-{profile_id}.zip"'
    assert len(file.content) == found["size_bytes"]
    return zipfile.ZipFile(io.BytesIO(file.content))


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = archive.read(name).decode("utf-8-sig")
    assert archive.read(name).startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_an_export_holds_what_the_api_shows(shop: Shop) -> None:
    known = await arrived(shop, "amy", "ben")
    archive = await exported(shop, known["amy"])
    assert archive.testzip() is None
    person = json.loads(archive.read("person.json"))
    shown = (await ask(shop, f"/v1/profiles/{known['amy']}")).json()
    assert person["profile"] == shown["profile"]
    assert person["events"] == shown["events"]
    assert [json.loads(each["event"])["userId"] for each in person["set_aside_events"]] == ["amy"]
    assert {each["cause"] for each in person["history"]} == {"events"}
    assert len(person["joined_by"]) == 2
    assert [each["message_id"] for each in table(archive, "events.csv")] == [
        each["message_id"] for each in shown["events"]
    ]
    assert {each["value"] for each in table(archive, "identifiers.csv")} == {
        "amy",
        "amy@example.com",
        "b-amy",
    }
    assert table(archive, "consents.csv") == []
    assert "ben" not in archive.read("person.json").decode()


async def test_no_cell_of_an_export_is_taken_for_a_formula(shop: Shop) -> None:
    known = await arrived(shop, "amy")
    [order] = table(await exported(shop, known["amy"]), "orders.csv")
    assert (order["order_id"], order["total"]) == ("'-1+1", "120.5")


async def test_an_expired_export_is_gone(shop: Shop) -> None:
    known = await arrived(shop, "amy")
    await exported(shop, known["amy"])
    connection = await asyncpg.connect(database_url(shop.gateway))
    try:
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', $1, true)", shop.id)
            await connection.execute("update exports set expires_at = now()")
    finally:
        await connection.close()

    async def listed() -> Any:
        return (await ask(shop, "/v1/exports")).json()["exports"]

    await until(listed, lambda found: found == [])


async def test_what_decides_genes_is_changed_and_reaches_insight(shop: Shop) -> None:
    before = (await ask(shop, "/v1/tenant")).json()
    assert (before["slowing_days"], before["loyal_orders"], before["price_after_discount"]) == (7, 5, True)
    wanted = {"session_minutes": 20, "lost_days": 120, "price_after_discount": False}
    wanted |= {"order_counts": "return_period", "return_days": 10}
    changed = await ask(shop, "/v1/tenant", "PATCH", json=wanted)
    assert changed.status_code == 200 and changed.json() == before | wanted

    async def told() -> Any:
        return await insight_rules(shop)

    rules = (20, 7, 30, 120, 5, 365, False, "return_period", 10)
    await until(told, lambda found: found == rules)
    # Each alone is a possible number of days; together they would put somebody in no state.
    refused = await ask(shop, "/v1/tenant", "PATCH", json={"dormant_days": 200})
    assert refused.status_code == 400 and "7, 200 and 120" in refused.text
    limits = {"session_minutes": 0, "lost_days": None, "loyal_orders": 1, "loyal_days": 4000}
    for wrong in (limits | {"order_counts": "someday", "return_days": 0}).items():
        assert (await ask(shop, "/v1/tenant", "PATCH", json=dict([wrong]))).status_code == 400
    assert (await ask(shop, "/v1/tenant")).json() == changed.json()


async def insight_rules(shop: Shop) -> tuple[int | bool | str, ...]:
    """As insight has stored them."""
    connection = await asyncpg.connect(shop.gateway.engines.postgres_url("insight"))
    try:
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', $1, true)", shop.id)
            found = await connection.fetch(
                "select session_minutes, slowing_days, dormant_days, lost_days, loyal_orders, "
                "loyal_days, price_after_discount, order_counts, return_days "
                "from tenants where tenant_id = $1",
                shop.id,
            )
            return tuple(found[0])
    finally:
        await connection.close()


async def test_settings_are_changed_one_by_one_and_reach_insight(shop: Shop) -> None:
    changed = await ask(shop, "/v1/tenant", "PATCH", json={"retention_days": 400, "keep_orders": False})
    assert changed.status_code == 200, changed.text
    shown = (await ask(shop, "/v1/tenant")).json()
    assert (shown["retention_days"], shown["keep_orders"], shown["keep_first_seen"]) == (400, False, True)
    assert shown["time_zone"] == "Asia/Taipei"
    await ask(shop, "/v1/tenant", "PATCH", json={"time_zone": "Europe/Berlin", "retention_days": None})

    async def zone() -> Any:
        return (await ask(shop, "/v1/reports/overview")).json()["time_zone"]

    await until(zone, lambda name: name == "Europe/Berlin")
    assert (await ask(shop, "/v1/tenant")).json()["retention_days"] is None
    for wrong in ({"time_zone": "Moon/Base"}, {"retention_days": 0}, {"name": None}, {"tenant_id": shop.id}):
        assert (await ask(shop, "/v1/tenant", "PATCH", json=wrong)).status_code == 400


async def test_a_deleted_tenant_leaves_no_row_and_its_neighbour_stays(platform: Gateway, shop: Shop) -> None:
    neighbour = await platform.make_tenant("next door")
    await arrived(shop, "amy", "ben")
    await arrived(neighbour, "zoe")
    email = f"{uuid.uuid4().hex}@example.com"
    await platform.add_teammate(shop.id, email, PASSWORD)
    async with platform.client(headers={"sec-fetch-site": "same-origin"}) as owner:
        signed_in = await owner.post("/v1/session", json={"email": email, "password": PASSWORD})
        assert signed_in.status_code in (200, 201), signed_in.text
        refused = await owner.post("/v1/tenant/deletion", json={"name_confirmation": "王家"})
        assert refused.json()["code"] == "NAME_NOT_CONFIRMED"
        asked = await owner.post("/v1/tenant/deletion", json={"name_confirmation": "王家小舖"})
        assert asked.status_code == 202, asked.text
        taken_back = await owner.delete("/v1/tenant/deletion")
        assert taken_back.status_code == 204, taken_back.text
        assert (await ask(shop, "/v1/tenant")).status_code == 200
        await owner.post("/v1/tenant/deletion", json={"name_confirmation": "王家小舖"})
        assert (await owner.get("/v1/tenant")).json()["closing_at"] is not None
        assert (await owner.get("/v1/tenant/deletion")).json()["state"] == "waiting"
    assert (await ask(shop, "/v1/tenant")).status_code == 401
    async with platform.client(shop.write_key) as client:
        sent = await client.post("/v1/track", json={"userId": "amy", "event": "x"})
        assert sent.status_code == 401

    async def left() -> dict[str, list[str]]:
        services = ("gateway", "identity", "insight", "recommender", "campaign")
        return {name: found for name in services if (found := await tables_with(platform, name, shop.id))}

    # The audit log outlives its tenant: nobody may delete from it.
    await until(left, lambda found: found == {"gateway": ["audit_entries"]}, seconds=60)
    assert len(await profiles(neighbour, "zoe")) == 1
    async with platform.client(headers={"sec-fetch-site": "same-origin"}) as gone:
        assert (
            await gone.post("/v1/session", json={"email": email, "password": PASSWORD})
        ).status_code == 401


async def test_a_deletion_waits_until_the_tenants_jobs_have_stopped(platform: Gateway, shop: Shop) -> None:
    """What an import stores in the seconds in which it stops would be read after all else was deleted."""
    email = f"{uuid.uuid4().hex}@example.com"
    await platform.add_teammate(shop.id, email, PASSWORD)
    connection = await asyncpg.connect(database_url(platform))
    try:
        await connection.execute("select set_config('app.tenant', $1, false)", shop.id)
        # Of a runner that is elsewhere.
        job_id = await connection.fetchval(
            "insert into jobs (tenant_id, kind, arguments, created_by, state) "
            "values ($1, 'import_events', '{}', 'teammate:x', 'running') returning id",
            shop.id,
        )
        await connection.execute(
            "insert into job_queue (tenant_id, id, runner, due_at) "
            "values ($1, $2, uuidv7(), now() + interval '1 hour')",
            shop.id,
            job_id,
        )
        async with platform.client(headers={"sec-fetch-site": "same-origin"}) as owner:
            await owner.post("/v1/session", json={"email": email, "password": PASSWORD})
            asked = await owner.post("/v1/tenant/deletion", json={"name_confirmation": "王家小舖"})
            assert asked.status_code == 202, asked.text

        async def asked_to_stop() -> bool:
            return bool(
                await connection.fetchval("select cancel_requested from job_queue where id = $1", job_id)
            )

        await until(asked_to_stop, bool)
        await asyncio.sleep(3)
        assert await connection.fetchval("select step from deletions") == "waiting"
        await connection.execute("update jobs set state = 'cancelled', finished_at = now()")
        await connection.execute("delete from job_queue where id = $1", job_id)

        async def deleted() -> bool:
            return await tables_with(platform, "gateway", shop.id) == ["audit_entries"]

        await until(deleted, bool, seconds=60)
    finally:
        await connection.close()


def database_url(gateway: Gateway) -> str:
    return gateway.settings.database_url.get_secret_value()


async def tables_with(gateway: Gateway, service: str, tenant_id: str) -> list[str]:
    """Tables of a service that hold a row of the tenant."""
    connection = await asyncpg.connect(
        database_url(gateway) if service == "gateway" else gateway.engines.postgres_url(service)
    )
    try:
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', $1, true)", tenant_id)
            tables = await connection.fetch(
                "select c.table_name from information_schema.columns c "
                "join information_schema.tables t using (table_schema, table_name) "
                "where c.table_schema = 'public' and c.column_name = 'tenant_id' "
                "and t.table_type = 'BASE TABLE'"
            )
            assert tables or service == "campaign"
            return [
                name
                for (name,) in tables
                if await connection.fetchval(f"select count(*) from {name} where tenant_id = $1", tenant_id)
            ]
    finally:
        await connection.close()
