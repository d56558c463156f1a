"""Erasing a person: gone from every answer, table and file, and never back by what happened before."""

import uuid
from pathlib import Path

import asyncpg
import pytest
from contracts.identity.v1 import events_pb2 as identity_events
from contracts.identity.v1 import identity_service_pb2 as messages

from chassis.errors import ExpectedError
from tests.service.identity.cell import (
    SERVER,
    Cell,
    Event,
    Gateway,
    eventually,
)
from tests.service.identity.erasure_calls import (
    EMAIL,
    USER,
    erase,
    erasure,
    identifier,
    now_ms,
    rows_of,
    values,
)

ERASED = "identity.profile.erased.v1"


async def test_an_erased_person_is_in_no_answer_and_their_neighbour_stays(
    gateway: Gateway, cell: Cell
) -> None:
    await gateway.accept(
        Event("m1", anonymous_id="browser"),
        Event("m2", user_id="amy", anonymous_id="browser"),
        Event("m3", user_id="amy", source=SERVER, claims=[(EMAIL, "amy@example.com")]),
        Event("m4", user_id="ben", anonymous_id="tablet"),
    )
    await gateway.received(4)
    amy = (await gateway.search(query="amy@")).profiles[0].profile_id
    gone = await erase(gateway, identifier=identifier(EMAIL, " Amy@Example.com "))
    assert gone.profile_id == amy
    assert sorted(gone.nids) == [1, 2, 3]
    assert len(gone.fingerprints) == 3
    assert await values(gateway) == {"ben", "tablet"}
    for nid in gone.nids:
        with pytest.raises(ExpectedError) as caught:
            await gateway.profile(nid)
        assert caught.value.reason == "PROFILE_NOT_FOUND"
    assert await rows_of(cell, gateway, "identifiers") == 2
    assert await rows_of(cell, gateway, "links") == 1
    assert await rows_of(cell, gateway, "ledger") == await rows_of(cell, gateway, "ledger_nids") / 2


async def test_it_is_announced_once_and_answered_alike_when_repeated(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", user_id="amy"))
    await gateway.received(1)
    erasure_id = str(uuid.uuid4())
    first = await erase(gateway, erasure_id=erasure_id, profile_id=1)
    again = await erase(gateway, erasure_id=erasure_id, profile_id=1)
    assert (first.nids, first.fingerprints, first.requested_at) == (
        again.nids,
        again.fingerprints,
        again.requested_at,
    )

    async def announced() -> bool:
        return (await erasure(gateway, erasure_id)).announced_at_position > 0

    await eventually(announced)
    message = await gateway.reader.last_message("IDENTITY", f"{ERASED}.{gateway.tenant_id}")
    assert message is not None
    told = identity_events.ProfileErased.FromString(message.data)
    assert (told.erasure_id, told.profile_id, list(told.nids)) == (erasure_id, 1, [1])
    assert (await erasure(gateway, erasure_id)).announced_at_position == message.seq


async def test_the_same_person_coming_back_is_somebody_new(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", user_id="amy", anonymous_id="browser"))
    await gateway.received(1)
    await erase(gateway, identifier=identifier(USER, "amy"))
    later = now_ms() + 60_000
    await gateway.accept(
        Event("m2", anonymous_id="browser", at_ms=later),
        Event("m3", user_id="amy", anonymous_id="browser", at_ms=later),
    )
    await gateway.received(3)
    people = await gateway.people()
    assert people["m2"] == people["m3"] == 3
    assert [each.nid for each in (await gateway.profile(3)).profile.identifiers] == [4, 3]


async def test_what_happened_before_stays_away_however_late_it_arrives(gateway: Gateway) -> None:
    before = now_ms() - 1_000
    await gateway.accept(Event("m1", user_id="amy", anonymous_id="browser", at_ms=before))
    await gateway.received(1)
    await erase(gateway, identifier=identifier(USER, "amy"))
    # From the way, from an old file: by any identifier of hers, and by one of a neighbour on her browser.
    await gateway.accept(
        Event("m2", user_id="amy", at_ms=before),
        Event("m3", anonymous_id="browser", at_ms=before - 86_400_000),
        Event("m4", user_id="ben", anonymous_id="browser", at_ms=before),
        Event("m5", user_id="ben", at_ms=before),
    )
    intake = await gateway.received(5)
    assert (intake.counted, intake.suppressed, intake.duplicates) == (2, 3, 0)
    assert await values(gateway) == {"ben"}
    # Once she is back under the same name, her former life still is not.
    await gateway.accept(Event("m6", anonymous_id="browser", at_ms=now_ms() + 60_000))
    await gateway.accept(Event("m7", anonymous_id="browser", at_ms=before))
    intake = await gateway.received(7)
    assert (intake.counted, intake.suppressed) == (3, 4)


async def test_what_was_received_before_stays_away_though_its_clock_was_fast(gateway: Gateway) -> None:
    """On its way when she was erased: by its own time it would be of her next life."""
    fast = now_ms() + 3_600_000
    await erase(gateway, identifier=identifier(USER, "amy"))
    received_ms = now_ms() - 60_000
    await gateway.accept(
        Event("m1", user_id="amy", at_ms=fast, received_ms=received_ms),
        Event("m2", user_id="ben", at_ms=fast, received_ms=received_ms),
    )
    intake = await gateway.received(2)
    assert (intake.counted, intake.suppressed) == (1, 1)
    assert await values(gateway) == {"ben"}


async def test_an_erasure_repeated_when_its_answer_is_forgotten_is_the_same_erasure(
    gateway: Gateway, cell: Cell
) -> None:
    erasure_id = str(uuid.uuid4())
    first = await erase(gateway, erasure_id=erasure_id, identifier=identifier(USER, "amy"))
    connection = await asyncpg.connect(cell.postgres.url("identity"))
    async with connection.transaction():
        await connection.execute("select set_config('app.tenant', $1, true)", gateway.tenant_id)
        assert await connection.execute("delete from commands") == "DELETE 1"
    await connection.close()
    again = await erase(gateway, erasure_id=erasure_id, identifier=identifier(USER, "amy"))
    assert again.requested_at == first.requested_at


async def test_a_suppressed_person_does_not_come_back(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", user_id="amy", anonymous_id="browser"))
    await gateway.received(1)
    gone = await erase(gateway, profile_id=2, suppress=True)
    assert gone.suppressed
    await gateway.accept(
        Event("m2", user_id="amy", at_ms=now_ms() + 60_000),
        Event("m3", anonymous_id="browser", at_ms=now_ms() + 60_000),
    )
    assert (await gateway.received(3)).suppressed == 2
    assert await values(gateway) == set()


async def test_an_identifier_that_nobody_has_is_erased_all_the_same(gateway: Gateway) -> None:
    gone = await erase(gateway, identifier=identifier(EMAIL, "amy@example.com"))
    assert (gone.profile_id, list(gone.nids), len(gone.fingerprints)) == (0, [], 1)
    await gateway.accept(Event("m1", source=SERVER, claims=[(EMAIL, "amy@example.com")]))
    assert (await gateway.received(1)).suppressed == 1


@pytest.mark.parametrize(
    ("request_fields", "reason"),
    [
        ({"profile_id": 77}, "PROFILE_NOT_FOUND"),
        ({}, "PROFILE_NOT_FOUND"),
        ({"identifier": identifier(USER, "null")}, "IDENTIFIER_NOT_USABLE"),
        ({"identifier": identifier(0, "amy")}, "IDENTIFIER_NOT_USABLE"),
        ({"erasure_id": "1"}, "INVALID_COMMAND_ID"),
    ],
)
async def test_a_wrong_request_is_told_what_is_wrong(
    gateway: Gateway, request_fields: dict[str, object], reason: str
) -> None:
    with pytest.raises(ExpectedError) as caught:
        await erase(gateway, **request_fields)
    assert caught.value.reason == reason


async def test_who_shared_a_device_with_them_is_judged_anew(gateway: Gateway) -> None:
    """Anna had the tablet first, so Ben's link to it was refused; without Anna he keeps his own."""
    await gateway.accept(
        Event("m1", user_id="anna", anonymous_id="tablet"),
        Event("m2", user_id="ben", anonymous_id="tablet", at_ms=1_790_000_000_001),
        Event("m3", user_id="ben", anonymous_id="phone", at_ms=1_790_000_000_002),
    )
    await gateway.received(3)
    ben = (await gateway.search(query="ben")).profiles[0]
    await erase(gateway, identifier=identifier(USER, "anna"))
    left = await gateway.profile(ben.profile_id)
    assert left.profile == ben
    assert [(link.a_nid, link.b_nid, link.refused) for link in left.links] == [(3, 4, False)]


async def test_erasures_are_listed_newest_first(gateway: Gateway) -> None:
    await gateway.accept(*(Event(f"m{number}", user_id=f"u{number}") for number in range(5)))
    await gateway.received(5)
    ids = [(await erase(gateway, profile_id=number)).erasure_id for number in range(1, 6)]
    listed, token = [], ""
    while True:
        page = await gateway.client.call(
            gateway.stub.ListErasures,
            messages.ListErasuresRequest(page_size=2, page_token=token),
            tenant_id=gateway.tenant_id,
        )
        listed += [each.erasure_id for each in page.erasures]
        token = page.next_page_token
        if not token:
            break
    assert listed == ids[::-1]


async def test_no_table_file_holds_them_after_cleaning(gateway: Gateway, cell: Cell) -> None:
    marker = f"marker{uuid.uuid4().hex}"
    await gateway.accept(
        *(Event(f"m{n}", user_id=f"{marker}{n}", anonymous_id=f"b{n}") for n in range(50)),
        Event("x", user_id="somebody", source=SERVER, claims=[(EMAIL, f"{marker}@example.com")]),
    )
    await gateway.received(51)
    for number in range(50):
        last = await erase(gateway, identifier=identifier(USER, f"{marker}{number}"))
    last = await erase(gateway, identifier=identifier(EMAIL, f"{marker}@example.com"))

    async def clean() -> bool:
        return (await erasure(gateway, last.erasure_id)).HasField("files_clean_at")

    await eventually(clean)
    assert marker.encode() not in table_bytes(cell)


def table_bytes(cell: Cell) -> bytes:
    """Every table file of every database, as the engine has written them."""
    return b"".join(
        path.read_bytes() for path in (Path(cell.folder) / "postgres/base").rglob("*") if path.is_file()
    )
