"""What is read from the event store into memory, and how it is kept right."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from chassis.clickhouse import ClickHouse, migrate_clickhouse, open_clickhouse
from services.insight.main import _MIGRATIONS
from services.insight.store.facts import Counting, load_facts
from services.insight.store.facts_products import Products
from services.insight.store.queries.facts_scope import Scope
from tests.gene_histories import Story, stories
from tests.service.insight.told import Told


@pytest.fixture(scope="module")
async def clickhouse(engines: Any) -> AsyncIterator[ClickHouse]:
    async with open_clickhouse(engines.clickhouse_url("insight")) as client:
        await migrate_clickhouse(client, _MIGRATIONS / "clickhouse", replicated=False)
        yield client


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=stories())
async def test_facts_read_from_the_store_are_those_of_the_history(
    clickhouse: ClickHouse, story: Story
) -> None:
    told = Told(clickhouse)
    position = await told.tell(story.history)
    await told.keep_first_seen(story.history)
    await told.erase(story.history.erased, position + 1)
    counting = Counting(story.settings.zone, story.settings.rates, story.settings.rules)
    scope = Scope(clickhouse, told.tenant_id, position, story.now_ms)
    products = Products()
    await products.learn(scope, 0)
    loaded = await load_facts(scope, counting, products)
    facts, reference = loaded.facts, story.reference()
    assert facts.people.profile_id.tolist() == sorted(reference.everybody)
