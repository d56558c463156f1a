"""Cells that spreadsheets read as text."""

import pytest

from services.gateway.domain.spreadsheets import csv_line


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"]
)
def test_a_formula_becomes_text(text: str) -> None:
    assert csv_line([text]).strip('"\r\n').startswith("'")


def test_other_cells_stay_as_they_are() -> None:
    cells = ["王小明", 'a "b", c', -1.5, None, "1-2", "-7.50"]
    assert csv_line(cells) == '王小明,"a ""b"", c",-1.5,,1-2,-7.50\r\n'
