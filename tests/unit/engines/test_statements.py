"""What a user of the embedded ClickHouse may say, and what is refused however it is spelled."""

import pytest

from engines.clickhouse.statements import Refused, Statement, admit

FOREIGN = frozenset({"default", "recommender", "INFORMATION_SCHEMA", "information_schema"})


def admitted(sql: str, **parameters: str) -> Statement:
    return admit(sql, "insight", FOREIGN, parameters)


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "  (select 1) union all (select 2);",
        "with x as (select 1 as file) select x.file from x",
        "select 'file(''/etc/passwd'')', \"recommender.t\", /* url('x') */ 1 -- s3('x')\n from t",
        "select * from insight.events where position('; drop', name) > 0",
        "select name from system.settings",
        "select count() from numbers(10) settings max_threads = 1, session_timezone = 'UTC'",
        "select [1, 2], {'a': 1}, (1, 2).1, 1.5e-3, x'41', {a:Array(String)} from t",
        "create table if not exists t (engine String, `file` String) engine = ReplacingMergeTree(v) "
        "order by a settings index_granularity = 1024",
        "create table t (a Map(String, UInt8), b Tuple(x UInt8) default (1)) engine MergeTree order by a",
        "create materialized view v to t as select * from u",
        "create or replace view v as select 1",
        "create database if not exists insight",
        "create dictionary d (a UInt32, b UInt32) primary key a "
        "source(clickhouse(table 't' db 'insight')) layout(flat()) lifetime(0)",
        "select dictGet('d', 'b', 1), dictGet('insight.d', 'b', 1)",
        "alter table t delete where a = 1 settings mutations_sync = 2",
        "delete from t where a = 1",
        "rename table t to u",
        "exchange tables t and u",
        "show tables",
        "explain indexes = 1 select * from t",
        "system flush logs",
        "insert into t (a) values (1), (2)",
        "insert into t select a from u",
    ],
)
def test_statements_on_the_own_database_run(sql: str) -> None:
    assert admitted(sql).data_at is None


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "; ;",
        "set max_threads = 1",
        "use recommender",
        "grant all on *.* to x",
        "kill query where 1",
        "attach table t from '/tmp'",
        "backup database insight to File('x')",
        "select 1; select 2",
        "select 1 parallel with drop table t",
        "select * from file('/etc/passwd', 'LineAsString')",
        "select FILE /* */ ('/etc/passwd')",
        "select * from `url`('http://x')",
        "select * from recommender.t",
        "select * from /* */ `recommender` /* */ . -- \n t",
        'select * from "default".t',
        "select a from t where a in recommender.t",
        "select * from system.processes",
        "select * from system.users",
        "select * from information_schema.tables",
        "select * from merge('recommender', '.*')",
        "select dictGet('recommender.d', 'a', 1)",
        "select dictGet(concat('recommender', '.d'), 'a', 1)",
        "select joinGet({x:String}, 'a', 1)",
        "select hasColumnInTable('recommender', 't', 'a')",
        "select aiGenerate('x', 'y')",
        "select getServerSetting('path')",
        "select 1 into outfile '/tmp/x'",
        "insert into t from infile '/tmp/x' format CSV",
        "insert into function file('x') values (1)",
        "insert into table function remote('x', t) values (1)",
        "insert into recommender.t format Native\n",
        "insert into t settings format_schema_path = '/' format Protobuf\n",
        "create table t (a UInt8) engine = File(CSV)",
        "create table t (a UInt8) engine URL('http://x')",
        "create table t (a UInt8) engine = MergeTree order by a settings disk = disk(type = local)",
        "create table recommender.t (a UInt8) engine = Memory",
        "create table t as recommender.t",
        "create table t on cluster c (a UInt8) engine = Memory",
        "create database other",
        "drop database insight",
        "create user x",
        "create function f as x -> x",
        "create named collection c as a = 1",
        "create dictionary d (a UInt32) primary key a source(file(path '/etc/passwd')) layout(flat())",
        "create dictionary d (a UInt32) primary key a source(clickhouse(query 'select 1')) layout(flat())",
        "create dictionary d (a UInt32) primary key a source(clickhouse(table 't' db 'recommender'))",
        "create view v sql security none as select 1",
        "alter table t freeze",
        "alter table t fetch partition 1 from '/x'",
        "alter table t attach partition 1 from recommender.u",
        "alter table t modify setting storage_policy = 'x'",
        "rename table t to recommender.t",
        "show tables from recommender",
        "show create database recommender",
        "show processlist",
        "system shutdown",
        "select 1 settings max_server_memory_usage = 1",
        "select 1 settings max_threads = 1, format_schema_path = '/'",
    ],
)
def test_everything_else_is_refused(sql: str) -> None:
    with pytest.raises(Refused):
        admitted(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select 1 // '\n, file('/etc/passwd') --'",
        "select 1 /* /* */ ' */ , file('x') --'",
        "select x'\\', file('x') --'",
        "select ‘it’s’".encode().decode("latin-1"),
        "select $ 1",
        "select 'never ends",
        "select 1\x00",
    ],
)
def test_what_two_readers_could_read_differently_is_refused(sql: str) -> None:
    with pytest.raises(Refused, match="cannot read"):
        admitted(sql)


def test_a_bound_name_is_judged_as_the_name_it_stands_for() -> None:
    assert admitted("select * from {db:Identifier}.t", db="insight")
    with pytest.raises(Refused):
        admitted("select * from {db:Identifier}.t", db="recommender")


def test_an_inserts_data_begin_after_its_format_and_are_never_read() -> None:
    text = "insert into t (a, format) settings async_insert = 0 Format Native\n\x01'; drop table t"
    statement = admitted(text)
    assert text[statement.data_at :] == "\n\x01'; drop table t"
    assert statement.insert_sql == "insert into t (a, format) settings async_insert = 0"
    assert statement.format == "Native"
