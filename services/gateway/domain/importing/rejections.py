"""A row that is not taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that is not taken: where it stands, why, and as it was."""

    line: int
    reason: str
    detail: str
    # Cells by column; or the row's text where it has no columns.
    row: Mapping[str, Any] | str
