"""What the writer takes from payloads is what the reference reads in them, of whole crowds."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from services.insight.domain.details import Aspect
from services.insight.store.rows import Block
from services.insight.subscriptions import Rows
from tests.gene_histories import crowd
from tests.gene_oddities import odd
from tests.gene_reference import Event, History
from tests.gene_reference.person import WITH_LINES
from tests.gene_reference.published import messages
from tests.gene_reference.purchases import facts
from tests.gene_reference.readings import clicked, lines, number, plain, referrer_class, term, topics, utm

TENANT_ID = "00000000-0000-4000-8000-000000000000"
REPORTS = ("order_completed", "order_updated")
STORIES = [crowd(seed, nids=40, events=800) for seed in (1, 2)]
HISTORIES = [story.history for story in (*STORIES, odd(STORIES[0], 1), odd(STORIES[1], 2))]

IDS = ("1", "2", "odd 1", "odd 2")


def written(history: History) -> Block:
    block, rows = Block(), Rows()
    for message in messages(history, TENANT_ID):
        assert rows.add(message, block) == []
    return block


def read(event: Event) -> Iterable[tuple[Any, ...]]:
    """(aspect, product, category, brand, value, quantity, price, discount)."""
    nothing = ("", "", "")
    if event.name in WITH_LINES and not (event.name == "order_updated" and not order_id(event)):
        for line in lines(event):
            told = (line.product, line.category, line.brand, "", line.quantity, line.price, line.discount)
            yield (Aspect.ITEM, *told)
        discount = number(event.properties.get("discount"))
        if event.name in REPORTS and discount is not None:
            yield (Aspect.ORDER, *nothing, "", 0, None, discount)
    words = [(Aspect.TERM, term(event)), (Aspect.CLICKED, clicked(event))]
    words += [(Aspect.TOPIC, topic) for topic in dict.fromkeys(topics(event))]
    yield from ((aspect, *nothing, word, 0, None, None) for aspect, word in words if word)
    if event.is_visit and (source := utm(event) or referrer_class(event)):
        kind = "utm" if utm(event) else "referrer"
        yield (Aspect.SOURCE, "", kind, "", source, 0, None, None)


def order_id(event: Event) -> str:
    names = ("order_id", "transaction_id", "orderId")
    return next((text for name in names if (text := plain(event.properties.get(name)))), "")


@pytest.mark.parametrize("history", HISTORIES, ids=IDS)
def test_details_are_what_the_reference_reads(history: History) -> None:
    rows = written(history).event_details
    columns = (rows.aspect, rows.product, rows.category, rows.brand, rows.value, rows.quantity)
    stored = Counter(zip(rows.position, rows.row, *columns, rows.price, rows.discount, strict=True))
    expected = Counter((event.position, event.row, *told) for event in history.events for told in read(event))
    assert stored - expected == Counter()
    assert expected - stored == Counter()


@pytest.mark.parametrize("history", HISTORIES, ids=IDS)
def test_order_facts_are_what_the_reference_reads(history: History) -> None:
    rows = written(history).order_facts
    columns = (rows.order_id, rows.name, rows.status, rows.value, rows.basis, rows.currency, rows.nid)
    stored = Counter(zip(rows.position, rows.row, *columns, strict=True))
    expected = Counter(
        (
            fact.position,
            fact.row,
            fact.order_id,
            fact.name,
            fact.status,
            fact.value,
            fact.basis,
            fact.currency,
            fact.nid,
        )
        for fact in facts(history.events)
    )
    assert stored - expected == Counter()
    assert expected - stored == Counter()


@pytest.mark.parametrize("history", HISTORIES, ids=IDS)
def test_visits_are_what_the_reference_sees(history: History) -> None:
    rows = written(history).events
    columns = (rows.position, rows.row, rows.name, rows.channel, rows.is_visit, rows.occurred_at)
    assert sorted(zip(*columns, strict=True)) == sorted(
        (event.position, event.row, event.name, event.channel, event.is_visit, event.happened_ms)
        for event in history.events
    )
