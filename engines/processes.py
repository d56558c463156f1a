"""Child processes that never outlive us, and cleaning up behind those that did."""

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from engines.credentials import SERVICES

# Under a burst, taking events in goes before working them off: niceness of all but gateway and NATS. What
# marketers wait for, as they edit, lies between, and so does the store that all of them ask.
BEHIND_THE_DOOR, STORING, ANSWERING = 15, 10, 5

_SET_PARENT_DEATH_SIGNAL = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Part:
    """One process of the system and how to tell that it takes work."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    needs: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    descriptors: Sequence[int] = ()
    niceness: int = 0
    stop_signal: signal.Signals = signal.SIGTERM
    # Sent by the kernel when the supervisor is gone.
    orphan_signal: signal.Signals = signal.SIGKILL
    before_start: Callable[[], None] = lambda: None

    def telling(self, environment: Mapping[str, str]) -> "Part":
        """The same part with more in its environment."""
        return replace(self, environment={**self.environment, **environment})


def _inherited(name: str) -> dict[str, str]:
    """Our environment without what is meant for a service that is not this part."""
    own = name.partition("-")[0]
    return {
        variable: value
        for variable, value in os.environ.items()
        if (owner := variable.partition("_")[0].lower()) not in SERVICES or owner == own
    }


def _give_way(niceness: int) -> None:
    """Lower this process' share of a busy machine."""
    os.nice(niceness)
    # Linux may group processes by session: niceness then counts within a group, and the group has its own.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness))


def launch(part: Part, log_path: Path | None) -> subprocess.Popen[bytes]:
    """Start a part in a session of its own, so that Ctrl-C reaches the supervisor alone.

    Without a log path it writes to our own standard output. Call it from the main thread: the kernel ties
    the child's life to the thread that started it.
    """
    parent = os.getpid()

    def tie() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, int(part.orphan_signal))
        if os.getppid() != parent:
            os._exit(1)
        if part.niceness:
            _give_way(part.niceness)

    with nullcontext() if log_path is None else log_path.open("ab") as log:
        return subprocess.Popen(
            list(part.command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**_inherited(part.name), **part.environment},
            pass_fds=list(part.descriptors),
            start_new_session=True,
            preexec_fn=tie,
        )


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End whatever a dead or hanging part left in its session, its jobs for instance."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals, patience_seconds: float) -> None:
    """Ask a process to end, wait, and force it when it does not."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(stop_signal)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience_seconds)
    kill_group(process)
    process.wait()


def wait_ready(part: Part, process: subprocess.Popen[bytes], log_path: Path, patience_seconds: float) -> None:
    """Block until the part takes work; raises RuntimeError with its last lines when it does not."""
    deadline = time.monotonic() + patience_seconds
    while not part.ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{part.name} did not start:\n{last_lines(log_path)}")
        time.sleep(0.02)


def last_lines(path: Path, n_lines: int = 15) -> str:
    """The end of a log, as far as one screen shows it."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 20_000))
        return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-n_lines:])
    return ""


def accepts(port: int) -> bool:
    """Whether something listens on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(port: int, path: str) -> bool:
    """Whether a loopback HTTP server says 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def end_leftovers(chosen: Callable[[psutil.Process], bool]) -> int:
    """Kill processes of an earlier run that `chosen` recognises; returns how many there were."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and chosen(process):
                process.kill()
                found.append(process)
    psutil.wait_procs(found, timeout=5)
    return len(found)
