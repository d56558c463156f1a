"""Runs a service's queued jobs: a few at a time, tenants in turn, again when their process died."""

import asyncio
import contextlib
import logging
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import sqlalchemy as sa
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import SET_TENANT, DatabaseUnavailable, open_transaction, open_untenanted
from chassis.jobs import MAX_ATTEMPTS, Jobs, StoredJobs

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.5
# A runner that says nothing for so long is dead, and its jobs are anybody's.
_LEASE_SECONDS = 10
_CANCEL_SECONDS = 2.0
_TERMINATE_SECONDS = 2.0

_ended = Counter("job_attempts_total", "Attempts that ended", ["how"])


class Running(Protocol):
    """One attempt at work, wherever it is."""

    async def wait(self) -> int:
        """Its exit code, once it has ended."""

    def terminate(self) -> None:
        """Ask it to stop."""

    def kill(self) -> None:
        """Make it stop."""


class Launch(Protocol):
    """Starts the process of one attempt: a child here, a Kubernetes Job in a cluster."""

    async def __call__(self, job_id: str, attempt: int) -> Running: ...


def child_process(service: str, *, program: Sequence[str] = (sys.executable, "-m", "services")) -> Launch:
    """Attempts as children of this process, `<program> <service> job <id> <attempt>`; they die with it."""

    async def launch(job_id: str, attempt: int) -> Running:
        return await asyncio.create_subprocess_exec(
            *program,
            service,
            "job",
            job_id,
            str(attempt),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
        )

    return launch


@asynccontextmanager
async def run_jobs(engine: AsyncEngine, launch: Launch, *, concurrency: int = 1) -> AsyncIterator[Jobs]:
    """Jobs that can be started; when left, those at work are stopped and go on after the next start."""
    wake = asyncio.Event()
    runner = _Runner(engine, launch, concurrency, wake)
    task = asyncio.create_task(runner.run())
    try:
        yield StoredJobs(engine, wake)
    finally:
        runner.stopping = True
        wake.set()
        await task
        await runner.drain()


@dataclass
class _Attempt:
    tenant_id: str
    job_id: str
    number: int
    process: Running
    ended: "asyncio.Task[int]"
    stop_asked_at: float | None = None
    cancelled: bool = False
    signals: list[str] = field(default_factory=list)


class _Runner:
    def __init__(self, engine: AsyncEngine, launch: Launch, concurrency: int, wake: asyncio.Event) -> None:
        self._engine = engine
        self._launch = launch
        self._concurrency = concurrency
        self._wake = wake
        self.stopping = False
        self._id = str(uuid.uuid4())
        self._attempts: dict[str, _Attempt] = {}
        self._served: list[str] = []  # tenants by when they last had a turn, longest ago first

    async def run(self) -> None:
        while not self.stopping:
            try:
                await self._settle_ended()
                await self._renew()
                while len(self._attempts) < self._concurrency and await self._start_next():
                    pass
            except DatabaseUnavailable:
                log.warning("jobs_wait_for_database")
            self._press_on()
            if self.stopping:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _TICK_SECONDS)
            self._wake.clear()

    async def drain(self) -> None:
        """Stop what is at work, without counting it as an attempt."""
        for attempt in self._attempts.values():
            attempt.process.terminate()
        waiting = [attempt.ended for attempt in self._attempts.values()]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=_CANCEL_SECONDS + _TERMINATE_SECONDS)
            for attempt in self._attempts.values():
                if attempt.ended in late:
                    attempt.process.kill()
            await asyncio.wait(waiting)
        with contextlib.suppress(DatabaseUnavailable):
            for attempt in list(self._attempts.values()):
                await self._settle(attempt, drained=True)

    async def _start_next(self) -> bool:
        claimed = await self._claim()
        if claimed is None:
            return False
        tenant_id, job_id, number = claimed
        if tenant_id in self._served:
            self._served.remove(tenant_id)
        self._served.append(tenant_id)
        if number > MAX_ATTEMPTS:
            await self._close(tenant_id, job_id, number, "failed", "JOB_GAVE_UP")
            return True
        process = await self._launch(job_id, number)
        ended = asyncio.create_task(process.wait())
        ended.add_done_callback(lambda _: self._wake.set())
        self._attempts[job_id] = _Attempt(tenant_id, job_id, number, process, ended)
        return True

    async def _claim(self) -> tuple[str, str, int] | None:
        """Take the next due job: of the tenant with the fewest at work, then of who waited longest."""
        async with open_untenanted(self._engine) as connection:
            rows = await connection.execute(
                sa.text(
                    "with busy as (select tenant_id, count(*) as jobs from job_queue "
                    "where runner is not null and due_at > now() group by tenant_id), "
                    "next as (select q.tenant_id, q.id from job_queue q left join busy using (tenant_id) "
                    "where q.due_at <= now() and not q.id = any(cast(:mine as uuid[])) "
                    "order by coalesce(busy.jobs, 0), "
                    "coalesce(array_position(cast(:served as uuid[]), q.tenant_id), 0), q.id "
                    "limit 1 for update of q skip locked) "
                    "update job_queue q set runner = :runner, due_at = now() + make_interval(secs => :lease) "
                    "from next where q.tenant_id = next.tenant_id and q.id = next.id "
                    "returning q.tenant_id::text, q.id::text"
                ),
                {
                    "mine": list(self._attempts),
                    "served": self._served,
                    "runner": self._id,
                    "lease": _LEASE_SECONDS,
                },
            )
            row = rows.one_or_none()
            if row is None:
                return None
            tenant_id, job_id = row
            await connection.execute(SET_TENANT, {"tenant_id": tenant_id})
            number = await connection.scalar(
                sa.text(
                    "update jobs set state = 'running', attempts = attempts + 1, heartbeat_at = now(), "
                    "started_at = coalesce(started_at, now()) "
                    "where tenant_id = :tenant_id and id = :id returning attempts"
                ),
                {"tenant_id": tenant_id, "id": job_id},
            )
            if number is None:  # its tenant is gone, and the job with it
                await connection.execute(
                    sa.text("delete from job_queue where tenant_id = :tenant_id and id = :id"),
                    {"tenant_id": tenant_id, "id": job_id},
                )
                return None
        return tenant_id, job_id, number

    async def _renew(self) -> None:
        """Say that we live, and hear who is to be cancelled or is no longer ours."""
        if not self._attempts:
            return
        async with open_untenanted(self._engine) as connection:
            rows = await connection.execute(
                sa.text(
                    "update job_queue set due_at = now() + make_interval(secs => :lease) "
                    "where runner = :runner and id = any(cast(:ids as uuid[])) "
                    "returning id::text, cancel_requested"
                ),
                {"lease": _LEASE_SECONDS, "runner": self._id, "ids": list(self._attempts)},
            )
            ours = {job_id: cancel for job_id, cancel in rows}
        for attempt in self._attempts.values():
            if attempt.job_id not in ours:
                if not attempt.ended.done() and attempt.stop_asked_at is None:
                    attempt.stop_asked_at = _now()  # finished this moment, or taken over by another
            elif ours[attempt.job_id] and not attempt.cancelled:
                attempt.cancelled = True
                attempt.stop_asked_at = _now()

    def _press_on(self) -> None:
        """Those asked to stop have two seconds of their own, two after SIGTERM, and then no more."""
        for attempt in self._attempts.values():
            if attempt.stop_asked_at is None or attempt.ended.done():
                continue
            waited = _now() - attempt.stop_asked_at
            if waited > _CANCEL_SECONDS + _TERMINATE_SECONDS:
                attempt.process.kill()
            elif waited > _CANCEL_SECONDS and "term" not in attempt.signals:
                attempt.signals.append("term")
                attempt.process.terminate()

    async def _settle_ended(self) -> None:
        for attempt in [attempt for attempt in self._attempts.values() if attempt.ended.done()]:
            await self._settle(attempt, drained=False)

    async def _settle(self, attempt: _Attempt, *, drained: bool) -> None:
        """Decide what becomes of a job whose process has ended; nothing if it said so itself."""
        code = attempt.ended.result()
        key = attempt.tenant_id, attempt.job_id, attempt.number
        if attempt.cancelled or await self._cancel_requested(attempt):
            how = "cancelled" if await self._close(*key, "cancelled", "") else "finished"
        elif drained:
            how = "drained" if await self._requeue(*key, counts=False, pause_seconds=0) else "finished"
        elif attempt.number >= MAX_ATTEMPTS:
            how = "gave_up" if await self._close(*key, "failed", "JOB_GAVE_UP") else "finished"
        else:
            pause = 0 if attempt.number == 1 else 2**attempt.number
            how = "died" if await self._requeue(*key, counts=True, pause_seconds=pause) else "finished"
        _ended.labels(how).inc()
        if how in ("died", "gave_up"):
            log.warning("job_process_died", extra={"job_id": attempt.job_id, "exit_code": code, "how": how})
        del self._attempts[attempt.job_id]

    async def _cancel_requested(self, attempt: _Attempt) -> bool:
        async with open_untenanted(self._engine) as connection:
            return bool(
                await connection.scalar(
                    sa.text(
                        "select cancel_requested from job_queue where tenant_id = :tenant_id and id = :id"
                    ),
                    {"tenant_id": attempt.tenant_id, "id": attempt.job_id},
                )
            )

    async def _close(self, tenant_id: str, job_id: str, number: int, state: str, reason: str) -> bool:
        async with open_transaction(self._engine, tenant_id) as connection:
            key = {"tenant_id": tenant_id, "id": job_id}
            closed = await connection.execute(
                sa.text(
                    "update jobs set state = :state, error_reason = :reason, finished_at = now() "
                    "where tenant_id = :tenant_id and id = :id and attempts = :number and state = 'running'"
                ),
                {**key, "state": state, "reason": reason, "number": number},
            )
            if closed.rowcount:
                await connection.execute(
                    sa.text("delete from job_queue where tenant_id = :tenant_id and id = :id"), key
                )
            return bool(closed.rowcount)

    async def _requeue(
        self, tenant_id: str, job_id: str, number: int, *, counts: bool, pause_seconds: int
    ) -> bool:
        async with open_transaction(self._engine, tenant_id) as connection:
            key = {"tenant_id": tenant_id, "id": job_id}
            requeued = await connection.execute(
                sa.text(
                    "update jobs set state = 'queued', attempts = attempts - :uncounted "
                    "where tenant_id = :tenant_id and id = :id and attempts = :number and state = 'running'"
                ),
                {**key, "uncounted": 0 if counts else 1, "number": number},
            )
            if requeued.rowcount:
                await connection.execute(
                    sa.text(
                        "update job_queue set runner = null, due_at = now() + make_interval(secs => :pause) "
                        "where tenant_id = :tenant_id and id = :id"
                    ),
                    {**key, "pause": pause_seconds},
                )
            return bool(requeued.rowcount)


def _now() -> float:
    return asyncio.get_running_loop().time()
