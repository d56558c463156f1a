"""Files of tenants: what is told from their beginning, what cells say, what rows become."""

import io
import json
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.encodings import delimiter_of, encoding_of
from services.gateway.domain.importing.events import EventShaper
from services.gateway.domain.importing.headers import suggested, type_of
from services.gateway.domain.importing.mapping import Column, Mapping
from services.gateway.domain.importing.naming import named
from services.gateway.domain.importing.occurrences import Occurrences
from services.gateway.domain.importing.values import iso, moment, number, truth
from services.gateway.errors.files import FileNotReadable
from services.gateway.imports.products import portions
from services.gateway.imports.reading import look, open_batches

TAIPEI = ZoneInfo("Asia/Taipei")
# 許功蓋: the second byte of each is a backslash in Big5; 育 ends in a vertical bar.
TRICKY = "許功蓋育,成功\n"


def rows_of(data: bytes, **asked: object) -> tuple[list[list[str | None]], list[int], list[tuple[int, str]]]:
    """Cells, lines, and (line, reason) of what is rejected."""
    seen = look(io.BytesIO(data), len(data), asked)
    opened = open_batches(io.BytesIO(data), len(data), seen.form, whole=False)
    cells: list[list[str | None]] = []
    lines: list[int] = []
    rejected: list[tuple[int, str]] = []
    for batch in opened.batches:
        cells += [list(row) for row in zip(*(c.to_pylist() for c in batch.columns.values()), strict=True)]
        lines += batch.lines.tolist()
        rejected += [(row.line, row.reason) for row in batch.rejected]
    return cells, lines, rejected


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp950", "big5"),
    ],
)
def test_an_encoding_is_told_and_read(codec: str, name: str) -> None:
    data = ("姓名,備註\n" + TRICKY * 30).encode(codec)
    assert encoding_of(data) == name
    cells, _, rejected = rows_of(data)
    assert cells == [["許功蓋育", "成功"]] * 30
    assert rejected == []


def test_a_beginning_may_end_inside_a_character() -> None:
    for codec, name in (("utf-8", "utf-8"), ("cp950", "big5")):
        assert encoding_of(("a,b\n" + "許" * 50).encode(codec)[:-1]) == name


def test_what_is_no_character_is_kept_out_with_its_line() -> None:
    data = b"id,when\nm1,2026-11-20\nm\xff\xfe2,2026-11-20\n"
    shaper = EventShaper(
        "events", Mapping((Column("id", "user_id"), Column("when", "timestamp")), {"event": "x"})
    )
    seen = look(io.BytesIO(data), len(data), {"encoding": "utf-8"})
    (batch,) = open_batches(io.BytesIO(data), len(data), seen.form, whole=False).batches
    shaped = shaper.shape(batch, last=True)
    assert [(row.line, row.reason) for row in shaped.rejected] == [(3, "BROKEN_TEXT")]
    assert len(shaped.events) == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_told_though_others_stand_in_the_text(delimiter: str) -> None:
    text = delimiter.join(["a", "b", "c"]) + "\n" + delimiter.join(["1", '"x,y;z|"', "3"]) + "\n"
    assert delimiter_of(text) == delimiter


def test_lines_are_counted_though_fields_hold_line_ends_and_lines_are_empty() -> None:
    data = b'a,b\r\n1,"x\r\ny"\r\n\r\n2,z,too many\r\n3,w\r\n"4","un""quoted"'
    cells, lines, rejected = rows_of(data)
    assert cells == [["1", "x\r\ny"], ["3", "w"], ["4", 'un"quoted']]
    assert lines == [2, 6, 7]
    assert rejected == [(5, "WRONG_COLUMN_COUNT")]


def test_a_quote_that_never_ends_is_told_with_its_line() -> None:
    data = b'a,b\n1,2\n3,"' + b"x,\n" * 1_500_000
    with pytest.raises(FileNotReadable, match="quote"):
        rows_of(data)


def test_a_file_may_have_a_thousand_columns_and_no_more() -> None:
    def file(columns: int) -> bytes:
        return b",".join(b"c%d" % number for number in range(columns)) + b"\n" + b"," * (columns - 1) + b"x\n"

    cells, _, _ = rows_of(file(1000))
    assert len(cells[0]) == 1000
    with pytest.raises(FileNotReadable, match="1000"):
        rows_of(file(1001))


def test_hostile_headers_become_names_of_their_own() -> None:
    data = b'=cmd(),a,a,,__proto__,"x\ny\x07"\n1,2,3,4,5,6\n'
    assert look(io.BytesIO(data), len(data), {}).form.columns == (
        "=cmd()", "a", "a (2)", "column 4", "__proto__", "xy",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T10:00:00+08:00", "2026-11-22T02:00:00.000Z"),
        ("2026-11-22 10:00", "2026-11-22T02:00:00.000Z"),
        ("2026/11/22", "2026-11-21T16:00:00.000Z"),
        ("2026/1/2 下午 03:04:05", "2026-01-02T07:04:05.000Z"),
        ("2026/11/22 12:05 AM", "2026-11-21T16:05:00.000Z"),
        ("民國115年11月22日", "2026-11-21T16:00:00.000Z"),
        ("115/11/22 10:00", "2026-11-22T02:00:00.000Z"),
        ("1151122", "2026-11-21T16:00:00.000Z"),
        ("20261122", "2026-11-21T16:00:00.000Z"),
        ("1795305600", "2026-11-22T00:00:00.000Z"),
        ("1795305600123", "2026-11-22T00:00:00.123Z"),
    ],
)
def test_a_moment_is_understood_as_shops_write_it(text: str, expected: str) -> None:
    read = moment(text, TAIPEI)
    assert read is not None
    assert iso(read) == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "22/11/2026", "2026/13/01", "2026-02-30", "12", "99999999"]
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moment(text, TAIPEI) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,290", "1290"),
        ("NT$1,290.50", "1290.50"),
        ("１２３", "123"),
        ("007", "7"),
        ("-5", "-5"),
        (".5", "0.5"),
    ],
)
def test_a_number_is_exact(text: str, expected: str) -> None:
    assert number(text) == expected


@pytest.mark.parametrize("text", ["12,5", "1e5", "0x1", "1 2", "NaN", "∞", "1,2345", "9" * 50])
def test_what_is_no_number_is_none(text: str) -> None:
    assert number(text) is None


def test_truths_come_in_two_languages() -> None:
    assert [truth(text) for text in ("是", "Y", "TRUE", "1", "否", "no", "0", "maybe")] == [
        True, True, True, True, False, False, False, None,
    ]  # fmt: skip


def test_columns_are_recognised_by_their_names_in_both_languages() -> None:
    orders = suggested(
        "events", ["訂單編號", "會員編號", "訂單時間", "商品編號", "手機", "備註"], {}, "Asia/Taipei"
    )
    assert [column.to for column in orders.columns] == [
        "order_id", "user_id", "timestamp", "products.product_id", "phone", "properties.備註",
    ]  # fmt: skip
    assert orders.lines_of_orders
    assert orders.constants == {"event": "Order Completed"}
    clicks = suggested("events", ["User ID", "event_name", "Timestamp", "product-id"], {}, "UTC")
    assert [column.to for column in clicks.columns] == [
        "user_id", "event", "timestamp", "properties.product_id",
    ]  # fmt: skip
    members = suggested("members", ["會員編號", "電子郵件", "生日", "訂閱電子報"], {}, "UTC")
    assert [column.to for column in members.columns] == [
        "user_id",
        "email",
        "traits.birthday",
        "consent.email",
    ]
    products = suggested("products", ["商品編號", "品名", "售價", "顏色"], {}, "UTC")
    assert [column.to for column in products.columns] == ["product_id", "name", "price", "attributes.顏色"]


def test_a_type_is_the_narrowest_that_all_samples_have() -> None:
    assert type_of(["1", "2.50", ""]) == "number"
    assert type_of(["0912345678"]) == "text"
    assert type_of(["是", "否"]) == "boolean"
    assert type_of(["2026-11-22 10:00"]) == "time"
    # A birthday is the same day in every zone.
    assert type_of(["1990/01/02"]) == "text"
    assert type_of(['{"a":1}', "[]"]) == "json"


def shaped(rows: dict[str, list[str]], mapping: Mapping) -> list[bytes]:
    columns = {name: pa.array(cells, pa.string()) for name, cells in rows.items()}
    batch = Batch(columns, np.arange(len(next(iter(rows.values()))), dtype=np.int64))
    return EventShaper("events", mapping).shape(batch, last=True).events


def test_the_order_of_columns_does_not_change_a_row() -> None:
    rows = {"who": ["m1"], "when": ["2026-11-20"], "b": ["2"], "a": ['1"\\']}
    columns = [
        Column("who", "user_id"),
        Column("when", "timestamp"),
        Column("b", "properties.b", "number"),
        Column("a", "properties.a"),
    ]
    one = shaped(rows, Mapping(tuple(columns), {"event": "x"}))
    other = shaped(rows, Mapping(tuple(reversed(columns)), {"event": "x"}))
    assert one == other
    assert json.loads(one[0])["properties"] == {"a": '1"\\', "b": 2}


def test_equal_rows_are_told_apart_by_how_manieth_they_are() -> None:
    events = [b'{"a":1}', b'{"a":2}', b'{"a":1}', b'{"a":1}']
    ids = [json.loads(event)["messageId"] for event in named(events, [""] * 4, Occurrences())]
    assert len(set(ids)) == 4
    assert [message_id.rpartition("-")[2] for message_id in (ids[2], ids[3])] == ["2", "3"]
    # In another order, and in batches.
    seen = Occurrences()
    again = [json.loads(named([event], [""], seen)[0])["messageId"] for event in reversed(events)]
    assert sorted(again) == sorted(ids)


def test_a_message_id_of_the_row_is_kept() -> None:
    whole = b'{"type":"track","messageId":"own"}'
    assert named([whole, b'{"a":1}'], ["", "given"], Occurrences()) == [whole, b'{"messageId":"given","a":1}']


def test_lines_of_an_order_may_stand_in_two_batches_but_not_apart() -> None:
    columns = (
        Column("order", "order_id"),
        Column("who", "user_id"),
        Column("when", "timestamp"),
        Column("item", "products.product_id"),
    )
    shaper = EventShaper("events", Mapping(columns, {"event": "Order Completed"}, lines_of_orders=True))

    def batch(orders: str, first: int) -> Batch:
        items = [f"P{number}" for number in range(first, first + len(orders))]
        cells = {
            "order": list(orders),
            "who": ["m"] * len(orders),
            "when": ["2026-11-20"] * len(orders),
            "item": items,
        }
        arrays = {name: pa.array(values) for name, values in cells.items()}
        return Batch(arrays, np.arange(first, first + len(orders), dtype=np.int64))

    first = shaper.shape(batch("aab", 0), last=False)
    second = shaper.shape(batch("bbca", 3), last=True)
    told = [json.loads(event)["properties"] for event in first.events + second.events]
    assert [(event["order_id"], len(event["products"])) for event in told] == [("a", 2), ("b", 3), ("c", 1)]
    assert [(row.line, row.reason) for row in second.rejected] == [(6, "ORDER_NOT_TOGETHER")]


def test_a_list_of_products_is_read_as_it_comes() -> None:
    rows = '商品編號,品名,分類,售價,是否有貨,顏色\nP1,茶杯,茶具 > 茶杯,"1,290.50",是,紅\n'
    data = (rows + "P2,茶則,,一百,否,\n").encode("cp950")
    seen = look(io.BytesIO(data), len(data), {})
    mapping = suggested("products", seen.form.columns, seen.samples, "Asia/Taipei")
    (batch,) = open_batches(io.BytesIO(data), len(data), seen.form, whole=False).batches
    (portion,) = portions(batch, mapping)
    (cup,) = portion.products
    assert (cup.product_id, cup.name, list(cup.category), cup.price) == (
        "P1",
        "茶杯",
        ["茶具", "茶杯"],
        "1290.50",
    )
    assert cup.in_stock
    assert json.loads(cup.attributes_json) == {"顏色": "紅"}
    assert [(row.line, row.reason) for row in portion.rejected] == [(3, "INVALID_NUMBER")]
