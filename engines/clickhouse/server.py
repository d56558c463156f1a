"""The ClickHouse HTTP protocol: requests in, admitted statements to the engine, blocks out."""

import asyncio
import hmac
import json
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engines.clickhouse.encodings import encoder
from engines.clickhouse.engine import Block, Engine, EngineError, Kind, Task, comes_in_blocks
from engines.clickhouse.lanes import Lanes
from engines.clickhouse.requests import BadRequest, Request, credentials, headers_of, read_request
from engines.clickhouse.statements import ACCESS_DENIED, SYNTAX_ERROR, Refused, Statement, admit

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

AUTHENTICATION_FAILED, CANNOT_WRITE, NO_SUCH_PATH = 516, 164, 36
# ClickHouse's own table (HTTPHandler), as far as it differs from 500.
_HTTP_STATUS = {
    **dict.fromkeys((6, 26, 27, 38, 41, 43, 53, 62, 69, 70, 72, 115, 117, 130, 131, 349, 386, 456, 457), 400),
    **dict.fromkeys((16, 46, 47, 50, 60, 81, 218), 404),
    **dict.fromkeys((AUTHENTICATION_FAILED, ACCESS_DENIED, CANNOT_WRITE, 452), 403),
    48: 501,
    159: 408,
    160: 408,
    202: 503,
}
# Some header values repeat what the client sent.
_NOT_PRINTABLE = re.compile(r"[^ -~]")
_DATA_START = re.compile(rb"[ \t\r]*\n|[ \t]*")
# Below this an answer goes out at once, with its length and summary.
_SMALL_BYTES = 256 * 1024
# How long a client may take for one piece of its answer.
_PATIENCE_SECONDS = 60
_END = object()
# Longer statements are judged each time.
_REMEMBERED_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class User:
    password: str = field(repr=False)
    database: str


class Endpoint:
    """An ASGI application; owns the engine from start-up to shutdown."""

    def __init__(self, engine: Engine, users: Mapping[str, User]) -> None:
        self.engine = engine
        self.lanes = Lanes()
        self.threads = ThreadPoolExecutor(self.lanes.connections, "statement")
        self.control = ThreadPoolExecutor(1, "control")
        self._users = users
        for user in users.values():
            engine.create_database(user.database)
        self._databases = engine.databases() | {"default", "INFORMATION_SCHEMA", "information_schema"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await _Exchange(self, scope, receive, send).run()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        log.info("ready")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.threads.shutdown(wait=True, cancel_futures=True)
        self.control.shutdown(wait=True)
        self.engine.close()
        log.info("stopped")
        await send({"type": "lifespan.shutdown.complete"})

    def authenticate(self, name: str, password: str) -> User | None:
        """The user, or None; takes as long for a wrong name as for a wrong password."""
        user = self._users.get(name)
        expected = user.password if user else uuid.uuid4().hex
        same = hmac.compare_digest(expected.encode(), password.encode())
        return user if same else None

    def admit(self, user: User, request: Request) -> Statement:
        """The statement, if the user may run it. Raises Refused."""
        text, foreign = request.text.decode("latin-1"), self.foreign_databases(user)
        if len(text) > _REMEMBERED_CHARS or "Identifier" in text:
            return admit(text, user.database, foreign, request.parameters)
        # Services ask the same again and again; values are not in the text.
        return _admitted(text, user.database, foreign)

    def foreign_databases(self, user: User) -> frozenset[str]:
        return self._databases - {user.database, "system"}


_admitted = lru_cache(1000)(admit)


def _agree(kind: Kind, statement: Statement) -> None:
    """The engine's own parser has the last word on what we took the text for. Raises Refused."""
    if kind.statements > 1:
        raise Refused("Multi-statements are not allowed", SYNTAX_ERROR)
    if kind.statements and statement.reads and not kind.reads:
        raise Refused("The statement writes")
    if kind.statements and statement.head != "SYSTEM" and not kind.writes_own_database:
        raise Refused("Not enough privileges: the statement writes to another database")


class _Exchange:
    """One request and its answer."""

    def __init__(self, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
        self._endpoint = endpoint
        self._engine = endpoint.engine
        self._scope, self._receive, self._send = scope, receive, send
        self._mark = uuid.uuid4().hex
        self._tag = self._mark[:16]
        self._query_id = self._mark
        self._encoding: str | None = None
        self._started = time.perf_counter_ns()
        self._timezone = "UTC"

    async def run(self) -> None:
        try:
            if self._scope["path"] == "/ping":
                await self._answer(200, b"Ok.\n", {"content-type": "text/html; charset=UTF-8"})
            else:
                await self._serve()
        except BadRequest as error:
            await self._fail(error.code, error.text, error.status)
        except Refused as error:
            await self._fail(error.code, str(error), _HTTP_STATUS.get(error.code, 500))
        except EngineError as error:
            await self._fail(error.code, error.text, _HTTP_STATUS.get(error.code, 500))

    async def _serve(self) -> None:
        headers = headers_of(self._scope)
        name, password = credentials(headers)
        user = self._endpoint.authenticate(name, password)
        if user is None:
            raise BadRequest(AUTHENTICATION_FAILED, "Authentication failed: wrong user or password", 403)
        if self._scope["path"] != "/" or self._scope["method"] not in ("GET", "POST"):
            raise BadRequest(NO_SUCH_PATH, "There is only GET and POST / here", 404)
        request = await read_request(self._scope, headers, self._receive)
        self._query_id = request.query_id or self._query_id
        self._encoding = request.encoding
        self._timezone = request.settings.get("session_timezone", "UTC")
        database = request.database or user.database
        if database not in (user.database, "default"):
            raise BadRequest(ACCESS_DENIED, f"Not enough privileges for database {database}", 403)
        statement = self._endpoint.admit(user, request)
        if self._scope["method"] == "GET" and not statement.reads:
            raise BadRequest(CANNOT_WRITE, "Cannot execute a statement that writes by GET, use POST", 403)
        if statement.data_at is not None:
            await self._insert(name, user, request, statement)
        else:
            await self._query(name, user, request, statement)

    def _task(self, user: User, request: Request, sql: str, format: str) -> Task:
        return Task(sql, user.database, format, request.settings, request.parameters, self._mark)

    async def _insert(self, name: str, user: User, request: Request, statement: Statement) -> None:
        assert statement.data_at is not None and statement.insert_sql is not None
        start = _DATA_START.match(request.text, statement.data_at)
        data = request.text[start.end() if start else statement.data_at :]
        sql = statement.insert_sql.encode("latin-1").decode("utf-8", "replace")
        task = self._task(user, request, sql, statement.format or "")

        def insert() -> Any:
            with self._engine.connection(task) as connection:
                _agree(connection.kind(task.sql, task.database), statement)
                return connection.insert(task, data)

        async with self._endpoint.lanes.insert(name):
            done = await self._in_thread(insert)
        await self._answer(
            200, b"", self._summary(written_rows=done.rows_written, written_bytes=done.bytes_written)
        )

    async def _query(self, name: str, user: User, request: Request, statement: Statement) -> None:
        sql = request.text.decode("utf-8", "replace").rstrip().rstrip(";")
        task = self._task(user, request, sql, statement.format or request.default_format)
        async with self._endpoint.lanes.query(name, sql):
            steps = self._steps(task, statement)
            gone = asyncio.ensure_future(self._client_gone()) if statement.reads else None
            try:
                await self._send_blocks(steps, task, statement)
            finally:
                if gone is not None:
                    gone.cancel()
                await self._in_thread(steps.close)

    def _steps(self, task: Task, statement: Statement) -> Any:
        """The statement's blocks; each step runs in a thread."""

        def steps() -> Iterator[Block]:
            with self._engine.connection(task) as connection:
                _agree(connection.kind(task.sql, task.database), statement)
                if statement.streams and comes_in_blocks(task.format):
                    yield from connection.blocks(task)
                else:
                    yield connection.whole(task)

        return steps()

    async def _send_blocks(self, steps: Iterator[Block], task: Task, statement: Statement) -> None:
        shown = {"x-clickhouse-format": task.format} if statement.reads else {}

        def first() -> tuple[list[Block], bool]:
            blocks: list[Block] = []
            for block in steps:
                blocks.append(block)
                if sum(len(block.data) for block in blocks) > _SMALL_BYTES:
                    return blocks, False
            return blocks, True

        blocks, complete = await self._in_thread(first)
        data = b"".join(block.data for block in blocks)
        if complete:
            summary = self._summary(
                read_rows=max((block.rows_read for block in blocks), default=0),
                read_bytes=max((block.bytes_read for block in blocks), default=0),
                result_rows=sum(block.rows for block in blocks),
                result_bytes=len(data),
            )
            await self._answer(200, data, {**shown, **summary})
        else:
            await self._stream(data, steps, shown)

    async def _stream(self, data: bytes, steps: Iterator[Block], headers: Mapping[str, str]) -> None:
        encode = encoder(self._encoding) if self._encoding else None

        def next_piece() -> bytes | object:
            block = next(steps, None)
            if block is None:
                return _END
            return encode.compress(block.data) if encode else block.data

        coding = {"content-encoding": self._encoding} if self._encoding else {}
        await self._start(200, {**headers, **coding, "x-clickhouse-exception-tag": self._tag})
        piece: Any = encode.compress(data) if encode else data
        while piece is not _END:
            await self._send_piece(piece)
            try:
                piece = await self._in_thread(next_piece)
            except EngineError as error:
                piece = self._broken_off(error.text)
                piece = encode.compress(piece) if encode else piece
                await self._send_piece(piece)
                break
        await self._send({"type": "http.response.body", "body": encode.flush() if encode else b""})

    async def _send_piece(self, piece: bytes) -> None:
        """Send, and give up on a client that takes nothing: it holds a connection of the engine's."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    def _broken_off(self, text: str) -> bytes:
        """How ClickHouse tells of an error when the answer has begun."""
        message = self._with_version(text)
        mark = "\r\n__exception__\r\n"
        return f"{mark}{self._tag}\r\n{message}\n{len(message) + 1} {self._tag}{mark}".encode()

    async def _client_gone(self) -> None:
        """Cancel the statement when the client closes the connection before it has its answer."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        while True:  # It may not have begun yet; our task ends with the statement.
            await asyncio.get_running_loop().run_in_executor(
                self._endpoint.control, self._engine.cancel, self._mark
            )
            await asyncio.sleep(0.2)

    async def _in_thread(self, act: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._endpoint.threads, act)

    def _summary(self, **numbers: int) -> dict[str, str]:
        names = ("read_rows", "read_bytes", "written_rows", "written_bytes", "result_rows", "result_bytes")
        summary = {name: str(numbers.get(name, 0)) for name in names}
        summary["total_rows_to_read"] = summary["read_rows"]
        summary["elapsed_ns"] = str(time.perf_counter_ns() - self._started)
        return {"x-clickhouse-summary": json.dumps(summary)}

    def _with_version(self, text: str) -> str:
        version = f"(version {self._engine.version} (official build))"
        return text if "(version " in text else f"{text} {version}"

    async def _fail(self, code: int, text: str, status: int) -> None:
        if not text.startswith("Code: "):
            text = f"Code: {code}. DB::Exception: {text}."
        body = self._with_version(text).encode() + b"\n"
        self._encoding = None
        with suppress(OSError):
            await self._answer(status, body, {"x-clickhouse-exception-code": str(code)})

    async def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        headers = dict(headers)
        if self._encoding and len(body) > 1024:
            encode = encoder(self._encoding)
            body = encode.compress(body) + encode.flush()
            headers["content-encoding"] = self._encoding
        await self._start(status, {**headers, "content-length": str(len(body))})
        await self._send({"type": "http.response.body", "body": body})

    async def _start(self, status: int, headers: Mapping[str, str]) -> None:
        every = {
            "content-type": "text/plain; charset=UTF-8",
            "x-clickhouse-server-display-name": "embedded",
            "x-clickhouse-query-id": self._query_id,
            "x-clickhouse-timezone": self._timezone,
            **headers,
        }
        raw = [(name.encode(), _NOT_PRINTABLE.sub("?", value).encode()) for name, value in every.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})
