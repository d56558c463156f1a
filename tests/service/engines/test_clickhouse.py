"""The embedded ClickHouse endpoint through its own door: clickhouse-connect, and plain HTTP."""

import gzip
import http.client
import json
import signal
import subprocess
import sys
import threading
import time
import uuid
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import lz4.frame
import msgspec
import psutil
import pyarrow
import pyarrow.parquet
import pytest
import zstandard
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from engines.clickhouse.allowed import ENGINES, FORBIDDEN_FUNCTIONS, SETTINGS, TABLE_SETTINGS
from tests.service.engines.clickhouse_endpoint import PASSWORDS, Endpoint

HARMLESS_TABLE_FUNCTIONS = {
    *("numbers", "numbers_mt", "zeros", "zeros_mt", "primes", "generateseries", "generate_series"),
    *("generaterandom", "values", "sqlstandardvalues", "null", "view", "format"),
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    running = Endpoint(tmp_path_factory.mktemp("clickhouse"))
    try:
        running.wait_ready()
        yield running
    finally:
        running.kill()


@pytest.fixture
def table(endpoint: Endpoint) -> str:
    name = f"t_{uuid.uuid4().hex}"
    endpoint.client().command(f"create table {name} (a UInt32, b String) engine = MergeTree order by a")
    return name


def ask(
    endpoint: Endpoint, path: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request as user insight, unless the headers say otherwise."""
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=30)
    told = {"X-ClickHouse-User": "insight", "X-ClickHouse-Key": PASSWORDS["insight"]}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST" if body else "GET", path, body or None, told)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, data


def test_values_of_every_kind_come_back_as_they_went(endpoint: Endpoint) -> None:
    client = endpoint.client(tz_mode="aware")
    name = f"t_{uuid.uuid4().hex}"
    client.command(
        f"create table {name} (id UUID, s String, d Decimal(38, 4), at DateTime64(3, 'UTC'), "
        "l Array(String), n Nullable(Int64), m LowCardinality(String)) engine = MergeTree order by id"
    )
    row = [
        uuid.uuid4(),
        'it\'s \\ "quoted" 漢字 🎁\n\t',
        Decimal("12345678901234567890.1234"),
        datetime(2026, 2, 28, 23, 59, 59, 999000, tzinfo=UTC),
        ["a'b", "", "漢\\"],
        None,
        "web",
    ]
    client.insert(name, [row], column_names=["id", "s", "d", "at", "l", "n", "m"])
    found = client.query(
        f"select * from {name} where s = {{s:String}} and l = {{l:Array(String)}} "
        "and d = {d:Decimal(38, 4)} and at = {at:DateTime64(3)} and id = {id:UUID}",
        parameters={"s": row[1], "l": row[4], "d": row[2], "at": row[3], "id": str(row[0])},
    )
    assert [list(found_row) for found_row in found.result_rows] == [row]
    assert client.query(f"select a.s from {name} as a where 0").result_rows == []


@pytest.mark.parametrize(
    "format", ["ArrowStream", "Parquet", "JSONEachRow", "MsgPack", "RowBinary", "Native"]
)
def test_every_insert_format_is_taken_and_counted(endpoint: Endpoint, table: str, format: str) -> None:
    rows = pyarrow.table({"a": pyarrow.array([1, 2], pyarrow.uint32()), "b": ["x", "漢'"]})
    sink = pyarrow.BufferOutputStream()
    if format == "ArrowStream":
        with pyarrow.ipc.new_stream(sink, rows.schema) as stream:
            stream.write_table(rows)
    elif format == "Parquet":
        pyarrow.parquet.write_table(rows, sink)
    texts = [text.encode() for text in ("x", "漢'")]
    block = {
        "JSONEachRow": b"\n".join(json.dumps(row).encode() for row in rows.to_pylist()),
        "MsgPack": b"".join(
            msgspec.msgpack.encode(value) for row in rows.to_pylist() for value in row.values()
        ),
        "RowBinary": b"".join(
            number.to_bytes(4, "little") + bytes([len(text)]) + text
            for number, text in zip((1, 2), texts, strict=True)
        ),
        "Native": b"\x02\x02\x01a\x06UInt32\x01\0\0\0\x02\0\0\0\x01b\x06String"
        + b"".join(bytes([len(text)]) + text for text in texts),
    }.get(format) or sink.getvalue().to_pybytes()
    client = endpoint.client()
    assert client.raw_insert(table, ["a", "b"], block, fmt=format).written_rows == 2
    assert client.query(f"select b from {table} order by a").result_rows == [("x",), ("漢'",)]


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("lz4", lz4.frame.compress),
        ("zstd", zstandard.compress),
        ("gzip", gzip.compress),
        ("lz4", lambda data: lz4.frame.compress(data[:9]) + lz4.frame.compress(data[9:])),
    ],
)
def test_compressed_inserts_are_taken(endpoint: Endpoint, table: str, encoding: str, encode: Any) -> None:
    body = encode(b'{"a":1,"b":"x"}\n' * 1000)
    endpoint.client().raw_insert(table, None, body, fmt="JSONEachRow", compression=encoding)
    assert endpoint.client().command(f"select count() from {table}") == 1000


def test_a_body_that_is_not_what_it_says_is_refused(endpoint: Endpoint, table: str) -> None:
    path = f"/?query=insert+into+{table}+format+CSV"
    for encoding in ("lz4", "zstd", "gzip", "br"):
        assert ask(endpoint, path, b"not compressed", Content_Encoding=encoding)[0] == 400
    bomb = gzip.compress(bytes(300 * 1024 * 1024))
    assert ask(endpoint, path, bomb, Content_Encoding="gzip")[0] == 413


@pytest.mark.parametrize("compress", ["lz4", "zstd", "gzip", False])
def test_large_answers_come_in_blocks_and_compressed(endpoint: Endpoint, compress: str | bool) -> None:
    client = endpoint.client(compress=compress)
    with client.query_row_block_stream("select number, toString(number) from numbers(500000)") as blocks:
        sizes = [len(block) for block in blocks]
    assert sum(sizes) == 500_000 and len(sizes) > 1


def test_a_large_answer_is_one_arrow_stream(endpoint: Endpoint) -> None:
    sql = "select number as n, toLowCardinality(toString(number % 7)) as s from numbers(300000)"
    found = endpoint.client().query_arrow(sql)
    assert found.num_rows == 300_000 and set(found["s"].to_pylist()) == set("0123456")
    assert pyarrow.compute.sum(found["n"]).as_py() == sum(range(300_000))


def test_reading_a_large_answer_slowly_does_not_fill_the_memory(endpoint: Endpoint) -> None:
    process = psutil.Process(endpoint.process.pid)
    before = process.memory_info().rss
    sql = "select number, repeat('x', 100) from numbers(100000000)"
    with endpoint.client(compress=False).raw_stream(sql, fmt="RowBinary") as stream:
        stream.read(1000)
        time.sleep(0.5)
        grown = process.memory_info().rss - before
    assert grown < 150 * 1024 * 1024


def test_a_failure_has_clickhouses_code_and_text(endpoint: Endpoint) -> None:
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE") as failure:
        endpoint.client().query("select * from nothing_of_this_name")
    assert failure.value.code == 60
    with pytest.raises(DatabaseError, match="BAD_QUERY_PARAMETER") as failure:
        endpoint.client().query("select {n:UInt32}", parameters={"n": "1 or 1=1"})
    assert failure.value.code == 457
    status, headers, body = ask(endpoint, "/", b"select a b c")
    assert (status, headers["x-clickhouse-exception-code"]) == (400, "62") and b"Syntax error" in body


def test_a_failure_in_the_middle_of_an_answer_is_told(endpoint: Endpoint) -> None:
    sql = "select throwIf(number = 2000000, 'too far') from numbers(3000000)"
    with pytest.raises(OperationalError, match="too far"):
        assert endpoint.client().query(sql).result_rows


def test_nothing_but_ping_answers_without_the_secret(endpoint: Endpoint) -> None:
    assert ask(endpoint, "/ping", X_ClickHouse_Key="wrong")[0] == 200
    for headers in (
        {"X_ClickHouse_Key": "wrong"},
        {"X_ClickHouse_Key": ""},
        {"X_ClickHouse_User": "nobody"},
        {"X_ClickHouse_User": "recommender"},
        {"Authorization": "Basic " + b64encode(b"insight:wrong").decode()},
        {"Authorization": "Basic %%%"},
    ):
        status, answered, _ = ask(endpoint, "/?query=select+1", **headers)
        assert (status, answered["x-clickhouse-exception-code"]) == (403, "516")
    basic = "Basic " + b64encode(f"insight:{PASSWORDS['insight']}".encode()).decode()
    assert ask(endpoint, "/?query=select+1", Authorization=basic)[2] == b"1\n"


def test_a_user_reaches_no_file_no_network_and_no_other_database(endpoint: Endpoint, table: str) -> None:
    other = endpoint.client("recommender")
    for sql in (
        f"select * from insight.{table}",
        "select * from file('/etc/passwd', 'LineAsString')",
        "select * from url('http://127.0.0.1', 'CSV')",
        "select 1; drop table x",
    ):
        with pytest.raises(DatabaseError):
            other.query(sql)
    for listed in ("select name from system.tables", "select table from system.columns", "show tables"):
        assert table not in str(other.query(listed).result_rows)
    assert table in str(endpoint.client().query("show tables").result_rows)
    assert ask(endpoint, "/?query=select+1&database=recommender")[0] == 403
    assert ask(endpoint, "/?query=select+1&additional_table_filters=")[0] == 403
    headers = ask(endpoint, "/?query=select+1&query_id=x%0d%0ax-more:%201")[1]
    assert headers["x-clickhouse-query-id"] == "x??x-more: 1" and "x-more" not in headers
    assert ask(endpoint, f"/?query=drop+table+{table}")[0] == 403  # GET never writes


def test_a_setting_holds_for_its_request_only(endpoint: Endpoint) -> None:
    for zone in ("Asia/Taipei", "UTC"):
        _, headers, body = ask(endpoint, f"/?query=select+timezone()&session_timezone={zone}")
        assert (headers["x-clickhouse-timezone"], body.decode().strip()) == (zone, zone)
    for _ in range(20):
        assert ask(endpoint, "/?query=select+timezone()")[2] == b"UTC\n"
    assert ask(endpoint, "/?query=select+1&max_threads=nonsense")[0] == 400


def test_a_limit_that_a_request_changed_is_back_for_the_next(endpoint: Endpoint) -> None:
    question = "/?query=select+getSetting('max_execution_time')"
    configured = ask(endpoint, question)[2]
    assert ask(endpoint, question + "&max_execution_time=7")[2] == b"7\n"
    assert {ask(endpoint, question)[2] for _ in range(20)} == {configured} != {b"0\n"}


def test_every_function_that_reaches_out_is_known(endpoint: Endpoint) -> None:
    client = endpoint.client()
    known = {name.lower() for (name,) in client.query("select name from system.table_functions").result_rows}
    assert known - HARMLESS_TABLE_FUNCTIONS <= FORBIDDEN_FUNCTIONS


def test_the_allowed_settings_are_the_engines(endpoint: Endpoint) -> None:
    client = endpoint.client()
    known = {name for (name,) in client.query("select name from system.settings").result_rows}
    assert known >= SETTINGS
    known = {name for (name,) in client.query("select name from system.merge_tree_settings").result_rows}
    assert known >= TABLE_SETTINGS
    assert ENGINES


def test_a_small_query_does_not_wait_for_heavy_ones(endpoint: Endpoint) -> None:
    heavy = "select sum(cityHash64(number, {n:UInt8})) from numbers(600000000) settings max_threads = 1"

    def run(number: int) -> None:
        began = time.monotonic()
        assert endpoint.client().query(f"{heavy} -- {number}", parameters={"n": number}).result_rows
        took.append(time.monotonic() - began)

    took: list[float] = []
    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    client, waits = endpoint.client(), []
    while any(thread.is_alive() for thread in threads) and len(waits) < 20:
        began = time.monotonic()
        assert client.command("select 1") == 1
        waits.append(time.monotonic() - began)
    for thread in threads:
        thread.join()
    assert waits and sorted(waits)[len(waits) // 2] < min(took) / 5


def test_a_query_ends_when_its_client_goes_away(endpoint: Endpoint) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port)
    key = {"X-ClickHouse-User": "insight", "X-ClickHouse-Key": PASSWORDS["insight"]}
    process = psutil.Process(endpoint.process.pid)
    connection.request("POST", "/", b"select sum(cityHash64(number)) from numbers(100000000000)", key)
    deadline = time.monotonic() + 60
    while process.cpu_percent(0.5) <= 10:
        assert time.monotonic() < deadline
    connection.close()
    deadline = time.monotonic() + 60
    while process.cpu_percent(0.5) > 5:
        assert time.monotonic() < deadline


def test_only_loopback_is_served(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "engines.clickhouse",
        "--data",
        str(tmp_path),
        "--users",
        "none",
        "--listen",
    ]
    for address in ("0.0.0.0:8123", "10.0.0.1:8123", "localhost", "example.com:8123"):
        run = subprocess.run([*command, address], capture_output=True, check=False)
        assert run.returncode != 0 and b"--listen" in run.stderr


def test_one_process_owns_a_directory(endpoint: Endpoint, tmp_path: Path) -> None:
    command = endpoint.process.args
    assert isinstance(command, list)
    run = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert run.returncode != 0 and b"--data" in run.stderr


def insert_until_refused(endpoint: Endpoint, table: str, acked: list[int], first: int) -> None:
    """Blocks of 100 rows, each with its own number, until the endpoint no longer answers."""
    client = endpoint.client()
    for number in range(first, first + 10_000):
        block = b"".join(b'{"a":%d,"b":"x"}\n' % number for _ in range(100))
        try:
            client.raw_insert(table, ["a", "b"], (piece for piece in (block,)), fmt="JSONEachRow")
        except (DatabaseError, OSError):
            return
        acked.append(number)


def test_every_acknowledged_insert_survives_kill_9_whole(tmp_path: Path) -> None:
    endpoint, acked = Endpoint(tmp_path), []
    try:
        endpoint.wait_ready()
        endpoint.client().command("create table t (a UInt32, b String) engine = MergeTree order by a")
        for turn in range(3):
            inserting = threading.Thread(
                target=insert_until_refused, args=(endpoint, "t", acked, turn * 10_000)
            )
            inserting.start()
            time.sleep(0.7)
            endpoint.kill()
            inserting.join()
            endpoint.restart()
        counts = dict(endpoint.client().query("select a, count() from t group by a").result_rows)
        assert len(acked) > 10 and set(acked) <= set(counts)
        assert set(counts.values()) == {100}
    finally:
        endpoint.kill()


def test_sigterm_lets_running_statements_finish(tmp_path: Path) -> None:
    endpoint, answers = Endpoint(tmp_path), []
    try:
        endpoint.wait_ready()
        client = endpoint.client()
        client.command("create table t (a UInt64) engine = MergeTree order by a")

        def ask_slowly() -> None:
            sql = "select sum(cityHash64(number)) > 0 from numbers(400000000) settings max_threads = 1"
            answers.append(endpoint.client().command(sql))

        asking = threading.Thread(target=ask_slowly)
        asking.start()
        time.sleep(0.4)
        endpoint.process.send_signal(signal.SIGTERM)
        asking.join()
        assert answers == [1]
        endpoint.process.wait(20)
    finally:
        endpoint.kill()
