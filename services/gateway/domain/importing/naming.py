"""Message ids of imported events: the same for the same row in every file, so that it counts once."""

import hashlib
from collections.abc import Sequence

import msgspec
import numpy as np

from services.gateway.domain.importing.occurrences import Occurrences

PREFIX = "import:"
_json = msgspec.json.Encoder()


class _Named(msgspec.Struct, rename="camel"):
    message_id: object = None


_named = msgspec.json.Decoder(_Named)


def named(events: Sequence[bytes], message_ids: Sequence[str], seen: Occurrences) -> list[bytes]:
    """The events with their messageId in front, but for those that hold one already.

    An id is a hash of the event as it was made of its row, and from the second equal row of a file on the
    number of the row among them. So the same rows have the same ids in another order, in another file, and
    in a part of the file; only equal rows that were split over two files count once where they were two.
    """
    digests = [hashlib.blake2b(event, digest_size=16, person=b"import").digest() for event in events]
    if not digests:
        return []
    firsts = np.frombuffer(b"".join(digests), np.uint64)[::2]
    numbers = seen.number(np.ascontiguousarray(firsts)).tolist()
    return [
        _with_id(
            event, given, f"{PREFIX}{digest.hex()}" if number == 1 else f"{PREFIX}{digest.hex()}-{number}"
        )
        for event, given, digest, number in zip(events, message_ids, digests, numbers, strict=True)
    ]


def _with_id(event: bytes, given: str, made: str) -> bytes:
    inside = event[1:]
    if not given and b'"messageId"' in inside and _has_one(event):
        return event
    if not event.startswith(b"{") or inside.lstrip().startswith(b"}"):
        return event
    # `made` needs no escaping.
    literal = _json.encode(given) if given else b'"%b"' % made.encode()
    return b'{"messageId":%b,%b' % (literal, inside)


def _has_one(event: bytes) -> bool:
    try:
        return _named.decode(event).message_id not in (None, "")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
