"""What the person who typed `make up` sees: a line a fact, a sign of life while something takes long."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

_PROGRESS_SECONDS = 2


class Console:
    """Lines with the seconds since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, text: str) -> None:
        # Nobody may be reading any more; the system goes on.
        with contextlib.suppress(OSError):
            print(f"{time.monotonic() - self._began:6.1f} s  {text}", flush=True)

    @asynccontextmanager
    async def progress(self, doing: str, whom: Callable[[], list[str]]) -> AsyncIterator[None]:
        """Every two seconds, who is still being waited for."""

        async def tell() -> None:
            while True:
                await asyncio.sleep(_PROGRESS_SECONDS)
                if names := whom():
                    self(f"... {doing} {', '.join(names)}")

        telling = asyncio.create_task(tell())
        try:
            yield
        finally:
            telling.cancel()
