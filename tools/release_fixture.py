"""Makes the fixture of a released version: what its databases look like with a little data in them.

    python tools/release_fixture.py <version> <commit>

checks the commit out beside the repository, starts it, sends some events, and writes what its databases hold
as text to tests/fixtures/releases/<version>/.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ("gateway", "identity", "insight", "recommender", "campaign")
CLICKHOUSE_DATABASES = ("insight",)
_PATIENCE_SECONDS = 60


def main(version: str, commit: str) -> None:
    """Outside: run `record` with the code of the commit."""
    target = ROOT / "tests/fixtures/releases" / version
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", str(checkout), commit], check=True)
        try:
            paths = f"{checkout}{os.pathsep}{checkout / 'proto/gen'}"
            subprocess.run(
                [sys.executable, str(Path(__file__).resolve()), "--record", str(target)],
                cwd=checkout,
                env={**os.environ, "PYTHONPATH": paths},
                check=True,
            )
        finally:
            subprocess.run([*git, "remove", "--force", str(checkout)], check=True)


def record(target: Path) -> None:
    """Inside: start the released system, fill it, write its databases."""
    from bench.system import own_system

    with own_system() as system:
        tenant = system.create_tenant("Release fixture")
        for number in range(3):
            order = {"order_id": f"order-{number}", "total": "12.50", "currency": "TWD"}
            _send(system, tenant, "track", event="Order Completed", userId="member-1", properties=order)
        _send(system, tenant, "identify", userId="member-1", anonymousId="browser-1", traits={"name": "Mei"})
        _send(system, tenant, "page", anonymousId="browser-1", name="Home")
        _send(system, tenant, "track", anonymousId="browser-2", event="Product Viewed")
        _send(system, tenant, "track", anonymousId="browser-2")
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while system.call("GET", "/v1/reports/overview", tenant.secret_key)["total"]["events"] < 6:
            if time.monotonic() > deadline:
                sys.exit("the events were not counted in time")
            time.sleep(0.2)
        time.sleep(3)  # what no report counts, bad rows and positions for instance
        _write_postgres(system, target)
        _write_clickhouse(system, target)
    (target / "tenant.txt").write_text(tenant.id + "\n")


def _send(system: object, tenant: object, call: str, **event: object) -> None:
    system.call("POST", f"/v1/{call}", tenant.secret_key, event)  # type: ignore[attr-defined]


def _write_postgres(system: object, target: Path) -> None:
    import json

    from engines.postgres import _BIN

    folder, port = system.folder, system.port_base + 20  # type: ignore[attr-defined]
    password = json.loads((folder / "secrets.json").read_text())["postgres"]["postgres"]
    for service in SERVICES:
        command = [str(_BIN / "pg_dump"), "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", service]
        done = subprocess.run(
            [*command, "--no-comments"],
            env={**os.environ, "PGPASSWORD": password},
            capture_output=True,
            text=True,
            check=True,
        )
        (target / f"{service}.sql").write_text(done.stdout)


def _write_clickhouse(system: object, target: Path) -> None:
    client = system.clickhouse()  # type: ignore[attr-defined]
    parts = []
    tables = client.query("select name from system.tables where database = currentDatabase() order by name")
    for (table,) in tables.result_rows:
        parts.append(client.query(f"show create table {table}").result_rows[0][0])
        rows = client.raw_query(f"select * from {table} format SQLInsert").decode().strip()
        if rows:
            parts.append(rows.removesuffix(";").replace("INSERT INTO table ", f"INSERT INTO {table} ", 1))
    (target / "insight.clickhouse.sql").write_text(";\n\n".join(parts) + ";\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--record", folder]:
            record(Path(folder))
        case [version, commit]:
            main(version, commit)
        case _:
            sys.exit(__doc__)
