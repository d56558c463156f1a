"""Taking an installation for ourselves: its lock, what an earlier run left behind, its ports."""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from engines.laptop import MARK
from engines.processes import end_leftovers


class AlreadyRunning(Exception):
    """Another supervisor holds this data folder."""


class PortTaken(Exception):
    """Something else listens where we want to."""


@contextlib.contextmanager
def own(folder: Path) -> Iterator[None]:
    """Be the only supervisor of a data folder; the kernel lets go of the lock however we end."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(
                f"The system already runs from {folder}. Stop it with Ctrl-C there, "
                "or choose another folder and other ports: NEXUS_DATA=var2 NEXUS_PORT_BASE=8500 make up"
            ) from error
        yield


def end_earlier_run(folder: Path) -> int:
    """Kill processes that survived the supervisor of this folder; returns how many there were."""
    spared = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}

    def ours(process: psutil.Process) -> bool:
        return process.pid not in spared and process.environ().get(MARK) == str(folder)

    return end_leftovers(ours)


def check_ports(ports: Mapping[str, int]) -> None:
    """Raise PortTaken unless all are free."""
    taken = [f"{port} ({name})" for name, port in ports.items() if not _free(port)]
    if taken:
        raise PortTaken(
            f"Taken already: port {', '.join(taken)}. Does another system run? "
            "Choose other ports: NEXUS_PORT_BASE=8500 make up"
        )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listen(port: int) -> socket.socket:
    """The public socket: ours, so that it keeps taking connections while the gateway restarts."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(4096)
    return listener
