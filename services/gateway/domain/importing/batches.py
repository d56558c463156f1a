"""A piece of a file: its rows as columns of text, and the rows that could not be cut into columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from services.gateway.domain.importing.rejections import Rejected

Lines = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """`lines` has the line on which each row begins, the first of the file being 1."""

    columns: dict[str, pa.Array]
    lines: Lines
    rejected: list[Rejected] = field(default_factory=list)
    # The rows as they stand in the file, where each is one JSON text.
    texts: list[bytes] | None = None

    def row(self, number: int) -> Mapping[str, Any] | str:
        """One row as it was."""
        if self.texts is not None:
            return self.texts[number].decode("utf-8", "replace")
        return {name: cells[number].as_py() for name, cells in self.columns.items()}

    def slice(self, start: int, stop: int) -> "Batch":
        """Some of its rows, without those that were rejected."""
        return Batch(
            {name: cells.slice(start, stop - start) for name, cells in self.columns.items()},
            self.lines[start:stop],
            [],
            None if self.texts is None else self.texts[start:stop],
        )


def joined(first: Batch, second: Batch) -> Batch:
    """One behind the other."""
    texts = None if first.texts is None or second.texts is None else first.texts + second.texts
    return Batch(
        {name: pa.concat_arrays([first.columns[name], cells]) for name, cells in second.columns.items()},
        np.concatenate([first.lines, second.lines]),
        first.rejected + second.rejected,
        texts,
    )
