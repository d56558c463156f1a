"""Cuts a request body into its events without reading what is inside them.

The fast way lets msgspec find the events. When it refuses the body, because one event holds broken text, is
nested too deep or is not JSON, the slow way cuts along the brackets: no bad event costs its neighbours.
"""

import re
from dataclasses import dataclass

import msgspec

from services.gateway.domain.events import MAX_EVENTS, BodyTooLarge, UnreadableBody

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},"]', re.DOTALL)
# Up to the value, which is all that follows: a pattern for it would look at blanks in it again and again.
_NAME = re.compile(rb'("(?:[^"\\]++|\\.)*+")\s*:', re.DOTALL)


@dataclass(frozen=True, slots=True)
class OpenedBody:
    """The events of a request, each as sent, and what the request says about itself."""

    events: list[bytes]
    write_key: str | None
    sent_at: str | None
    # A body that was not sound as a whole: each event has to prove that it is.
    damaged: bool


class _Batch(msgspec.Struct, rename="camel", gc=False):
    batch: list[msgspec.Raw]
    write_key: object = None
    sent_at: object = None


class _Credentials(msgspec.Struct, rename="camel", gc=False):
    write_key: object = None
    sent_at: object = None


_batch = msgspec.json.Decoder(_Batch)
_credentials = msgspec.json.Decoder(_Credentials)
_text = msgspec.json.Decoder(str)


def open_batch(body: bytes) -> OpenedBody:
    """The events of `{"batch": […], "writeKey": …, "sentAt": …}`; raises UnreadableBody, BodyTooLarge."""
    if not _is_utf8(body):
        return _open_damaged_batch(body)
    try:
        read = _batch.decode(_without_bom(body))
    except msgspec.ValidationError as error:
        raise UnreadableBody(
            "BATCH_NOT_VALID", 'The body must be an object whose "batch" is a list of events.'
        ) from error
    except (msgspec.DecodeError, RecursionError):
        return _open_damaged_batch(body)
    _limit(len(read.batch))
    return OpenedBody(list(map(bytes, read.batch)), _as_text(read.write_key), _as_text(read.sent_at), False)


def open_single(body: bytes, *, needs_key: bool) -> OpenedBody:
    """A body that is one event; looks for a write key inside only where the request carried none."""
    event = _without_bom(body).strip(_SPACE)
    damaged = not _is_utf8(body)
    key: str | None = None
    if needs_key:
        try:
            key = _as_text(_credentials.decode(event).write_key)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            key = _text_or_none(_members(event).get(b'"writeKey"'))
    return OpenedBody([event], key, None, damaged)


def _open_damaged_batch(body: bytes) -> OpenedBody:
    members = _members(_without_bom(body).strip(_SPACE))
    batch = members.get(b'"batch"')
    if batch is None or not batch.startswith(b"["):
        raise UnreadableBody(
            "BATCH_NOT_VALID", 'The body must be an object whose "batch" is a list of events.'
        )
    events = _children(batch, MAX_EVENTS)
    _limit(len(events))
    if not all(events):
        raise UnreadableBody("BODY_NOT_JSON", "The body is not JSON: a comma follows nothing or ends a list.")
    return OpenedBody(
        events, _text_or_none(members.get(b'"writeKey"')), _text_or_none(members.get(b'"sentAt"')), True
    )


def _members(text: bytes) -> dict[bytes, bytes]:
    """The members of an object by their quoted names."""
    if not text.startswith(b"{"):
        raise UnreadableBody("BODY_NOT_JSON", "The body is not a JSON object.")
    members = {}
    for child in _children(text, MAX_EVENTS):
        match = _NAME.match(child)
        if match is None:
            raise UnreadableBody("BODY_NOT_JSON", "The body is not JSON: a member has no name.")
        members[match[1]] = child[match.end() :].strip(_SPACE)
    return members


def _children(text: bytes, most: int) -> list[bytes]:
    """What stands between the commas of one array or object, at most `most` + 1 of them."""
    children: list[bytes] = []
    depth, start = 0, 1
    for match in _STRUCTURE.finditer(text):
        token = text[match.start()]
        if token in b"[{":
            depth += 1
        elif token in b"]}":
            depth -= 1
            if depth == 0:
                if text[match.end() :].strip(_SPACE) or (token == 0x5D) != text.startswith(b"["):
                    break
                last = text[start : match.start()].strip(_SPACE)
                return [*children, last] if last or children else []
        elif token == 0x2C and depth == 1:
            children.append(text[start : match.start()].strip(_SPACE))
            start = match.end()
            if len(children) > most:
                return children
        elif token == 0x22 and match.end() == match.start() + 1:
            break
    raise UnreadableBody("BODY_NOT_JSON", "The body is not JSON: brackets or quotes do not match.")


def _limit(events: int) -> None:
    if events > MAX_EVENTS:
        raise BodyTooLarge(f"A batch takes at most {MAX_EVENTS} events.")


def _is_utf8(body: bytes) -> bool:
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _without_bom(body: bytes) -> bytes:
    return body.removeprefix(_BOM)


def _as_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _text_or_none(value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        return _text.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
