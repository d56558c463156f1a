"""The gift shop's value genes, in memory and by the store, are those of plain SQL over its Parquet file."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from demo.gift_shop import ENCODER
from demo.shops import SHOPS
from services.insight.compiled import CompiledEvaluator
from services.insight.domain.segments.tree import AllTime, Dates, Window, days_of, last_days
from services.insight.evaluation import Moment
from services.insight.evaluators import Telling
from services.insight.population import Population
from services.insight.reporting.people_reports import RetentionAsked, SourcesAsked
from services.insight.reporting.scope import Scope
from services.insight.store.evaluator import SqlEvaluator
from tests.conftest import Engines
from tests.contract.evaluator_shops import Mall, open_mall
from tests.contract.reporting_malls import people_reports
from tests.gene_reference import Event, History
from tests.gene_reference.history import ANONYMOUS_ID, USER_ID
from tests.service.insight.told import Told

GIFT_SHOP = next(shop for shop in SHOPS if shop.key == "gift_shop")
# The day after the file's last.
TODAY = date(2011, 9, 9)
NOW = datetime(2011, 9, 9, 12, 0, tzinfo=GIFT_SHOP.zone)
# Clocks went forward on 27 March.
WINDOWS: tuple[Window, ...] = (
    last_days(7),
    last_days(30),
    last_days(180),
    Dates(date(2010, 12, 1), date(2011, 3, 27)),
    AllTime(),
)
_MEMORY_MB = 2000

# An invoice is an order, one below zero negative revenue of its day. Of a bad debt's three (A...) the first
# was taken back by the second, and the third is negative.
_INVOICES = """
    create table invoices as
    select coalesce(customer::varchar, 'invoice-' || invoice) as person, day, total, total >= 0 as is_order,
        customer is not null as member
    from (
        select InvoiceNo as invoice, min(InvoiceDate)::date as day, any_value(CustomerID) as customer,
            sum(Quantity * UnitPrice::decimal(18, 3)) as total
        from read_parquet(?) group by invoice
    )
    where (customer is not null or total <> 0) and invoice not in ('A563185', 'A563186')
"""
_SPENT = """
    select person, count(*) filter (is_order) as orders, sum(total) as revenue
    from invoices where day between $first and $last group by person
"""
_IN_WINDOW = {
    "orders": f"select person, orders from ({_SPENT})",
    "revenue": f"select person, revenue from ({_SPENT})",
    "avg_order_value": f"select person, (revenue / orders)::double from ({_SPENT}) where orders > 0",
    "spend_percentile": f"""
        select person, 100 * cume_dist() over (order by revenue) from ({_SPENT}) where orders > 0
    """,
}
_TIMELESS = {
    "days_since_order": """
        select person, datediff('day', max(day), $today::date) from invoices where is_order group by person
    """,
    "member_stage": """
        select person, case
            when orders >= 5 then 'loyal' when orders >= 2 then 'repeat' when orders = 1 then 'first_time'
            when member then 'member' else 'visitor' end
        from (
            select person, count(*) filter (is_order) as orders, any_value(member) as member
            from invoices group by person
        )
    """,
    # Of three order days or more; for one or two the tenant's figure is borrowed.
    "purchase_cycle_days": """
        select person, median(gap) from (
            select person, day - lag(day) over (partition by person order by day) as gap
            from (select distinct person, day from invoices where is_order)
        )
        group by person having count(gap) >= 2
    """,
}
_DEFAULTS: Mapping[str, Any] = {"orders": 0, "revenue": 0, "member_stage": "visitor"}


@dataclass(frozen=True)
class GiftShop:
    """The shop as it is stored, whose profile is whose, and its file as a table of invoices."""

    mall: Mall
    tenant_id: str
    position: int
    profiles: Mapping[str, int]
    file: duckdb.DuckDBPyConnection

    def told(self, sql: str, **values: Any) -> dict[str, Any]:
        return dict(self.file.execute(sql, values).fetchall())


def happened(profiles: dict[str, int]) -> Iterator[Event]:
    """What the loader sends; `profiles` learns who is who."""
    for number, sent in enumerate(GIFT_SHOP.events(GIFT_SHOP.data, 0, GIFT_SHOP.zone)):
        person = sent.get("userId") or sent["anonymousId"]
        nid = profiles.setdefault(person, len(profiles) + 1)
        yield Event(
            nid,
            json.loads(ENCODER.encode(sent)),
            round(datetime.fromisoformat(sent["timestamp"]).timestamp() * 1000),
            position=number // 500 + 1,
            row=number % 500,
            nid_kind=USER_ID if "userId" in sent else ANONYMOUS_ID,
            message_id=sent["messageId"],
        )


@pytest.fixture(scope="module")
async def gift_shop(engines: Engines) -> AsyncIterator[GiftShop]:
    profiles: dict[str, int] = {}
    history = History(tuple(happened(profiles)))
    async with open_mall(engines) as mall:
        told = Told(mall.clickhouse)
        await mall.tenants.save(told.tenant_id, GIFT_SHOP.time_zone, GIFT_SHOP.currency)
        position = await told.tell(history)
        with duckdb.connect() as file:
            file.execute(_INVOICES, [str(GIFT_SHOP.data)])
            yield GiftShop(mall, told.tenant_id, position, profiles, file)


@pytest.fixture(params=("sql", "compiled"))
def evaluator(request: pytest.FixtureRequest, gift_shop: GiftShop) -> Telling:
    mall = gift_shop.mall
    store = SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf)
    if request.param == "sql":
        return store
    return CompiledEvaluator(Population(mall.clickhouse, mall.tenants, _MEMORY_MB), store, mall.shelf)


async def test_value_genes_are_those_of_plain_sql_over_the_file(
    gift_shop: GiftShop, evaluator: Telling
) -> None:
    asked: list[tuple[str, Window | None, dict[str, Any]]] = []
    for window in WINDOWS:
        first, last = days_of(window, TODAY)
        spent = {gene: gift_shop.told(sql, first=first, last=last) for gene, sql in _IN_WINDOW.items()}
        asked += [(gene, window, told) for gene, told in spent.items()]
    for gene, sql in _TIMELESS.items():
        values = {"today": TODAY} if "$today" in sql else {}
        asked.append((gene, None, gift_shop.told(sql, **values)))
    moment = Moment(gift_shop.position, round(NOW.timestamp() * 1000))
    for gene, during, told in asked:
        assert len(told) > 100
        found = await evaluator.values(gift_shop.tenant_id, gene, during, None, moment)
        people = told if gene == "purchase_cycle_days" else gift_shop.profiles
        wrong = []
        for person in people:
            pair = found[gift_shop.profiles[person]], told.get(person, _DEFAULTS.get(gene))
            if not same(*pair):
                wrong.append((person, *pair))
        assert wrong == [], (gene, during)


def same(found: Any, wanted: Any) -> bool:
    """Money, counts and texts exactly; what is rounded to six digits, to six digits."""
    if isinstance(wanted, float):
        return isinstance(found, int | float) and abs(found - wanted) < 1e-6
    return bool(found == wanted)


_COHORTS = """
    with firsts as (
        select person, date_trunc('month', min(day)) as began from invoices where is_order group by person
    )
    select began::date, date_trunc('month', day)::date, count(distinct person)
    from invoices join firsts using (person) where is_order group by all
"""
_TO_SECOND = """
    select count(gap), quantile_cont(gap, [0.25, 0.5, 0.75]) from (
        select lead(day) over orders - day as gap, row_number() over orders as which
        from invoices where is_order window orders as (partition by person order by day)
    )
    where which = 1
"""
_STAGES = ("visitor", "member", "first_time", "repeat", "loyal")


@pytest.mark.parametrize("memory_mb", (0, _MEMORY_MB), ids=("store", "memory"))
async def test_reports_are_those_of_plain_sql_over_the_file(gift_shop: GiftShop, memory_mb: int) -> None:
    reports, _ = people_reports(gift_shop.mall, memory_mb)
    moment = Moment(gift_shop.position, round(NOW.timestamp() * 1000))
    months = RetentionAsked("month", 10, "first_order", "order", "")
    found = await reports.retention(gift_shop.tenant_id, Scope(), months, moment)
    assert found.counted.by == ("memory" if memory_mb else "store")
    cells = {
        (cohort.period.first_on, period.first_on): cell.profiles
        for cohort in found.cohorts
        for period, cell in cohort.cells
    }
    told = {(began, month): people for began, month, people in gift_shop.file.execute(_COHORTS).fetchall()}
    assert {place: people for place, people in cells.items() if people} == told
    assert len(told) > 50

    funnel = await reports.funnel(gift_shop.tenant_id, Scope(), "", moment)
    stages = Counter(gift_shop.told(_TIMELESS["member_stage"]).values())
    stages["visitor"] += len(gift_shop.profiles) - sum(stages.values())
    assert [one.there.profiles for one in funnel.stages] == [*(stages[key] for key in _STAGES), 0]
    [step] = [one for one in funnel.steps if one.end == "repeat"]
    [(measured, quartiles)] = gift_shop.file.execute(_TO_SECOND).fetchall()
    assert (step.measured, [step.lower_quartile, step.median, step.upper_quartile]) == (measured, quartiles)

    window = Dates(date(2010, 12, 1), date(2011, 3, 27))
    spent = gift_shop.file.execute(
        f"select count(*) filter (orders > 0), sum(orders), sum(revenue) from ({_SPENT})",
        {"first": window.first_on, "last": window.last_on},
    ).fetchall()
    sources = await reports.traffic_sources(
        gift_shop.tenant_id, Scope(), SourcesAsked(by_visit=False, days=window, offset=0, size=9), moment
    )
    sums = sources.total.sums
    assert [(sums.buyers, sums.orders, sums.revenue)] == spent
    assert sums.buyers == sources.total.buyers.profiles


def test_the_file_holds_what_this_test_compares(gift_shop: GiftShop) -> None:
    """Totals of demo/gift_shop.sql: some thousand people, refunds, and orders worth nothing."""
    [(people, orders, refunds, free)] = gift_shop.file.execute(
        "select count(distinct person), count(*) filter (is_order), count(*) filter (not is_order), "
        "count(*) filter (total = 0) from invoices"
    ).fetchall()
    assert (people > 3000, orders > 10_000, refunds > 1000, free > 0) == (True, True, True, True)
    assert sum(gift_shop.told(_IN_WINDOW["revenue"], first=date.min, last=TODAY).values()) > Decimal(0)
