"""Threads for compiled loops are shared fairly among tenants, and a cancelled question does no more."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from functools import partial

import pytest

from services.insight.loops import Loops


@pytest.fixture
async def loops() -> AsyncIterator[Loops]:
    made = Loops()
    yield made
    made.close()


async def test_steps_are_done_in_order(loops: Loops) -> None:
    done: list[int] = []
    await loops.run_all("a", [partial(done.append, number) for number in range(20)])
    assert done == list(range(20))


async def test_of_one_tenant_one_act_at_a_time(loops: Loops) -> None:
    inside, most = 0, 0

    def act() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.005)
        inside -= 1

    await asyncio.gather(*(loops.run("a", act) for _ in range(8)))
    assert most == 1


async def test_another_tenants_long_question_delays_nobody(loops: Loops) -> None:
    release = threading.Event()
    long = asyncio.create_task(loops.run("a", release.wait))
    assert await asyncio.wait_for(loops.run("b", lambda: "answered"), 5) == "answered"
    release.set()
    await long


async def test_a_question_lets_others_of_its_tenant_in_between(loops: Loops) -> None:
    done: list[str] = []

    def step() -> None:
        time.sleep(0.01)
        done.append("long")

    long = asyncio.create_task(loops.run_all("a", [step] * 30))
    await asyncio.sleep(0.02)
    await loops.run("a", lambda: done.append("short"))
    assert done.index("short") < 29
    await long
    assert done.count("long") == 30


async def test_cancelled_no_further_step_begins(loops: Loops) -> None:
    begun, release = threading.Event(), threading.Event()
    done: list[int] = []

    def first() -> None:
        begun.set()
        release.wait()

    asked = asyncio.create_task(loops.run_all("a", [first, lambda: done.append(1)]))
    await asyncio.to_thread(begun.wait)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    release.set()
    # The thread is the tenant's until the act in hand has ended.
    await asyncio.wait_for(loops.run("a", lambda: done.append(2)), 5)
    assert done == [2]


async def test_a_failure_is_its_askers_alone(loops: Loops) -> None:
    def failing() -> None:
        raise KeyError("nothing")

    with pytest.raises(KeyError):
        await loops.run_all("a", [failing])
    assert await loops.run("a", lambda: 1) == 1
