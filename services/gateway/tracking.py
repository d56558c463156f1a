"""The tracking API: from a request of any Segment-compatible SDK to events that are stored durably.

A raw ASGI app, because it answers most of the gateway's requests and does little for each of them.
"""

import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec
from opentelemetry.context import Context
from prometheus_client import Counter

from chassis.errors import ExpectedError, problem
from chassis.telemetry import extract
from services.gateway.admission import Admission, key_of_header
from services.gateway.domain.bodies import OpenedBody, open_batch, open_single
from services.gateway.domain.events import MAX_BODY_BYTES, BodyTooLarge, EventKind, UnreadableBody
from services.gateway.domain.intake import Circumstances, Intaker
from services.gateway.domain.keys import KeyRing, SourceKind, WriteKey
from services.gateway.domain.verification import TokenCheck
from services.gateway.errors.requests import (
    BatchNotValid,
    BodyNotJson,
    KeyNotKnown,
    MethodNotAllowed,
    RequestTooLarge,
)
from services.gateway.publisher import Publisher
from services.gateway.sdk_settings import sdk_settings
from services.gateway.unpacking import ClientGone, Receive, read_body, unpacked

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_SINGLE_CALLS = {f"/v1/{kind.name.lower()}": kind for kind in EventKind}
# What analytics.js shortens them to.
_SINGLE_CALLS |= {f"/v1/{kind.name.lower()[0]}": kind for kind in EventKind}
_BATCH_CALLS = frozenset({"/v1/batch", "/v1/import", "/v1/b"})
# Where analytics.js reports how it fares itself: taken and dropped.
_METRICS_CALL = "/v1/m"
_SETTINGS_CALL = ("/v1/projects/", "/settings")
_PATHS = frozenset(_SINGLE_CALLS) | _BATCH_CALLS | {_METRICS_CALL}

_SUCCESS = b'{"success": true}'
_JSON = (b"content-type", b"application/json")
_SUCCESS_HEADERS: Headers = [_JSON, (b"content-length", str(len(_SUCCESS)).encode())]
_RETRY_AFTER_SECONDS = {503: 2}

_REQUESTS = Counter("gateway_tracking_requests", "Requests to the tracking API.", ["status"])


@dataclass(slots=True)
class _Call:
    """The few headers of a request that matter here."""

    authorization: bytes | None = None
    origin: bytes | None = None
    encoding: bytes | None = None
    host: bytes = b""
    forwarded_proto: bytes | None = None
    # As announced; 0 when it is not.
    content_length: int = 0
    traceparent: bytes | None = None
    requested_headers: bytes | None = None
    gpc: bool = False


_PLAIN = Circumstances()


def is_tracking_path(path: str) -> bool:
    """Whether the tracking API answers this path; all others are the open API's."""
    return path in _PATHS or (path.startswith(_SETTINGS_CALL[0]) and path.endswith(_SETTINGS_CALL[1]))


# Told of every request that was stored: tenant, events taken, events set aside, bytes.
Count = Callable[[str, int, int, int], None]
# Who looks at the tokens of a tenant's browsers; None where nobody does.
TokensOf = Callable[[str], TokenCheck | None]


class TrackingApp:
    """ASGI for the paths of `is_tracking_path`."""

    def __init__(self, keys: KeyRing, publisher: Publisher, count: Count, tokens_of: TokensOf) -> None:
        self._admission = Admission(keys)
        self._publisher = publisher
        self._count = count
        self._tokens_of = tokens_of
        self._intakers: dict[SourceKind, Intaker] = {
            "browser": Intaker("browser", _random_id),
            "server": Intaker("server", _random_id),
        }
        self._succeeded = _REQUESTS.labels("200")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = _call(scope["headers"])
        method, path = scope["method"], scope["path"]
        try:
            if method == "OPTIONS":
                await _reply(send, 204, b"", [*_preflight(call), *_cross_origin(call)])
                return
            if path not in _PATHS:
                await self._send_settings(call, scope, send)
                return
            if method != "POST":
                raise MethodNotAllowed("The tracking API takes POST.", allow="POST, OPTIONS")
            if path != _METRICS_CALL:
                await self._take(call, path, receive)
        except ClientGone:
            return
        except ExpectedError as error:
            await _reply_problem(send, error, call)
            return
        self._succeeded.inc()
        headers = _SUCCESS_HEADERS if call.origin is None else [*_SUCCESS_HEADERS, *_cross_origin(call)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _SUCCESS})

    async def _take(self, call: _Call, path: str, receive: Receive) -> None:
        """Return once every event of the request is stored, as taken or as set aside."""
        admission = self._admission
        key_text = key_of_header(call.authorization)
        origin = call.origin.decode("latin-1") if call.origin is not None else None
        key = admission.key(key_text, origin) if key_text else None
        if key is not None:
            admission.refuse_over_quota(key)
        if call.content_length > MAX_BODY_BYTES:
            raise RequestTooLarge(f"A request takes at most {MAX_BODY_BYTES} bytes.", limit=MAX_BODY_BYTES)
        with admission.room() as take:
            body = unpacked(await read_body(receive, take), call.encoding)
            # Not earlier: a body that took its time would make its events look late.
            received_at_ms = time.time_ns() // 1_000_000
            single = _SINGLE_CALLS.get(path)
            try:
                opened = _opened(body, single, key is None)
                if key is None:
                    key = admission.key(opened.write_key, origin)
                    admission.refuse_over_quota(key)
                around = self._around(key, call)
                intake = self._intakers[key.source].judge(opened, single, received_at_ms, around)
            except UnreadableBody as error:
                raise _unreadable(error) from error
            except BodyTooLarge as error:
                raise RequestTooLarge(str(error)) from error
            admission.charge(key, len(opened.events))
            await self._publisher.store(key, intake, received_at_ms, _trace(call))
            self._count(key.tenant_id, len(intake.accepted.kinds), len(intake.rejected), len(body))

    def _around(self, key: WriteKey, call: _Call) -> Circumstances:
        """A server speaks for its tenant, so only a browser's signal and members are looked at."""
        if key.source != "browser":
            return _PLAIN
        tokens = self._tokens_of(key.tenant_id)
        return Circumstances(call.gpc, tokens) if call.gpc or tokens is not None else _PLAIN

    async def _send_settings(self, call: _Call, scope: Scope, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            raise MethodNotAllowed("These settings can only be read.", allow="GET, HEAD, OPTIONS")
        write_key = scope["path"][len(_SETTINGS_CALL[0]) : -len(_SETTINGS_CALL[1])]
        key = self._admission.key(write_key, None)
        if key.kind != "browser":
            raise KeyNotKnown("A secret key has no place in a browser.")
        protocol = (call.forwarded_proto or scope["scheme"].encode()).decode("latin-1")
        body = sdk_settings(write_key, call.host.decode("latin-1"), protocol)
        # Not for caches in between: the answer repeats the host it was asked at, which anybody may write.
        headers = [_JSON, (b"cache-control", b"private, max-age=300"), *_cross_origin(call)]
        await _reply(send, 200, body, headers)


def _opened(body: bytes, single: EventKind | None, needs_key: bool) -> OpenedBody:
    return open_batch(body) if single is None else open_single(body, needs_key=needs_key)


def _unreadable(error: UnreadableBody) -> ExpectedError:
    kind = BatchNotValid if error.reason == BatchNotValid.reason else BodyNotJson
    return kind(error.detail)


def _trace(call: _Call) -> Context | None:
    return extract({"traceparent": call.traceparent.decode("latin-1")}) if call.traceparent else None


def _random_id() -> str:
    return secrets.token_hex(20)


def _call(headers: Headers) -> _Call:
    call = _Call()
    for name, value in headers:
        match name:
            case b"authorization":
                call.authorization = value
            case b"origin":
                call.origin = value
            case b"content-encoding":
                call.encoding = value.strip().lower()
            case b"content-length":
                # The parser has refused what is not a number.
                call.content_length = int(value)
            case b"host":
                call.host = value
            case b"x-forwarded-proto":
                call.forwarded_proto = value.partition(b",")[0].strip()
            case b"sec-gpc":
                call.gpc = value.strip() == b"1"
            case b"traceparent":
                call.traceparent = value
            case b"access-control-request-headers":
                call.requested_headers = value
    return call


def _preflight(call: _Call) -> Headers:
    """No key travels with a preflight: the request itself is measured against the key's origins."""
    return [
        (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
        (b"access-control-allow-headers", call.requested_headers or b"authorization, content-type"),
        (b"access-control-max-age", b"7200"),
    ]


def _cross_origin(call: _Call) -> Headers:
    if call.origin is None:
        return []
    return [
        (b"access-control-allow-origin", call.origin),
        # Beacons are sent with credentials whether wanted or not; none is ever read here.
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"retry-after"),
        (b"vary", b"origin"),
    ]


async def _reply_problem(send: Send, error: ExpectedError, call: _Call) -> None:
    status = error.http_status
    # The Python SDKs log `code` and `message`.
    body = msgspec.json.encode({**problem(error), "message": error.message})
    headers: Headers = [(b"content-type", b"application/problem+json"), *_cross_origin(call)]
    retry_after = error.facts.get("retry_after_seconds") or _RETRY_AFTER_SECONDS.get(status)
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    if "allow" in error.facts:
        headers.append((b"allow", error.facts["allow"].encode()))
    if status == 401:
        # Basic would make a browser ask its user for a password.
        headers.append((b"www-authenticate", b"Bearer"))
    await _reply(send, status, body, headers)


async def _reply(send: Send, status: int, body: bytes, headers: Headers) -> None:
    _REQUESTS.labels(str(status)).inc()
    if status != 204:
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
