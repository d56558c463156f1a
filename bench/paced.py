"""At 1,000 events/s: how long an answer takes, and how soon an event is in its profile and the overview."""

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
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 60
# A day on which nothing but probes happens, in a tenant that is under load.
PROBE_DAY = datetime(2020, 1, 1, tzinfo=UTC)
PROBE_USER = "probe"


@dataclass(slots=True)
class Freshness:
    """Seconds from an event's acknowledgement until each place shows it."""

    profile: list[float] = field(default_factory=list)
    overview: list[float] = field(default_factory=list)


def profile_id_of(system: System, tenant: Tenant, user_id: str) -> str:
    """The id of a member's profile, waiting until the search finds it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = system.call("GET", "/v1/profiles", tenant.secret_key, q=user_id)["profiles"]
        if found:
            return str(found[0]["id"])
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"no profile for {user_id}")


def probe(system: System, tenant: Tenant, stop: threading.Event) -> Freshness:
    """Send an event of one member, see it appear, again and again."""
    freshness = Freshness()
    number = 0
    profile_id = ""
    while not stop.is_set():
        number += 1
        event = {
            "event": "Probe",
            "userId": PROBE_USER,
            "messageId": f"probe-{number}",
            "timestamp": (PROBE_DAY + timedelta(seconds=number)).isoformat(),
        }
        system.call("POST", "/v1/track", tenant.secret_key, event)
        acknowledged = time.perf_counter()
        if not profile_id:
            profile_id = profile_id_of(system, tenant, PROBE_USER)
            continue
        _await(lambda: _in_overview(system, tenant) >= number)  # noqa: B023 - used within this turn only
        freshness.overview.append(time.perf_counter() - acknowledged)
        _await(lambda: _newest(system, tenant, profile_id) == f"probe-{number}")  # noqa: B023
        freshness.profile.append(time.perf_counter() - acknowledged)
        stop.wait(0.2)
    return freshness


def _await(seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not seen():
        if time.monotonic() > deadline:
            raise TimeoutError("an acknowledged event does not appear")
        time.sleep(POLL_SECONDS)


def _in_overview(system: System, tenant: Tenant) -> int:
    # The tenant's zone is ahead of UTC: the probes' local day is the same.
    day = str(PROBE_DAY.date())
    answer = system.call("GET", "/v1/reports/overview", tenant.secret_key, **{"from": day, "to": day})
    return int(answer["total"]["events"])


def _newest(system: System, tenant: Tenant, profile_id: str) -> str:
    answer = system.call("GET", f"/v1/profiles/{profile_id}", tenant.secret_key)
    return str(answer["events"][0]["message_id"])


def measure_paced(system: System, figures: Figures, seconds: float) -> None:
    """Steady load as SDKs send it, on fresh tenants, with a prober beside it."""
    tenants = [system.create_tenant(f"steady {number}") for number in range(TENANTS)]
    stop = threading.Event()
    found: list[Freshness] = []
    prober = threading.Thread(target=lambda: found.append(probe(system, tenants[0], stop)))
    prober.start()
    try:
        with measured(system) as shares:
            result = asyncio.run(
                pace(system.address, tenants, events_per_second=EVENTS_PER_SECOND, seconds=seconds, seed=3)
            )
    finally:
        stop.set()
        prober.join()
    shares.show(f"{result.events / result.seconds:.0f} events/s and a prober", result.events)
    latencies = sorted(result.latencies)
    print(f"{result.requests} requests, max {latencies[-1] * 1000:.0f} ms, refused {result.refused}")
    figures.add("ingest.ack_p50_ms", percentile(latencies, 0.5) * 1000, "ms")
    figures.add("ingest.ack_p99_ms", percentile(latencies, 0.99) * 1000, "ms")
    profile, overview = sorted(found[0].profile), sorted(found[0].overview)
    print(f"{len(profile)} probes; profile max {profile[-1]:.2f} s, overview max {overview[-1]:.2f} s")
    figures.add("freshness.p50_s", max(percentile(profile, 0.5), percentile(overview, 0.5)), "s")
    figures.add("freshness.p99_s", max(percentile(profile, 0.99), percentile(overview, 0.99)), "s")
    wait_until_level(system, tenants, result.accepted)
