"""A whole system of its own for a benchmark or a test: temporary data, free ports, nothing left."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
from clickhouse_connect import get_client
from clickhouse_connect.driver.client import Client

from engines.control import ask_restart

ROOT = Path(__file__).resolve().parents[1]
PORTS = 30
CLICKHOUSE_PORT = 22
START_PATIENCE_SECONDS = 600
READING_PATIENCE_SECONDS = 30.0
STOP_PATIENCE_SECONDS = 60


class NotStarted(Exception):
    """The system did not come up; the text ends in what it printed."""


class Answer(Exception):
    """An answer nobody expected."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant and its keys."""

    id: str
    write_key: str
    secret_key: str


@dataclass(slots=True)
class System:
    """One installation; `start` and `stop` may be called again and again, the data stays."""

    folder: Path
    port_base: int
    environment: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the gateway."""
        return "127.0.0.1", self.port_base

    @property
    def gateway(self) -> str:
        """URL of the gateway."""
        return f"http://127.0.0.1:{self.port_base}"

    def start(self) -> float:
        """Run `python -m services up` and wait until it says it is ready; returns the seconds that took."""
        began = time.monotonic()
        self.folder.mkdir(parents=True, exist_ok=True)
        # Of a run that was killed.
        (self.folder / "up.json").unlink(missing_ok=True)
        with (self.folder / "up.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services", "up"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "NEXUS_DATA": str(self.folder),
                    "NEXUS_PORT_BASE": str(self.port_base),
                    "NEXUS_DEMO": "none",
                    **self.environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while not (self.folder / "up.json").exists():
            if self._process.poll() is not None or time.monotonic() - began > START_PATIENCE_SECONDS:
                self.stop()
                raise NotStarted((self.folder / "up.log").read_text(errors="replace")[-4000:])
            time.sleep(0.02)
        return time.monotonic() - began

    def stop(self) -> None:
        """Ask the supervisor to stop everything; force it when it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            pids = list(self.parts().values())
            process.kill()
            process.wait()
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)

    def restart_part(self, name: str) -> float:
        """`python -m services restart <name>`; the seconds until it takes work again."""
        return ask_restart(self.folder, name)

    @property
    def supervisor_pid(self) -> int:
        """The process that `start` started."""
        assert self._process is not None
        return self._process.pid

    def parts(self) -> dict[str, int]:
        """Process id of each part, as the supervisor last wrote it."""
        try:
            pids: dict[str, int] = json.loads((self.folder / "parts.json").read_text())
        except FileNotFoundError:
            return {}
        return pids

    def call(
        self, method: str, path: str, key: str, body: object = None, **query: str | int | None
    ) -> dict[str, Any]:
        """A decoded JSON answer; raises Answer for anything but 2xx.

        A reader who is told to come again later does, as any client of the API should.
        """
        asked = {name: value for name, value in query.items() if value is not None}
        target = f"{path}?{urlencode(asked)}" if asked else path
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        encoded = json.dumps(body) if body is not None else None
        deadline = time.monotonic() + READING_PATIENCE_SECONDS
        while True:
            status, content = self._exchange(method, target, encoded, headers)
            if (
                status != http.HTTPStatus.SERVICE_UNAVAILABLE
                or method != "GET"
                or time.monotonic() > deadline
            ):
                break
            time.sleep(1)
        if status >= 300:
            raise Answer(f"{method} {target}: {status} {content[:500].decode(errors='replace')}")
        decoded: dict[str, Any] = json.loads(content) if content else {}
        return decoded

    def _exchange(
        self, method: str, target: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    @property
    def operator_key(self) -> str:
        """Lets us create tenants."""
        key: str = json.loads((self.folder / "secrets.json").read_text())["operator_key"]
        return key

    def create_tenant(self, name: str, **settings: object) -> Tenant:
        """A fresh tenant without a quota that load could reach."""
        body = {
            "name": name,
            "time_zone": "Asia/Taipei",
            "currency": "TWD",
            "locale": "zh-TW",
            "events_per_second": 1_000_000,
            "calls_per_second": 1_000_000,
            **settings,
        }
        answer = self.call("POST", "/v1/operator/tenants", self.operator_key, body)
        return Tenant(answer["id"], answer["write_key"], answer["secret_key"])

    def clickhouse(self) -> Client:
        """A client with insight's own account."""
        return get_client(dsn=self.clickhouse_url())

    def clickhouse_url(self) -> str:
        """With insight's own account."""
        users = json.loads((self.folder / "clickhouse-users.json").read_text())
        password = users["insight"]["password"]
        return f"http://insight:{password}@127.0.0.1:{self.port_base + CLICKHOUSE_PORT}/insight"

    def memory_bytes(self) -> dict[str, int]:
        """Proportional set size of each part with its children, and of the supervisor."""
        pids = {**self.parts(), "supervisor": self.supervisor_pid}
        sizes = {}
        for name, pid in pids.items():
            tree = [pid] if name == "supervisor" else [process.pid for process in _tree(pid)]
            sizes[name] = sum(_proportional_set_size(each) for each in tree)
        return sizes

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time of each part with its children so far, and of ourselves ("generator")."""
        used = {}
        for name, pid in {**self.parts(), "generator": os.getpid()}.items():
            tree = [psutil.Process(pid)] if name == "generator" else _tree(pid)
            used[name] = sum(_processor_time(process) for process in tree)
        return used


def _tree(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _processor_time(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _proportional_set_size(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def free_port_base() -> int:
    """The first of a run of free ports; below the range the kernel hands out by itself."""
    start = 12_000 + os.getpid() * 37 % 15_000
    for base in range(start, start + 5_000, PORTS + 10):
        if all(_is_free(base + offset) for offset in range(PORTS)):
            return base
    raise OSError("no free range of ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def own_system(**environment: str) -> Iterator[System]:
    """A running system that is gone, data included, when left; the data stays when an error leaves it."""
    folder = Path(tempfile.mkdtemp(prefix="nexus-"))
    # PostgreSQL may run as another user, who has to get through.
    folder.chmod(0o755)
    system = System(folder, free_port_base(), environment)
    # Asked to end, we take the system with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        system.start()
        yield system
    except BaseException:
        system.stop()
        print(f"the system's data and logs are in {folder}", file=sys.stderr)
        raise
    system.stop()
    shutil.rmtree(folder, ignore_errors=True)
