"""An import of a large file: rows a second until all are on the bus, and until all are queryable."""

import http.client
import json
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.figures import Figures
from bench.shares import measured
from bench.system import System, Tenant

ROWS = 1_000_000
PEOPLE = 200_000
PATIENCE_SECONDS = 900
COLUMNS = {
    "訂單時間": "timestamp",
    "事件": "event",
    "會員編號": "user_id",
    "商品編號": "properties.product_id",
    "商品名稱": "properties.name",
    "分類": "properties.category",
    "單價": "properties.price",
    "數量": "properties.quantity",
    "幣別": "properties.currency",
    "通路": "context.channel",
    "網址": "properties.url",
}
_NUMBERS = ("單價", "數量")


def measure_imports(system: System, figures: Figures, rows: int = ROWS) -> None:
    """From the job's start to its end, every row stored; then until insight has counted them."""
    tenant = system.create_tenant("imports")
    with tempfile.TemporaryDirectory(prefix="nexus-import-") as folder:
        file = Path(folder) / "events.csv"
        write_events_file(file, rows)
        path = prepare_import(system, tenant, file)
    with measured(system) as shares:
        system.call("POST", f"{path}/start", tenant.secret_key)
        done = _until(system, tenant, path, "succeeded")
    shares.show("import", rows)
    took = _seconds(done["started_at"], done["ended_at"])
    if done["progress"]["accepted"] != rows:
        raise RuntimeError(f"{done['progress']['accepted']} of {rows} rows were accepted")
    figures.add("import.rows_per_s", rows / took, "rows/s")
    began, deadline = datetime.fromisoformat(done["started_at"]), time.monotonic() + PATIENCE_SECONDS
    while _counted(system, tenant) < rows and time.monotonic() < deadline:
        time.sleep(0.5)
    until_queryable = (datetime.now(UTC) - began).total_seconds()
    figures.add("import.queryable_rows_per_s", _counted(system, tenant) / until_queryable, "rows/s")


def prepare_import(system: System, tenant: Tenant, file: Path) -> str:
    """Upload a file of `write_events_file` and map its columns; the import's path, ready to start."""
    body = {"kind": "events", "file_name": file.name}
    path = f"/v1/imports/{system.call('POST', '/v1/imports', tenant.secret_key, body)['id']}"
    _send(system, tenant, f"{path}/file", file)
    _until(system, tenant, path, "ready")
    columns = [
        {"column": column, "to": to, "type": "number" if column in _NUMBERS else "text"}
        for column, to in COLUMNS.items()
    ]
    system.call("PUT", f"{path}/mapping", tenant.secret_key, {"columns": columns})
    return path


def write_events_file(file: Path, rows: int) -> None:
    """A CSV of events of `PEOPLE` members, the same for the same number of rows."""
    rng = random.Random(7)
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    products = [
        (
            f"P{number:05d}",
            f"手工亞麻襯衫 {number}",
            rng.choice(("女裝 > 上衣", "男裝 > 外套")),
            rng.randrange(100, 5000),
        )
        for number in range(5_000)
    ]
    with file.open("w", encoding="utf-8") as out:
        out.write(",".join(COLUMNS) + "\n")
        for number in range(rows):
            at = begin + timedelta(seconds=number * 60)
            product_id, name, category, price = products[rng.randrange(5_000)]
            event = "Product Viewed" if number % 10 else "Product Added"
            out.write(
                f"{at:%Y-%m-%d %H:%M:%S},{event},m{rng.randrange(PEOPLE)},{product_id},{name},{category},"
                f"{price}.50,{1 + number % 3},TWD,web,https://shop.example.com/products/{product_id}?n={number}\n"
            )


def _send(system: System, tenant: Tenant, path: str, file: Path) -> None:
    connection = http.client.HTTPConnection(*system.address, timeout=300)
    try:
        with file.open("rb") as body:
            headers = {"Authorization": f"Bearer {tenant.secret_key}"}
            connection.request("PUT", path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
    finally:
        connection.close()
    if answer.status != 202:
        raise RuntimeError(content[:500].decode(errors="replace"))


def _until(system: System, tenant: Tenant, path: str, state: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        facts = system.call("GET", path, tenant.secret_key)
        if facts["state"] == state:
            return facts
        if facts["state"] in ("failed", "unreadable", "cancelled"):
            raise RuntimeError(json.dumps(facts)[:1000])
        time.sleep(0.25)
    raise TimeoutError(f"the import is not {state}")


def _counted(system: System, tenant: Tenant) -> int:
    rows = system.clickhouse().query(
        "select count() from events where tenant_id = {tenant:UUID}", parameters={"tenant": tenant.id}
    )
    return int(rows.result_rows[0][0])


def _seconds(began: str, ended: str) -> float:
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()
