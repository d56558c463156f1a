"""Opaque cursors: where a list goes on, readable only to the list that made it."""

import base64
import binascii
import json


def cursor_of(kind: str, *place: str | int) -> str:
    """A cursor of this kind of list."""
    text = json.dumps([kind, *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(kind: str, cursor: str, *types: type) -> tuple[str | int, ...] | None:
    """What `cursor_of` was given, or None when this cursor is none of ours or of another list."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place = json.loads(raw)
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(place, list) or len(place) != len(types) + 1 or place[0] != kind:
        return None
    if any(type(value) is not wanted for value, wanted in zip(place[1:], types, strict=True)):
        return None
    return tuple(place[1:])
