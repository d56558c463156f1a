"""How `python -m services restart` and `backup` reach the supervisor: a socket in the data folder."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from engines.backup import Copy, draft_of
from engines.supervisor import Supervisor

_NAME = "control.sock"


class NotRunning(Exception):
    """Nobody supervises this data folder."""


@asynccontextmanager
async def serve_control(folder: Path, supervisor: Supervisor) -> AsyncIterator[None]:
    """Take requests, one JSON line each, until left."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            request = json.loads(await reader.readline())
            if "backup" in request:
                answer = await _backup(supervisor, folder, Path(request["backup"]))
            else:
                answer = await _restart(supervisor, str(request.get("restart")))
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()

    (folder / _NAME).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    with _inside(folder):
        listener.bind(_NAME)
    (folder / _NAME).chmod(0o600)
    server = await asyncio.start_unix_server(answer, sock=listener)
    try:
        yield
    finally:
        server.close()
        (folder / _NAME).unlink(missing_ok=True)


async def _restart(supervisor: Supervisor, part: str) -> dict[str, object]:
    if not supervisor.knows(part):
        return {"problem": f"there is no part {part}"}
    return {"seconds": round(await supervisor.restart(part), 2)}


async def _backup(supervisor: Supervisor, folder: Path, backups: Path) -> dict[str, object]:
    draft = draft_of(backups)
    copy = Copy(folder, draft)
    try:
        await asyncio.to_thread(copy.update)
        began = time.monotonic()
        async with supervisor.paused():
            await asyncio.to_thread(copy.update)
    except OSError as error:
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
        return {"problem": f"the backup could not be written: {error}"}
    return {"draft": str(draft), "seconds": round(time.monotonic() - began, 2)}


def ask_backup(folder: Path, backups: Path) -> tuple[Path, float]:
    """Have the running system copied; returns the draft and for how many seconds it was paused.

    Raises NotRunning, or ValueError with what went wrong.
    """
    answer = _ask(folder, {"backup": str(backups)})
    return Path(str(answer["draft"])), float(str(answer["seconds"]))


def ask_restart(folder: Path, part: str) -> float:
    """Restart a part of the running system; returns the seconds until it was ready again.

    Raises NotRunning, or ValueError for a part that does not exist.
    """
    return float(str(_ask(folder, {"restart": part})["seconds"]))


def _ask(folder: Path, request: dict[str, str]) -> dict[str, object]:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            with _inside(folder):
                connection.connect(_NAME)
        except OSError as error:
            raise NotRunning(f"nothing runs in {folder}; start it with: make up") from error
        connection.sendall(json.dumps(request).encode() + b"\n")
        line = connection.makefile().readline()
    if not line:
        raise NotRunning("the system was stopped meanwhile")
    answer: dict[str, object] = json.loads(line)
    if "problem" in answer:
        raise ValueError(answer["problem"])
    return answer


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Sockets have short paths only, so we name them from within their folder."""
    before = Path.cwd()
    try:
        os.chdir(folder)
        yield
    finally:
        os.chdir(before)
