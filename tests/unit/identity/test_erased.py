"""What happened before somebody was erased is theirs; what happens afterwards is somebody new."""

import pytest

from services.identity.domain.erased import Erased
from services.identity.domain.fingerprints import fingerprint
from services.identity.domain.identifiers import Kind, Rules

TENANT = "0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f0001"
AMY = (Kind.USER_ID, "amy")
MAIL = (Kind.EMAIL, "amy@example.com")


def erased(*at_ms: int) -> Erased:
    known = Erased(TENANT)
    for each in at_ms:
        known.add([fingerprint(TENANT, AMY), fingerprint(TENANT, MAIL)], each)
    return known


@pytest.mark.parametrize(("at_ms", "hers"), [(0, True), (999, True), (1_000, True), (1_001, False)])
def test_the_time_of_the_event_decides(at_ms: int, hers: bool) -> None:
    assert erased(1_000).names_one([AMY], at_ms, Rules()) is hers


def test_any_identifier_of_hers_is_enough_as_it_was_sent() -> None:
    claimed = [(Kind.USER_ID, "ben"), (Kind.EMAIL, " Amy@EXAMPLE.com "), (Kind.PHONE, "no number")]
    assert erased(1_000).names_one(claimed, 5, Rules())
    assert not erased(1_000).names_one(claimed[:1], 5, Rules())


def test_a_value_of_another_kind_is_somebody_else() -> None:
    assert not erased(1_000).names_one([(Kind.ANONYMOUS_ID, "amy")], 5, Rules())


def test_the_newest_of_several_erasures_counts() -> None:
    known = erased(2_000, 1_000)
    assert known.newest_ms == 2_000
    assert known.names_one([AMY], 1_500, Rules())


def test_nobody_was_erased_at_first() -> None:
    assert not Erased(TENANT).names_one([AMY], 0, Rules())
