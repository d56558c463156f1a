"""chDB as several connections to one directory: one statement a connection at a time, answers in blocks."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import chdb

from engines.clickhouse.allowed import FILTERED_SYSTEM_TABLES
from engines.clickhouse.configuration import Limits, write_configuration

# Blocks of these formats can be put one after another; ArrowStream needs `_splice`.
_BLOCK_FORMATS = {"native", "tabseparated", "tsv", "csv", "rowbinary", "jsoneachrow", "msgpack"}
_CODE = re.compile(r"Code: (\d+)\. ")
_ARROW_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"


class EngineError(Exception):
    """What ClickHouse said; `code` is its error code."""

    def __init__(self, text: str) -> None:
        start = text.find("Code: ")
        self.text = text[max(start, 0) :].strip()
        code = _CODE.match(self.text)
        self.code = int(code[1]) if code else 1001
        super().__init__(self.text)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of an answer, and what it took."""

    data: bytes
    rows: int = 0
    rows_read: int = 0
    bytes_read: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """One statement of one user; `mark` finds it again to cancel it."""

    sql: str
    database: str
    format: str
    settings: Mapping[str, str]
    parameters: Mapping[str, str]
    mark: str


class Kind(NamedTuple):
    """What a text is to the engine's parser; one that it cannot parse has no statement."""

    statements: int
    reads: bool
    writes_own_database: bool


class Connection:
    """One chDB connection, and which database and settings it has at the moment."""

    def __init__(self, address: str) -> None:
        self._chdb: Any = chdb.connect(address)
        # What the configuration sets; `SET name = DEFAULT` would go behind it to ClickHouse's own value.
        lines = self.query("select name, value from system.settings where changed").bytes().decode()
        self._configured = dict(line.split("\t", 1) for line in lines.splitlines())
        self._database = ""
        self._settings: dict[str, str] = {}

    def query(
        self, sql: str, format: str = "TabSeparated", parameters: Mapping[str, str] | None = None
    ) -> Any:
        with _engine_errors():
            return self._chdb.query(sql, format, params=dict(parameters or {}))

    def prepare(self, task: Task) -> None:
        """Give the connection the task's database and settings, which stay until another needs others."""
        if task.database != self._database:
            self.query(f"USE {quoted(task.database)}")
            self.query(f"SET additional_table_filters = {_system_filters(task.database)}")
            self._database = task.database
        for name in self._settings.keys() - task.settings.keys():
            configured = self._configured.get(name)
            self.query(f"SET {name} = {'DEFAULT' if configured is None else literal(configured)}")
            del self._settings[name]
        for name, value in task.settings.items():
            if self._settings.get(name) != value:
                self.query(f"SET {name} = {literal(value)}")
                self._settings[name] = value

    def kind(self, sql: str, database: str) -> Kind:
        """What the engine's own parser takes the text for, without running it."""
        seen = self._chdb._conn.classify_query(sql, database)
        return Kind(
            seen["statement_count"],
            seen["query_class"].name == "READ_ONLY",
            bool(seen["writes_only_target_database"]),
        )

    def whole(self, task: Task) -> Block:
        answer = self.query(f"/*{task.mark}*/ {task.sql}", task.format, task.parameters)
        return Block(
            answer.bytes(), answer.rows_read(), answer.storage_rows_read(), answer.storage_bytes_read()
        )

    def blocks(self, task: Task) -> Iterator[Block]:
        """The answer piece by piece; the engine waits while nobody asks for the next one."""
        with _engine_errors():
            stream = self._chdb.send_query(
                f"/*{task.mark}*/ {task.sql}", task.format, params=dict(task.parameters)
            )
        splice = _splice if task.format.lower() == "arrowstream" else iter
        try:
            yield from splice(self._fetched(stream))
        finally:
            with suppress(Exception):
                stream.cancel()

    def _fetched(self, stream: Any) -> Iterator[Block]:
        while True:
            with _engine_errors():
                piece = stream.fetch()
            if piece is None:
                return
            yield Block(
                piece.bytes(), piece.rows_read(), piece.storage_rows_read(), piece.storage_bytes_read()
            )

    def insert(self, task: Task, data: bytes) -> Any:
        """Insert ready-made data; returns once they are committed (and synced, if so configured)."""
        with _engine_errors():
            inserter: Any = self._chdb.send_insert(f"/*{task.mark}*/ {task.sql}", task.format)
            try:
                inserter.append(data)
                return inserter.finish()
            finally:
                with suppress(Exception):
                    inserter.cancel()

    def close(self) -> None:
        self._chdb.close()


class Engine:
    """The directory and the connections to it that are free at the moment."""

    def __init__(self, directory: Path, limits: Limits) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        config = write_configuration(directory, limits)
        self._address = f"{directory / 'store'}?config-file={config}"
        self._free: list[Connection] = []
        self._lock = threading.Lock()
        with _engine_errors():
            self._control = Connection(self._address)
        self._control_lock = threading.Lock()
        self.version = self._control.query("select version()").bytes().decode().strip()
        self._control.query("SET max_execution_time = 5")

    def create_database(self, name: str) -> None:
        self._control.query(f"CREATE DATABASE IF NOT EXISTS {quoted(name)}")

    def databases(self) -> frozenset[str]:
        names = self._control.query("select name from system.databases").bytes().decode()
        return frozenset(names.split("\n")) - {""}

    @contextmanager
    def connection(self, task: Task) -> Iterator[Connection]:
        """A connection of one's own, made ready for the task; one that failed to is not used again."""
        with self._lock:
            connection = self._free.pop() if self._free else None
        connection = connection or Connection(self._address)
        try:
            connection.prepare(task)
        except EngineError:
            connection.close()
            raise
        try:
            yield connection
        finally:
            with self._lock:
                self._free.append(connection)

    def cancel(self, mark: str) -> None:
        """End the statement with this mark, if it still runs."""
        with self._control_lock, suppress(EngineError):
            self._control.query(f"KILL QUERY WHERE startsWith(query, '/*{mark}*/') ASYNC")

    def close(self) -> None:
        for connection in [*self._free, self._control]:
            connection.close()


def comes_in_blocks(format: str) -> bool:
    """Whether an answer in this format can be handed out piece by piece."""
    return format.lower() in _BLOCK_FORMATS or format.lower() == "arrowstream"


def quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _system_filters(database: str) -> str:
    pairs = (
        f"'system.{table}': {literal(f'{column} = {literal(database)}')}"
        for table, column in FILTERED_SYSTEM_TABLES.items()
    )
    return "{" + ", ".join(pairs) + "}"


def _splice(blocks: Iterator[Block]) -> Iterator[Block]:
    """One Arrow stream from many: the first one's schema, everybody's batches, one end mark."""
    first = True
    for block in blocks:
        data = block.data.removesuffix(_ARROW_END)
        if not first:
            # A schema message has no body: mark, length of its metadata, metadata.
            data = data[8 + int.from_bytes(data[4:8], "little") :]
        first = False
        yield Block(data, block.rows, block.rows_read, block.bytes_read)
    if not first:
        yield Block(_ARROW_END)


@contextmanager
def _engine_errors() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, chdb.ChdbError) as error:
        raise EngineError(str(error)) from error
