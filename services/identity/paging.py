"""Page sizes and page tokens of lists that are ordered by a falling number."""

import base64
import binascii

from services.identity.errors import InvalidPageSize, InvalidPageToken

_DEFAULT_SIZE = 50
_MAX_SIZE = 200
_FORM = b"p2:"
_PLACE_BYTES = 8
# Above every entry there is.
FIRST = 2**63 - 1


def page_size(asked: int) -> int:
    """Raises InvalidPageSize above 200."""
    if asked > _MAX_SIZE:
        raise InvalidPageSize("A page has at most 200 entries.", limit=_MAX_SIZE)
    return asked or _DEFAULT_SIZE


def token_of(list_name: str, place: int) -> str:
    """An opaque token for the place below which the next page of a list begins."""
    return base64.urlsafe_b64encode(_FORM + place.to_bytes(_PLACE_BYTES) + list_name.encode()).decode()


def place_of(list_name: str, token: str) -> int:
    """What `token_of` was given; `FIRST` without a token. Raises InvalidPageToken for any other's token."""
    if not token:
        return FIRST
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise InvalidPageToken("This page token is not one of ours.") from error
    start, place, name = raw[: len(_FORM)], raw[len(_FORM) :][:_PLACE_BYTES], raw[len(_FORM) + _PLACE_BYTES :]
    if start != _FORM or name != list_name.encode() or int.from_bytes(place) > FIRST:
        raise InvalidPageToken("This page token belongs to another list.")
    return int.from_bytes(place)
