"""Who was erased is told from memory until somebody else is."""

from dataclasses import replace

from services.insight.store.queries.erased import Erased
from tests.conftest import Engines
from tests.contract.evaluator_shops import open_mall
from tests.gene_histories import Story
from tests.gene_reference import History, Settings
from tests.gene_reference.told import NOW, bought, days
from tests.service.insight.told import Told


async def test_an_erasure_counts_once_it_is_written(engines: Engines) -> None:
    async with open_mall(engines) as mall:
        told = Told(mall.clickhouse)
        told.tenant_id = (
            await mall.open_shop(Story(History(), Settings(), round(NOW.timestamp() * 1000)))
        ).tenant_id
        await told.tell(History((replace(bought("a", days(1), nid=1), row=0),)), 0, 1)
        announced, written = 1, 1
        erased = Erased(mall.clickhouse, lambda _: announced, lambda: written)
        assert not await erased.load(told.tenant_id)
        await told.erase([1], 2)
        # Nobody has heard of it, so nobody asks.
        assert not await erased.load(told.tenant_id)
        announced = 3
        assert set(await erased.load(told.tenant_id)) == {1}
        await told.erase([2], 3)
        # It was heard of before it was written: what was found then is not what is there now.
        assert set(await erased.load(told.tenant_id)) == {1, 2}
        written = 3
        assert set(await erased.load(told.tenant_id)) == {1, 2}
