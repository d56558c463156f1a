"""The supervisor: what dies comes back, what cannot start is told, what is stopped leaves nothing."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from engines.control import ask_restart, serve_control
from engines.credentials import new_credentials
from engines.installation import own
from engines.laptop import MARK
from engines.nats import Nats
from engines.processes import Part
from engines.supervisor import PartFailed, Supervisor
from tests.conftest import ROOT, free_port


class Console(list[str]):
    """Keeps what the supervisor says."""

    def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
async def supervisor(tmp_path: Path, console: Console) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(tmp_path, console)
    yield supervisor
    await supervisor.stop()


def nats_part(folder: Path) -> Part:
    server = Nats(folder / "nats", free_port(), new_credentials().nats)
    server.create()
    return server.part()


def program(name: str, text: str, **more: object) -> Part:
    return Part(name, [sys.executable, "-c", text], lambda: False, **more)  # type: ignore[arg-type]


def pid_of(folder: Path, name: str) -> int:
    return int(json.loads((folder / "parts.json").read_text())[name])


def gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_a_part_that_was_ready_comes_back_however_often_it_is_killed(
    tmp_path: Path, supervisor: Supervisor, console: Console
) -> None:
    await supervisor.start([nats_part(tmp_path)])
    for _ in range(7):
        pid = pid_of(tmp_path, "nats")
        os.kill(pid, signal.SIGKILL)
        while pid_of(tmp_path, "nats") == pid or supervisor.waiting_for():
            await asyncio.sleep(0.02)
    assert sum("SIGKILL" in line for line in console) == 7
    assert not supervisor.failed.done()


async def test_a_part_that_cannot_start_ends_the_start_with_its_last_words(supervisor: Supervisor) -> None:
    broken = program("broken", "import sys; print('disk not found'); sys.exit(3)")
    with pytest.raises(PartFailed, match=r"broken died 5 times(.|\n)*disk not found"):
        await supervisor.start([broken])


async def test_a_part_is_not_blamed_for_dying_when_what_it_needs_dies(
    tmp_path: Path, supervisor: Supervisor, console: Console
) -> None:
    nats = nats_part(tmp_path)
    port = json.loads((tmp_path / "nats" / "nats.conf").read_text())["listen"].rpartition(":")[2]
    text = (
        "import socket, sys\n"
        f"connection = socket.create_connection(('127.0.0.1', {port}))\n"
        f"open({str(tmp_path / 'connected')!r}, 'w')\n"
        "while connection.recv(1024): pass\n"
        "sys.exit(1)"
    )
    await supervisor.start([nats])
    needy = asyncio.create_task(supervisor.start([program("needy", text, needs=["nats"])]))
    for _ in range(6):
        while not (tmp_path / "connected").exists():
            await asyncio.sleep(0.02)
        (tmp_path / "connected").unlink()
        os.kill(pid_of(tmp_path, "nats"), signal.SIGKILL)
    while sum("needy" in line for line in console) < 6:
        await asyncio.sleep(0.02)
    assert not supervisor.failed.done()
    needy.cancel()


async def test_a_part_is_replaced_on_request_and_an_unknown_one_is_named(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    async with serve_control(tmp_path, supervisor):
        await supervisor.start([nats_part(tmp_path)])
        pid = pid_of(tmp_path, "nats")
        assert await asyncio.to_thread(ask_restart, tmp_path, "nats") > 0
        assert pid_of(tmp_path, "nats") != pid
        assert not supervisor.waiting_for()
        with pytest.raises(ValueError, match="there is no part nonsense"):
            await asyncio.to_thread(ask_restart, tmp_path, "nonsense")


async def test_children_of_a_dead_part_die_with_it(tmp_path: Path, supervisor: Supervisor) -> None:
    note = tmp_path / "job.pid"
    text = (
        "import subprocess, sys, time\n"
        "job = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(note)!r}, 'w').write(str(job.pid))\n"
        "time.sleep(600)"
    )
    parent = Part("parent", [sys.executable, "-c", text], lambda: note.exists() and bool(note.read_text()))
    await supervisor.start([parent])
    job = int(note.read_text())
    os.kill(pid_of(tmp_path, "parent"), signal.SIGKILL)
    while not gone(job):
        await asyncio.sleep(0.02)


class Up:
    """`python -m services up` in a folder of its own, without demo tenants."""

    def __init__(self, folder: Path, port_base: int) -> None:
        self.folder = folder
        self.port_base = port_base
        self.output = folder.with_suffix(".out")
        self.process = self.run()

    def run(self) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "NEXUS_DATA": str(self.folder),
            "NEXUS_PORT_BASE": str(self.port_base),
            "NEXUS_DEMO": "none",
        }
        with self.output.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "services", "up"], cwd=ROOT, env=environment, stdout=out, stderr=out
            )

    def wait_ready(self) -> dict[str, object]:
        deadline = time.monotonic() + 120
        while "everything is ready" not in self.output.read_text():
            assert self.process.poll() is None and time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.1)
        facts: dict[str, object] = json.loads((self.folder / "up.json").read_text())
        return facts

    def pids(self) -> list[int]:
        return [int(pid) for pid in json.loads((self.folder / "parts.json").read_text()).values()]

    def left_behind(self) -> list[str]:
        """Processes that still belong to the installation."""
        left = []
        for process in psutil.process_iter():
            try:
                marked = process.environ().get(MARK) == str(self.folder)
                if marked or process.cwd() == str(self.folder / "postgres"):
                    left.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return left


def free_base() -> int:
    """The first of 25 ports that are free side by side, below those the kernel hands out by itself.

    There a connection of another test could take one before it is listened at.
    """
    while True:
        base = random.randrange(9_000, 11_900, 30)
        if all(not listening(base + offset) for offset in range(25)):
            return base


def listening(port: int) -> bool:
    return any(
        connection.laddr and connection.laddr.port == port for connection in psutil.net_connections("tcp")
    )


@pytest.fixture(scope="module")
def two_systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Up, Up]]:
    folder = tmp_path_factory.mktemp("two").resolve()
    first = Up(folder / "one", free_base())
    second = Up(folder / "two", free_base())
    yield first, second
    for system in (first, second):
        system.process.kill()
        system.process.wait()


def test_two_installations_run_side_by_side(two_systems: tuple[Up, Up]) -> None:
    for system in two_systems:
        facts = system.wait_ready()
        assert facts["gateway"] == f"http://127.0.0.1:{system.port_base}"
        assert not [path for path in system.folder.iterdir() if path.lstat().st_mode & 0o077]
        for service in range(5):
            admin = f"http://127.0.0.1:{system.port_base + 10 + service}"
            assert httpx.get(f"{admin}/readyz").status_code == 200


def test_a_second_start_in_the_same_folder_is_refused(two_systems: tuple[Up, Up]) -> None:
    with pytest.raises(Exception, match="already runs"), own(two_systems[0].folder):
        raise AssertionError("the folder could be taken twice")


def test_nothing_outlives_a_kill_9_of_the_supervisor_and_the_next_start_copes(
    two_systems: tuple[Up, Up],
) -> None:
    system = two_systems[0]
    pids = system.pids()
    system.process.kill()
    system.process.wait()
    system.output.unlink()
    system.process = system.run()
    system.wait_ready()
    assert all(gone(pid) for pid in pids)


def test_ctrl_c_stops_everything_and_leaves_nothing(two_systems: tuple[Up, Up]) -> None:
    for system in two_systems:
        system.process.send_signal(signal.SIGINT)
    for system in two_systems:
        assert system.process.wait(40) == 0
        assert system.left_behind() == []
        assert not (system.folder / "parts.json").exists()
