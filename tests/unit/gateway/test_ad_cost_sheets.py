"""Files of advertising costs: what rows add up to, and which are not taken."""

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from services.gateway.domain.importing.ad_costs import CostSheet, Run
from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.mapping import Column, Mapping

MAPPING = Mapping(
    (Column("Day", "date"), Column("Source", "source"), Column("Cost", "cost"), Column("Cur", "currency")),
    {"medium": "cpc"},
    time_zone="Asia/Taipei",
)


def batch(*rows: tuple[str, str, str, str]) -> Batch:
    columns = dict(zip(("Day", "Source", "Cost", "Cur"), map(pa.array, zip(*rows, strict=True)), strict=True))
    return Batch(columns, np.arange(2, 2 + len(rows)))


def test_rows_of_one_source_and_day_add_up_and_days_that_follow_are_one_run() -> None:
    sheet = CostSheet(MAPPING)
    first = batch(
        ("2026-11-01", "google", "1,200.50", "TWD"),
        ("2026/11/02", "google", "NT$3", "twd"),
        ("民國115年11月1日", "google", "0.25", "TWD"),
    )
    assert sheet.add(first) == []
    assert sheet.add(batch(("2026-11-04", "google", "7", "TWD"), ("2026-11-03", "line", "5", ""))) == []
    assert list(sheet.runs()) == [
        Run("google / cpc", date(2026, 11, 1), [(Decimal("1200.75"), "TWD"), (Decimal(3), "TWD")]),
        Run("google / cpc", date(2026, 11, 4), [(Decimal(7), "TWD")]),
        Run("line / cpc", date(2026, 11, 3), [(Decimal(5), "")]),
    ]
    assert next(sheet.runs()).last_on == date(2026, 11, 2)


@pytest.mark.parametrize(
    ("row", "reason"),
    (
        (("2026-11-01", "", "1", "TWD"), "NO_SOURCE"),
        (("soon", "google", "1", "TWD"), "INVALID_TIME"),
        (("2026-11-01", "google", "much", "TWD"), "INVALID_NUMBER"),
        (("2026-11-01", "google", "-1", "TWD"), "INVALID_COST"),
        (("2026-11-01", "google", "1", "NT$"), "INVALID_CURRENCY"),
        (("2026-11-01", "google", "1", "USD"), "OTHER_CURRENCY"),
    ),
)
def test_a_row_that_is_no_cost_is_told_with_its_line(row: tuple[str, str, str, str], reason: str) -> None:
    sheet = CostSheet(MAPPING)
    [rejected] = sheet.add(batch(("2026-11-01", "google", "1", "TWD"), row))
    assert (rejected.line, rejected.reason) == (3, reason)
    assert len(list(sheet.runs())) == 1
