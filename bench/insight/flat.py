"""The same events as one flat table in ClickHouse and in DuckDB, as analysts have them."""

import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from bench.insight.history import CHANNELS, ORDERED, Piece
from bench.skewed import Shop, paths
from bench.system import System
from services.insight.domain.genes.facts import Rules
from services.insight.store import native

# Of Asia/Taipei, which has no summer time.
AHEAD_MS = 8 * 3_600_000
DAY_MS = 86_400_000
_MEMORY = "6GB"
_COLUMNS = {
    "person": "UInt32",
    "at_ms": "Int64",
    "day": "Int32",
    "did": "UInt8",
    "is_visit": "UInt8",
    "begins_session": "UInt8",
    "product": "UInt32",
    "category_code": "UInt16",
    "quantity": "Int32",
    "revenue": "Int64",
    "member": "UInt8",
}


class Flat:
    """Give it every piece of a world, then ask both.

    What analysts prepare once is prepared: local days, which event begins a session, whose event it is.
    """

    def __init__(self, system: System, folder: Path) -> None:
        self._client = system.clickhouse()
        self._duck = duckdb.connect(str(folder / "flat.duckdb"))
        self._duck.execute(f"set memory_limit = '{_MEMORY}'")
        self._duck.execute(f"set temp_directory = '{folder / 'duckdb-temporary'}'")
        self._categories = pa.array(paths(Shop().categories))
        declared = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        texts = list(paths(Shop().categories))
        self._client.command(
            f"create table bench_flat ({declared}, category LowCardinality(String) "
            f"default {texts}[category_code + 1]) engine = MergeTree order by (person, at_ms)"
        )

    def take(self, piece: Piece) -> None:
        """Into both tables."""
        columns = _columns(piece)
        encoded = [(name, _COLUMNS[name], values.tobytes()) for name, values in columns.items()]
        self._client.raw_insert("bench_flat", list(columns), native.block(encoded, piece.size), fmt="Native")
        table = pa.table(columns | {"category": self._texts(columns["category_code"])})
        self._duck.register("piece", table)
        exists = self._duck.execute("select count(*) from duckdb_tables() where table_name = 'bench_flat'")
        into = "insert into bench_flat" if exists.fetchone() == (1,) else "create table bench_flat as"
        self._duck.execute(f"{into} select * from piece")
        self._duck.unregister("piece")

    def _texts(self, codes: Any) -> Any:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), self._categories)

    def ask_clickhouse(self, sql: str) -> tuple[tuple[int, ...], float]:
        """The row of counts, and the seconds that it took."""
        began = time.perf_counter()
        answer = self._client.query(sql, settings={"max_threads": 2})
        return tuple(int(value) for value in answer.result_rows[0]), time.perf_counter() - began

    def ask_duckdb(self, sql: str) -> tuple[tuple[int, ...], float]:
        """As `ask_clickhouse`."""
        began = time.perf_counter()
        row = self._duck.execute(sql).fetchone()
        assert row is not None
        return tuple(int(value) for value in row), time.perf_counter() - began

    def close(self) -> None:
        """Let go of the file."""
        self._duck.close()


def _columns(piece: Piece) -> dict[str, Any]:
    is_visit = piece.channel != CHANNELS.index("store")
    ordered = piece.did == ORDERED
    columns = {
        "person": piece.person,
        "at_ms": piece.at_ms,
        "day": (piece.at_ms + AHEAD_MS) // DAY_MS,
        "did": piece.did,
        "is_visit": is_visit,
        "begins_session": _begins_session(piece, is_visit),
        "product": piece.product,
        "category_code": piece.category,
        "quantity": piece.quantity,
        "revenue": np.where(ordered, piece.price * piece.quantity - piece.discount, 0),
        "member": piece.member,
    }
    kinds = {
        "UInt8": np.uint8,
        "UInt16": np.uint16,
        "UInt32": np.uint32,
        "Int32": np.int32,
        "Int64": np.int64,
    }
    return {name: values.astype(kinds[_COLUMNS[name]]) for name, values in columns.items()}


def _begins_session(piece: Piece, is_visit: Any) -> Any:
    rows = np.flatnonzero(is_visit)
    person, at_ms = piece.person[rows], piece.at_ms[rows]
    apart = at_ms[1:] - at_ms[:-1] > Rules().session_minutes * 60_000
    begins = np.zeros(piece.size, np.uint8)
    begins[rows] = np.append(True, (person[1:] != person[:-1]) | apart)
    return begins
