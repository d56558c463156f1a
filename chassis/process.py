"""Runs one service as one process: settings, log, traces, admin port, signals, drain."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import TypeVar

import uvicorn
import uvloop
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from chassis.database import migrate
from chassis.settings import ServiceSettings, host_and_port, load_settings
from chassis.telemetry import start_logging, start_tracing

log = logging.getLogger(__name__)

S = TypeVar("S", bound=ServiceSettings)
Service = Callable[[S], AbstractAsyncContextManager[None]]


def run(name: str, service: Service[S], settings_type: type[S], arguments: list[str]) -> None:
    """`python -m services <name> [--print-config]`: enter the service, wait for a signal, leave it."""
    settings = load_settings(settings_type)
    if "--print-config" in arguments:
        sys.stdout.write(settings.printable() + "\n")
        return
    start_logging(name, settings.log_level)
    tracing = start_tracing(name, settings.otlp_endpoint, settings.trace_share)
    try:
        uvloop.run(_live(name, service, settings))
    finally:
        if tracing is not None:
            tracing.shutdown()


def run_migrations(name: str, settings_type: type[ServiceSettings], scripts: Path) -> None:
    """`python -m services <name> migrate`: bring its database to the newest revision, as the owner."""
    settings = load_settings(settings_type)
    url = settings.migration_database_url
    if url is None:
        prefix = settings_type.model_config.get("env_prefix", "")
        sys.exit(f"{prefix}MIGRATION_DATABASE_URL: migrating needs the owner of the database")
    start_logging(name, settings.log_level)
    migrate(url.get_secret_value(), scripts)


async def _live(name: str, service: Service[S], settings: S) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    readiness = Readiness()
    async with serve_admin(settings.admin_listen, readiness), service(settings):
        readiness.ready = True
        log.info("ready")
        await stop.wait()
        readiness.ready = False
        log.info("draining")
    log.info("stopped")


class Readiness:
    """Whether the process may be sent work."""

    ready = False


@asynccontextmanager
async def serve_admin(listen: str, readiness: Readiness) -> AsyncIterator[None]:
    """/metrics, /healthz (the process lives) and /readyz (it takes work) on a port that is never public."""

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        return PlainTextResponse(
            "ready\n" if readiness.ready else "not ready\n", 200 if readiness.ready else 503
        )

    app = Starlette(routes=[Route("/metrics", metrics), Route("/healthz", healthz), Route("/readyz", readyz)])
    host, port = host_and_port(listen)
    config = uvicorn.Config(app, host=host, port=port, lifespan="off", access_log=False, log_config=None)
    async with serve_asgi(config):
        yield


class QuietServer(uvicorn.Server):
    """uvicorn without its own signal handlers: the process decides when to drain."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


@asynccontextmanager
async def serve_asgi(
    config: uvicorn.Config,
    server_type: type[uvicorn.Server] = QuietServer,
    sockets: list[socket.socket] | None = None,
) -> AsyncIterator[uvicorn.Server]:
    """Serve an ASGI app until left, on `sockets` if given; in-flight requests finish first.

    Make `config` with `log_config=None`: by itself uvicorn logs lines that are no JSON.
    """
    server = server_type(config)
    task = asyncio.create_task(server.serve(sockets))
    while not server.started:
        if task.done():
            task.result()
            raise OSError(f"cannot listen on {config.host}:{config.port}")
        await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        server.should_exit = True
        await task
