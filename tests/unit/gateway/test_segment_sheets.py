"""Values of genes in the cells of a spreadsheet."""

import pytest

from services.gateway.domain.segment_sheets import Value, cell
from services.gateway.domain.spreadsheets import csv_line


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ("12.5", "12.5"),
        ("-3", "-3"),
        ([], ""),
        (["食品 > 茶", "服飾"], "食品 > 茶; 服飾"),
        ({"茶": "80.5", "酒": "3"}, "茶: 80.5; 酒: 3"),
        # What somebody searched for is theirs to write.
        (["=cmd()", "茶"], "'=cmd(); 茶"),
        ("@sum", "'@sum"),
    ],
)
def test_a_cell_reads_as_it_was_meant(value: Value, shown: str) -> None:
    assert csv_line([cell(value)]).rstrip("\r\n").strip('"') == shown
