"""Commands to the single writer: applied once, in order, answered, and never lost, whatever is killed."""

import asyncio
import random
import signal
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import grpc
import pytest
from contracts.identity.v1 import events_pb2 as identity_events
from contracts.identity.v1 import identity_service_pb2 as messages

from chassis.bus import connect_bus
from chassis.database import Engine, open_engine
from chassis.errors import NotFound, RemoteError
from services.identity.commands import Applied, Command, CommandQueue, Handler
from services.identity.domain.decisions import REMAPS_A_MESSAGE, Moved
from services.identity.domain.facts import ProfileErased
from services.identity.domain.identifiers import Rules
from services.identity.errors import (
    CommandFailed,
    CommandNotAnswered,
    CommandReused,
    CommandsWaiting,
    ProfileNotFound,
)
from services.identity.store.lane import Lane
from services.identity.tenants import Tenant
from services.identity.writer import keep_writing
from tests.service.identity.cell import Cell, Event, Gateway, eventually, gateway_side


class Notes:
    """A handler that writes down what it was asked; a real table, in the writer's own transaction."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.failures = 0

    async def note(self, lane: Lane, tenant: Tenant, command: Command) -> Applied:
        self.seen.append(command.body["text"])
        return Applied({"heard": command.body["text"]})

    async def refuse(self, lane: Lane, tenant: Tenant, command: Command) -> Applied:
        raise ProfileNotFound("There is no profile with this id.", profile_id=7)

    async def fail(self, lane: Lane, tenant: Tenant, command: Command) -> Applied:
        self.failures += 1
        await lane.execute("select 1 / 0")
        raise AssertionError("unreachable")

    async def move(self, lane: Lane, tenant: Tenant, command: Command) -> Applied:
        moved = [Moved(nid, 6, 1) for nid in range(2, 2 + command.body["identifiers"])]
        return Applied({}, moved=moved, facts=[ProfileErased(str(uuid.uuid4()), 1, [1, 2])])

    async def stumble(self, lane: Lane, tenant: Tenant, command: Command) -> Applied:
        """Answered, then failing some times before it gets to its end."""
        self.seen.append(command.command_id)
        if 1 < len(self.seen) <= 6:
            await lane.execute("select 1 / 0")
        return Applied({"done": len(self.seen) > 1}, unfinished=len(self.seen) == 1)

    async def count_down(self, lane: Lane, tenant: Tenant, command: Command) -> Applied:
        await asyncio.sleep(0.02)
        self.seen.append(command.command_id)
        left = command.body["times"] - self.seen.count(command.command_id)
        return Applied({"left": left}, unfinished=left > 0)

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "note": self.note,
            "refuse": self.refuse,
            "fail": self.fail,
            "move": self.move,
            "count_down": self.count_down,
            "stumble": self.stumble,
        }


class Desk:
    """A queue with a writer behind it, for a tenant of its own."""

    def __init__(self, queue: CommandQueue, database: Engine, notes: Notes, side: Gateway) -> None:
        self.queue = queue
        self.database = database
        self.notes = notes
        self.side = side

    async def ask(self, kind: str, command_id: str = "", **body: object) -> Mapping[str, Any]:
        command_id = command_id or str(uuid.uuid4())
        return await self.queue.run(Command(self.side.tenant_id, command_id, kind, body, "teammate:1"))


@asynccontextmanager
async def writing(cell: Cell, notes: Notes) -> AsyncIterator[None]:
    async with (
        connect_bus(cell.nats.url("identity"), name="identity") as bus,
        keep_writing(bus, cell.settings(), Rules(), notes.handlers()),
    ):
        yield


@pytest.fixture
async def desk(cell: Cell) -> AsyncIterator[Desk]:
    notes = Notes()
    async with (
        gateway_side(cell) as side,
        open_engine(cell.postgres.url("identity")) as database,
        writing(cell, notes),
    ):
        yield Desk(CommandQueue(database), database, notes, side)


async def rows(cell: Cell, tenant_id: str, table: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(cell.postgres.url("identity"))
    try:
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', $1, true)", tenant_id)
            return list(await connection.fetch(f"select * from {table} where tenant_id = $1", tenant_id))
    finally:
        await connection.close()


async def test_a_command_is_answered_quickly_and_a_repeated_one_from_memory(desk: Desk, cell: Cell) -> None:
    await desk.ask("note", text="warm")
    started = time.monotonic()
    assert await desk.ask("note", "one", text="hello") == {"heard": "hello"}
    took = time.monotonic() - started
    assert await desk.ask("note", "one", text="hello") == {"heard": "hello"}
    assert desk.notes.seen == ["warm", "hello"]
    # An idle writer is woken, and does not find out by itself half a second later.
    assert took < 0.4
    stored = {row["command_id"]: row for row in await rows(cell, desk.side.tenant_id, "commands")}
    assert (stored["one"]["state"], stored["one"]["body"], stored["one"]["actor"]) == (
        "applied",
        None,
        "teammate:1",
    )


async def test_a_command_id_that_asked_for_something_else_is_refused(desk: Desk) -> None:
    await desk.ask("note", "one", text="hello")
    with pytest.raises(CommandReused):
        await desk.ask("note", "one", text="goodbye")
    with pytest.raises(CommandReused):
        await desk.ask("refuse", "one", text="hello")


async def test_the_same_id_of_another_tenant_is_another_command(desk: Desk) -> None:
    await desk.ask("note", "one", text="hello")
    other = str(uuid.uuid4())
    assert await desk.queue.run(Command(other, "one", "note", {"text": "other"})) == {"heard": "other"}


async def test_a_refusal_comes_back_as_it_was_raised_and_is_kept(desk: Desk, cell: Cell) -> None:
    for _ in range(2):
        with pytest.raises(ProfileNotFound) as caught:
            await desk.ask("refuse", "no", text="x")
        assert isinstance(caught.value, NotFound)
        assert (caught.value.message, caught.value.facts) == (
            "There is no profile with this id.",
            {"profile_id": "7"},
        )
    (stored,) = await rows(cell, desk.side.tenant_id, "commands")
    assert (stored["state"], stored["body"]) == ("refused", None)


async def test_a_handler_that_fails_is_given_up_and_stops_nobody_else(desk: Desk) -> None:
    with pytest.raises(CommandFailed):
        await desk.ask("fail", "broken")
    assert desk.notes.failures == 3
    assert await desk.ask("note", text="after") == {"heard": "after"}


async def test_commands_of_a_tenant_are_applied_in_the_order_in_which_they_came(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.identity.commands._LONGEST_WAIT_SECONDS", 0.0)
    tenant_id = str(uuid.uuid4())
    async with open_engine(cell.postgres.url("identity")) as database:
        queue = CommandQueue(database)
        for number in range(30):
            with pytest.raises(CommandNotAnswered):
                await queue.run(Command(tenant_id, f"c{99 - number}", "note", {"text": str(number)}))
    notes = Notes()
    async with writing(cell, notes):
        await eventually(lambda: _same(notes.seen, [str(number) for number in range(30)]))


async def test_what_has_more_to_do_is_answered_at_once_and_goes_on(desk: Desk) -> None:
    assert (await desk.ask("count_down", "long", times=20))["left"] > 0
    # Others do not wait for it.
    assert await desk.ask("note", text="beside") == {"heard": "beside"}

    async def finished() -> bool:
        return await desk.ask("count_down", "long", times=20) == {"left": 0}

    await eventually(finished, 10)
    await asyncio.sleep(0.3)
    assert desk.notes.seen.count("long") == 20


async def test_what_was_answered_is_brought_to_its_end_however_often_it_fails(desk: Desk) -> None:
    assert await desk.ask("stumble", "long") == {"done": False}

    async def finished() -> bool:
        return await desk.ask("stumble", "long") == {"done": True}

    await eventually(finished, 20)
    assert desk.notes.seen.count("long") == 7
    assert await desk.ask("note", text="after") == {"heard": "after"}


async def test_too_many_waiting_commands_are_refused(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.identity.commands._MOST_WAITING", 3)
    monkeypatch.setattr("services.identity.commands._LONGEST_WAIT_SECONDS", 0.2)
    async with open_engine(cell.postgres.url("identity")) as database:
        queue, tenant_id = CommandQueue(database), str(uuid.uuid4())
        asked = [queue.run(Command(tenant_id, f"c{number}", "note", {"text": "x"})) for number in range(3)]
        await asyncio.gather(*asked, return_exceptions=True)
        with pytest.raises(CommandsWaiting):
            await queue.run(Command(tenant_id, "c9", "note", {"text": "x"}))
    notes = Notes()
    async with writing(cell, notes):
        await eventually(lambda: _same(notes.seen, ["x"] * 3))


async def _same(found: object, wanted: object) -> bool:
    return found == wanted


async def test_a_large_change_of_the_map_travels_in_parts_before_the_facts(desk: Desk) -> None:
    side = desk.side
    await desk.ask("move", identifiers=2 * REMAPS_A_MESSAGE + 1)
    await eventually(lambda: _announced(side, 1))
    remaps = await side.remaps()
    assert [len(each.remaps) for each in remaps] == [REMAPS_A_MESSAGE, REMAPS_A_MESSAGE, 1]
    assert [each.map_version for each in remaps] == [1, 2, 3]
    assert [each.accepted_to for each in remaps] == [0, 0, 0]
    (erased,) = await erasures(side)
    assert erased.nids == [1, 2]


async def erasures(side: Gateway) -> list[identity_events.ProfileErased]:
    subject = f"identity.profile.erased.v1.{side.tenant_id}"
    stored = await side.stored(side.reader, "IDENTITY", subject)
    return [identity_events.ProfileErased.FromString(message.data) for message in stored]


async def _announced(side: Gateway, times: int) -> bool:
    return len(await erasures(side)) >= times


async def test_answers_are_forgotten_after_a_week(cell: Cell) -> None:
    notes, tenant_id = Notes(), str(uuid.uuid4())
    async with open_engine(cell.postgres.url("identity")) as database, writing(cell, notes):
        await CommandQueue(database).run(Command(tenant_id, "one", "note", {"text": "gone"}))
    connection = await asyncpg.connect(cell.postgres.url("identity"))
    try:
        forget_at = "select forget_at from command_queue where tenant_id = $1"
        left = await connection.fetchval(forget_at, tenant_id) - datetime.now(UTC)
        assert timedelta(days=6.9) < left < timedelta(days=7.1)
        age = "update command_queue set forget_at = now() where tenant_id = $1"
        await connection.execute(age, tenant_id)
    finally:
        await connection.close()
    async with writing(cell, notes):
        await eventually(lambda: _no_rows(cell, tenant_id))


async def _no_rows(cell: Cell, tenant_id: str) -> bool:
    return not await rows(cell, tenant_id, "commands")


async def test_killed_again_and_again_every_command_is_applied_once_and_announced(cell: Cell) -> None:
    """Suppressions through the real door: each answer says how many were added, so twice would show."""
    chance = random.Random(11)
    async with gateway_side(cell) as side:
        process: subprocess.Popen[bytes] = cell.launch_service()
        try:
            answers: dict[int, int] = {}

            async def ask(number: int) -> None:
                request = messages.SuppressRequest(
                    command_id=str(uuid.UUID(int=number)),
                    identifiers=[messages.IdentifierName(kind=2, value=f"p{number}@shop.example")],  # type: ignore[arg-type]
                    reason="bounce",
                    actor="teammate:1",
                )
                while True:
                    try:
                        answer = await side.client.call(
                            side.stub.Suppress, request, tenant_id=side.tenant_id, timeout_seconds=5
                        )
                        answers[number] = answer.added
                        return
                    except (RemoteError, grpc.aio.AioRpcError):
                        # The service is dead at this moment.
                        await asyncio.sleep(0.1)

            async def ask_all() -> None:
                waiting = set()
                for number in range(1, 301):
                    waiting.add(asyncio.create_task(ask(number)))
                    await asyncio.sleep(0.02)
                await asyncio.gather(*waiting)

            load = asyncio.create_task(ask_all())
            for _ in range(5):
                await asyncio.sleep(1.0 + chance.random())
                process.kill()
                process.wait()
                process = cell.launch_service()
            await asyncio.wait_for(load, 60)
            assert answers == dict.fromkeys(range(1, 301), 1)
            stored = await rows(cell, side.tenant_id, "commands")
            assert {row["state"] for row in stored} == {"applied"}
            assert len(stored) == 300
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(15)


async def test_events_go_on_while_commands_are_applied(desk: Desk) -> None:
    side = desk.side
    asks = [asyncio.create_task(desk.ask("note", text=str(number))) for number in range(50)]
    for number in range(20):
        await side.accept(*(Event(f"m{number}-{row}", anonymous_id=f"b{row}") for row in range(20)))
    await asyncio.gather(*asks)
    await eventually(lambda: _counted(side, 400))


async def _counted(side: Gateway, number: int) -> bool:
    return len(await side.counted_ids()) == number
