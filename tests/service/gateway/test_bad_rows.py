"""Events that were set aside: found, read, replayed once, and never another tenant's."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from contracts.gateway.v1 import events_pb2
from contracts.identity.v1 import identity_service_pb2 as identity_pb

from chassis.bus import connect_bus
from chassis.database import DatabaseUnavailable, open_engine, open_transaction
from services.gateway.replays import Replays
from services.gateway.sealing import Sealer
from services.gateway.verification import Verification
from tests.service.gateway.conftest import ENCRYPTION_KEY, Gateway, Shop

BAD_TIME = {"type": "track", "event": "Order Completed", "userId": "林", "timestamp": "yesterday"}


async def until(answer: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool]) -> Any:
    """The first answer that is as wanted, within ten seconds."""
    for _ in range(100):
        got = await answer()
        if wanted(got):
            return got
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within ten seconds; last: {str(got)[:500]}")


async def bad_rows(shop: Shop, **query: Any) -> list[dict[str, Any]]:
    async with shop.client() as client:
        answer = await client.get("/v1/bad-rows", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["bad_rows"])


async def accepted_of(shop: Shop) -> list[events_pb2.AcceptedEvents]:
    """What the stream of accepted events holds of a tenant."""
    found = []
    engines = shop.gateway.engines
    async with connect_bus(engines.bus_url("identity"), name="identity") as bus:
        first, last = await bus.bounds("ACCEPTED")
        if last < max(first, 1):
            return []
        async for group in bus.read("ACCEPTED", after=first - 1):
            found += [
                events_pb2.AcceptedEvents.FromString(message.data)
                for message in group
                if message.tenant_id == shop.id
            ]
            if group[-1].seq >= last:
                return found
    raise AssertionError("unreachable")


async def test_a_bad_row_is_found_by_its_text_its_reason_and_its_message_id(shop: Shop) -> None:
    await shop.send(BAD_TIME | {"messageId": "mine-1"}, {"type": "track", "userId": "u"})
    rows = await until(lambda: bad_rows(shop), lambda rows: len(rows) == 2)
    assert {row["reason"] for row in rows} == {"INVALID_TIMESTAMP", "MISSING_EVENT_NAME"}
    for query in ({"q": "林"}, {"q": "mine-1"}, {"q": "yesterday"}, {"reason": "INVALID_TIMESTAMP"}):
        assert [row["message_id"] for row in await bad_rows(shop, **query)] == ["mine-1"], query
    assert await bad_rows(shop, q="100%_nothing") == []


async def test_pages_of_bad_rows_show_every_row_once(shop: Shop) -> None:
    await shop.send(*({"type": "track", "userId": f"u{n}"} for n in range(7)))
    await until(lambda: bad_rows(shop), lambda rows: len(rows) == 7)
    seen: list[str] = []
    async with shop.client() as client:
        cursor = ""
        while cursor is not None:
            page = (await client.get("/v1/bad-rows", params={"limit": 3, "cursor": cursor})).json()
            seen += [row["id"] for row in page["bad_rows"]]
            cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 7


async def test_a_row_that_is_bad_for_ever_stays_with_its_reason(shop: Shop) -> None:
    await shop.send(BAD_TIME)
    [row] = await until(lambda: bad_rows(shop), lambda rows: len(rows) == 1)
    async with shop.client() as client:
        again = (await client.post(f"/v1/bad-rows/{row['id']}/replay")).json()
    assert (again["status"], again["reason"]) == ("new", "INVALID_TIMESTAMP")
    assert await accepted_of(shop) == []


async def reject_what_is_good_by_now(shop: Shop, count: int, stage: str = "identity.resolve") -> None:
    """Set events aside that today's rules accept, as a service does whose rule was wrong."""
    message = events_pb2.RejectedEvents()
    for number in range(count):
        message.events.add(
            stage=stage,
            reason="A_RULE_THAT_WENT",
            detail="no longer a rule",
            payload=b'{"event":"Order Completed","userId":"u","context":{"externalIds":[]}}',
            received_at_ms=1_700_000_000_000,
            source=events_pb2.Source(key_id="k", kind=events_pb2.SOURCE_KIND_SERVER),
            message_id=f"m-{number}",
            call=events_pb2.EVENT_KIND_TRACK,
        )
    async with connect_bus(shop.gateway.engines.bus_url("identity"), name="identity") as bus:
        await bus.publish(
            f"gateway.events.rejected.v1.{shop.id}", message.SerializeToString(), message_id=shop.id
        )


async def test_a_row_replayed_twice_is_accepted_once_and_the_books_balance(shop: Shop) -> None:
    await reject_what_is_good_by_now(shop, 1)
    [row] = await until(lambda: bad_rows(shop), lambda rows: len(rows) == 1)
    async with shop.client() as client:
        before = (await client.get("/v1/reports/intake")).json()
        replays = await asyncio.gather(*(client.post(f"/v1/bad-rows/{row['id']}/replay") for _ in range(5)))
        [message] = await accepted_of(shop)
        shop.gateway.people.intake[shop.id] = identity_pb.GetIntakeResponse(received=1, counted=1)
        after = (await client.get("/v1/reports/intake")).json()
    assert {replay.json()["status"] for replay in replays} == {"replayed"}
    assert (list(message.kinds), list(message.received_at_ms)) == ([1], [1_700_000_000_000])
    assert message.sources[0].kind == events_pb2.SOURCE_KIND_SERVER
    for books in (before, after):
        assert books["received"] == books["counted"] + books["duplicates"] + books["bad"] == 1
    assert (before["bad"], after["bad"], after["replayed"]) == (1, 0, 1)


async def test_a_replay_that_failed_late_takes_no_other_row_with_it(shop: Shop) -> None:
    await reject_what_is_good_by_now(shop, 3)
    rows = await until(lambda: bad_rows(shop), lambda rows: len(rows) == 3)
    places = sorted((int(seq), int(row)) for seq, row in (one["id"].split("-") for one in rows))
    engines = shop.gateway.engines
    async with (
        connect_bus(engines.bus_url("gateway"), name="gateway") as bus,
        open_engine(engines.postgres_url("gateway")) as engine,
    ):
        sealer = Sealer(ENCRYPTION_KEY)
        replays = Replays(engine, bus, Verification(engine, sealer))
        with pytest.MonkeyPatch.context() as patch:

            async def away(*_: object) -> None:
                raise DatabaseUnavailable("gone before the rows were marked")

            patch.setattr("services.gateway.store.bad_rows.save_replayed", away)
            with pytest.raises(DatabaseUnavailable):
                await replays.replay(shop.id, places[:2])
        await replays.replay(shop.id, [places[0], places[2]])
        await replays.replay(shop.id, places)
    sent = {message_id for message in await accepted_of(shop) for message_id in message.message_ids}
    assert len(sent) == 3


async def test_a_replay_of_what_the_store_refused_counts_although_identity_knows_the_event(
    shop: Shop,
) -> None:
    await reject_what_is_good_by_now(shop, 1, "insight.store")
    [row] = await until(lambda: bad_rows(shop), lambda rows: len(rows) == 1)
    shop.gateway.people.intake[shop.id] = identity_pb.GetIntakeResponse(received=1, counted=1)
    async with shop.client() as client:
        before = (await client.get("/v1/reports/intake")).json()
        await client.post(f"/v1/bad-rows/{row['id']}/replay")
        [message] = await accepted_of(shop)
        shop.gateway.people.intake[shop.id] = identity_pb.GetIntakeResponse(received=2, counted=2)
        after = (await client.get("/v1/reports/intake")).json()
    assert message.message_ids[0] != row["message_id"]
    assert (before["received"], before["counted"], before["bad"]) == (1, 0, 1)
    assert (after["received"], after["counted"], after["bad"]) == (1, 1, 0)


async def test_a_rejected_event_with_impossible_numbers_is_a_row_like_any_other(shop: Shop) -> None:
    message = events_pb2.RejectedEvents()
    message.events.add(stage="identity.resolve", reason="R", received_at_ms=2**62)
    async with connect_bus(shop.gateway.engines.bus_url("identity"), name="identity") as bus:
        await bus.publish(
            f"gateway.events.rejected.v1.{shop.id}", message.SerializeToString(), message_id=shop.id
        )
    [row] = await until(lambda: bad_rows(shop), lambda rows: len(rows) == 1)
    assert row["received_at"].startswith("9999")


async def test_a_request_sent_again_sets_nothing_aside_twice(shop: Shop) -> None:
    named = BAD_TIME | {"messageId": "m"}
    nameless = {"type": "track", "userId": "u"}
    for attempt in range(3):
        await shop.send(named | {"sentAt": f"2026-11-22T06:00:0{attempt}Z"}, BAD_TIME, nameless)
    rows = await until(lambda: bad_rows(shop), lambda rows: len(rows) == 5)
    # Without an id or a time nobody can tell a repetition from another event.
    assert [row["reason"] for row in rows].count("MISSING_EVENT_NAME") == 3


async def test_an_event_set_aside_twice_by_the_stream_is_one_row(shop: Shop) -> None:
    await reject_what_is_good_by_now(shop, 2)
    await reject_what_is_good_by_now(shop, 2)
    await until(lambda: bad_rows(shop), lambda rows: len(rows) == 2)


async def test_a_job_replays_many_rows_and_says_how_many(shop: Shop) -> None:
    await reject_what_is_good_by_now(shop, 450)
    await shop.send(BAD_TIME)
    await until(lambda: bad_rows(shop, q="yesterday"), lambda rows: len(rows) == 1)
    async with shop.client(timeout=30) as client:
        asked = await client.post("/v1/bad-rows/replay", json={})
        assert asked.status_code == 202, asked.text
        path = f"/v1/jobs/{asked.json()['id']}"

        async def job() -> dict[str, Any]:
            return dict((await client.get(path)).json())

        done = await until(job, lambda job: job["state"] not in ("queued", "running"))
        assert done["state"] == "succeeded", done
        assert done["result"] == {"replayed": 450, "still_bad": 1}
        assert (done["done"], done["total"]) == (451, 451)
    sent = [message_id for message in await accepted_of(shop) for message_id in message.message_ids]
    assert len(sent) == 450
    assert len(await bad_rows(shop, status="new")) == 1


async def test_one_tenants_key_never_reads_or_changes_anothers(gateway: Gateway) -> None:
    mine, other = await gateway.make_tenant(), await gateway.make_tenant()
    await mine.send(BAD_TIME)
    [row] = await until(lambda: bad_rows(mine), lambda rows: len(rows) == 1)
    async with mine.client() as client:
        key_id = (await client.get("/v1/keys")).json()["keys"][0]["id"]
        job_id = (await client.post("/v1/bad-rows/replay", json={})).json()["id"]
    async with other.client() as client:
        assert await bad_rows(other) == []
        assert (await client.get("/v1/jobs")).json()["jobs"] == []
        keys = (await client.get("/v1/keys")).json()["keys"]
        assert key_id not in {key["id"] for key in keys} and len(keys) == 2
        for method, path in (
            ("GET", f"/v1/bad-rows/{row['id']}"),
            ("POST", f"/v1/bad-rows/{row['id']}/replay"),
            ("GET", f"/v1/jobs/{job_id}"),
            ("POST", f"/v1/jobs/{job_id}/cancel"),
            ("DELETE", f"/v1/keys/{key_id}"),
        ):
            refused = await client.request(method, path)
            assert (refused.status_code, path) == (404, path)
        intake = (await client.get("/v1/reports/intake")).json()
        assert (intake["received"], intake["bad"]) == (0, 0)


async def test_a_job_does_not_write_down_whom_somebody_looked_for(shop: Shop, engines: Any) -> None:
    wanted, other = BAD_TIME | {"userId": "lin@shop.example"}, BAD_TIME | {"userId": "wang@shop.example"}
    await shop.send(wanted, other)
    await until(lambda: bad_rows(shop), lambda rows: len(rows) == 2)
    async with shop.client() as client:
        asked = await client.post("/v1/bad-rows/replay", json={"q": "lin@shop.example"})
        assert asked.status_code == 202, asked.text
        path = f"/v1/jobs/{asked.json()['id']}"

        async def job() -> dict[str, Any]:
            return dict((await client.get(path)).json())

        done = await until(job, lambda job: job["state"] not in ("queued", "running"))
    assert (done["state"], done["result"]) == ("succeeded", {"replayed": 0, "still_bad": 1})
    query = sa.text("select cast(arguments as text) from jobs")
    async with (
        open_engine(engines.postgres_url("gateway")) as engine,
        open_transaction(engine, shop.id) as connection,
    ):
        [kept] = (await connection.execute(query)).scalars()
    assert "lin" not in kept and "sealed_text" in kept
