"""The job processes of test_jobs.py: `python -m tests.contract.job_program jobs_test job <id> <attempt>`."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic_settings import SettingsConfigDict

from chassis.errors import Conflict, Unavailable
from chassis.job_process import Handler, JobContext, run_job
from chassis.settings import ServiceSettings, load_settings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="JOBS_TEST_", frozen=True, extra="ignore")


class SetTooLarge(Conflict):
    reason = "SET_TOO_LARGE"


async def count(context: JobContext) -> Mapping[str, Any]:
    """Counts to `to`, notes each number in a file, and shows its process id as its message."""
    first = (context.checkpoint or {"next": 0})["next"]
    for number in range(first, context.arguments["to"]):
        with Path(context.arguments["file"]).open("a") as notes:
            notes.write(f"{context.job.attempts} {number}\n")
        await asyncio.sleep(context.arguments["pause"])
        await context.progress(
            number + 1, context.arguments["to"], checkpoint={"next": number + 1}, message=str(os.getpid())
        )
        if context.cancelled:
            break
    return {"counted": context.arguments["to"]}


async def stubborn(context: JobContext) -> None:
    await context.progress(1, message=str(os.getpid()))
    await context.store()
    time.sleep(600)


async def die(context: JobContext) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def refuse(context: JobContext) -> None:
    raise SetTooLarge("That is more than one job takes.")


async def break_down(context: JobContext) -> None:
    raise ZeroDivisionError("with somebody@example.com in its text")


async def wait_for_part(context: JobContext) -> Mapping[str, Any]:
    if context.job.attempts == 1:
        raise Unavailable("The part is away.")
    return {"attempts": context.job.attempts}


@asynccontextmanager
async def handlers(settings: Settings) -> AsyncIterator[Mapping[str, Handler]]:
    yield {
        "count": count,
        "stubborn": stubborn,
        "die": die,
        "refuse": refuse,
        "break_down": break_down,
        "wait_for_part": wait_for_part,
    }


if __name__ == "__main__":
    run_job("jobs_test", handlers, load_settings(Settings), sys.argv[3:])
