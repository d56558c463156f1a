"""What the rows of a list of people name, and which columns it is taken from."""

import numpy as np
import pyarrow as pa
import pytest

from services.gateway.domain.events import IdentifierKind
from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.headers import suggested
from services.gateway.domain.importing.mapping import Column, Mapping, MappingNotValid, check
from services.gateway.domain.importing.people import USER_ID, people_of

EMAIL, PHONE, LINE = IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.LINE_ID


def batch(**columns: list[str | None]) -> Batch:
    rows = len(next(iter(columns.values())))
    cells = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return Batch(cells, np.arange(2, rows + 2, dtype=np.int64))


def mapped(*targets: str, **constants: str) -> Mapping:
    return Mapping(tuple(Column(target, target) for target in targets), constants)


def test_a_row_names_somebody_by_all_its_columns_the_most_telling_first() -> None:
    rows = batch(email=["Amy@x.tw", " "], phone=["0912 345 678", None], user_id=[" m1", "m2"])
    people, rejected = people_of(rows, mapped("email", "phone", "user_id"))
    assert [list(person.identifiers) for person in people] == [
        [(USER_ID, "m1"), (EMAIL, "Amy@x.tw"), (PHONE, "0912 345 678")],
        [(USER_ID, "m2")],
    ]
    assert rejected == []


def test_a_line_id_needs_its_provider_in_the_cell_a_column_or_for_all_rows() -> None:
    ids = batch(line_id=["U1", "shop:U2"], line_provider=["", ""])
    people, rejected = people_of(ids, mapped("line_id", "line_provider"))
    assert [person.identifiers for person in people] == [[(LINE, "shop:U2")]]
    assert [(row.line, row.reason) for row in rejected] == [(2, "NO_PERSON")]
    people, _ = people_of(batch(line_id=["U1"]), mapped("line_id", line_provider="shop"))
    assert [person.identifiers for person in people] == [[(LINE, "shop:U1")]]


def test_rows_that_name_nobody_or_cannot_be_read_are_rejected_with_their_line() -> None:
    rows = batch(user_id=["m1", "NULL", "王�"])
    people, rejected = people_of(rows, mapped("user_id"))
    assert [person.row for person in people] == [0]
    assert [(row.line, row.reason, row.row) for row in rejected] == [
        (3, "NO_PERSON", {"user_id": "NULL"}),
        (4, "BROKEN_TEXT", {"user_id": "王�"}),
    ]


def test_other_identifiers_are_named_with_their_type() -> None:
    people, _ = people_of(batch(card=["77"]), Mapping((Column("card", "external_ids.loyalty"),)))
    assert people[0].identifiers == [(IdentifierKind.EXTERNAL_ID, "loyalty:77")]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ({"會員編號": ["m1"], "備註": ["x"]}, {"會員編號": "user_id"}),
        ({"Email": ["a@b.tw"], "手機": ["0912345678"]}, {"Email": "email", "手機": "phone"}),
        # Names that say nothing: the cells tell.
        ({"column 1": ["a@b.tw", "c@d.tw"], "column 2": ["x", "y"]}, {"column 1": "email"}),
        ({"a": ["0912-345-678", "+886912345678"]}, {"a": "phone"}),
        ({"a": ["U" + "0af3" * 8]}, {"a": "line_id"}),
        ({"a": ["007", "008"], "b": ["1", "2"]}, {"a": "user_id"}),
    ],
)
def test_the_columns_that_name_people_are_found(
    samples: dict[str, list[str]], expected: dict[str, str]
) -> None:
    mapping = suggested("list", list(samples), samples, "Asia/Taipei")
    assert {column.column: column.to for column in mapping.columns} == expected
    check(mapping, "list", list(samples))


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (mapped(), "Name a column that says who it was"),
        (mapped("line_provider"), "Name a column that says who it was"),
        (mapped("traits.name"), "is nothing that lists have"),
    ],
)
def test_a_mapping_of_a_list_names_people_and_nothing_else(mapping: Mapping, said: str) -> None:
    with pytest.raises(MappingNotValid, match=said):
        check(mapping, "list", [column.column for column in mapping.columns])
