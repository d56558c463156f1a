"""What every way of running jobs promises; today child processes, later Kubernetes Jobs too."""

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis.database import async_url, open_engine
from chassis.errors import InvalidArgument
from chassis.job_runner import child_process, run_jobs
from chassis.jobs import Job, JobNotFound, Jobs, JobState, create_jobs_tables
from chassis.tenancy import new_signing_key

Runner = Callable[..., AbstractAsyncContextManager[Jobs]]


def tenant() -> str:
    return str(uuid.uuid4())


@pytest.fixture(scope="module")
async def database(engines: Any) -> str:
    owner = create_async_engine(async_url(engines.migration_url("jobs_test")))

    def create(connection: sa.Connection) -> None:
        create_jobs_tables(Operations(MigrationContext.configure(connection)))

    async with owner.begin() as connection:
        await connection.run_sync(create)
    await owner.dispose()
    return str(engines.postgres_url("jobs_test"))


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    async with open_engine(database) as engine:
        async with engine.begin() as connection:
            await connection.execute(sa.text("delete from job_queue"))
        yield engine


@pytest.fixture(params=[child_process])
def runner(
    request: pytest.FixtureRequest, engine: AsyncEngine, database: str, monkeypatch: pytest.MonkeyPatch
) -> Runner:
    for name, value in {
        "LISTEN": "127.0.0.1:0",
        "ADMIN_LISTEN": "127.0.0.1:0",
        "DATABASE_URL": database,
        "BUS_URL": "nats://127.0.0.1:1",
        "SIGNING_KEY": new_signing_key()[0],
        "TRUSTED_KEYS": "{}",
    }.items():
        monkeypatch.setenv(f"JOBS_TEST_{name}", value)
    program = (sys.executable, "-m", "tests.contract.job_program")
    launch = request.param("jobs_test", program=program)
    return lambda **options: run_jobs(engine, launch, **options)


@pytest.fixture
async def jobs(runner: Runner) -> AsyncIterator[Jobs]:
    async with runner(concurrency=2) as jobs:
        yield jobs


async def until(jobs: Jobs, job: Job, reached: Callable[[Job], bool], seconds: float = 120) -> Job:
    async with asyncio.timeout(seconds):
        while not reached(job := await jobs.get(job.tenant_id, job.id)):
            await asyncio.sleep(0.05)
    return job


def finished(job: Job) -> bool:
    return job.state.finished


def counting(tmp_path: Path, to: int, pause: float) -> dict[str, Any]:
    return {"to": to, "pause": pause, "file": str(tmp_path / "notes")}


def notes(tmp_path: Path) -> list[tuple[int, int]]:
    lines = (tmp_path / "notes").read_text().splitlines()
    return [(int(attempt), int(number)) for attempt, number in (line.split() for line in lines)]


async def test_a_job_runs_once_and_keeps_its_result(jobs: Jobs, tmp_path: Path) -> None:
    job = await jobs.start(tenant(), "count", counting(tmp_path, 3, 0), created_by="test")
    assert job.state is JobState.QUEUED
    job = await until(jobs, job, finished)
    assert (job.state, job.result, job.done, job.total) == (JobState.SUCCEEDED, {"counted": 3}, 3, 3)
    assert job.attempts == 1
    assert job.started_at is not None and job.finished_at is not None
    assert notes(tmp_path) == [(1, 0), (1, 1), (1, 2)]


async def test_progress_is_seen_while_the_job_runs(jobs: Jobs, tmp_path: Path) -> None:
    job = await jobs.start(tenant(), "count", counting(tmp_path, 1000, 0.05), created_by="test")
    job = await until(jobs, job, lambda job: job.done > 5)
    assert (job.state, job.total) == (JobState.RUNNING, 1000)
    await jobs.cancel(job.tenant_id, job.id)


async def test_a_cancelled_job_stops_within_two_seconds_and_leaves_no_result(
    jobs: Jobs, tmp_path: Path
) -> None:
    job = await jobs.start(tenant(), "count", counting(tmp_path, 1000, 0.05), created_by="test")
    await until(jobs, job, lambda job: job.done > 0)
    await jobs.cancel(job.tenant_id, job.id)
    job = await until(jobs, job, finished, seconds=2.5)
    assert (job.state, job.result) == (JobState.CANCELLED, None)
    written = notes(tmp_path)
    await asyncio.sleep(0.5)
    assert notes(tmp_path) == written


async def test_a_job_that_does_not_listen_is_killed(jobs: Jobs) -> None:
    job = await jobs.start(tenant(), "stubborn", {}, created_by="test")
    job = await until(jobs, job, lambda job: bool(job.message))
    await jobs.cancel(job.tenant_id, job.id)
    stopped = await until(jobs, job, finished, seconds=8)
    assert (stopped.state, stopped.result) == (JobState.CANCELLED, None)
    with pytest.raises(ProcessLookupError):
        os.kill(int(job.message), 0)


async def test_a_waiting_job_is_cancelled_at_once(runner: Runner, tmp_path: Path) -> None:
    async with runner(concurrency=1) as jobs:
        busy = await jobs.start(tenant(), "count", counting(tmp_path, 1000, 0.05), created_by="test")
        await until(jobs, busy, lambda job: job.state is JobState.RUNNING)
        waiting = await jobs.start(busy.tenant_id, "refuse", {}, created_by="test")
        assert (await jobs.cancel(waiting.tenant_id, waiting.id)).state is JobState.CANCELLED
        await jobs.cancel(busy.tenant_id, busy.id)


async def test_cancelling_a_finished_job_changes_nothing(jobs: Jobs, tmp_path: Path) -> None:
    job = await jobs.start(tenant(), "count", counting(tmp_path, 1, 0), created_by="test")
    job = await until(jobs, job, finished)
    assert await jobs.cancel(job.tenant_id, job.id) == job


async def test_a_killed_job_goes_on_from_its_checkpoint(jobs: Jobs, tmp_path: Path) -> None:
    job = await jobs.start(tenant(), "count", counting(tmp_path, 40, 0.05), created_by="test")
    job = await until(jobs, job, lambda job: job.done >= 10)
    os.kill(int(job.message), signal.SIGKILL)
    job = await until(jobs, job, finished)
    assert (job.state, job.attempts, job.result) == (JobState.SUCCEEDED, 2, {"counted": 40})
    second = [number for attempt, number in notes(tmp_path) if attempt == 2]
    assert second[0] >= 10
    assert second == list(range(second[0], 40))


async def test_a_job_goes_on_after_its_service_restarts_and_that_is_no_failed_attempt(
    runner: Runner, tmp_path: Path
) -> None:
    async with runner() as jobs:
        job = await jobs.start(tenant(), "count", counting(tmp_path, 40, 0.05), created_by="test")
        await until(jobs, job, lambda job: job.done >= 5)
    async with runner() as jobs:
        job = await until(jobs, job, finished)
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)
    assert sorted({number for _, number in notes(tmp_path)}) == list(range(40))
    assert len(notes(tmp_path)) <= 41


async def test_a_job_whose_runner_was_killed_is_taken_over(
    engine: AsyncEngine, runner: Runner, tmp_path: Path
) -> None:
    async with runner() as jobs:
        job = await jobs.start(tenant(), "count", counting(tmp_path, 60, 0.05), created_by="test")
        job = await until(jobs, job, lambda job: job.done >= 5)
        async with engine.begin() as connection:  # as after a lease nobody renewed
            await connection.execute(
                sa.text("update job_queue set runner = uuidv7(), due_at = now() where id::text = :id"),
                {"id": job.id},
            )
        async with runner() as successor:
            job = await until(successor, job, finished)
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 2)
    first = [number for attempt, number in notes(tmp_path) if attempt == 1]
    assert max(first) < 59, "the first attempt went on beside the second"


async def test_a_promised_failure_keeps_its_reason(jobs: Jobs) -> None:
    job = await until(jobs, await jobs.start(tenant(), "refuse", {}, created_by="test"), finished)
    assert (job.state, job.error_reason, job.attempts) == (JobState.FAILED, "SET_TOO_LARGE", 1)
    assert job.message == "That is more than one job takes."


async def test_a_bug_fails_the_job_without_telling_its_text(jobs: Jobs) -> None:
    job = await until(jobs, await jobs.start(tenant(), "break_down", {}, created_by="test"), finished)
    assert (job.state, job.error_reason) == (JobState.FAILED, "INTERNAL")
    assert "@" not in job.message


async def test_an_unknown_kind_fails_at_once(jobs: Jobs) -> None:
    job = await until(jobs, await jobs.start(tenant(), "nonsense", {}, created_by="test"), finished)
    assert (job.state, job.error_reason) == (JobState.FAILED, "JOB_KIND_UNKNOWN")


async def test_a_job_whose_dependency_is_away_is_tried_again(jobs: Jobs) -> None:
    job = await until(jobs, await jobs.start(tenant(), "wait_for_part", {}, created_by="test"), finished)
    assert (job.state, job.result) == (JobState.SUCCEEDED, {"attempts": 2})


async def test_a_job_that_always_dies_is_given_up(engine: AsyncEngine, jobs: Jobs) -> None:
    job = await jobs.start(tenant(), "die", {}, created_by="test")
    async with asyncio.timeout(60):
        while not job.state.finished:
            async with engine.begin() as connection:  # do not wait for the pauses between attempts
                await connection.execute(sa.text("update job_queue set due_at = now() where runner is null"))
            await asyncio.sleep(0.1)
            job = await jobs.get(job.tenant_id, job.id)
    assert (job.state, job.error_reason, job.attempts) == (JobState.FAILED, "JOB_GAVE_UP", 5)


async def test_tenants_take_turns(runner: Runner, tmp_path: Path) -> None:
    async with runner(concurrency=1) as jobs:
        large, small = tenant(), tenant()
        many = [
            await jobs.start(large, "count", counting(tmp_path, 1, 0), created_by="test") for _ in range(4)
        ]
        one = await jobs.start(small, "count", counting(tmp_path, 1, 0), created_by="test")
        one = await until(jobs, one, finished)
        ended = [await until(jobs, job, finished) for job in many]
    earlier = [
        job for job in ended if job.finished_at and one.finished_at and job.finished_at < one.finished_at
    ]
    assert len(earlier) <= 1


async def test_no_more_run_than_allowed(runner: Runner, tmp_path: Path) -> None:
    async with runner(concurrency=1) as jobs:
        pair = [
            await jobs.start(tenant(), "count", counting(tmp_path, 5, 0.05), created_by="t") for _ in "ab"
        ]
        first, second = [await until(jobs, job, finished) for job in pair]
    assert first.finished_at is not None and second.started_at is not None
    assert second.started_at >= first.finished_at


async def test_a_tenant_never_sees_anothers_jobs(jobs: Jobs) -> None:
    mine, other = tenant(), tenant()
    job = await until(jobs, await jobs.start(mine, "refuse", {}, created_by="test"), finished)
    with pytest.raises(JobNotFound):
        await jobs.get(other, job.id)
    with pytest.raises(JobNotFound):
        await jobs.cancel(other, job.id)
    assert await jobs.list(other) == []


async def test_jobs_are_listed_page_by_page_newest_first(jobs: Jobs) -> None:
    mine = tenant()
    started = [(await jobs.start(mine, "refuse", {}, created_by="test")).id for _ in range(5)]
    await jobs.start(mine, "nonsense", {}, created_by="test")
    first = await jobs.list(mine, kind="refuse", page_size=3)
    rest = await jobs.list(mine, kind="refuse", page_size=3, before=first[-1].id)
    assert [job.id for job in (*first, *rest)] == started[::-1]
    with pytest.raises(InvalidArgument):
        await jobs.list(mine, page_size=0)
