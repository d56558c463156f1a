"""The real engines, started once for a test run on free ports in a folder of their own."""

import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from chassis.database import migrate
from engines.credentials import new_credentials, owner_role
from engines.nats import Nats
from engines.postgres import Postgres
from engines.processes import Part, answers, launch, stop, wait_ready

ROOT = Path(__file__).parents[1]
# A ClickHouse database for events that no bus has: a service would refuse a store beyond its stream.
TOLD = "told"

# What workers take in this order: the long ones first.
_FOLDERS = (
    "tests/service/gateway",
    "tests/e2e",
    "tests/service/insight",
    "tests/contract",
    "tests/service/identity",
)


def _folder(nodeid: str) -> str:
    return nodeid.split("::", 1)[0].rpartition("/")[0]


class ByFolder(LoadScopeScheduling):
    """Gives a whole folder to one worker, because its tests share what they start."""

    def _split_scope(self, nodeid: str) -> str:
        return _folder(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFolder:
    """What `--dist loadscope` means here."""
    return ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the order in which workers should take them."""
    order = {folder: place for place, folder in enumerate(_FOLDERS)}
    items.sort(key=lambda item: order.get(_folder(item.nodeid), len(order)))


class Engines:
    """PostgreSQL and NATS with the installation's users; ClickHouse from its first use on.

    Tests share them: use a fresh tenant id instead of cleaning up.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.credentials = new_credentials()
        self._passwords = dict(self.credentials.postgres)
        self._clickhouse_passwords = {**self.credentials.clickhouse, TOLD: "only-for-tests"}
        self._running: list[tuple[Part, subprocess.Popen[bytes]]] = []
        self._migrated: set[str] = set()
        self._lock = threading.Lock()
        self._clickhouse_port = 0
        self.postgres = Postgres(folder / "postgres", free_port(), self._passwords)
        self.nats = Nats(folder / "nats", free_port(), self.credentials.nats)

    def start(self) -> None:
        for engine in (self.postgres, self.nats):
            engine.create()
            self._launch(engine.part())

    def stop(self) -> None:
        for part, process in reversed(self._running):
            stop(process, part.stop_signal, 10)

    def _launch(self, part: Part) -> None:
        log_path = self._folder / f"{part.name}.log"
        process = launch(part, log_path)
        self._running.append((part, process))
        wait_ready(part, process, log_path, 60)

    def postgres_url(self, database: str, of: str = "") -> str:
        """For the role a service serves with; its migrations, or those `of` another, have run.

        Any other name: an empty database.
        """
        self.migration_url(database)
        scripts = ROOT / "services" / (of or database) / "migrations"
        with self._lock:
            if scripts.is_dir() and database not in self._migrated:
                # In a thread, because a test's event loop may be running in this one.
                _in_thread(lambda: migrate(self.postgres.owner_url(database), scripts))
                self._migrated.add(database)
        return self.postgres.url(database)

    def migration_url(self, database: str) -> str:
        """For the owner of a database, which is made when it is not there."""
        for role in (database, owner_role(database)):
            self._passwords.setdefault(role, "only-for-tests")
        self.postgres.ensure_database(database)
        return self.postgres.owner_url(database)

    def bus_url(self, service: str) -> str:
        return self.nats.url(service)

    @property
    def system_bus_url(self) -> str:
        return self.nats.url("system")

    def folder_url(self, name: str) -> str:
        """For files that are kept apart from the engines."""
        return (self._folder / name).as_uri()

    def clickhouse_url(self, database: str) -> str:
        """For a service's ClickHouse database, not migrated, or TOLD."""
        with self._lock:
            if not self._clickhouse_port:
                self._start_clickhouse()
        password = self._clickhouse_passwords[database]
        return f"http://{database}:{password}@127.0.0.1:{self._clickhouse_port}/{database}"

    def _start_clickhouse(self) -> None:
        users = {
            name: {"password": password, "database": name}
            for name, password in self._clickhouse_passwords.items()
        }
        (self._folder / "clickhouse-users.json").write_bytes(msgspec.json.encode(users))
        port = free_port()
        command = [sys.executable, "-m", "engines.clickhouse", "--listen", f"127.0.0.1:{port}"]
        command += ["--data", str(self._folder / "clickhouse")]
        command += ["--users", str(self._folder / "clickhouse-users.json"), "--old-parts-seconds", "1"]
        self._launch(Part("clickhouse", command, lambda: answers(port, "/ping")))
        self._clickhouse_port = port


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _in_thread(act: Callable[[], None]) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(act).result()


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """See Engines."""
    folder = Path(tempfile.mkdtemp(prefix="nexus-test-"))
    running = Engines(folder)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)
