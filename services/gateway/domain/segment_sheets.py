"""People of a segment as rows of a file: one column a gene."""

from collections.abc import Mapping, Sequence

# As the API tells it: numbers are exact text, None is unknown.
Value = str | Sequence[str] | Mapping[str, str] | None


def cell(value: Value) -> str | None:
    """One cell of a spreadsheet: parts of a list stand behind one another."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {number}" for key, number in value.items())
    return "; ".join(value)
