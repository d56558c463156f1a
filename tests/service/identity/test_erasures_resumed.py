"""Erasures after a kill or a restore, and the end of a whole tenant."""

import asyncio
import uuid

import asyncpg
from contracts.identity.v1 import events_pb2 as identity_events
from contracts.identity.v1 import identity_service_pb2 as messages

from chassis.bus import connect_bus
from services.identity.main import service
from tests.service.identity.cell import (
    SERVER,
    Cell,
    Event,
    Gateway,
    eventually,
    forget_message_ids,
    gateway_side,
)
from tests.service.identity.erasure_calls import (
    EMAIL,
    USER,
    erase,
    erasure,
    identifier,
    rows_of,
    values,
)


async def test_an_erasure_goes_on_where_a_killed_service_left_it(cell: Cell) -> None:
    async with gateway_side(cell) as gateway:
        async with service(cell.settings()):
            await gateway.accept(Event("m1", user_id="amy"))
            await gateway.received(1)
        erasure_id = str(uuid.uuid4())
        process = cell.launch_service()
        asked = asyncio.create_task(erase(gateway, erasure_id=erasure_id, profile_id=1))
        await asyncio.sleep(0.8)
        process.kill()
        process.wait()
        asked.cancel()
        async with service(cell.settings()):
            gone = await erase(gateway, erasure_id=erasure_id, profile_id=1)
            assert list(gone.nids) == [1]
            assert await values(gateway) == set()


async def test_a_restored_database_learns_from_the_ledger_whom_it_must_forget(cell: Cell) -> None:
    """The database forgets the erasure and has the person again, as a backup from before would."""
    async with gateway_side(cell) as gateway:
        async with service(cell.settings()):
            await gateway.accept(
                Event("m1", user_id="amy", anonymous_id="browser"), Event("m2", user_id="ben")
            )
            await gateway.received(2)
            saved = await tables_of(cell, gateway)
            gone = await erase(gateway, identifier=identifier(USER, "amy"))
            await eventually(lambda: ledgered(cell, gateway, gone.erasure_id))
        await restore(cell, gateway, saved)
        async with service(cell.settings()):
            await eventually(lambda: only(gateway, {"ben"}))
            known = await erasure(gateway, gone.erasure_id)
            assert list(known.nids) == list(gone.nids)
            assert known.requested_at == gone.requested_at
            await gateway.accept(Event("m3", user_id="amy"))
            await gateway.received(3)
            assert await values(gateway) == {"ben"}


async def test_a_batch_that_is_published_late_leaves_out_who_was_erased_since(cell: Cell) -> None:
    """As if the lane of imports had stood still between deciding the batch and publishing it."""
    async with gateway_side(cell) as gateway:
        async with service(cell.settings()):
            place = await gateway.import_(Event("i1", user_id="amy"), Event("i2", user_id="ben"))
            await gateway.received(2)
            await erase(gateway, identifier=identifier(USER, "amy"))
        connection = await asyncpg.connect(cell.postgres.url("identity"))
        await connection.execute(
            "update positions set tenants = array[$1::uuid] where lane = 'imported'", gateway.tenant_id
        )
        await connection.close()
        await gateway.reader.report_position("IMPORTED", "identity", place - 1)
        async with connect_bus(cell.nats.url("insight"), name="insight") as insight:
            await insight.report_position("IDENTITY", "insight", (await insight.bounds("IDENTITY"))[1])
        await gateway.reader.purge_read("IDENTITY", ["insight"])
        await forget_message_ids(cell)
        async with service(cell.settings()):
            await gateway.accept(Event("m1", user_id="cleo"))
            await gateway.received(3)
            assert await gateway.counted_ids("imported") == ["i2"]


async def only(gateway: Gateway, wanted: set[str]) -> bool:
    return await values(gateway) == wanted


async def ledgered(cell: Cell, gateway: Gateway, erasure_id: str) -> bool:
    return (cell.folder / "erasures" / gateway.tenant_id / f"{erasure_id}.json").exists()


async def tables_of(cell: Cell, gateway: Gateway) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(cell.postgres.url("identity"))
    try:
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', $1, true)", gateway.tenant_id)
            return list(await connection.fetch("select * from identifiers"))
    finally:
        await connection.close()


async def restore(cell: Cell, gateway: Gateway, saved: list[asyncpg.Record]) -> None:
    """The identifiers as they were, and no erasure: as a backup from before has it."""
    connection = await asyncpg.connect(cell.postgres.url("identity"))
    try:
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', $1, true)", gateway.tenant_id)
            for table in ("identifiers", "erasures", "erasure_queue"):
                await connection.execute(f"delete from {table} where tenant_id = $1", gateway.tenant_id)
            columns = ", ".join(saved[0].keys())
            places = ", ".join(f"${number}" for number in range(1, len(saved[0]) + 1))
            for row in saved:
                await connection.execute(
                    f"insert into identifiers ({columns}) values ({places})", *row.values()
                )
    finally:
        await connection.close()


async def test_a_forgotten_tenant_leaves_nothing_and_its_neighbour_is_untouched(
    gateway: Gateway, cell: Cell
) -> None:
    await gateway.accept(
        Event("m1", user_id="amy", anonymous_id="browser"),
        Event("m2", user_id="ann", source=SERVER, claims=[(EMAIL, "ann@example.com")]),
    )
    await gateway.received(2)
    await erase(gateway, identifier=identifier(USER, "amy"))
    async with gateway_side(cell) as neighbour:
        await neighbour.accept(Event("n1", user_id="zoe"))
        await neighbour.received(1)
        deletion_id = str(uuid.uuid4())

        async def forgotten() -> bool:
            answer = await gateway.client.call(
                gateway.stub.ForgetTenant,
                messages.ForgetTenantRequest(deletion_id=deletion_id),
                tenant_id=gateway.tenant_id,
            )
            return bool(answer.done)

        await eventually(forgotten)
        assert await values(neighbour) == {"zoe"}

    async def nothing_left() -> bool:
        return await tables_with(cell, gateway) == []

    await eventually(nothing_left, within_seconds=15)
    topic = f"identity.tenant.forgotten.v1.{gateway.tenant_id}"
    message = await gateway.reader.last_message("IDENTITY", topic)
    assert message is not None
    assert identity_events.TenantForgotten.FromString(message.data).deletion_id == deletion_id


async def tables_with(cell: Cell, gateway: Gateway) -> list[str]:
    """Tables with a row of the tenant."""
    connection = await asyncpg.connect(cell.postgres.url("identity"))
    try:
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', $1, true)", gateway.tenant_id)
            tables = await connection.fetch(
                "select table_name from information_schema.columns "
                "where table_schema = 'public' and column_name = 'tenant_id'"
            )
            assert len(tables) > 10
            return [
                name
                for (name,) in tables
                if await connection.fetchval(
                    f"select count(*) from {name} where tenant_id = $1", gateway.tenant_id
                )
            ]
    finally:
        await connection.close()


async def test_a_restored_database_forgets_a_deleted_tenant_again(cell: Cell) -> None:
    async with gateway_side(cell) as gateway:
        async with service(cell.settings()):
            await gateway.accept(Event("m1", user_id="amy"))
            await gateway.received(1)
            saved = await tables_of(cell, gateway)
            request = messages.ForgetTenantRequest(deletion_id=str(uuid.uuid4()))

            async def forgotten() -> bool:
                answer = await gateway.client.call(
                    gateway.stub.ForgetTenant, request, tenant_id=gateway.tenant_id
                )
                return bool(answer.done)

            await eventually(forgotten)
        await restore(cell, gateway, saved)
        async with service(cell.settings()):
            await eventually(lambda: only(gateway, set()))

            async def counts_are_gone() -> bool:
                return await rows_of(cell, gateway, "intakes") == 0

            # Or each start would find the tenant, and announce its end again.
            await eventually(counts_are_gone)
