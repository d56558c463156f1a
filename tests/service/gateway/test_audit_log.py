"""The audit log over the API: searched, taken away as CSV, proven."""

import csv
import io
from typing import Any

import pytest
import sqlalchemy as sa

from tests.service.gateway.conftest import Shop
from tests.service.gateway.teammates_door import actions, own_id, teammate
from tests.service.gateway.test_audit_chain import as_owner


async def test_entries_are_found_by_actor_action_subject_and_time(shop: Shop) -> None:
    async with teammate(shop, "owner") as owner:
        key = (await owner.post("/v1/keys", json={"kind": "browser", "name": "site"})).json()
        await owner.delete(f"/v1/keys/{key['id']}")
        newest = (await owner.get("/v1/audit")).json()["entries"][0]
        assert newest["action"] == "key.revoked" and newest["actor"] == f"teammate:{await own_id(owner)}"
        assert await actions(owner, subject=f"key:{key['id']}") == ["key.revoked", "key.made"]
        assert await actions(owner, action="key.") == ["key.revoked", "key.made"]
        assert await actions(owner, action="key.made") == ["key.made"]
        assert await actions(owner, actor=newest["actor"], action="key.") == ["key.revoked", "key.made"]
        assert await actions(owner, **{"from": newest["at"]}) == ["key.revoked"]
        assert "key.revoked" not in await actions(owner, to=newest["at"])
        assert await actions(owner, actor="teammate:nobody") == []
        naive = await owner.get("/v1/audit", params={"from": "2026-11-22T09:00:00"})
        assert naive.json()["code"] == "REQUEST_NOT_VALID"


async def test_pages_follow_one_another_and_foreign_cursors_are_refused(shop: Shop) -> None:
    async with teammate(shop, "owner") as owner:
        for _ in range(4):
            await owner.post("/v1/keys", json={"kind": "browser"})
        numbers: list[int] = []
        cursor = ""
        while cursor is not None:
            page = (await owner.get("/v1/audit", params={"limit": 2, "cursor": cursor})).json()
            numbers += [entry["number"] for entry in page["entries"]]
            cursor = page["next_cursor"]
        assert numbers == list(range(numbers[0], 0, -1)) and len(numbers) >= 5
        jobs = await owner.get("/v1/audit", params={"cursor": "WyJqb2JzIiwgIngiXQ"})
        assert jobs.json()["code"] == "CURSOR_NOT_VALID"


async def test_the_csv_runs_no_formula(shop: Shop) -> None:
    async with teammate(shop, "owner") as owner:
        await owner.post("/v1/keys", json={"kind": "browser", "name": "=1+1"})
        answer = await owner.get("/v1/audit.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert rows[0]["action"] == "key.made" and rows[-1]["number"] == "1"
    assert not [field for row in rows for field in row.values() if field[:1] in "=+-@\t\r" and field]


async def test_verification_says_intact_then_where_it_was_broken(shop: Shop, engines: Any) -> None:
    async with teammate(shop, "owner") as owner:
        await owner.post("/v1/keys", json={"kind": "browser"})
        found = (await owner.get("/v1/audit/verification")).json()
        newest = (await owner.get("/v1/audit")).json()["entries"][0]
        assert (found["state"], found["checked"]) == ("intact", newest["number"])
        assert found["head"] == newest["hash"]
        async with as_owner(engines, shop.id) as connection:
            await connection.execute(
                sa.text("update audit_entries set actor = 'teammate:somebody-else' where number = 2")
            )
        broken = (await owner.get("/v1/audit/verification")).json()
        assert (broken["state"], broken["broken_at"], broken["why"]) == ("broken", 2, "changed")


async def test_another_tenants_log_is_empty_for_us(shop: Shop) -> None:
    other = await shop.gateway.make_tenant("other")
    async with teammate(shop, "owner") as owner, teammate(other, "owner") as foreigner:
        made = (await foreigner.post("/v1/keys", json={"kind": "browser"})).json()
        assert await actions(owner, subject=f"key:{made['id']}") == []
        everything = (await owner.get("/v1/audit")).json()["entries"]
        told = [entry["action"] for entry in everything]
        assert told == ["session.started", "teammate.added", "tenant.made"]


@pytest.mark.parametrize("role", ["marketer", "analyst", "viewer"])
async def test_only_owners_and_admins_read_it(shop: Shop, role: str) -> None:
    async with teammate(shop, role) as other:
        for path in ("/v1/audit", "/v1/audit.csv", "/v1/audit/verification"):
            assert (await other.get(path)).json()["code"] == "NOT_ALLOWED"
