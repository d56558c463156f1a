"""What anybody may send is read in time that grows no faster than it: no text keeps the gateway busy."""

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from services.gateway.domain.bodies import open_batch, open_single
from services.gateway.domain.envelope import too_deep
from services.gateway.domain.events import UnreadableBody
from services.gateway.domain.importing import values

# A megabyte a second is a hundred times slower than any of these needs.
BYTES = 400_000
SECONDS = 0.4


def _read(body: bytes) -> None:
    try:
        open_batch(body)
        open_single(body, needs_key=True)
    except UnreadableBody:
        pass


PATIENT: dict[str, Callable[[], object]] = {
    "blanks in a member of a damaged body": lambda: _read(
        b'{"x":"' + b" " * BYTES + b'a","batch":[{"type":"\xff"}]}'
    ),
    "blanks around a member of a damaged body": lambda: _read(
        b'{"batch":[{"type":"\xff"}],' + b" " * BYTES + b'"x"' + b" " * BYTES + b":" + b"\f" * BYTES + b"}"
    ),
    "escaped quotes that nothing closes": lambda: _read(b'{"batch":[\xff"' + b'\\"' * (BYTES // 2)),
    "escaped quotes inside brackets": lambda: too_deep(b"{" * 65 + b'"' + b'\\"' * (BYTES // 2)),
    "escaped quotes behind shallow brackets": lambda: too_deep(b"{}" * 65 + b'"' + b'\\"' * (BYTES // 2)),
    "blanks in a number": lambda: values.number("1" + " " * BYTES + "x"),
    "blanks in a moment": lambda: values.moment("2026/11/22" + " " * BYTES + "x", ZoneInfo("Asia/Taipei")),
    "blanks in a moment as long as one may be": lambda: [
        values.moment("2026/1/2" + " " * 70 + "x", ZoneInfo("Asia/Taipei")) for _ in range(50)
    ],
}


@pytest.mark.parametrize("what", PATIENT)
def test_no_text_takes_longer_than_its_length_is_worth(what: str) -> None:
    started = time.process_time()
    PATIENT[what]()
    assert time.process_time() - started < SECONDS
