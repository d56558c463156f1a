"""Suppression: at once, whatever arrives, live and imported; nothing is stored and everything is counted."""

import uuid

import asyncpg
import pytest

from chassis.errors import ExpectedError
from services.identity.main import service
from tests.service.identity.cell import NOW_MS, SERVER, Cell, Event, Gateway, accepted, gateway_side
from tests.service.identity.consent_calls import (
    ANONYMOUS_ID,
    EMAIL,
    PHONE,
    USER_ID,
    suppress,
    suppressions,
    unsuppress,
)


async def test_what_a_suppressed_person_sends_is_dropped_from_the_answer_on(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", anonymous_id="browser"), Event("m2", anonymous_id="other"))
    await gateway.received(2)
    assert await suppress(gateway, (ANONYMOUS_ID, "browser")) == 1
    await gateway.accept(Event("m3", anonymous_id="browser"), Event("m4", anonymous_id="other"))
    intake = await gateway.received(4)
    assert await gateway.counted_ids() == ["m1", "m2", "m4"]
    assert (intake.received, intake.counted, intake.suppressed, intake.set_aside) == (4, 3, 1, 0)


async def test_an_identifier_nobody_knows_yet_leaves_no_trace_when_it_comes(
    gateway: Gateway, cell: Cell
) -> None:
    marker = f"hidden-{uuid.uuid4()}@x.tw"
    assert await suppress(gateway, (EMAIL, f" {marker.upper()} ")) == 1
    claims = [(EMAIL, marker)]
    await gateway.accept(Event("m1", user_id="stranger", anonymous_id="b", source=SERVER, claims=claims))
    intake = await gateway.received(1)
    assert (intake.counted, intake.suppressed) == (0, 1)
    assert await gateway.map() == {}
    assert (await gateway.search(query="")).profiles == []
    connection = await asyncpg.connect(cell.postgres.url("identity"))
    try:
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', $1, true)", gateway.tenant_id)
            for table in ("identifiers", "commands", "suppressions", "decisions", "outbox"):
                rows = await connection.fetch(f"select {table}::text from {table}")
                assert not any(marker in str(row).lower() for row in rows), table
    finally:
        await connection.close()


async def test_an_event_that_also_names_somebody_else_is_dropped(gateway: Gateway) -> None:
    await suppress(gateway, (USER_ID, "amy"))
    await gateway.accept(Event("m1", user_id="amy", anonymous_id="shared"))
    await gateway.accept(Event("m2", user_id="ben", anonymous_id="shared"))
    await gateway.received(2)
    assert await gateway.counted_ids() == ["m2"]


async def test_imported_events_are_dropped_like_live_ones(gateway: Gateway) -> None:
    await suppress(gateway, (USER_ID, "amy"))
    await gateway.bus.publish(
        f"gateway.events.imported.v1.{gateway.tenant_id}",
        accepted([Event("m1", user_id="amy"), Event("m2", user_id="ben")]).SerializeToString(),
        message_id=str(uuid.uuid4()),
    )
    intake = await gateway.received(2)
    assert (intake.counted, intake.suppressed) == (1, 1)


async def test_what_was_dropped_counts_when_it_comes_again_after_the_suppression_is_lifted(
    gateway: Gateway,
) -> None:
    await suppress(gateway, (USER_ID, "amy"))
    await gateway.accept(Event("m1", user_id="amy"))
    await gateway.received(1)
    assert await unsuppress(gateway, (USER_ID, "amy"), (USER_ID, "never")) == 1
    await gateway.accept(Event("m1", user_id="amy"), Event("m1", user_id="amy"))
    intake = await gateway.received(3)
    assert (intake.counted, intake.duplicates, intake.suppressed) == (1, 1, 1)


async def test_a_writer_that_starts_again_still_drops(cell: Cell) -> None:
    async with gateway_side(cell) as gateway:
        async with service(cell.settings()):
            await gateway.accept(Event("m1", anonymous_id="a"))
            await gateway.received(1)
            await suppress(gateway, (ANONYMOUS_ID, "a"))
        await gateway.accept(Event("m2", anonymous_id="a", at_ms=NOW_MS + 1))
        async with service(cell.settings()):
            intake = await gateway.received(2)
    assert (intake.counted, intake.suppressed) == (1, 1)


async def test_suppressions_are_listed_by_fingerprint_newest_first(gateway: Gateway) -> None:
    for value in ("+886 912-345-678", "0987654321"):
        await suppress(gateway, (PHONE, value))
    assert await suppress(gateway, (PHONE, "0912345678")) == 0
    first = await suppressions(gateway, page_size=1)
    rest = await suppressions(gateway, page_size=1, page_token=first.next_page_token)
    found = [*first.suppressions, *rest.suppressions]
    assert [(one.kind, one.reason, one.actor) for one in found] == [
        (PHONE, "asked by phone", "teammate:1")
    ] * 2
    assert len({one.fingerprint for one in found}) == 2
    assert all(len(one.fingerprint) == 32 and one.since.seconds for one in found)
    assert not rest.next_page_token


async def test_what_names_nobody_cannot_be_suppressed(gateway: Gateway) -> None:
    for wrong in ((EMAIL, "no address"), (USER_ID, "null"), (0, "amy")):
        with pytest.raises(ExpectedError) as refused:
            await suppress(gateway, wrong)  # type: ignore[arg-type]
        assert refused.value.reason == "IDENTIFIER_NOT_USABLE"
    with pytest.raises(ExpectedError):
        await suppress(gateway)
