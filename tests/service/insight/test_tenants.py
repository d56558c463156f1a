"""What tenants decided is told from memory, and yet never as it was before."""

import asyncio
import itertools
import uuid

import pytest

from services.insight.store import tenants as module
from services.insight.store.tenants import Tenants
from tests.conftest import Engines
from tests.contract.evaluator_shops import open_mall


async def test_what_is_saved_holds_for_the_next_question(engines: Engines) -> None:
    tenant_id, numbers = str(uuid.uuid4()), itertools.count(1)
    async with open_mall(engines) as mall:
        tenants = Tenants(mall.postgres)
        saved, saving = ["UTC"], ["UTC"]
        await tenants.save(tenant_id, "UTC", "TWD")

        async def ask() -> None:
            while next(numbers) < 400:
                before = saved[-1]
                found = (await tenants.load(tenant_id)).time_zone
                # Never one that had given way before the question.
                assert found in {*saved[saved.index(before) :], saving[0]}

        async def change() -> None:
            for zone in ("Asia/Taipei", "Europe/Paris", "America/Lima", "Asia/Tokyo"):
                saving[0] = zone
                await tenants.save(tenant_id, zone, "TWD")
                saved.append(zone)
                assert (await tenants.load(tenant_id)).time_zone == zone

        await asyncio.gather(ask(), ask(), ask(), change())
        await tenants.forget(tenant_id)
        assert (await tenants.load(tenant_id)).time_zone == "Asia/Taipei"


async def test_what_another_process_saves_holds_after_a_while(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant_id = str(uuid.uuid4())
    async with open_mall(engines) as mall:
        here, there = Tenants(mall.postgres), Tenants(mall.postgres)
        await here.save(tenant_id, "UTC", "TWD")
        assert (await there.load(tenant_id)).time_zone == "UTC"
        await here.save(tenant_id, "Asia/Tokyo", "TWD")
        assert (await there.load(tenant_id)).time_zone == "UTC"
        monkeypatch.setattr(module, "_KNOWN_SECONDS", 0.0)
        assert (await there.load(tenant_id)).time_zone == "Asia/Tokyo"
