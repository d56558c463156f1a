"""`python -m bench.outage identity`: a part hangs for a minute under load; when is all level again."""

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sys
import time

from bench.client import Request
from bench.figures import Figures
from bench.households import Households
from bench.load import Pacer
from bench.system import Answer, System, Tenant, own_system
from bench.verdict import judge, overview_total, wait_level

PARTS = ("identity", "clickhouse")
BEFORE_SECONDS = 5.0
OUTAGE_SECONDS = 60.0
# Level means: all that was acknowledged this long ago is counted, while the load goes on.
LEVEL_SECONDS = 2.0
PATIENCE_SECONDS = 180


async def suffer(
    system: System, tenants: list[Tenant], households: Households, part: str, rate: float
) -> float:
    """Seconds from the part's return until everything is level; the load never pauses."""
    acknowledged: list[tuple[float, list[int]]] = []

    slowest = 0.0

    def take(request: Request, status: int, seconds: float) -> None:
        nonlocal slowest
        slowest = max(slowest, seconds)
        if status != 200:
            raise AssertionError(f"the gateway answered {status}")
        households.acknowledge(request)
        if not acknowledged or time.monotonic() - acknowledged[-1][0] > 0.1:
            acknowledged.append((time.monotonic(), [len(facts) for facts in households.acknowledged]))

    pacer = Pacer(households.next, take, rate, random.Random(7))
    loading = asyncio.create_task(pacer.run(system.address, seconds=float("inf")))
    await asyncio.sleep(BEFORE_SECONDS)
    pid = system.parts()[part]
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(OUTAGE_SECONDS)
    # What hung is replaced: it starts anew with what it has on disk.
    os.kill(pid, signal.SIGKILL)
    back = time.monotonic()
    while time.monotonic() < back + PATIENCE_SECONDS:
        asked = time.monotonic()
        expected = [counts for at, counts in acknowledged if at <= asked - LEVEL_SECONDS][-1]
        with contextlib.suppress(Answer, OSError):
            counted = [
                int((await asyncio.to_thread(overview_total, system, tenant))["events"]) for tenant in tenants
            ]
            if all(have >= want for have, want in zip(counted, expected, strict=True)):
                break
        await asyncio.sleep(0.2)
    recovery_seconds = time.monotonic() - back
    pacer.stop()
    await loading
    print(f"{part}: {pacer.troubles}, {pacer.requests} requests, slowest {slowest:.1f} s", flush=True)
    return recovery_seconds


def measure_outage(figures: Figures, parts: tuple[str, ...] = PARTS, rate: float = 1000) -> bool:
    """Each part on a fresh system; True when nothing was lost, repeated or set aside."""
    right = True
    for part in parts:
        with own_system() as system:
            tenants = [system.create_tenant(f"outage {number}") for number in range(3)]
            households = Households(tenants, seed=13)
            figures.add(
                f"recovery.{part}_s", asyncio.run(suffer(system, tenants, households, part, rate)), "s"
            )
            for tenant, facts in zip(tenants, households.acknowledged, strict=True):
                wait_level(system, tenant, len(facts))
                verdict = judge(system, tenant, facts)
                right = right and verdict.right
                if not verdict.right:
                    print(verdict)
    return right


def main() -> None:
    """Exit 1 when something was lost, repeated or set aside."""
    parser = argparse.ArgumentParser(prog="python -m bench.outage", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; both when none is named")
    parser.add_argument("--rate", type=float, default=1000, help="events per second")
    parser.add_argument("--record", action="store_true", help="append to RESULTS.md; for make bench only")
    arguments = parser.parse_args()
    figures = Figures(arguments.record)
    right = measure_outage(figures, tuple(arguments.parts) or PARTS, arguments.rate)
    figures.save()
    if not right:
        sys.exit("outage: the count is wrong")


if __name__ == "__main__":
    main()
