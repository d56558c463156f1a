"""Failures as RFC 9457 problems, request ids, and the headers every answer has."""

import logging
import re
import secrets
import time

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from opentelemetry import context as otel_context
from opentelemetry.trace import SpanKind
from prometheus_client import Histogram
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.errors import ExpectedError, RemoteError, problem
from chassis.telemetry import extract, tracer
from services.gateway.errors.requests import (
    MethodNotAllowed,
    PageNotFound,
    RequestInProgress,
    RequestNotValid,
    RequestTooLarge,
    ServiceAway,
    WentWrong,
)
from services.gateway.errors.segments import SegmentNotValid
from services.gateway.repeats import Answer, AnsweredBefore, Repeatable
from services.gateway.routes.parts import RATE_HEADERS, REPEATABLE

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
# Far more than any call of the open API needs; it is read before anybody knows who sends it.
_MAX_BODY_BYTES = 64 * 1024
_FILE_PATH = re.compile(r"/v1/imports/[^/]+/file")
# In the place of a fault: which of several kinds of value was meant; no part of what was sent.
_KIND = re.compile(r"<\w+>")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Those of an answer that belong to it and not to the request.
_KEPT_HEADERS = {b"content-type", b"location"}
_HEADERS = {
    "content-security-policy": _CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_WORDS = {"extra_forbidden": "there is no such field here; leave it out, or check its spelling"}
_answers = Histogram("http_server_seconds", "Time to answer a request", ["method", "route", "status"])


def answer_problems(app: FastAPI) -> None:
    """Let every failure of `app` leave it as a problem."""
    app.add_exception_handler(ExpectedError, _expected)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(AnsweredBefore, _again)
    app.add_exception_handler(Exception, _bug)


def problem_response(error: ExpectedError, request: Request, **more: object) -> JSONResponse:
    """An error as the answer to a request."""
    body = (
        problem(error, instance=request.scope["path"], request_id=request.scope.get("request_id", "")) | more
    )
    headers: dict[str, str] = {}
    if error.http_status == 401:
        headers["www-authenticate"] = "Bearer"
    if error.http_status in (429, 503) or error.reason == RequestInProgress.reason:
        headers["retry-after"] = error.facts.get("retry_after_seconds", "1")
    return JSONResponse(body, error.http_status, headers, media_type=MEDIA_TYPE)


async def _expected(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ExpectedError)
    if isinstance(error, RemoteError) and error.http_status == 500:
        log.error("remote_failed", extra={"reason": error.reason})
        error = ServiceAway("Something went wrong on our side.")
    if isinstance(error, SegmentNotValid):
        return problem_response(error, request, errors=error.errors)
    return problem_response(error, request)


async def _again(request: Request, error: Exception) -> Response:
    assert isinstance(error, AnsweredBefore)
    response = Response(error.answer.body, error.answer.status)
    for name, value in [*error.answer.headers, (b"idempotent-replayed", b"true")]:
        response.headers[name.decode("latin-1")] = value.decode("latin-1")
    return response


async def _not_valid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [_fault(fault["loc"], _WORDS.get(fault["type"], fault["msg"])) for fault in error.errors()]
    return problem_response(RequestNotValid(faults[0]["detail"]), request, errors=faults)


def _fault(place: tuple[str | int, ...], text: str) -> dict[str, str]:
    told = (str(part) for part in place[1:] if not _KIND.fullmatch(str(part)))
    pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in told)
    where = str(place[0]) if place else "body"
    return {"in": where, "pointer": pointer, "detail": f"{pointer.lstrip('/') or where}: {text}"}


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        response = problem_response(MethodNotAllowed("This path does not take this method."), request)
        response.headers.update(error.headers or {})
        return response
    if error.status_code == 413:
        return problem_response(RequestTooLarge(str(error.detail), limit=_MAX_BODY_BYTES), request)
    if error.status_code == 404:
        return problem_response(PageNotFound("There is nothing at this path."), request)
    return problem_response(RequestNotValid(str(error.detail)), request)


class Envelope:
    """Around the application: request id, bounds, security headers, traces, metrics, bugs answered as 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request_id = headers.get("x-request-id", "")
        if not _REQUEST_ID.fullmatch(request_id):
            request_id = secrets.token_hex(12)
        scope["request_id"] = request_id
        answer = _Answer(scope, send, request_id)
        started = time.perf_counter()
        attached = otel_context.attach(extract(headers))
        try:
            with tracer().start_as_current_span(f"{scope['method']} gateway", kind=SpanKind.SERVER):
                await self._guarded(scope, receive if _takes_a_file(scope) else _bounded(receive), answer)
        finally:
            otel_context.detach(attached)
            route = getattr(scope.get("route"), "path", "none")
            _answers.labels(scope["method"], route, answer.status).observe(time.perf_counter() - started)

    async def _guarded(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer)
        except Exception:
            # Told to the log, not to the caller: its text may hold anything.
            log.exception("request_failed", extra={"request_id": scope["request_id"]})
            if not answer.ended:
                # Half an answer: only a broken connection tells the caller.
                raise


def _takes_a_file(scope: Scope) -> bool:
    """The one route that reads its body as it comes, and bounds it itself."""
    return scope["method"] == "PUT" and _FILE_PATH.fullmatch(scope["path"]) is not None


def _bounded(receive: Receive) -> Receive:
    """The request as it comes, until its body is too large."""
    size_bytes = 0

    async def bounded() -> Message:
        nonlocal size_bytes
        message = await receive()
        size_bytes += len(message.get("body", b""))
        if size_bytes > _MAX_BODY_BYTES:
            # The one kind of error that the framework hands on from where it reads the body.
            raise HTTPException(413, f"A request takes at most {_MAX_BODY_BYTES} bytes.")
        return message

    return bounded


async def _bug(request: Request, error: Exception) -> JSONResponse:
    """Before the error is handed on to the envelope, which logs it."""
    return problem_response(WentWrong("Something went wrong on our side; it has been noted."), request)


class _Answer:
    """A send that adds headers, keeps the answer to a repeatable request, and remembers the status.

    The status is 0 until the answer began; `ended` says whether it was sent whole.
    """

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope = scope
        self._send = send
        self._added = _HEADERS | {"x-request-id": request_id}
        if scope["path"].startswith("/v1/"):
            self._added["cache-control"] = "no-store"
        self._start: Message | None = None
        self._body = bytearray()
        self.status = 0
        self.ended = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._start = message
            present = {name.lower() for name, _ in message["headers"]}
            added = [(name.encode(), value.encode()) for name, value in self._added.items()]
            added += self._scope.get(RATE_HEADERS, [])
            message["headers"] = [*message["headers"], *(pair for pair in added if pair[0] not in present)]
        if (repeatable := self._scope.get(REPEATABLE)) is not None:
            await self._keep(repeatable, message)
        await self._send(message)
        self.ended = message["type"] == "http.response.body" and not message.get("more_body")

    async def _keep(self, repeatable: Repeatable, message: Message) -> None:
        """Keep the whole answer before its end is sent: who has it can have it again."""
        if message["type"] != "http.response.body":
            return
        self._body += message.get("body", b"")
        if message.get("more_body") or self._start is None:
            return
        kept = [pair for pair in self._start["headers"] if pair[0].lower() in _KEPT_HEADERS]
        await repeatable.keep(Answer(self.status, kept, bytes(self._body)))
