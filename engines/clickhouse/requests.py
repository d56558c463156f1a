"""One HTTP request of the ClickHouse protocol, taken apart: who asks, what, with which settings."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl

from engines.clickhouse.allowed import SETTINGS, words
from engines.clickhouse.encodings import NotDecodable, TooLarge, choose, decode

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

BODY_LIMIT = 256 * 1024 * 1024
# What the HTTP protocol itself defines; the engine never sees these.
_PROTOCOL = words(
    """
    query database default_format query_id user password session_id session_timeout session_check
    compress decompress enable_http_compression http_zlib_compression_level buffer_size
    wait_end_of_query send_progress_in_http_headers http_headers_progress_interval_ms
    cancel_http_readonly_queries_on_client_close client_protocol_version quota_key role
    add_http_cors_header http_response_buffer_size http_wait_end_of_query
    """
)
_FORM_NAME = re.compile(r'name="([^"]*)"')


class BadRequest(Exception):
    """The request cannot be understood or is not allowed; `code` is ClickHouse's error code."""

    def __init__(self, code: int, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.code, self.text, self.status = code, text, status


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: statement and data as sent, one after the other."""

    text: bytes
    database: str
    default_format: str
    query_id: str
    encoding: str | None
    settings: Mapping[str, str]
    parameters: Mapping[str, str]


def headers_of(scope: MutableMapping[str, Any]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def credentials(headers: Mapping[str, str]) -> tuple[str, str]:
    """User and password; empty when none were sent."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            user, _, password = b64decode(token, validate=True).decode("utf-8").partition(":")
        except (NotBase64, UnicodeDecodeError):
            return "", ""
        return user, password
    return headers.get("x-clickhouse-user", ""), headers.get("x-clickhouse-key", "")


async def read_request(
    scope: MutableMapping[str, Any], headers: Mapping[str, str], receive: Receive
) -> Request:
    """Read the whole request. Raises BadRequest."""
    try:
        pairs = parse_qsl(
            scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=10_000
        )
    except ValueError as error:
        raise BadRequest(36, str(error)) from error
    body = await _body(headers, receive)
    if headers.get("content-type", "").startswith("multipart/form-data"):
        pairs += _form(headers["content-type"], body)
        body = b""
    values = dict(pairs)
    query = values.get("query", "").encode("utf-8")
    text = query + b"\n" + body if query and body else query or body
    wants = values.get("enable_http_compression", "0") in ("1", "true")
    return Request(
        text=text,
        database=values.get("database") or headers.get("x-clickhouse-database", ""),
        default_format=values.get("default_format")
        or headers.get("x-clickhouse-format", "")
        or "TabSeparated",
        query_id=values.get("query_id", ""),
        encoding=choose(headers.get("accept-encoding", "")) if wants else None,
        settings=_settings(values),
        parameters={name[6:]: value for name, value in values.items() if name.startswith("param_")},
    )


def _settings(values: Mapping[str, str]) -> dict[str, str]:
    settings = {}
    for name, value in values.items():
        if name in _PROTOCOL or name.startswith("param_"):
            continue
        if name not in SETTINGS:
            raise BadRequest(452, f"Setting {name} should not be changed", 403)
        settings[name] = value
    return settings


async def _body(headers: Mapping[str, str], receive: Receive) -> bytes:
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest(210, "The client went away")
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > BODY_LIMIT:
            raise BadRequest(307, f"The body has more than {BODY_LIMIT} bytes", 413)
        if not message.get("more_body"):
            break
    try:
        return decode(b"".join(pieces), headers.get("content-encoding", "").lower(), BODY_LIMIT)
    except TooLarge as error:
        raise BadRequest(307, f"The body has more than {BODY_LIMIT} bytes", 413) from error
    except NotDecodable as error:
        raise BadRequest(354, str(error)) from error


def _form(content_type: str, body: bytes) -> list[tuple[str, str]]:
    form = message_from_bytes(b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body)
    fields = []
    for part in form.get_payload() if form.is_multipart() else ():
        name = _FORM_NAME.search(part.get("Content-Disposition", ""))  # type: ignore[union-attr]
        data = part.get_payload(decode=True)  # type: ignore[union-attr]
        if name is None or not isinstance(data, bytes):
            raise BadRequest(36, "A form field without a name")
        if name[1] != "query" and not name[1].startswith("param_"):
            raise BadRequest(48, "External data are not supported", 501)
        fields.append((name[1], data.decode("utf-8", "replace")))
    return fields
