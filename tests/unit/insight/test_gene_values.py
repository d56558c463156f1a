"""Values of genes as the contract tells them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from contracts.insight.v1 import genes_service_pb2 as pb

from services.insight.api.gene_values import gene_value


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, pb.GeneValue()),
        (0, pb.GeneValue(number="0")),
        (100, pb.GeneValue(number="100")),
        (1 / 3, pb.GeneValue(number="0.333333")),
        (1e-06, pb.GeneValue(number="0.000001")),
        (Decimal("1290.5000"), pb.GeneValue(number="1290.5")),
        ("loyal", pb.GeneValue(text="loyal")),
        (date(2026, 11, 22), pb.GeneValue(date="2026-11-22")),
        (frozenset[str](), pb.GeneValue(list=pb.TextValues())),
        (frozenset({"10", "9"}), pb.GeneValue(list=pb.TextValues(values=["9", "10"]))),
        (("茶", "酒"), pb.GeneValue(list=pb.TextValues(values=["茶", "酒"]))),
        ({"茶": 80.5}, pb.GeneValue(map=pb.NumbersByKey(numbers={"茶": "80.5"}))),
    ],
)
def test_a_value_is_told_exactly(value: Any, told: pb.GeneValue) -> None:
    assert gene_value(value) == told
