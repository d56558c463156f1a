"""A backup of the running system becomes a second one: counts equal, the erased stay so, no number twice."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.system import ROOT, Answer, System, free_port_base, own_system
from tests.e2e.conftest import Shop, eventually


def command(system: System, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"NEXUS_DATA": str(system.folder), "NEXUS_PORT_BASE": str(system.port_base)}
    line = ["env", *(f"{name}={value}" for name, value in environment.items())]
    line += [sys.executable, "-m", "services", *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=200)


def buy(shop: Shop, user_id: str, n_orders: int = 1) -> None:
    for _ in range(n_orders):
        order = {"order_id": uuid.uuid4().hex, "total": "12.50", "currency": "TWD"}
        shop.post("/v1/track", {"event": "Order Completed", "userId": user_id, "properties": order})


def totals(shop: Shop) -> dict[str, Any]:
    total: dict[str, Any] = shop.get("/v1/reports/overview")["total"]
    return {name: total[name] for name in ("events", "orders", "revenue")}


def is_gone(shop: Shop, user_id: str) -> bool:
    try:
        return shop.profile(user_id) is None
    except Answer:  # erased after it was found and before it was read
        return True


def number_of(shop: Shop, user_id: str) -> int:
    return int(shop.profile_with(user_id, 1)["profile"]["id"])


@pytest.fixture
def second(tmp_path: Path) -> Iterator[System]:
    """An empty place for another system."""
    tmp_path.chmod(0o755)
    for above in tmp_path.parents:
        if above.owner() == tmp_path.owner() and str(above).startswith(
            str(Path(tmp_path.anchor) / "tmp") + "/"
        ):
            above.chmod(0o755)
    system = System(tmp_path / "second", free_port_base())
    yield system
    system.stop()


@pytest.mark.timeout(290)
def test_a_backup_becomes_the_same_system(tmp_path: Path, second: System) -> None:
    with own_system() as first:
        tenant = first.create_tenant("backup")
        shop = Shop(first, tenant)
        buy(shop, "stays", 3)
        buy(shop, "erased-later", 2)
        shop.profile_with("stays", 3)
        shop.profile_with("erased-later", 2)
        then = totals(shop)
        made = command(first, "backup", str(tmp_path / "backups"))
        assert made.returncode == 0, made.stderr

        # The system goes on, and what happens now is in no backup but that somebody was erased.
        buy(shop, "too-late")
        later = number_of(shop, "too-late")
        shop.post("/v1/erasures", {"identifier": {"kind": "user_id", "value": "erased-later"}})
        eventually(lambda: list((first.folder / "erasures").rglob("*.json")) or None, "the ledger's entry")
        (backup,) = (tmp_path / "backups").iterdir()

        refused = command(first, "restore", str(backup))
        assert refused.returncode != 0 and "not empty" in refused.stderr
        restored = command(second, "restore", str(backup))
        assert restored.returncode == 0, restored.stderr
        assert "1 erasures" in restored.stdout

    second.start()
    again = Shop(second, tenant)
    eventually(lambda: is_gone(again, "erased-later") or None, "the erasure done again")

    def settled() -> dict[str, Any] | None:
        now = totals(again)
        return now if now["orders"] == 3 else None

    assert then == {"events": 5, "orders": 5, "revenue": "62.50"}
    assert eventually(settled, "the erased person's orders to go") == {
        "events": 3,
        "orders": 3,
        "revenue": "37.50",
    }
    assert again.profile("too-late") is None
    buy(again, "newcomer")
    assert number_of(again, "newcomer") > later
