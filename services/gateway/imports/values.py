"""Rows of an external gene, looked up: whose value each one is, and which of them are not taken."""

import json
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.identity.v1 import identity_service_pb2 as identity_pb
from contracts.insight.v1 import external_genes_service_pb2 as pb

from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.cells import cleaned
from services.gateway.domain.importing.events import NOBODY
from services.gateway.domain.importing.mapping import Mapping
from services.gateway.domain.importing.people import Named, people_of
from services.gateway.domain.importing.rejections import Rejected
from services.gateway.imports.people import LookUp, found_identifiers

MODES: Dict[str, pb.ExternalMode.ValueType] = {
    "merge": pb.EXTERNAL_MODE_MERGE,
    "replace": pb.EXTERNAL_MODE_REPLACE,
    "remove": pb.EXTERNAL_MODE_REMOVE,
}
NOT_MATCHED = ("NOT_MATCHED", "Nobody known has one of these identifiers.")
DUPLICATE = ("DUPLICATE_PERSON", "A row before this one is about the same person; the first one counts.")
VALUE_NOT_VALID = "VALUE_NOT_VALID"


@dataclass(frozen=True, slots=True)
class Told:
    """One row: its place, the identifiers that it names, and the value that it says."""

    place: int
    identifiers: Sequence[Named]
    value: object


@dataclass(frozen=True, slots=True)
class Matched:
    """A row that is somebody's."""

    place: int
    nid: int
    value: str


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A row that is nobody's, or a second one of somebody."""

    place: int
    reason: str
    detail: str


@dataclass(slots=True)
class Taken:
    """What rows became; `seen` are the people of all rows so far."""

    matched: list[Matched] = field(default_factory=list)
    refused: list[NotTaken] = field(default_factory=list)
    unmatched: int = 0


async def taken(rows: Sequence[Told], look_up: LookUp, seen: set[int] | None = None) -> Taken | None:
    """None when the job was cancelled. `seen` are profiles of rows before these, and then of these too."""
    seen = set() if seen is None else seen
    found = await found_identifiers([named for row in rows for named in row.identifiers], look_up)
    if found is None:
        return None
    result, place = Taken(), 0
    for row in rows:
        behind = place + len(row.identifiers)
        _take(result, row, found[place:behind], seen)
        place = behind
    return result


def part_of(rows: Sequence[Matched], **said: Any) -> pb.PutExternalValuesRequest:
    """What insight is asked to keep of a change that `said` says."""
    brought = [pb.ExternalValue(nid=one.nid, value=one.value) for one in rows]
    return pb.PutExternalValuesRequest(values=brought, **said)


def not_valid(rows: Sequence[Matched], put: pb.PutExternalValuesResponse) -> list[NotTaken]:
    """Those of a part that insight did not take."""
    return [NotTaken(rows[bad.row].place, VALUE_NOT_VALID, bad.detail) for bad in put.refused]


def told_by(batch: Batch, mapping: Mapping) -> tuple[list[Told], list[Rejected]]:
    """Rows of a file whose places are those in the batch, and those that name nobody."""
    people, rejected = people_of(batch, mapping)
    column = next((one.column for one in mapping.columns if one.to == "value"), None)
    if column is None:
        values = [mapping.constants.get("value")] * len(batch.lines)
    else:
        values = cleaned(batch.columns[column]).to_pylist()
    told = [Told(person.row, person.identifiers, values[person.row]) for person in people]
    return told, [*batch.rejected, *rejected]


def _take(result: Taken, row: Told, found: Sequence[identity_pb.FoundIdentifier], seen: set[int]) -> None:
    match = next((one for one in found if one.nid), None)
    if match is None:
        unusable = all(one.unusable for one in found)
        result.unmatched += not unusable
        result.refused.append(NotTaken(row.place, *(NOBODY if unusable else NOT_MATCHED)))
    elif match.profile_id in seen:
        result.refused.append(NotTaken(row.place, *DUPLICATE))
    else:
        seen.add(match.profile_id)
        # The identifier whose number the profile bears: whichever one a row names, it is the person's value.
        result.matched.append(Matched(row.place, match.profile_id, _text(row.value)))


def _text(value: object) -> str:
    """As insight reads it; truths and lists as JSON has them."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
