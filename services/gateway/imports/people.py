"""Rows of a list of people, looked up: who they are now, and which of them name nobody."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from contracts.identity.v1 import identity_service_pb2 as pb

from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.events import NOBODY
from services.gateway.domain.importing.mapping import Mapping
from services.gateway.domain.importing.people import Named, Person, people_of
from services.gateway.domain.importing.rejections import Rejected

# Small enough that identity answers others in between.
_ASKED_AT_ONCE = 1_000
# What insight takes as one part.
PART_NIDS = 20_000

Found = Sequence[pb.FoundIdentifier]
# None when the job was cancelled before the answer came.
LookUp = Callable[[pb.LookUpIdentifiersRequest], Awaitable[pb.LookUpIdentifiersResponse | None]]


@dataclass(slots=True)
class LookedUp:
    """What one batch became; matched rows are one identifier each, the most telling that somebody has."""

    nids: list[int] = field(default_factory=list)
    profile_ids: list[int] = field(default_factory=list)
    unmatched_lines: list[int] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


async def looked_up(batch: Batch, mapping: Mapping, look_up: LookUp) -> LookedUp | None:
    """None when the job was cancelled."""
    people, rejected = people_of(batch, mapping)
    found = await found_identifiers([named for person in people for named in person.identifiers], look_up)
    if found is None:
        return None
    result = LookedUp(rejected=[*batch.rejected, *rejected])
    place = 0
    for person in people:
        behind = place + len(person.identifiers)
        _take(result, batch, person, found[place:behind])
        place = behind
    result.rejected.sort(key=lambda row: row.line)
    return result


async def found_identifiers(asked: Sequence[Named], look_up: LookUp) -> Found | None:
    """What each is, in their order; None when the job was cancelled."""
    found: list[pb.FoundIdentifier] = []
    for first in range(0, len(asked), _ASKED_AT_ONCE):
        answer = await look_up(_request(asked[first : first + _ASKED_AT_ONCE]))
        if answer is None:
            return None
        found += answer.found
    return found


def _request(asked: Sequence[Named]) -> pb.LookUpIdentifiersRequest:
    names = [pb.IdentifierName(kind=kind, value=value) for kind, value in asked]  # type: ignore[arg-type]
    return pb.LookUpIdentifiersRequest(identifiers=names)


def _take(result: LookedUp, batch: Batch, person: Person, found: Found) -> None:
    line = int(batch.lines[person.row])
    match = next((one for one in found if one.nid), None)
    if match is not None:
        result.nids.append(match.nid)
        result.profile_ids.append(match.profile_id)
    elif all(one.unusable for one in found):
        result.rejected.append(Rejected(line, *NOBODY, batch.row(person.row)))
    else:
        result.unmatched_lines.append(line)
