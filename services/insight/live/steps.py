"""What is stored of one segment that was evaluated: state, deltas, and what the local day adds up to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from pyroaring import BitMap

from chassis.errors import ExpectedError
from services.insight.errors import SegmentTooSlow
from services.insight.evaluation import Moment
from services.insight.live.causes import News, causes
from services.insight.live.comparing import Change, Seen
from services.insight.live.segment import LiveSegment
from services.insight.store.live import Day, Delta, State, Step

_INTERNAL = "INTERNAL"
# So old the stored "as of" may be while nothing else changes.
_STATE_SECONDS = 2.0
_NOBODY = Change(BitMap(), BitMap())
_NEVER_MS = 2**62


@dataclass(frozen=True)
class Found:
    """How one evaluation ended; `by` is "memory" or "store"."""

    segment: LiveSegment
    by: str
    seconds: float
    change: Change = _NOBODY
    seen: Seen | None = None
    age: float | None = None
    # When facts that were told of the future come true.
    next_ms: int = _NEVER_MS
    failure: Exception | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """As of when, and in which local day."""

    moment: Moment
    day: date

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.moment.now_ms / 1000, UTC)


def succeeded(step: Step, found: Found, news: News, telling: Telling) -> BitMap:
    """Add what changed to the step; the members after it."""
    segment, before = found.segment, found.segment.state
    members = (segment.people | found.change.entered) - found.change.gone
    deltas = list(_deltas(found, news, telling))
    sequence = segment.sequence + len(deltas)
    first = before is None or not before.answered_by
    recovered = before is not None and bool(before.failure)
    state = State(
        segment_id=segment.segment_id,
        version=segment.definition.number,
        definition=segment.definition.key,
        failure="",
        failure_text="",
        since=telling.at if before is None or recovered or first else before.since,
        answered_by=found.by,
        position=telling.moment.position,
        as_of=telling.at,
        yardstick_age_seconds=found.age,
        size=len(members),
        sequence=sequence,
    )
    aged = before is None or (state.as_of - before.as_of).total_seconds() >= _STATE_SECONDS
    if not (aged or deltas or first or recovered or segment.lost or segment.redefined):
        return members
    step.states.append(state)
    step.deltas += deltas
    if deltas or first or segment.lost:
        entered, gone = len(found.change.entered), len(found.change.gone) + segment.lost
        step.days.append(Day(segment.segment_id, telling.day, len(members), entered, gone))
    if segment.to_fold(sequence, len(found.change.entered) + len(found.change.gone)):
        step.folded[segment.segment_id] = sequence, members
    return members


def failed(step: Step, found: Found, telling: Telling) -> None:
    """Say why the segment is as it was, once."""
    segment, before = found.segment, found.segment.state
    failure, text = _said(found.failure)
    if before is not None and (before.failure, before.failure_text) == (failure, text):
        return
    if before is not None:
        step.states.append(replace(before, failure=failure, failure_text=text, since=telling.at))
        return
    never = State(segment.segment_id, 0, "", failure, text, telling.at, "", 0, telling.at, None, 0, 0)
    step.states.append(never)


def _deltas(found: Found, news: News, telling: Telling) -> Iterable[Delta]:
    segment, sequence = found.segment, found.segment.sequence
    told = causes(found.change, news, redefined=segment.redefined, relative=segment.definition.relative)
    for reason, part in told:
        sequence += 1
        yield Delta(
            segment.segment_id,
            sequence,
            segment.definition.number,
            reason.value,
            telling.moment.position,
            telling.at,
            part.entered,
            part.gone,
        )


def _said(error: Exception | None) -> tuple[str, str]:
    if isinstance(error, ExpectedError):
        return error.reason, error.message[:500]
    if isinstance(error, TimeoutError):
        return SegmentTooSlow.reason, "The segment took too long to evaluate."
    return _INTERNAL, "The segment could not be evaluated."
