"""`python -m bench.chaos`: kill -9 of random parts under load; nothing may be lost or counted twice.

With `--control` insight does not read back what it has written after a restart: then events must be
counted twice, or this test could not fail.
"""

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from dataclasses import asdict, dataclass, field

import psutil

from bench.beside import import_beside, relink_beside
from bench.client import Request
from bench.figures import Figures
from bench.households import Households
from bench.load import Pacer
from bench.system import System, Tenant, own_system
from bench.verdict import Verdict, judge, wait_back, wait_level

KILL_EVERY_SECONDS = 2.0
BACK_PATIENCE_SECONDS = 60
N_TENANTS = 3
# Rows of files for each live event.
IMPORT_SHARE = 0.25


@dataclass(slots=True)
class Run:
    """What happened during the load."""

    kills: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    answered: int = 0
    imported: int = 0
    relinked: int = 0


async def load_and_kill(
    system: System, tenants: list[Tenant], households: Households, rate: float, seconds: float
) -> tuple[Run, Pacer]:
    """Steady load, imports and changed links, a random part killed every 2 s.

    Returns once everything sent is acknowledged.
    """
    rng = households.rng
    run = Run()

    def take(request: Request, status: int, _: float) -> None:
        run.answered += 1
        if status == 200:
            households.acknowledge(request)
        else:
            run.refused += 1

    async def kill() -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            await asyncio.sleep(KILL_EVERY_SECONDS)
            if killed := kill_one(system, rng):
                run.kills[killed] = run.kills.get(killed, 0) + 1

    pacer = Pacer(households.next, take, rate, rng)
    _, _, run.imported, run.relinked = await asyncio.gather(
        pacer.run(system.address, seconds),
        kill(),
        import_beside(system, tenants, households, rate * IMPORT_SHARE, seconds),
        relink_beside(system, tenants, seconds, rng),
    )
    return run, pacer


def kill_one(system: System, rng: random.Random) -> str:
    """kill -9 of a random living part; its name, or "" when none lives."""
    parts = sorted(system.parts().items())
    rng.shuffle(parts)
    for name, pid in parts:
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            process = psutil.Process(pid)
            # A number in the file may be of a part that died a moment ago.
            if process.ppid() == system.supervisor_pid and process.status() != psutil.STATUS_ZOMBIE:
                os.kill(pid, signal.SIGKILL)
                return name
    return ""


def chaos(seed: int, seconds: float, rate: float, figures: Figures, control: bool) -> bool:
    """One seed on a fresh system; True when everything is right, as control when the count is wrong."""
    environment = {"INSIGHT_READ_BACK": "false"} if control else {}
    with own_system(**environment) as system:
        tenants = [system.create_tenant(f"chaos {number}") for number in range(N_TENANTS)]
        households = Households(tenants, seed)
        run, pacer = asyncio.run(load_and_kill(system, tenants, households, rate, seconds))
        print(f"seed {seed}: killed {run.kills}, refused {run.refused}, {pacer.troubles}", flush=True)
        ended = time.monotonic()
        away = wait_back(system, BACK_PATIENCE_SECONDS)
        for tenant, facts in zip(tenants, households.acknowledged, strict=True):
            wait_level(system, tenant, len(facts))
        level_seconds = time.monotonic() - ended
        verdict = _judge_all(system, tenants, households)
    _show(figures, run, pacer, households, verdict)
    figures.add("chaos.parts_away", len(away), "parts")
    figures.add("chaos.level_s", level_seconds, "s")
    if control:
        return verdict.double_counted > 0
    return verdict.right and not away and not run.refused


def _judge_all(system: System, tenants: list[Tenant], households: Households) -> Verdict:
    verdict = Verdict()
    for tenant, facts in zip(tenants, households.acknowledged, strict=True):
        verdict.add(judge(system, tenant, facts))
    return verdict


def _show(figures: Figures, run: Run, pacer: Pacer, households: Households, verdict: Verdict) -> None:
    figures.add("chaos.events", sum(map(len, households.acknowledged)), "events")
    figures.add("chaos.imported", run.imported, "events")
    figures.add("chaos.relinked", run.relinked, "links")
    figures.add("chaos.copies", households.copies, "events")
    figures.add("chaos.kills", sum(run.kills.values()), "kills")
    figures.add("chaos.retries", pacer.troubles.failed_requests, "requests")
    for name, value in asdict(verdict).items():
        figures.add(f"chaos.{name}", value, "cents" if name.endswith("cents") else "count")


def main() -> None:
    """Parse, run each seed, exit 1 when one is not as it has to be."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, nargs="+", help="1 2 3 unless named; 1 if short or control")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=2000, help="events per second")
    parser.add_argument("--short", action="store_true", help="20 s at 500 events/s")
    parser.add_argument("--control", action="store_true", help="switch the read-back off; must count twice")
    parser.add_argument("--record", action="store_true", help="append to RESULTS.md; for make bench only")
    arguments = parser.parse_args()
    if arguments.short:
        arguments.seconds, arguments.rate = 20, 500
    seeds = arguments.seed or ([1] if arguments.short or arguments.control else [1, 2, 3])
    figures = Figures(arguments.record)
    as_it_has_to_be = [
        chaos(seed, arguments.seconds, arguments.rate, figures, arguments.control) for seed in seeds
    ]
    figures.save()
    if not all(as_it_has_to_be):
        sys.exit("chaos: the control counted right" if arguments.control else "chaos: something is wrong")


if __name__ == "__main__":
    main()
