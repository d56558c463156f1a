"""Page sizes and page tokens as callers send them."""

import base64
import json
import struct

from services.insight.errors import PageSizeNotValid, PageTokenNotValid

_DEFAULT_SIZE = 50
_MAX_SIZE = 200
_TOKEN = struct.Struct(">qQQ")


def page_size(asked: int, most: int = _MAX_SIZE) -> int:
    """Raises PageSizeNotValid above `most`."""
    if asked > most:
        raise PageSizeNotValid(f"A page has at most {most} entries.", page_size=asked, limit=most)
    return asked or _DEFAULT_SIZE


def token(at: int, position: int = 0, row: int = 0) -> str:
    """An opaque token for the place behind which the next page begins."""
    return base64.urlsafe_b64encode(_TOKEN.pack(at, position, row)).decode()


def place(sent: str) -> tuple[int, int, int]:
    """What `token` was given; raises PageTokenNotValid."""
    try:
        at, position, row = _TOKEN.unpack(base64.b64decode(sent, altchars=b"-_", validate=True))
    except (ValueError, struct.error) as error:
        raise PageTokenNotValid("This page token is not one of ours.") from error
    if position >= 2**63 or row >= 2**32:
        raise PageTokenNotValid("This page token is not one of ours.")
    return at, position, row


def text_token(list_name: str, *parts: str) -> str:
    """An opaque token of a list whose places are texts."""
    return base64.urlsafe_b64encode(json.dumps([list_name, *parts]).encode()).decode()


def text_place(list_name: str, sent: str, n_parts: int) -> tuple[str, ...]:
    """What `text_token` was given for this list; raises PageTokenNotValid."""
    try:
        found = json.loads(base64.b64decode(sent, altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise PageTokenNotValid("This page token is not one of ours.") from error
    if not isinstance(found, list) or len(found) != n_parts + 1 or found[0] != list_name:
        raise PageTokenNotValid("This page token belongs to another list.")
    if not all(isinstance(part, str) and "\0" not in part for part in found):
        raise PageTokenNotValid("This page token is not one of ours.")
    return tuple(found[1:])
