"""Keeps a set of processes running: starts them in order, restarts what dies, stops all in reverse order."""

import asyncio
import contextlib
import json
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engines.processes import Part, kill_group, last_lines, launch

_FAILURES = 5
# A busy or slow machine takes minutes; one that was ended too early would begin again and never come up.
_START_PATIENCE_SECONDS = 600
_STOP_PATIENCE_SECONDS = 25
_LONGEST_PAUSE_SECONDS = 2.0
_LOG_BYTES = 20_000_000


class PartFailed(Exception):
    """A part dies again and again before it is ready; the text ends in its last lines of log."""


@dataclass
class _Kept:
    """What the supervisor knows of one part."""

    part: Part
    log_path: Path
    process: subprocess.Popen[bytes] | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    ready_since: float = 0
    n_ready: int = 0
    asked_to_stop: bool = False
    n_failures: int = 0
    pause_seconds: float = 0.1


class Supervisor:
    """See the module's first line. `folder` gets logs/<part>.log and parts.json, kept current."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._say = say
        self._kept: dict[str, _Kept] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stages: list[list[str]] = []
        self._awaited: list[str] = []
        self._going = asyncio.Event()
        self._going.set()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (folder / "logs").mkdir(parents=True, exist_ok=True)

    async def start(self, parts: Sequence[Part]) -> None:
        """Start parts side by side, each once what it needs is ready; returns when all are ready."""
        self._stages.append([part.name for part in parts])
        kept = [_Kept(part, self._folder / "logs" / f"{part.name}.log") for part in parts]
        self._kept |= {one.part.name: one for one in kept}
        self._tasks += [asyncio.create_task(self._watch(one)) for one in kept]
        for one in kept:
            ready = asyncio.ensure_future(one.ready.wait())
            ends: list[asyncio.Future[Any]] = [ready, self.failed]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if self.failed.done():
                ready.cancel()
                await self.failed

    async def run_once(self, part: Part, *, show: bool = False) -> None:
        """Run a part that ends by itself, its words shown or logged; raises PartFailed when it ends badly."""
        log_path = self._folder / "logs" / f"{part.name}.log"
        process = launch(part, None if show else log_path)
        try:
            with self.awaiting(part.name):
                code = await _exited(process)
        finally:
            kill_group(process)
        if code:
            raise PartFailed(f"{part.name} failed:\n{'' if show else last_lines(log_path)}")

    @contextlib.contextmanager
    def awaiting(self, what: str) -> Iterator[None]:
        """Name something that is being waited for, besides parts."""
        self._awaited.append(what)
        try:
            yield
        finally:
            self._awaited.remove(what)

    def waiting_for(self) -> list[str]:
        """Parts that are not ready now, and whatever else has been named."""
        return [name for name, kept in self._kept.items() if not kept.ready.is_set()] + self._awaited

    def running(self) -> list[str]:
        """Parts whose process lives."""
        kept = self._kept.items()
        return [name for name, one in kept if one.process is not None and one.process.poll() is None]

    async def restart(self, name: str) -> float:
        """Ask a part to end, wait, start it again; returns how many seconds until it was ready."""
        kept = self._kept[name]
        began, n_ready = time.monotonic(), kept.n_ready
        self._say(f"{name:<12} restarting, as asked")
        if kept.process is not None and kept.process.poll() is None:
            kept.asked_to_stop = True
            await self._end(kept)
        while kept.n_ready == n_ready or not kept.ready.is_set():
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """All parts are stopped meanwhile, the last started first, and all take work again afterwards."""
        self._say("pausing")
        self._going.clear()
        try:
            for stage in reversed(self._stages):
                stopped = [self._kept[name] for name in stage]
                for kept in stopped:
                    kept.asked_to_stop = True
                await asyncio.gather(*(self._end(kept) for kept in stopped))
            while any(kept.ready.is_set() for kept in self._kept.values()):
                await asyncio.sleep(0.05)
            yield
        finally:
            self._say("going on")
            self._going.set()
            await asyncio.gather(*(kept.ready.wait() for kept in self._kept.values()))

    def knows(self, name: str) -> bool:
        """Whether there is a part of this name."""
        return name in self._kept

    async def stop(self) -> None:
        """End all parts, the last started first, each with time to finish its work."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for stage in reversed(self._stages):
            await asyncio.gather(*(self._end(self._kept[name]) for name in stage))
        (self._folder / "parts.json").unlink(missing_ok=True)

    def kill(self) -> None:
        """End all parts at once; work they had begun is left to their next start."""
        for kept in self._kept.values():
            if kept.process is not None:
                kill_group(kept.process)

    async def _watch(self, kept: _Kept) -> None:
        try:
            await self._keep(kept)
        except (OSError, subprocess.SubprocessError) as error:
            self._fail(f"{kept.part.name} cannot be started: {error}")

    async def _keep(self, kept: _Kept) -> None:
        part = kept.part
        while True:
            await asyncio.gather(*(self._kept[name].ready.wait() for name in part.needs))
            await self._going.wait()
            _shorten(kept.log_path)
            await asyncio.to_thread(part.before_start)
            began = time.monotonic()
            kept.process = launch(part, kept.log_path)
            self._write_parts()
            if await self._until_ready(kept, began):
                await _exited(kept.process)
            was_ready = kept.ready.is_set()
            kept.ready.clear()
            kill_group(kept.process)
            if kept.asked_to_stop:
                kept.asked_to_stop = False
                continue
            self._tell_of_death(kept, was_ready)
            kept.n_failures += not was_ready and self._to_blame(kept, began)
            if kept.n_failures == _FAILURES:
                lines = last_lines(kept.log_path)
                self._fail(f"{part.name} died {_FAILURES} times before it was ready:\n{lines}")
                return
            await asyncio.sleep(kept.pause_seconds)
            kept.pause_seconds = min(2 * kept.pause_seconds, _LONGEST_PAUSE_SECONDS)

    async def _until_ready(self, kept: _Kept, began: float) -> bool:
        assert kept.process is not None
        while kept.process.poll() is None:
            if await asyncio.to_thread(kept.part.ready):
                kept.ready_since = time.monotonic()
                kept.n_ready += 1
                kept.pause_seconds, kept.n_failures = 0.1, 0
                kept.ready.set()
                self._say(f"{kept.part.name:<12} ready  {kept.ready_since - began:5.1f} s")
                return True
            if time.monotonic() - began > _START_PATIENCE_SECONDS:
                self._say(f"{kept.part.name:<12} not ready after {_START_PATIENCE_SECONDS} s, ending it")
                kill_group(kept.process)
            await asyncio.sleep(0.05)
        return False

    def _to_blame(self, kept: _Kept, began: float) -> bool:
        """Whether a death before being ready is the part's own doing."""
        assert kept.process is not None
        if kept.process.returncode == -signal.SIGKILL:
            return False
        needed = [self._kept[name] for name in kept.part.needs]
        away = set(kept.part.needs) - set(self.running())
        return not away and all(one.ready.is_set() and one.ready_since < began for one in needed)

    def _fail(self, why: str) -> None:
        if not self.failed.done():
            self.failed.set_exception(PartFailed(why))

    def _tell_of_death(self, kept: _Kept, was_ready: bool) -> None:
        assert kept.process is not None
        code = kept.process.wait()
        how = f"ended with code {code}"
        if code < 0:
            how = f"was ended by {signal.Signals(-code).name}"
        if code == -signal.SIGKILL:
            # Whoever is killed so says nothing about it; its log would only mislead.
            self._say(
                f"{kept.part.name:<12} {how} (by hand, or the machine is out of memory); starting it again"
            )
            return
        when = "" if was_ready else " before it was ready"
        self._say(f"{kept.part.name:<12} {how}{when}; starting it again. The end of {kept.log_path}:")
        for line in last_lines(kept.log_path, 3).splitlines():
            self._say(f"    {line[:300]}")

    async def _end(self, kept: _Kept) -> None:
        process = kept.process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(kept.part.stop_signal)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_exited(process), _STOP_PATIENCE_SECONDS)
        if process.poll() is None:
            self._say(f"{kept.part.name:<12} does not end, killing it")
        kill_group(process)
        await _exited(process)

    def _write_parts(self) -> None:
        pids = {name: kept.process.pid for name, kept in self._kept.items() if kept.process is not None}
        draft = self._folder / "parts.json.draft"
        draft.write_text(json.dumps(pids, indent=2) + "\n")
        draft.replace(self._folder / "parts.json")


async def _exited(process: subprocess.Popen[bytes]) -> int:
    while (code := process.poll()) is None:
        await asyncio.sleep(0.05)
    return code


def _shorten(log_path: Path) -> None:
    """Begin a new log when the old one is long; one old one is kept."""
    if log_path.exists() and log_path.stat().st_size > _LOG_BYTES:
        log_path.replace(log_path.with_suffix(".log.1"))
