"""One attempt at one job, in a process of its own: progress, checkpoint, cancelling, result."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import stat
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import sqlalchemy as sa
import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import DatabaseUnavailable, open_engine, open_transaction, open_untenanted
from chassis.errors import ExpectedError, Unavailable
from chassis.jobs import Job, load_job
from chassis.settings import ServiceSettings
from chassis.telemetry import start_logging, start_tracing, tracer

log = logging.getLogger(__name__)

S = TypeVar("S", bound=ServiceSettings)

_STORE_EVERY_SECONDS = 0.5
# A part we need is down; the runner tries again later.
EXIT_TRY_AGAIN = 75


class _Superseded(Exception):
    """Another attempt has taken over, or the job is gone: this one must not write any more."""


class JobContext:
    """What a handler sees of its job."""

    def __init__(self, engine: AsyncEngine, job: Job) -> None:
        self.job = job
        self.tenant_id = job.tenant_id
        self.arguments = job.arguments
        # Where the previous attempt was last known to be; None at the first.
        self.checkpoint = job.checkpoint
        self.cancelled = False
        self._engine = engine
        self._latest: dict[str, Any] = {"done": job.done, "total": job.total, "message": job.message}
        self._checkpoint = job.checkpoint
        self._stored_at = 0.0
        self._storing = asyncio.Lock()

    async def progress(
        self,
        done: int,
        total: int | None = None,
        *,
        checkpoint: Mapping[str, Any] | None = None,
        message: str = "",
    ) -> None:
        """Say how far it is; cheap, stored twice a second at most.

        A checkpoint covers work that is finished and durable. After a crash the next attempt may start
        from an older one, so work behind a checkpoint must be harmless to repeat. After this, look at
        `cancelled`: when true, stop within two seconds and return; what is returned then is dropped.
        """
        self._latest = {"done": done, "total": total, "message": message}
        if checkpoint is not None:
            self._checkpoint = dict(checkpoint)
        if asyncio.get_running_loop().time() - self._stored_at >= _STORE_EVERY_SECONDS:
            await self.store()

    async def store(self) -> None:
        """Store progress and checkpoint now, and learn whether to stop."""
        async with self._storing:
            self._stored_at = asyncio.get_running_loop().time()
            async with open_transaction(self._engine, self.tenant_id) as connection:
                cancel = await connection.scalar(
                    sa.text(
                        "with stored as (update jobs set done = :done, total = :total, message = :message, "
                        "checkpoint = cast(:checkpoint as jsonb), heartbeat_at = now() "
                        "where tenant_id = :tenant_id and id = :id and attempts = :attempt "
                        "and state = 'running' returning tenant_id, id) "
                        "select cancel_requested from job_queue join stored using (tenant_id, id)"
                    ),
                    {**self._latest, **self._key, "checkpoint": _json(self._checkpoint)},
                )
            if cancel is None:
                raise _Superseded
            self.cancelled = self.cancelled or cancel

    async def finish(self, state: str, *, reason: str, message: str, result: Any) -> None:
        """The end, in one transaction: either all of it is there or nothing."""
        async with open_transaction(self._engine, self.tenant_id) as connection:
            ended = await connection.execute(
                sa.text(
                    "update jobs set state = :state, error_reason = :reason, message = :message, "
                    "done = :done, total = :total, result = cast(:result as jsonb), "
                    "finished_at = now(), heartbeat_at = now() "
                    "where tenant_id = :tenant_id and id = :id and attempts = :attempt and state = 'running'"
                ),
                {
                    **self._latest,
                    **self._key,
                    "state": state,
                    "reason": reason,
                    "message": message or self._latest["message"],
                    "result": _json(result),
                },
            )
            if not ended.rowcount:
                raise _Superseded
            await connection.execute(
                sa.text("delete from job_queue where tenant_id = :tenant_id and id = :id"),
                {"tenant_id": self.tenant_id, "id": self.job.id},
            )

    @property
    def _key(self) -> dict[str, Any]:
        return {"tenant_id": self.tenant_id, "id": self.job.id, "attempt": self.job.attempts}


# Returns the job's result, which is JSON.
Handler = Callable[[JobContext], Awaitable[Mapping[str, Any] | None]]
# Entered once a process, with what the handlers need inside.
Handlers = Callable[[S], AbstractAsyncContextManager[Mapping[str, Handler]]]


def run_job(
    name: str,
    handlers: Handlers[S],
    settings: S,
    arguments: list[str],
) -> None:
    """`python -m services <name> job <id> <attempt>`: make one attempt, then exit."""
    if len(arguments) != 2 or not arguments[1].isdigit():
        sys.exit("a job is started by its runner: job <id> <attempt>")
    start_logging(name, settings.log_level)
    tracing = start_tracing(name, settings.otlp_endpoint, settings.trace_share)
    _die_with_runner()
    try:
        code = uvloop.run(_in_service(handlers, settings, arguments[0], int(arguments[1])))
    finally:
        if tracing is not None:
            tracing.shutdown()
    sys.exit(code)


async def _in_service(
    handlers: Handlers[S],
    settings: S,
    job_id: str,
    attempt: int,
) -> int:
    try:
        async with (
            open_engine(settings.database_url.get_secret_value(), pool_size=2) as engine,
            handlers(settings) as known,
        ):
            return await attempt_job(engine, job_id, attempt, known)
    except Unavailable as error:
        log.warning("job_waits", extra={"job_id": job_id, "reason": error.reason})
        return EXIT_TRY_AGAIN


async def attempt_job(engine: AsyncEngine, job_id: str, attempt: int, handlers: Mapping[str, Handler]) -> int:
    """Run the handler of a claimed job; returns the process' exit code. Raises Unavailable to try again."""
    job = await _load(engine, job_id)
    if job is None or job.attempts != attempt or job.state.finished:
        log.info("job_superseded", extra={"job_id": job_id, "attempt": attempt})
        return 0
    context = JobContext(engine, job)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: setattr(context, "cancelled", True))
    facts = {"job_id": job_id, "kind": job.kind, "tenant_id": job.tenant_id, "attempt": attempt}
    log.info("job_started", extra=facts)
    heartbeat = asyncio.create_task(_keep_alive(context))
    try:
        with tracer().start_as_current_span(f"job {job.kind}"):
            ended = await _handle(context, handlers)
        await _stop(heartbeat)
        if ended is None:
            await context.store()  # the next attempt, if there is one, goes on from here
            return 0
        await context.finish(**ended)
        log.info("job_finished", extra={**facts, "state": ended["state"], "reason": ended["reason"]})
    except _Superseded:
        log.info("job_superseded", extra=facts)
    finally:
        await _stop(heartbeat)
    return 0


async def _handle(context: JobContext, handlers: Mapping[str, Handler]) -> dict[str, Any] | None:
    """How it ended; None when it was asked to stop."""
    handler = handlers.get(context.job.kind)
    if handler is None:
        return _failed("JOB_KIND_UNKNOWN", f"This service has no job called {context.job.kind}.")
    try:
        result = await handler(context)
    except (_Superseded, Unavailable):
        raise
    except ExpectedError as error:
        return _failed(error.reason, error.message)
    except Exception:  # a bug of the handler: the job has failed, and the log knows why
        log.exception("job_broke", extra={"job_id": context.job.id, "kind": context.job.kind})
        return _failed("INTERNAL", "Something went wrong on our side.")
    if context.cancelled:
        return None
    return {"state": "succeeded", "reason": "", "message": "", "result": dict(result or {})}


def _failed(reason: str, message: str) -> dict[str, Any]:
    return {"state": "failed", "reason": reason, "message": message, "result": None}


async def _load(engine: AsyncEngine, job_id: str) -> Job | None:
    async with open_untenanted(engine) as connection:
        tenant_id = await connection.scalar(
            sa.text("select tenant_id::text from job_queue where id::text = :id"), {"id": job_id}
        )
    if tenant_id is None:
        return None
    async with open_transaction(engine, tenant_id) as connection:
        return await load_job(connection, tenant_id, job_id)


async def _keep_alive(context: JobContext) -> None:
    while True:
        await asyncio.sleep(_STORE_EVERY_SECONDS)
        try:
            await context.store()
        except DatabaseUnavailable:
            log.info("job_heartbeat_missed", extra={"job_id": context.job.id})
        except _Superseded:
            # Whatever the handler is doing, it must not go on: another attempt may be at work.
            log.warning("job_superseded", extra={"job_id": context.job.id})
            os._exit(0)


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _die_with_runner() -> None:
    """A child whose runner was killed would go on unseen beside its successor; its pipe tells it."""
    mode = os.fstat(0).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return

    def watch() -> None:
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, allow_nan=False)
