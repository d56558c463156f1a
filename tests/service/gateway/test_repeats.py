"""A request that is sent again with its Idempotency-Key is done once."""

import asyncio
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.database import async_url, open_transaction
from tests.service.gateway.conftest import Shop


def named(key: str) -> dict[str, str]:
    return {"idempotency-key": key}


async def test_a_repeated_request_is_answered_alike_and_done_once(shop: Shop) -> None:
    again = named(str(uuid.uuid4()))
    async with shop.client() as client:
        first = await client.post("/v1/keys", json={"kind": "server"}, headers=again)
        second = await client.post("/v1/keys", json={"kind": "server"}, headers=again)
        listed = (await client.get("/v1/keys")).json()["keys"]
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert "idempotent-replayed" not in first.headers and second.headers["idempotent-replayed"] == "true"
    assert len(listed) == 3  # two the tenant began with


async def test_many_at_once_are_done_once(shop: Shop) -> None:
    again = named(str(uuid.uuid4()))
    async with shop.client() as client:
        answers = await asyncio.gather(
            *(client.post("/v1/keys", json={"kind": "browser"}, headers=again) for _ in range(12))
        )
        listed = (await client.get("/v1/keys")).json()["keys"]
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    others = {answer.json()["code"] for answer in answers if answer.status_code != 201}
    assert len(made) == 1 and others <= {"REQUEST_IN_PROGRESS"}
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 409)
    assert len(listed) == 3


async def test_a_key_that_is_used_for_another_request_a_day_later_is_another_order(
    shop: Shop, engines: Any
) -> None:
    """Identity answers what it knows already with its first answer: it must be asked anew."""
    again = named("suppress")
    people = shop.gateway.people.asked.setdefault(shop.id, [])
    async with shop.client() as client:
        for value in ("a@x.example", "b@x.example", "b@x.example"):
            body = {"identifiers": [{"kind": "email", "value": value}]}
            done = await client.post("/v1/suppressions", json=body, headers=again)
            assert done.status_code == 200, done.text
            engine = create_async_engine(async_url(engines.postgres_url("gateway")))
            async with open_transaction(engine, shop.id) as connection:
                await connection.execute(sa.text("delete from repeatable"))
            await engine.dispose()
    first, other, repeated = (order.command_id for order in people)
    assert first != other == repeated


async def test_another_request_under_the_same_key_is_refused(shop: Shop) -> None:
    again = named("one")
    async with shop.client() as client:
        await client.post("/v1/keys", json={"kind": "server"}, headers=again)
        other = await client.post("/v1/keys", json={"kind": "browser"}, headers=again)
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")


async def test_what_was_refused_may_be_tried_again_corrected(shop: Shop) -> None:
    again = named("corrected")
    async with shop.client() as client:
        wrong = await client.post(f"/v1/keys/{uuid.uuid4()}/rotation", json={}, headers=again)
        right = await client.post("/v1/keys", json={"kind": "server"}, headers=again)
    assert [wrong.status_code, right.status_code] == [404, 201]


async def test_two_callers_may_use_the_same_key(shop: Shop) -> None:
    other = await shop.gateway.make_tenant("other")
    again = named("the-same")
    made = []
    for one in (shop, other):
        async with one.client() as client:
            made.append((await client.post("/v1/keys", json={"kind": "server"}, headers=again)).json())
    assert made[0]["id"] != made[1]["id"]


async def test_a_key_that_is_none_is_refused(shop: Shop) -> None:
    async with shop.client() as client:
        refused = await client.post("/v1/keys", json={"kind": "server"}, headers=named("x" * 256))
    assert (refused.status_code, refused.json()["code"]) == (400, "IDEMPOTENCY_KEY_NOT_VALID")


async def test_kept_answers_hold_nothing_that_can_be_read(shop: Shop, engines: Any) -> None:
    async with shop.client() as client:
        made = (await client.post("/v1/keys", json={"kind": "server"}, headers=named("sealed"))).json()
    engine = create_async_engine(async_url(engines.postgres_url("gateway")))
    try:
        async with open_transaction(engine, shop.id) as connection:
            kept = (await connection.execute(sa.text("select answer from repeatable"))).scalars().all()
    finally:
        await engine.dispose()
    assert len(kept) == 1 and made["key"].encode() not in kept[0] and made["id"].encode() not in kept[0]
