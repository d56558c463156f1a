"""Who waits for whom in the embedded ClickHouse."""

import asyncio

from engines.clickhouse.lanes import HEAVY_SECONDS, Lane, Lanes


async def test_a_small_query_passes_heavy_ones_even_when_nobody_knew_that_they_were_heavy() -> None:
    lanes = Lanes(quick=2, heavy=1, inserts=1, strays=4)
    over = asyncio.Event()

    async def heavy(number: int) -> None:
        async with lanes.query("insight", f"heavy {number}"):
            await over.wait()

    running = [asyncio.create_task(heavy(number)) for number in range(4)]
    async with asyncio.timeout(HEAVY_SECONDS * 4), lanes.query("insight", "small"):
        pass
    over.set()
    await asyncio.gather(*running)


async def test_a_query_that_was_heavy_waits_among_the_heavy_ones_the_next_time() -> None:
    lanes = Lanes(quick=1, heavy=1, inserts=1, strays=1)
    async with lanes.query("insight", "heavy"):
        await asyncio.sleep(HEAVY_SECONDS * 1.2)
    async with lanes.query("insight", "heavy"):
        second = asyncio.create_task(lanes.query("insight", "heavy").__aenter__())
        async with asyncio.timeout(HEAVY_SECONDS), lanes.query("insight", "small"):
            pass
        assert not second.done()
    await second


async def test_inserts_never_wait_for_queries() -> None:
    lanes = Lanes(quick=1, heavy=1, inserts=1, strays=0)
    async with asyncio.timeout(1), lanes.query("insight", "any"), lanes.insert("insight"):
        pass


async def test_one_users_queue_does_not_delay_another() -> None:
    lane, order = Lane(1), []
    await lane.enter("first")

    async def visit(user: str) -> None:
        await lane.enter(user)
        order.append(user)
        lane.leave()

    visits = [asyncio.create_task(visit(user)) for user in ("busy", "busy", "busy", "calm")]
    await asyncio.sleep(0)
    lane.leave()
    await asyncio.gather(*visits)
    assert order.index("calm") == 1


async def test_who_stops_waiting_takes_no_place() -> None:
    lane = Lane(1)
    await lane.enter("a")
    waiting = asyncio.create_task(lane.enter("b"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    lane.leave()
    async with asyncio.timeout(1):
        await lane.enter("c")
