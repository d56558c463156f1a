"""CSV that spreadsheets read as it was meant: UTF-8 with a mark, and no cell that is taken for a formula."""

import csv
import io
import re
from collections.abc import Sequence

# Spreadsheets know UTF-8 by it.
MARK = "\ufeff"
# How a formula may begin, full-width forms too; a tab or a line end may stand before one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")


def csv_line(cells: Sequence[object]) -> str:
    """One line of a CSV file; None is an empty cell."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_cell(cell) for cell in cells])
    return line.getvalue()


def _cell(cell: object) -> str:
    if cell is None:
        return ""
    # Numbers of ours may be negative; only text comes from elsewhere.
    if isinstance(cell, int | float):
        return str(cell)
    text = str(cell)
    # A number that is text stays one: it is no formula, and with a mark before it would be no number.
    harmless = _NUMBER.fullmatch(text) or not text.startswith(_FORMULA)
    return text if harmless else "'" + text
