"""A file worked off step by step: each turns one batch of rows into messages, and rows that are not taken.

The steps of a file are the same each time it is read with the same mapping and the same time of receipt. So a
job that goes on after its process died reads the file again, and only leaves out what it has done.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from contracts.gateway.v1 import events_pb2

from services.gateway.domain.bodies import OpenedBody
from services.gateway.domain.events import AcceptedRows, BadRow
from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.events import EventShaper, Shaped, whole_events
from services.gateway.domain.importing.mapping import ImportKind, Mapping
from services.gateway.domain.importing.naming import named
from services.gateway.domain.importing.occurrences import Occurrences
from services.gateway.domain.importing.rejections import Rejected
from services.gateway.domain.intake import Intaker
from services.gateway.imports.reading import OpenFile
from services.gateway.publisher import MAX_MESSAGE_EVENTS, add_sparse

# Below what a message may have, for what stands beside the events themselves.
_MESSAGE_BYTES = 900_000


@dataclass(slots=True)
class Step:
    """What one batch became; rows = accepted + rejected, but for lines of an order that goes on behind it."""

    rows: int
    accepted: int
    rejected: list[Rejected]
    events: int = 0
    messages: list[bytes] = field(default_factory=list)
    judged: list[AcceptedRows] = field(default_factory=list)


class EventSteps:
    """Of events and members."""

    def __init__(
        self, kind: ImportKind, mapping: Mapping, *, import_id: str, received_at_ms: int, publish: bool
    ) -> None:
        self._shaper = None if mapping.whole_events else EventShaper(kind, mapping)
        self._intaker = Intaker("server", _no_random_id)
        self._seen = Occurrences()
        self._received_at_ms = received_at_ms
        self._source = events_pb2.Source(key_id=f"import:{import_id}", kind=events_pb2.SOURCE_KIND_SERVER)
        self._publish = publish

    def steps(self, opened: OpenFile) -> Iterator[Step]:
        """Blocking; raises FileNotReadable."""
        for batch, last in _with_last(opened.batches):
            shaper = self._shaper
            yield self._judged(batch, shaper.shape(batch, last=last) if shaper else whole_events(batch))

    def _judged(self, batch: Batch, shaped: Shaped) -> Step:
        events = named(shaped.events, shaped.message_ids, self._seen)
        step = Step(0, 0, [*batch.rejected, *shaped.rejected])
        for first, behind in _slices(events):
            part = events[first:behind]
            intake = self._intaker.judge(
                OpenedBody(part, write_key=None, sent_at=None, damaged=False), None, self._received_at_ms
            )
            accepted = len(intake.accepted.kinds)
            step.events += accepted
            step.accepted += sum(stop - start for start, stop in shaped.rows[first:behind])
            if intake.rejected:
                bad = list(_rejected(shaped, shaped.rows[first:behind], part, intake.rejected))
                step.accepted -= len(bad)
                step.rejected += bad
            if accepted:
                step.judged.append(intake.accepted)
                # Empty messages are none, so that each has the same number in every attempt.
                if self._publish:
                    step.messages.append(self._message(intake.accepted))
        step.rows = step.accepted + len(step.rejected)
        step.rejected.sort(key=lambda row: row.line)
        return step

    def _message(self, rows: AcceptedRows) -> bytes:
        count = len(rows.kinds)
        message = events_pb2.AcceptedEvents(sources=[self._source])
        add_sparse(message, rows, 0)
        message.source_rows.extend([0] * count)
        message.kinds.extend(rows.kinds)  # type: ignore[arg-type]
        message.names.extend(rows.names)
        message.timestamps_ms.extend(rows.timestamps_ms)
        message.received_at_ms.extend([self._received_at_ms] * count)
        message.message_ids.extend(rows.message_ids)
        message.user_ids.extend(rows.user_ids)
        message.anonymous_ids.extend(rows.anonymous_ids)
        message.payloads.extend(rows.payloads)
        return message.SerializeToString()


def people_of(rows: AcceptedRows) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    """A number for each event's person as its row names them."""
    named_by = zip(rows.user_ids, rows.anonymous_ids, strict=True)
    numbers = [hash(user_id or anonymous_id) & 0xFFFF_FFFF_FFFF_FFFF for user_id, anonymous_id in named_by]
    return np.array(numbers, np.uint64)


def _rejected(
    shaped: Shaped, rows: Sequence[tuple[int, int]], events: Sequence[bytes], bad: Sequence[BadRow]
) -> Iterator[Rejected]:
    # The judge hands on the very object it was given; equal events may stand in several rows.
    places = {id(event): place for place, event in enumerate(events)}
    for fault in bad:
        start, stop = rows[places[id(fault.payload)]]
        for row in range(start, stop):
            yield Rejected(int(shaped.batch.lines[row]), fault.reason, fault.detail, shaped.batch.row(row))


def _slices(events: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Places of as many events as one message takes."""
    first, size = 0, 0
    for place, event in enumerate(events):
        if place - first == MAX_MESSAGE_EVENTS or (size + len(event) > _MESSAGE_BYTES and place > first):
            yield first, place
            first, size = place, 0
        size += len(event)
    if first < len(events):
        yield first, len(events)


def _with_last(batches: Iterator[Batch]) -> Iterator[tuple[Batch, bool]]:
    """Each with whether it is the last one."""
    held: Batch | None = None
    for batch in itertools.chain(batches, [None]):
        if held is not None:
            yield held, batch is None
        held = batch


def _no_random_id() -> str:
    raise AssertionError("every imported event has a message id")
