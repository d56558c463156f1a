"""Reads the shops' Parquet files row by row."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet


def rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """The named columns of every row, in the file's order; never more than a batch in memory."""
    for batch in parquet.ParquetFile(path).iter_batches(columns=list(columns)):
        values = batch.to_pydict()
        yield from zip(*(values[name] for name in columns), strict=True)
