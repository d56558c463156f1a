"""Gets rid of old copies of what was deleted: PostgreSQL's log segments and the parts' own logs."""

import asyncio
import logging
import time
from pathlib import Path

from engines.postgres import Postgres, PostgresFailed

log = logging.getLogger(__name__)

_LOOK_SECONDS = 60.0


async def keep_files_young(
    postgres: Postgres, logs: Path, *, segments_seconds: float, logs_seconds: float
) -> None:
    """Never returns. A segment is gone at twice `segments_seconds`, a line of log at `logs_seconds`."""
    turned_over_at = time.monotonic()
    while True:
        await asyncio.sleep(min(_LOOK_SECONDS, segments_seconds / 2, logs_seconds / 4))
        for path in logs.glob("*.log"):
            _turn_over(path, logs_seconds / 2)
        if time.monotonic() - turned_over_at > segments_seconds:
            try:
                await asyncio.to_thread(postgres.turn_over)
                turned_over_at = time.monotonic()
            except PostgresFailed:
                # It is restarting; the next look tries again.
                log.info("segments_kept")


def _turn_over(path: Path, seconds: float) -> None:
    """Empty a log and keep what it held as `.log.1`, whose time says when that was last done."""
    old = path.with_suffix(".log.1")
    if not old.exists():
        old.touch(mode=0o600)
    elif time.time() - old.stat().st_mtime > seconds:
        # Copied and cut short, not renamed: the part goes on writing to the end of the file that it has open.
        old.write_bytes(path.read_bytes())
        with path.open("r+b") as file:
            file.truncate()
