"""Rows of a list of people as the identifiers that they name."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass

from services.gateway.domain.claims import line_identifier
from services.gateway.domain.events import IdentifierKind
from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.cells import cleaned
from services.gateway.domain.importing.events import NOBODY, UNREADABLE, broken_rows
from services.gateway.domain.importing.mapping import Mapping
from services.gateway.domain.importing.rejections import Rejected

# A kind by its number in contracts.gateway.v1, and a value as it stands in the file.
Named = tuple[int, str]
USER_ID = 1

_KINDS: Dict[str, int] = {
    "user_id": USER_ID,
    "email": IdentifierKind.EMAIL,
    "phone": IdentifierKind.PHONE,
    "line_id": IdentifierKind.LINE_ID,
    "anonymous_id": IdentifierKind.ANONYMOUS_ID,
}


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a row names: its identifiers, the most telling one first."""

    row: int
    identifiers: Sequence[Named]


def people_of(batch: Batch, mapping: Mapping) -> tuple[list[Person], list[Rejected]]:
    """All rows of a batch in the order of the file, and those that name nobody."""
    faults = {row: UNREADABLE for row in broken_rows(batch)}
    cells = {column.to: cleaned(batch.columns[column.column]).to_pylist() for column in mapping.columns}
    for target, text in mapping.constants.items():
        cells[target] = [text] * len(batch.lines)
    people = []
    for row in range(len(batch.lines)):
        if row in faults:
            continue
        told = {target: text for target, values in cells.items() if (text := values[row]) is not None}
        named = identifiers(told)
        if named:
            people.append(Person(row, named))
        else:
            faults[row] = NOBODY
    rejected = [Rejected(int(batch.lines[row]), *faults[row], batch.row(row)) for row in sorted(faults)]
    return people, rejected


def identifiers(told: Dict[str, str]) -> list[Named]:
    """By falling priority, as identity has it."""
    found: list[Named] = []
    for target, kind in _KINDS.items():
        text = told.get(target)
        if text is not None and target == "line_id":
            text = line_identifier(text, told.get("line_provider"))
        if text is not None:
            found.append((kind, text))
    found += [
        (IdentifierKind.EXTERNAL_ID, f"{target.removeprefix('external_ids.')}:{text}")
        for target, text in sorted(told.items())
        if target.startswith("external_ids.")
    ]
    return sorted(found, key=lambda named: named[0])
