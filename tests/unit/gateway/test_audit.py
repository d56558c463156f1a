"""How entries are chained, and what may stand in them."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from services.gateway.domain.audit import FIRST, Break, Head, Stored, checked, entry_hash, looks_personal

ENTRY = Stored(
    tenant_id="11111111-1111-4111-8111-111111111111",
    number=1,
    at=datetime(2026, 11, 22, 9, 0, 0, 5, UTC),
    actor="teammate:1",
    action="key.made",
    subject="key:1",
    before="{}",
    after='{"kind":"server"}',
    address="192.0.2.1",
    hash=b"",
)


def test_the_hash_is_over_the_hash_before_and_the_entry_as_written_here_by_hand() -> None:
    written = (
        b'{"action":"key.made","actor":"teammate:1","address":"192.0.2.1",'
        b'"after":"{\\"kind\\":\\"server\\"}","at":"2026-11-22T09:00:00.000005+00:00","before":"{}",'
        b'"number":1,"subject":"key:1","tenant":"11111111-1111-4111-8111-111111111111"}'
    )
    assert entry_hash(FIRST, ENTRY) == sha256(bytes(32) + written).digest()


def test_every_field_is_part_of_the_hash() -> None:
    hashes = {
        entry_hash(FIRST, replace(ENTRY, **{name: value}))
        for name, value in {
            "tenant_id": "22222222-2222-4222-8222-222222222222",
            "number": 2,
            "at": datetime(2026, 11, 22, 9, 0, 0, 6, UTC),
            "actor": "teammate:2",
            "action": "key.revoked",
            "subject": "key:2",
            "before": '{"a":1}',
            "after": "{}",
            "address": "192.0.2.2",
        }.items()
    }
    assert len(hashes | {entry_hash(FIRST, ENTRY), entry_hash(sha256().digest(), ENTRY)}) == 11


def test_checking_goes_on_where_it_stopped() -> None:
    first = replace(ENTRY, hash=entry_hash(FIRST, ENTRY))
    second = replace(ENTRY, number=2)
    second = replace(second, hash=entry_hash(first.hash, second))
    assert checked(Head(), [first, second]) == (Head(2, second.hash), None)
    assert checked(Head(1, first.hash), [second]) == (Head(2, second.hash), None)
    assert checked(Head(), [second]) == (Head(), Break(1, "missing"))
    assert checked(Head(), [first, replace(second, actor="x")]) == (Head(1, first.hash), Break(2, "changed"))


@pytest.mark.parametrize(
    "text",
    ["bob@shop.example", "<Bob> bob.lin+tag@mail.shop.tw", "0912345678", "0912-345-678", "+886 912 345 678"],
)
def test_addresses_and_phones_are_seen(text: str) -> None:
    assert looks_personal(text)
    assert looks_personal(f"note: {text}, please")


@pytest.mark.parametrize(
    "text",
    [
        "01234567-0123-4123-8123-012345678901",
        "2026-11-22T09:00:00.000005+00:00",
        "2026-11-22",
        "key:42",
        "profiles:read",
        "4294967295",
        "1732262400000",
        "website",
        "官網 2026 雙11",
        "https://shop.example",
    ],
)
def test_ids_times_and_names_are_not(text: str) -> None:
    assert not looks_personal(text)
