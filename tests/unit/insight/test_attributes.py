"""What type an attribute has, and what a value is as one."""

from datetime import date
from decimal import Decimal

import pytest

from services.insight.domain.attributes import (
    AttributeType,
    Birthday,
    Value,
    inferred,
    parsed,
    value_type,
)
from services.insight.domain.catalogue.kinds import TESTS

NUMBER, TEXT, DATE = AttributeType.NUMBER, AttributeType.TEXT, AttributeType.DATE
BOOLEAN, LIST = AttributeType.BOOLEAN, AttributeType.LIST


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (["1", "2.50", "-3", "null"], NUMBER),
        (['"gold"', '"silver"'], TEXT),
        (['"1990-05-17"', '"2001-12-31T08:00:00+08:00"'], DATE),
        (['"--05-17"', '"1990-05-17"'], DATE),
        (["true", "false"], BOOLEAN),
        (['["a"]', "[]"], LIST),
        # Names of things, not amounts.
        (['"0912345678"', '"00042"'], TEXT),
        (['"1990-02-30"'], TEXT),
        (['{"a": 1}'], TEXT),
        (["1", '"many"'], TEXT),
        (["null", "null"], None),
        ([], None),
    ],
)
def test_the_narrowest_type_that_the_values_have(samples: list[str], expected: AttributeType | None) -> None:
    assert inferred(samples) == expected


def test_one_wrong_value_in_twenty_changes_nothing_and_two_do() -> None:
    assert inferred(["1"] * 19 + ['"?"']) == NUMBER
    assert inferred(["1"] * 18 + ['"?"'] * 2) == TEXT


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("12345678901234567890.1234", NUMBER, Decimal("12345678901234567890.1234")),
        ('" 1200.50 "', NUMBER, Decimal("1200.50")),
        ('"1,200"', NUMBER, None),
        ("true", NUMBER, None),
        ("NaN", NUMBER, None),
        ('"王小明"', TEXT, "王小明"),
        ("1.50", TEXT, "1.5"),
        ("true", TEXT, "true"),
        ('"1990-05-17"', DATE, date(1990, 5, 17)),
        ('"1990-05-17T23:59:59Z"', DATE, date(1990, 5, 17)),
        ('"1990-05-17x"', DATE, None),
        ('"--02-29"', DATE, Birthday(2, 29)),
        ('"--0517"', DATE, Birthday(5, 17)),
        ('"--02-30"', DATE, None),
        ("19900517", DATE, None),
        ("false", BOOLEAN, False),
        ('"false"', BOOLEAN, None),
        ('["a", 2, null]', LIST, ("a", "2")),
        ('"a"', LIST, None),
        ("null", TEXT, None),
        ("not JSON", TEXT, None),
    ],
)
def test_a_value_is_read_as_its_type_says(text: str, kind: AttributeType, expected: Value | None) -> None:
    assert parsed(text, kind) == expected


def test_every_type_has_tests() -> None:
    assert all(TESTS[value_type(kind)] for kind in AttributeType)
