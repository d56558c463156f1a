"""Files of the people in memory: a start reads them where they are right, and erased people leave them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from services.insight import population_files, population_kept
from services.insight.evaluation import Moment
from services.insight.population import NotInMemory, Population
from tests.conftest import Engines
from tests.contract.evaluator_shops import Mall, open_mall
from tests.gene_histories import Story, crowd
from tests.gene_reference import History, Settings
from tests.gene_reference.told import NOW, bought, days, did
from tests.service.insight.test_population_facts import told_of
from tests.service.insight.told import Told

NOW_MS = round(NOW.timestamp() * 1000)


@pytest.fixture(scope="module")
async def mall(engines: Engines) -> AsyncIterator[Mall]:
    async with open_mall(engines) as opened:
        yield opened


@pytest.fixture(autouse=True)
def of_few_people(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files of any size, as often as there is a base, their texts in many lines."""
    monkeypatch.setattr(population_files, "_TEXTS_AT_ONCE", 2)
    monkeypatch.setattr(population_files, "_LEAST_PEOPLE", 0)
    monkeypatch.setattr(population_files, "_SECONDS_BETWEEN", 0.0)
    return


@asynccontextmanager
async def started(mall: Mall, folder: Path | None) -> AsyncIterator[Population]:
    population = Population(mall.clickhouse, mall.tenants, 1000, folder)
    try:
        yield population
    finally:
        await population.close()


async def shop_of(mall: Mall, history: History) -> Told:
    told = Told(mall.clickhouse)
    told.tenant_id = (await mall.open_shop(Story(History(), Settings(), NOW_MS))).tenant_id
    await told.tell(history)
    return told


async def written(folder: Path) -> Path:
    """The only file, once it is there."""
    async with asyncio.timeout(120):
        while not (found := list(folder.glob("*.people"))):
            await asyncio.sleep(0.02)
    return found[0]


def reads() -> tuple[float, float]:
    """How often people were read from the store, and from files."""
    counted = population_kept._loads, population_kept._restored
    return counted[0]._value.get(), counted[1]._value.get()


async def restored(mall: Mall, folder: Path, told: Told, moment: Moment) -> bool:
    """Whether a start reads the file; what it then knows is right in any case."""
    before = reads()
    async with started(mall, folder) as population:
        found = told_of(await population.view(told.tenant_id, moment))
        after = reads()
    async with started(mall, None) as population:
        assert found == told_of(await population.view(told.tenant_id, moment))
    return after == (before[0], before[1] + 1)


async def kept(mall: Mall, folder: Path, told: Told, moment: Moment) -> Path:
    async with started(mall, folder) as population:
        await population.view(told.tenant_id, moment)
        return await written(folder)


def page(position: int, nid: int, **said: str) -> History:
    return History((replace(did("Products Searched", days(1), nid, **said), position=position, row=0),))


async def test_a_start_reads_the_file_and_what_came_after_it(mall: Mall, tmp_path: Path) -> None:
    story = crowd(3, nids=9, events=120)
    history = replace(story.history, erased=frozenset())
    told = Told(mall.clickhouse)
    told.tenant_id = (await mall.open_shop(Story(History(), story.settings, story.now_ms))).tenant_id
    half = history.position // 2
    await told.tell(history, 0, half)
    await kept(mall, tmp_path, told, Moment(half, story.now_ms))
    await told.tell(history, half)
    assert await restored(mall, tmp_path, told, Moment(history.position, story.now_ms))


async def test_who_stops_right_after_reading_everybody_has_written_the_file(
    mall: Mall, tmp_path: Path
) -> None:
    told = await shop_of(mall, page(1, 1, query="tea"))
    async with started(mall, tmp_path) as population:
        await population.view(told.tenant_id, Moment(1, NOW_MS))
    assert await restored(mall, tmp_path, told, Moment(1, NOW_MS))


async def test_a_damaged_file_is_deleted_and_everybody_read(mall: Mall, tmp_path: Path) -> None:
    told = await shop_of(mall, page(1, 1, query="tea"))
    path = await kept(mall, tmp_path, told, Moment(1, NOW_MS))
    for at in (0, 30, -1):
        data = bytearray(path.read_bytes())
        data[at] ^= 0xFF
        path.write_bytes(data)
        assert not await restored(mall, tmp_path, told, Moment(1, NOW_MS))
        path = await kept(mall, tmp_path, told, Moment(1, NOW_MS))
    path.write_bytes(path.read_bytes()[:-5])
    assert not await restored(mall, tmp_path, told, Moment(1, NOW_MS))


async def test_a_file_of_other_rules_is_not_believed(mall: Mall, tmp_path: Path) -> None:
    told = await shop_of(mall, page(1, 1, query="tea"))
    await kept(mall, tmp_path, told, Moment(1, NOW_MS))
    await mall.tenants.save(told.tenant_id, "America/Los_Angeles", "TWD")
    assert not await restored(mall, tmp_path, told, Moment(1, NOW_MS))


async def test_a_file_of_another_store_is_not_believed(mall: Mall, tmp_path: Path) -> None:
    told = await shop_of(mall, page(5, 1, query="tea"))
    await kept(mall, tmp_path, told, Moment(5, NOW_MS))
    # What a store put into the place of this one may say of the same positions.
    await told.tell(page(4, 2, query="wood"))
    assert not await restored(mall, tmp_path, told, Moment(5, NOW_MS))


async def test_who_asks_before_the_place_of_the_file_is_answered_by_the_store_for_a_while(
    mall: Mall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await shop_of(mall, page(1, 1, query="tea"))
    await told.tell(page(5, 2, query="wood"))
    path = await kept(mall, tmp_path, told, Moment(5, NOW_MS))
    before = reads()
    async with started(mall, tmp_path) as population:
        with pytest.raises(NotInMemory):
            await population.view(told.tenant_id, Moment(1, NOW_MS))
        assert len((await population.view(told.tenant_id, Moment(5, NOW_MS))).layers[0].profile_id) == 2
    assert reads() == (before[0], before[1] + 1)
    monkeypatch.setattr(population_kept, "_CATCH_UP_SECONDS", 0.0)
    async with started(mall, tmp_path) as population:
        view = await population.view(told.tenant_id, Moment(1, NOW_MS))
        assert view.layers[0].profile_id.tolist() == [1]
    assert path.exists()


async def test_an_erased_person_is_in_no_file_once_it_is_cleaned(
    mall: Mall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population_kept, "_TIDY_SECONDS", 0.0)
    history = History(
        (
            replace(did("Products Searched", days(1), 7, query="mark-of-seven"), position=1, row=0),
            replace(bought("order-of-seven", days(1), nid=7, product_id="made-for-seven"), position=1, row=1),
            replace(did("Products Searched", days(1), 8, query="mark-of-eight"), position=1, row=2),
        )
    )
    told = await shop_of(mall, history)
    async with started(mall, tmp_path) as population:
        await population.view(told.tenant_id, Moment(1, NOW_MS))
        path = await written(tmp_path)
        assert b"mark-of-seven" in path.read_bytes()
        await told.erase({7}, 2)
        await population.forget_people(told.tenant_id, [7])
        assert not path.exists()
        # Nobody is counted from the next question on, and the next base has nothing of theirs.
        async with asyncio.timeout(120):
            position = 2
            while not path.exists():
                view = await population.view(told.tenant_id, Moment(position, NOW_MS))
                assert list(told_of(view)) == [8]
                position += 1
                await asyncio.sleep(0.02)
        found = path.read_bytes()
        assert b"mark-of-seven" not in found
        assert b"made-for-seven" not in found
        assert b"mark-of-eight" in found
        await population.forget_people(told.tenant_id, [7])
        assert path.exists()
        await population.forget(told.tenant_id)
    assert list(tmp_path.iterdir()) == []
    assert not await restored(mall, tmp_path, told, Moment(position, NOW_MS))


async def test_a_tenant_that_was_dropped_is_read_from_the_store(mall: Mall, tmp_path: Path) -> None:
    told = await shop_of(mall, page(1, 1, query="tea"))
    async with started(mall, tmp_path) as population:
        await population.view(told.tenant_id, Moment(1, NOW_MS))
        await written(tmp_path)
        population.drop(told.tenant_id)
        assert list(tmp_path.iterdir()) == []
