"""A query that reads a table names it as {{table}}, wherever ClickHouse would look for one."""

import pytest

from chassis.scoped_sql import UnscopedQuery, scope, statements

EVENTS = "(select * from events where tenant_id = {tenant_id:UUID})"


def test_every_table_becomes_its_rows_of_the_tenant() -> None:
    assert scope("select count() from {{events}} as e") == f"select count() from {EVENTS} as e"


def test_a_string_is_not_a_table() -> None:
    assert scope("select '{{events}} from events' from {{events}}").startswith(
        "select '{{events}} from events'"
    )


@pytest.mark.parametrize(
    "sql",
    [
        "select * from {{a}} x, {{b}} as y where x.i = y.i order by x.i, y.i limit 1, 2",
        "with x as (select a from {{a}}), y as (select a from x) select * from y, {{b}}",
        "with t as materialized (select 1 as i) select i from t",
        "with 5 as n, (select max(i) from {{a}}) as m select m, n from {{a}}",
        "select i from {{a}} t left array join t.l as y, t.z as q inner join {{b}} b using (i)",
        "select extract(year from at), trim(both ' ' from b), a is not distinct from b from {{a}}",
        "select * from ({{a}} as a join {{b}} as b on a.i = b.i)",
        "select i in {{ids}}, i in (1, 2), (i, j) in ((1, 2)), i in {ids:Array(UInt32)} from {{a}}",
        "select i in (select i from {{b}}) from {{a}} union all select j from {{b}}",
        "select * except (i, j) from {{a}} order by d with fill step 1",
        "select number from numbers(10)",
        "select i -- from events\n from {{a}} /* , events */",
    ],
)
def test_queries_that_name_every_table_pass(sql: str) -> None:
    scope(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from events",
        'select * from "events"',
        "select * from `shop`.`events`",
        "from events select i",
        "select * from {{a}}, events",
        "select * from {{a}} x , insight.events as y",
        "select * from {{a}} join events on 1",
        "select * from {{a}} cross join events",
        "select * from {{a}} array join l, m join events on 1",
        "select * from (({{a}}), events)",
        "select * from {{a}} union all select * from events",
        "select (select 1 from events)",
        "select exists(select 1 from events)",
        "select * from {{a}} where i in (select i from events)",
        "select i in events from {{a}}",
        "select i in (events) from {{a}}",
        "select i global in events from {{a}}",
        "with x as (select * from events) select * from x",
        "with events as (select * from events) select * from events",
        "select * from (with events as (select 1) select * from events) t, events",
        "select * from {{a}}) , (select * from events",
        "select 'it\\'s from {{a}}', i from events",
        "select * /* ' */ from events --'",
        "select * from merge('insight', 'events')",
        "select * from file('/etc/passwd')",
        "select dictGet('d', 'a', 1)",
        "select joinGet(t, 'a', 1)",
        "select 1 where {tenant_id:UUID} = i",
        "select 'never ends from {{a}}",
    ],
)
def test_queries_that_read_a_table_of_all_tenants_are_refused(sql: str) -> None:
    with pytest.raises(UnscopedQuery):
        scope(sql)


def test_a_script_is_split_only_where_a_statement_ends() -> None:
    script = (
        "create table a (b String default 'x;');\n-- not here;\ninsert into a /* ; */ values (1);\n-- end\n"
    )
    assert statements(script) == [
        "create table a (b String default 'x;')",
        "-- not here;\ninsert into a /* ; */ values (1)",
    ]
