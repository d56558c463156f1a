"""Runs one service of ours as its own process, as the supervisor does, on a test run's engines."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from chassis.rpc import RpcClient, rpc_client
from chassis.tenancy import TokenSigner, new_signing_key

# The test speaks as the gateway.
PRIVATE, PUBLIC = new_signing_key()


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class ServiceProcess:
    """A service that answers gRPC; keeps its address over restarts."""

    def __init__(self, engines: Any, name: str, told: Mapping[str, str]) -> None:
        self.name = name
        self.address, self.admin_address = free_address(), free_address()
        # Only with a folder given as `log_folder`.
        self.log = Path(told["log_folder"]) / f"{name}.log" if "log_folder" in told else None
        settings = {
            "LISTEN": self.address,
            "ADMIN_LISTEN": self.admin_address,
            "DATABASE_URL": engines.postgres_url(name),
            "MIGRATION_DATABASE_URL": engines.migration_url(name),
            "BUS_URL": engines.bus_url(name),
            "SIGNING_KEY": new_signing_key()[0],
            "TRUSTED_KEYS": json.dumps({"gateway": PUBLIC}),
            **{key: value for key, value in told.items() if key.isupper()},
        }
        if name == "insight":
            settings["CLICKHOUSE_URL"] = engines.clickhouse_url(name)
        if name == "identity":
            settings.setdefault("LEDGER_URL", engines.folder_url("erasures"))
        self._environment = os.environ | {f"{name.upper()}_{key}": value for key, value in settings.items()}
        self._running: asyncio.subprocess.Process | None = None

    async def migrate(self) -> None:
        process = await self._launch("migrate")
        assert await process.wait() == 0

    async def start(self) -> None:
        self._running = await self._launch()

    async def stop(self, number: int = signal.SIGTERM) -> int:
        assert self._running is not None
        with contextlib.suppress(ProcessLookupError):
            self._running.send_signal(number)
        return await self._running.wait()

    async def _launch(self, *arguments: str) -> asyncio.subprocess.Process:
        with contextlib.ExitStack() as stack:
            errors = stack.enter_context(self.log.open("ab")) if self.log else None
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "services", self.name, *arguments, env=self._environment, stderr=errors
            )

    def client(self) -> AbstractAsyncContextManager[RpcClient]:
        """Calls as the gateway."""
        return rpc_client(self.address, self.name, TokenSigner("gateway", PRIVATE))


@asynccontextmanager
async def running(engines: Any, name: str, **told: str) -> AsyncIterator[ServiceProcess]:
    """Started, and killed in the end; `told` are settings beyond those every service needs."""
    process = ServiceProcess(engines, name, told)
    if name == "insight":  # the fixture migrates PostgreSQL only
        await process.migrate()
    await process.start()
    try:
        yield process
    finally:
        await process.stop(signal.SIGKILL)
