"""From joining or parting two people until their profile and the overview follow, at 1,000 events/s."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bench.client import percentile
from bench.figures import Figures
from bench.ingest import wait_until_level
from bench.load import pace
from bench.shares import measured
from bench.system import System, Tenant
from bench.traffic import TENANTS

EVENTS_PER_SECOND = 1000
POLL_SECONDS = 0.05
PATIENCE_SECONDS = 60
# A day on which nothing but these visits happens, in a tenant that is under load.
DAY = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Followed:
    """Seconds from the request until profile and overview show what it asked for."""

    link: list[float] = field(default_factory=list)
    unlink: list[float] = field(default_factory=list)


def measure_remap(system: System, figures: Figures, seconds: float) -> None:
    """Two visitors are joined and parted again, and others after them, while the load goes on."""
    tenants = [system.create_tenant(f"remap {number}") for number in range(TENANTS)]
    stop = threading.Event()
    followed = Followed()
    prober = threading.Thread(target=_probe, args=(system, tenants[0], stop, followed))
    prober.start()
    try:
        with measured(system) as shares:
            result = asyncio.run(
                pace(system.address, tenants, events_per_second=EVENTS_PER_SECOND, seconds=seconds, seed=5)
            )
    finally:
        stop.set()
        prober.join()
    shares.show(f"{result.events / result.seconds:.0f} events/s and changes of the map", result.events)
    link, unlink = sorted(followed.link), sorted(followed.unlink)
    print(f"{len(link)} joined, max {link[-1]:.2f} s; {len(unlink)} parted, max {unlink[-1]:.2f} s")
    both = sorted(link + unlink)
    figures.add("identity.remap_visible_p50_s", percentile(both, 0.5), "s")
    figures.add("identity.remap_visible_p99_s", percentile(both, 0.99), "s")
    wait_until_level(system, tenants, result.accepted)


def _probe(system: System, tenant: Tenant, stop: threading.Event, followed: Followed) -> None:
    number = 0
    while not stop.is_set() or not followed.unlink:
        number += 1
        left, right = (_visitor(system, tenant, f"{side}-{number}", number) for side in ("left", "right"))
        _await(lambda: _visitors(system, tenant) == 2 * number)  # noqa: B023 - used within this turn only
        began = time.perf_counter()
        path = f"/v1/profiles/{left}/links"
        system.call("POST", path, tenant.secret_key, {"nid": left, "other_nid": right})
        _await(
            lambda: _events(system, tenant, left) == 2 and _visitors(system, tenant) == 2 * number - 1  # noqa: B023
        )
        followed.link.append(time.perf_counter() - began)
        began = time.perf_counter()
        pair = {"a": min(left, right), "b": max(left, right)}
        system.call("POST", f"{path}/withdraw", tenant.secret_key, {"links": [pair]})
        _await(lambda: _events(system, tenant, left) == 1 and _visitors(system, tenant) == 2 * number)  # noqa: B023
        followed.unlink.append(time.perf_counter() - began)


def _visitor(system: System, tenant: Tenant, name: str, number: int) -> int:
    """Somebody new who visits once; their number."""
    page = {
        "anonymousId": name,
        "messageId": f"visit-{name}",
        "timestamp": (DAY + timedelta(seconds=number)).isoformat(),
        "context": {"channel": "web"},
    }
    system.call("POST", "/v1/page", tenant.secret_key, page)
    found: list[dict[str, int]] = []

    def known() -> bool:
        found[:] = system.call("GET", "/v1/profiles", tenant.secret_key, q=name)["profiles"]
        return len(found) == 1

    _await(known)
    return found[0]["id"]


def _await(seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not seen():
        if time.monotonic() > deadline:
            raise TimeoutError("a change of the map does not appear")
        time.sleep(POLL_SECONDS)


def _visitors(system: System, tenant: Tenant) -> int:
    # The tenant's zone is ahead of UTC: the visits' local day is the same.
    day = str(DAY.date())
    answer = system.call("GET", "/v1/reports/overview", tenant.secret_key, **{"from": day, "to": day})
    return int(answer["total"]["visitors"])


def _events(system: System, tenant: Tenant, profile_id: int) -> int:
    answer = system.call("GET", f"/v1/profiles/{profile_id}", tenant.secret_key)
    return len(answer["events"])
