"""Facts that were kept right step by step are those that are read at once, whatever happened in between."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from services.insight import population_kept as module
from services.insight import population_layers
from services.insight.domain.genes.facts import Facts, Items
from services.insight.evaluation import Moment
from services.insight.population import Population, View
from tests.conftest import Engines
from tests.contract.evaluator_shops import Mall, open_mall
from tests.gene_histories import Story, crowd
from tests.gene_reference import History
from tests.service.insight.told import Told

_DAY_MS = 86_400_000


@pytest.fixture(scope="module")
async def mall(engines: Engines) -> AsyncIterator[Mall]:
    async with open_mall(engines) as opened:
        yield opened


def told_of(view: View) -> dict[int, dict[str, Any]]:
    """Everything that is known of each person, with texts for codes."""
    people: dict[int, dict[str, Any]] = {}
    for layer in view.layers:
        facts, shown = layer.loaded.facts, np.flatnonzero(~layer.hidden).tolist()
        for person in shown:
            profile_id = int(layer.profile_id[person])
            assert profile_id not in people
            nids = layer.loaded.folding.nid[layer.loaded.folding.person == person].tolist()
            people[profile_id] = person_of(facts, person) | {"nids": sorted(nids)}
    return people


def person_of(facts: Facts, person: int) -> dict[str, Any]:
    own = {name: getattr(facts, name).person == person for name in ("acts", "items", "orders", "words")}
    acts, items, orders, words = facts.acts, facts.items, facts.orders, facts.words
    zone_ms = facts.zone.offset_ms[np.searchsorted(facts.zone.since_ms, words.at_ms, side="right") - 1]
    first_words: dict[Any, int] = {}
    for row in np.flatnonzero(own["words"]):
        day = int((words.at_ms[row] + zone_ms[row]) // _DAY_MS)
        key = (int(words.kind[row]), facts.words_by_code[words.word[row]], day)
        first_words[key] = min(first_words.get(key, 2**62), int(words.at_ms[row]))
    assert np.all(np.diff(items.at_ms[own["items"]]) >= 0)
    assert np.all(np.diff(acts.at_ms[own["acts"]]) >= 0)
    people = facts.people
    return {
        "member": bool(people.member[person]),
        "first_at": int(people.first_at_ms[person]),
        "since": int(people.member_since_ms[person]),
        "source": facts.sources[people.first_source[person]],
        "reachable": int(people.reachable[person]),
        "acts": rows_of((acts.at_ms, acts.page_view), own["acts"]),
        "orders": rows_of(
            (orders.at_ms, orders.is_order, orders.revenue, orders.discount, orders.list_value), own["orders"]
        ),
        "items": sorted(item_of(facts, items, row) for row in np.flatnonzero(own["items"]).tolist()),
        "words": first_words,
    }


def rows_of(columns: Sequence[Any], own: Any) -> list[tuple[Any, ...]]:
    return sorted(zip(*(column[own].tolist() for column in columns), strict=True))


def item_of(facts: Facts, items: Items, row: int) -> tuple[Any, ...]:
    product = int(items.product[row])
    return (
        int(items.at_ms[row]),
        int(items.act[row]),
        facts.products[product],
        facts.categories[items.category[row]],
        facts.brands[items.brand[row]],
        int(items.quantity[row]),
        bool(items.leads[row]),
        facts.categories[facts.product_category[product]] if product else "",
    )


async def assert_as_read_at_once(mall: Mall, population: Population, tenant: str, moment: Moment) -> None:
    kept = await population.view(tenant, moment)
    fresh = Population(mall.clickhouse, mall.tenants, 1000)
    read = told_of(await fresh.view(tenant, moment))
    await fresh.close()
    found = told_of(kept)
    assert found.keys() == read.keys(), moment
    for profile_id, wanted in read.items():
        for name, value in wanted.items():
            assert found[profile_id][name] == value, (profile_id, name, moment)


async def told_in_steps(mall: Mall, story: Story, seed: int, n_steps: int) -> None:
    """Pieces of a history, days after each other: what happens later than a step is ahead of it."""
    chance, history = Random(seed), replace(story.history, erased=frozenset())
    first_seen = {nid: at for nid, at in history.first_seen.items() if at < story.now_ms - 300 * _DAY_MS}
    shop = await mall.open_shop(Story(History(first_seen=first_seen), story.settings, story.now_ms))
    told, population = Told(mall.clickhouse), Population(mall.clickhouse, mall.tenants, 1000)
    told.tenant_id = shop.tenant_id
    places = sorted({chance.randint(1, history.position) for _ in range(n_steps)} | {history.position})
    before, nids = 0, sorted({event.nid for event in history.events})
    ages = sorted((chance.choice((0, 0, 0, 1, 40, 300)) for _ in places[:-1]), reverse=True)
    for place, age in zip(places, [*ages, 0], strict=True):
        await told.tell(history, before, place)
        if chance.random() < 0.25:
            await told.erase(chance.sample(nids, 1), place)
        moment = Moment(place, story.now_ms - age * _DAY_MS)
        await assert_as_read_at_once(mall, population, told.tenant_id, moment)
        before = place
    await population.close()


@pytest.mark.parametrize("seed", range(2))
async def test_facts_kept_in_steps_are_those_read_at_once(mall: Mall, seed: int) -> None:
    await told_in_steps(mall, crowd(seed, nids=9, events=120), seed, 6)


@pytest.mark.parametrize("seed", range(2, 5))
async def test_so_they_are_where_layers_become_part_of_others(
    mall: Mall, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_REBASE_PEOPLE", 3)
    monkeypatch.setattr(module, "_REBASE_SHARE", 0.0)
    monkeypatch.setattr(module, "_TIDY_SECONDS", 0.0)
    monkeypatch.setattr(population_layers, "_TOP_PEOPLE", 1)
    monkeypatch.setattr(population_layers, "_TIMES", 2)
    await told_in_steps(mall, crowd(seed, nids=9, events=120), seed, 12)


async def test_what_retention_deleted_leaves_memory_while_answers_go_on(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_REST_SECONDS", 0.0)
    monkeypatch.setattr(module, "_REST_SHARE", 0.0)
    story = crowd(7, nids=9, events=120)
    shop = await mall.open_shop(replace(story, history=replace(story.history, erased=frozenset())))
    population = Population(mall.clickhouse, mall.tenants, 1000)
    position = story.history.position
    before = await population.view(shop.tenant_id, Moment(position, story.now_ms))
    tenant, since = f"tenant_id = '{shop.tenant_id}'", story.now_ms - 100 * _DAY_MS
    for table in ("events", "traits", "event_details"):
        await mall.clickhouse.command(
            f"alter table {table} delete where {tenant} and occurred_at < fromUnixTimestamp64Milli({since}) "
            "settings mutations_sync = 1"
        )
    await mall.clickhouse.command(
        f"insert into shortened (tenant_id, position) values ('{shop.tenant_id}', 1)"
    )
    async with asyncio.timeout(120):
        last = before
        while last.layers[0].columns is before.layers[0].columns:
            position += 1
            last = await population.view(shop.tenant_id, Moment(position, story.now_ms))
            await asyncio.sleep(0.02)
    await assert_as_read_at_once(mall, population, shop.tenant_id, Moment(position, story.now_ms))
    await population.close()
