"""Reports on people are the same from memory and from the store, and every number is its tree's."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.insight.domain.segments.tree import Dates, GeneCondition, Known
from services.insight.domain.segments.validation import problems_of
from services.insight.errors import ReportTooWide
from services.insight.reporting.number import PeopleNumber
from services.insight.reporting.people_reports import (
    PeopleReports,
    RetentionAsked,
    SourcesAsked,
    TrafficSources,
)
from services.insight.reporting.scope import Scope
from tests.conftest import Engines
from tests.contract.evaluator_shops import Patient, Shop, open_mall
from tests.contract.reporting_malls import people_reports
from tests.gene_histories import crowd
from tests.gene_reference import Saved

_SEGMENT_ID = "0e6f0a3c-3f9f-4e1c-9b56-1d0f6a3f9a11"
_SAVED = Saved({_SEGMENT_ID: GeneCondition("first_source", Known())}, {}, {})
_SCOPES = (Scope(), Scope(_SEGMENT_ID, date(2020, 1, 1), date(2026, 10, 31)))


@dataclass(frozen=True)
class Reported:
    """One shop, and who reports on it by memory and by the store."""

    shop: Shop
    evaluator: Patient
    by_memory: PeopleReports
    by_store: PeopleReports


@pytest.fixture(scope="module")
async def reported(engines: Engines) -> AsyncIterator[Reported]:
    async with open_mall(engines) as mall:
        shop = await mall.open_shop(crowd(seed=3, nids=60, events=900), _SAVED)
        by_memory, evaluator = people_reports(mall, memory_mb=500)
        by_store, _ = people_reports(mall, memory_mb=0)
        patient = Patient(evaluator)
        # Who is not yet in memory is reported on by the store, and a busy machine takes its time to read.
        await patient.evaluate(shop.tenant_id, _SAVED.segments[_SEGMENT_ID], shop.moment)
        yield Reported(shop, patient, by_memory, by_store)


def numbers(found: Any) -> Iterator[PeopleNumber]:
    """Every number of people in a report, wherever it stands."""
    if isinstance(found, PeopleNumber):
        yield found
    elif isinstance(found, list | tuple):
        for one in found:
            yield from numbers(one)
    elif hasattr(found, "__slots__"):
        for name in found.__slots__:
            yield from numbers(getattr(found, name))


@pytest.mark.parametrize("scope", _SCOPES, ids=("everybody", "some"))
@pytest.mark.parametrize("kind", ("funnel", "weeks", "months", "first_sources", "visit_sources"))
async def test_memory_and_store_report_the_same_and_each_number_is_that_of_its_tree(
    reported: Reported, kind: str, scope: Scope
) -> None:
    by_memory = await asked(reported.by_memory, reported.shop, kind, scope)
    by_store = await asked(reported.by_store, reported.shop, kind, scope)
    assert (by_memory.counted.by, by_store.counted.by) == ("memory", "store")
    by = replace(by_store.counted, by="memory")
    assert by_memory == replace(by_store, counted=by)
    told = [number for number in numbers(by_memory) if number.tree is not None]
    trees = [number.tree for number in told if number.tree is not None]
    assert trees and [problems_of(tree) for tree in trees] == [[]] * len(trees)
    found = await reported.evaluator.evaluate_many(reported.shop.tenant_id, trees, reported.shop.moment)
    assert [one.size.profiles for one in found] == [number.profiles for number in told]
    for row in [*by_memory.rows, by_memory.total] if isinstance(by_memory, TrafficSources) else ():
        people = (row.visitors, row.new_members, row.buyers)
        sums = (row.sums.visitors, row.sums.new_members, row.sums.buyers)
        assert tuple(one.profiles for one in people) == sums


async def test_what_would_ask_the_store_too_much_is_refused_and_memory_answers_it(reported: Reported) -> None:
    wide = RetentionAsked("week", 24, "first_order", "visit", "")
    tenant_id, moment = reported.shop.tenant_id, reported.shop.moment
    found = await reported.by_memory.retention(tenant_id, Scope(), wide, moment)
    assert sum(len(cohort.cells) for cohort in found.cohorts) == 300
    with pytest.raises(ReportTooWide):
        await reported.by_store.retention(tenant_id, Scope(), wide, moment)


async def asked(reports: PeopleReports, shop: Shop, kind: str, scope: Scope) -> Any:
    tenant_id, moment = shop.tenant_id, shop.moment
    match kind:
        case "funnel":
            return await reports.funnel(tenant_id, scope, "", moment)
        case "weeks":
            weeks = RetentionAsked("week", 4, "first_visit", "order", "")
            return await reports.retention(tenant_id, scope, weeks, moment)
        case "months":
            months = RetentionAsked("month", 5, "first_order", "visit", "")
            return await reports.retention(tenant_id, scope, months, moment)
    today = await reports.today(tenant_id, moment)
    window = Dates(today - timedelta(365), today - timedelta(2))
    sources = SourcesAsked(kind == "visit_sources", window, 0, 8)
    return await reports.traffic_sources(tenant_id, scope, sources, moment)
