"""The demo tenants' reports equal totals computed from their files by plain SQL, day by day, to the cent."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bench.system import System, Tenant
from demo.shops import SHOPS
from demo.state import State, load_state
from demo.totals import DayTotals, day_totals
from tests.e2e.conftest import Shop, eventually


def loading(system: System, state: Path) -> tuple[list[str], dict[str, str]]:
    """Command and environment of a load."""
    command = [sys.executable, "-m", "demo", "load", "--gateway", system.gateway, "--state", str(state)]
    return command, os.environ | {"DEMO_OPERATOR_KEY": system.operator_key}


def load(system: System, state: Path) -> subprocess.CompletedProcess[str]:
    command, environment = loading(system, state)
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=True, env=environment)


@pytest.fixture(scope="module")
def state_path(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A load that was killed in the middle and started again."""
    path = tmp_path_factory.mktemp("demo") / "demo.json"
    command, environment = loading(system, path)
    interrupted = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)

    def some_sent() -> bool | None:
        state = load_state(path)
        return True if state and state.tenants and state.tenants[-1].sent > 10_000 else None

    eventually(some_sent, "a load in progress")
    interrupted.kill()
    interrupted.wait()
    load(system, path)
    yield path


@pytest.fixture(scope="module")
def state(state_path: Path) -> State:
    loaded = load_state(state_path)
    assert loaded is not None and loaded.finished
    return loaded


def test_the_state_file_is_its_owners_only(state_path: Path, state: State) -> None:
    assert state_path.stat().st_mode & 0o777 == 0o600


def test_a_second_load_has_nothing_to_do(system: System, state_path: Path, state: State) -> None:
    before = state_path.read_bytes()
    assert "nothing to do" in load(system, state_path).stdout
    assert state_path.read_bytes() == before


@pytest.mark.parametrize("number", range(len(SHOPS)), ids=[shop.key for shop in SHOPS])
def test_every_day_equals_the_files(system: System, state: State, number: int) -> None:
    loaded = state.tenants[number]
    expected = day_totals(SHOPS[number], loaded.weeks)
    tenant = Shop(system, Tenant(loaded.id, loaded.write_key, loaded.secret_key))
    n_events = sum(day.events for day in expected)

    def level() -> dict[str, object] | None:
        answer = tenant.get(
            "/v1/reports/overview", **{"from": str(expected[0].on), "to": str(expected[-1].on)}
        )
        return answer if answer["total"]["events"] >= n_events else None

    overview = eventually(level, f"{n_events} events")
    assert overview["currency"] == SHOPS[number].currency
    assert overview["time_zone"] == SHOPS[number].time_zone
    days = overview["days"]
    assert isinstance(days, list)
    reported = {day["on"]: day for day in days}
    by_day = {day.on: day for day in expected}
    on = expected[0].on
    while on <= expected[-1].on:
        day = reported[str(on)]
        want = by_day.get(on) or DayTotals(on, Decimal(0), 0, 0, 0, 0, 0)
        got = DayTotals(
            on,
            Decimal(day["revenue"]),
            *(day[name] for name in ("events", "orders", "refunds", "visitors", "members")),
        )
        assert got == want
        on += timedelta(days=1)
    assert tenant.get("/v1/reports/intake")["bad"] == 0
