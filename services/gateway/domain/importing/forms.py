"""How a file is to be read."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

FileFormat = Literal["csv", "jsonl", "parquet"]
FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is to be read."""

    format: FileFormat
    columns: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    # Whether the first row holds the names of the columns.
    header: bool = True

    def as_facts(self) -> dict[str, Any]:
        """JSON of it."""
        return asdict(self) | {"columns": list(self.columns)}

    @classmethod
    def of_facts(cls, facts: dict[str, Any]) -> "Form":
        return cls(**facts | {"columns": tuple(facts["columns"])})
