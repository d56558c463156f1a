"""What type an attribute has."""

import pytest

from services.insight.domain.attributes import AttributeType, inferred, value_type
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
        (['"--02-29"', '"--0517"'], DATE),
        (['"--02-30"'], TEXT),
        (['"1990-05-17x"'], TEXT),
        (["NaN", "not JSON", "1"], NUMBER),
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


def test_every_type_has_tests() -> None:
    assert all(TESTS[value_type(kind)] for kind in AttributeType)
