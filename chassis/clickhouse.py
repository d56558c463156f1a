"""ClickHouse: queries that cannot forget their tenant, raw inserts, and numbered migrations.

A query names its tables as `{{table}}`; the builder puts the tenant's rows of that table in its place and
refuses any other table. Values are bound by the engine (`{name:Type}`), never written into the text.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
import pyarrow as pa
import urllib3
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError
from clickhouse_connect.driver.transform import NativeTransform
from opentelemetry import context as otel_context
from urllib3 import PoolManager

from chassis.errors import Unavailable
from chassis.hanging_up import Line, Lines
from chassis.scoped_sql import scope, statements
from chassis.telemetry import tracer

log = logging.getLogger(__name__)

# The server is there but cannot do it now: too slow, too many, out of memory, shutting down, table read-only.
_TRANSIENT = frozenset({159, 160, 202, 209, 210, 241, 242, 252, 279, 319, 394, 473, 745})


class ClickHouseUnavailable(Unavailable):
    reason = "CLICKHOUSE_UNAVAILABLE"


@dataclass(frozen=True)
class Query:
    """One question in SQL; see the module's first lines.

    `conditions`: table → what else the rows of that table must fulfil, wherever the question names it.
    """

    sql: str
    conditions: Mapping[str, str] | None = None

    @cached_property
    def scoped(self) -> str:
        """The SQL as sent: every table is that table's rows of `{tenant_id:UUID}`."""
        return scope(self.sql, self.conditions)


@dataclass(frozen=True, slots=True)
class Rows:
    """An answer: column names and rows of Python values."""

    names: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]


class _Begun:
    """A stream of which one byte was read already."""

    closed = False

    def __init__(self, head: bytes, rest: Any) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int) -> bytes:
        head, self._head = self._head, b""
        rest: bytes = self._rest.read(size - len(head))
        return head + rest


class ClickHouse:
    """One database; blocking work runs in a few threads. Raises ClickHouseUnavailable while it is away.

    A cancelled caller no longer waits. Its question ends with it, for the connection is cut; its insert goes
    on, and may be there or not.
    """

    def __init__(self, client: Client, threads: int, lines: Lines) -> None:
        self._client = client
        self._lines = lines
        self._pool = ThreadPoolExecutor(threads, "clickhouse")

    async def fetch(
        self, query: Query, tenant_id: str, *, settings: Mapping[str, Any] | None = None, **values: Any
    ) -> Rows:
        """Ask for one tenant; `values` are bound by name."""
        rows: Rows = await self._ask(
            self._fetch, query.scoped, {**values, "tenant_id": tenant_id}, dict(settings or {})
        )
        return rows

    async def fetch_unscoped(self, sql: str, **values: Any) -> Rows:
        """Ask across tenants; only for positions and other facts that are nobody's."""
        rows: Rows = await self._run(self._fetch, sql, values, {})
        return rows

    def _fetch(self, sql: str, values: dict[str, Any], settings: dict[str, Any]) -> Rows:
        answer = self._client.query(sql, parameters=values, settings=settings)
        return Rows(answer.column_names, answer.result_rows)

    async def read(
        self,
        query: Query,
        tenant_id: str,
        take: Callable[[pa.RecordBatch], None],
        *,
        settings: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> None:
        """Ask for one tenant and hand the answer over block by block, for answers of any size.

        `take` is called in a thread of this client, in the order of the rows.
        """
        bound = {**values, "tenant_id": tenant_id}
        await self._ask(self._read, query.scoped, bound, dict(settings or {}), take)

    def _read(
        self,
        sql: str,
        values: dict[str, Any],
        settings: dict[str, Any],
        take: Callable[[pa.RecordBatch], None],
    ) -> None:
        with self._client.raw_stream(sql, parameters=values, settings=settings, fmt="ArrowStream") as answer:
            # The laptop's engine says nothing at all where there are no rows, not even their types.
            if head := answer.read(1):
                for block in pa.ipc.open_stream(_Begun(head, answer)):
                    take(block)

    async def insert(
        self, table: str, names: Sequence[str], block: bytes, *, format: str = "ArrowStream", token: str = ""
    ) -> None:
        """Insert one ready-made block of a ClickHouse input format.

        Of blocks with one `token` a table that keeps a deduplication window takes each partition once: an
        insert we gave up on may finish beside its repetition.
        """
        await self._run(self._insert, table, list(names), block, format, token)

    def _insert(self, table: str, names: list[str], block: bytes, format: str, token: str) -> None:
        settings = {"insert_deduplication_token": token} if token else None
        # From a generator, which the driver cannot send a second time: when the connection breaks after the
        # commit, only the caller can find out whether the rows are there.
        self._client.raw_insert(table, names, (piece for piece in (block,)), settings, format)

    async def insert_columns(
        self, table: str, names: Sequence[str], types: Sequence[str], columns: Sequence[Sequence[Any]]
    ) -> None:
        """Insert columns of Python values as one Native block."""
        await self._run(self._insert_columns, table, list(names), list(types), columns)

    def _insert_columns(
        self, table: str, names: list[str], types: list[str], columns: Sequence[Sequence[Any]]
    ) -> None:
        # Types are given so that the driver need not ask for them before every insert.
        context = self._client.create_insert_context(
            table, names, column_type_names=types, column_oriented=True, data=columns
        )
        try:
            # Not client.insert, which sends again when the connection breaks (see _insert).
            self._client.raw_insert("", insert_block=NativeTransform.build_insert(context))
        except DatabaseError:
            # A value that does not fit its type: the driver sends rubbish, so that nothing is stored.
            if context.insert_exception is not None:
                raise context.insert_exception from None
            raise

    async def command(self, sql: str) -> None:
        """A statement without an answer."""
        await self._run(self._client.command, sql)

    async def _ask(self, act: Any, *args: Any) -> Any:
        """Of what changes nothing: nobody works on it any more when nobody waits."""
        line = Line()

        def asking() -> Any:
            with self._lines.on(line):
                return act(*args)

        try:
            return await self._run(asking)
        except asyncio.CancelledError:
            self._lines.hang_up(line)
            raise

    async def _run(self, act: Any, *args: Any) -> Any:
        with tracer().start_as_current_span("clickhouse"):
            context = otel_context.get_current()

            def run() -> Any:
                token = otel_context.attach(context)
                try:
                    return act(*args)
                finally:
                    otel_context.detach(token)

            try:
                return await asyncio.get_running_loop().run_in_executor(self._pool, run)
            except (ClickHouseError, urllib3.exceptions.HTTPError, OSError) as error:
                if _is_away(error):
                    raise ClickHouseUnavailable("The event store does not answer.") from error
                raise

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._client.close()


def _is_away(error: Exception) -> bool:
    """Whether trying again later may help; not when the server refuses the statement itself."""
    if isinstance(error, OperationalError | urllib3.exceptions.HTTPError | OSError):
        return True
    return isinstance(error, DatabaseError) and error.code in _TRANSIENT


def _connect(url: str, pools: PoolManager) -> Client:
    parts = urlsplit(url)
    return clickhouse_connect.get_client(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 8123,
        username=parts.username or "default",
        password=parts.password or "",
        database=parts.path.lstrip("/") or "default",
        secure=parts.scheme == "https",
        compress="lz4",
        # Sessions serialise on the server; we want queries side by side.
        autogenerate_session_id=False,
        query_limit=0,
        connect_timeout=2,
        send_receive_timeout=120,
        tz_mode="aware",
        pool_mgr=pools,
        settings={
            "session_timezone": "UTC",
            "max_execution_time": 60,
            "cancel_http_readonly_queries_on_client_close": 1,
        },
    )


@asynccontextmanager
async def open_clickhouse(
    url: str, *, threads: int = 4, wait_seconds: float = 60
) -> AsyncIterator[ClickHouse]:
    """A client of `http(s)://user:password@host:port/database`; waits for a server that is starting."""
    deadline = asyncio.get_running_loop().time() + wait_seconds
    lines = Lines()
    pools = lines.pools(threads)
    while True:
        try:
            client = await asyncio.to_thread(_connect, url, pools)
            break
        except (ClickHouseError, urllib3.exceptions.HTTPError, OSError) as error:
            if not _is_away(error):
                raise
            if asyncio.get_running_loop().time() > deadline:
                raise ClickHouseUnavailable("The event store does not answer.") from error
            await asyncio.sleep(0.2)
    clickhouse = ClickHouse(client, threads, lines)
    try:
        yield clickhouse
    finally:
        await asyncio.to_thread(clickhouse.close)


async def migrate_clickhouse(clickhouse: ClickHouse, scripts: Path, *, replicated: bool) -> None:
    """Run the numbered `.sql` files that have not run yet, statement by statement.

    There are no transactions: one that fails halfway runs again from its start, so it says `if not exists`.

    `{engine:X}` in a file becomes XMergeTree, replicated or not, by the one setting that differs.
    """
    prefix = "Replicated" if replicated else ""
    await clickhouse.command(
        f"create table if not exists migrations (name String, at DateTime default now()) "
        f"engine = {prefix}MergeTree order by name"
    )
    done = {row[0] for row in (await clickhouse.fetch_unscoped("select name from migrations")).rows}
    for script in sorted(scripts.glob("*.sql")):
        if script.stem in done:
            continue
        text = re.sub(r"\{engine:(\w*)\}", rf"{prefix}\1MergeTree", script.read_text("utf-8"))
        for statement in statements(text):
            await clickhouse.command(statement)
        await clickhouse.insert_columns("migrations", ["name"], ["String"], [[script.stem]])
        log.info("migrated", extra={"script": script.stem})
