"""What a tenant uses is metered by day, and how often it may call is told in every answer."""

import asyncio
from datetime import UTC, date, datetime

from services.gateway.calls import Calls
from services.gateway.errors.requests import TooManyCalls
from tests.service.gateway.conftest import PATIENCE_SECONDS, Shop


async def test_events_bad_rows_bytes_and_calls_are_counted(shop: Shop) -> None:
    began = datetime.now(UTC).date()
    await shop.send({"type": "track", "event": "a", "userId": "u"}, {"type": "track", "event": "no person"})
    async with shop.client() as client:
        for _ in range(3):
            await client.get("/v1/tenant")
        async with asyncio.timeout(PATIENCE_SECONDS):
            # Each is counted within seconds, but not all at once.
            used = (await client.get("/v1/usage")).json()
            while not (
                used["total"]["events"] and used["total"]["set_aside"] and used["total"]["calls"] >= 3
            ):
                await asyncio.sleep(0.25)
                used = (await client.get("/v1/usage")).json()
        bad = await client.get("/v1/usage", params={"from": "2026-01-02", "to": "2026-01-01"})
    today = used["days"][-1]
    assert began <= date.fromisoformat(today["on"]) <= datetime.now(UTC).date()
    assert (today["events"], today["set_aside"]) == (1, 1)
    assert today["bytes"] > 60 and today["calls"] >= 3
    assert used["as_of"] is not None and used["profiles"] == 0
    assert bad.status_code == 400


async def test_another_tenants_use_is_not_counted(shop: Shop) -> None:
    other = await shop.gateway.make_tenant("busy")
    await other.send(*[{"type": "track", "event": "a", "userId": "u"} for _ in range(20)])
    await asyncio.sleep(6)
    async with shop.client() as client:
        assert (await client.get("/v1/usage")).json()["total"]["events"] == 0


async def test_answers_say_how_many_calls_are_left(shop: Shop) -> None:
    async with shop.client() as client:
        answers = [await client.get("/v1/tenant") for _ in range(2)]
    assert answers[0].headers["ratelimit-policy"] == '"calls";q=500;w=10'
    left = [int(answer.headers["ratelimit"].split("r=")[1].split(";")[0]) for answer in answers]
    assert 495 <= left[0] <= 499 and left[1] <= left[0]


def test_calls_beyond_the_burst_wait_and_then_go_on() -> None:
    clock = [0.0]
    calls = Calls(now=lambda: clock[0])
    # Ten seconds' worth at once; the call that crosses the line is still let through.
    admitted = 0
    try:
        for _ in range(100):
            calls.admit("t", 2.0)
            admitted += 1
    except TooManyCalls as refusal:
        assert refusal.http_status == 429 and int(refusal.facts["retry_after_seconds"]) >= 1
    assert admitted == 21
    clock[0] = 1.0
    calls.admit("t", 2.0)
    calls.admit("another", 2.0)
