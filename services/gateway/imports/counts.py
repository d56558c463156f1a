"""What a job of an import has done, and what its dry run shows."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from services.gateway.domain.importing.occurrences import Occurrences
from services.gateway.imports.people import LookedUp
from services.gateway.imports.steps import Step, people_of

_SHOWN_ROWS = 20
_SHOWN_EVENTS = 5


@dataclass(slots=True)
class Counts:
    """What a job has done; rows = accepted + rejected."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    events: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    # Messages that are stored, and parts of rejected rows.
    messages: int = 0
    parts: int = 0
    bytes_read: int = 0
    seconds: float = 0.0
    # Of products.
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    # Of lists: rows that name somebody who is known, and those that name somebody who is not.
    matched: int = 0
    unmatched: int = 0

    def facts(self) -> dict[str, Any]:
        """JSON of it."""
        return asdict(self) | {"by_reason": dict(self.by_reason), "seconds": round(self.seconds, 3)}

    def add(self, step: Step) -> None:
        self.rows += step.rows
        self.accepted += step.accepted
        self.rejected += len(step.rejected)
        self.events += step.events
        self.by_reason.update(row.reason for row in step.rejected)
        self.messages += len(step.messages)
        self.parts += bool(step.rejected)


@dataclass(slots=True)
class Sample:
    """What a dry run shows beside the counts."""

    bad_rows: list[dict[str, Any]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    first_ms: int | None = None
    last_ms: int | None = None
    people: Occurrences = field(default_factory=Occurrences)
    unmatched_lines: list[int] = field(default_factory=list)

    def add_people(self, found: LookedUp) -> None:
        self.unmatched_lines += found.unmatched_lines[: _SHOWN_ROWS - len(self.unmatched_lines)]
        self.people.number(np.array(found.profile_ids, np.uint64))

    def add(self, step: Step) -> None:
        for row in step.rejected[: _SHOWN_ROWS - len(self.bad_rows)]:
            self.bad_rows.append(
                {"line": row.line, "reason": row.reason, "detail": row.detail, "row": row.row}
            )
        for rows in step.judged:
            wanted = _SHOWN_EVENTS - len(self.events)
            self.events += [payload.decode("utf-8", "replace") for payload in rows.payloads[:wanted]]
            first, last = min(rows.timestamps_ms), max(rows.timestamps_ms)
            self.first_ms = first if self.first_ms is None else min(self.first_ms, first)
            self.last_ms = last if self.last_ms is None else max(self.last_ms, last)
            self.people.number(people_of(rows))

    def facts(self) -> dict[str, Any]:
        """JSON of it."""
        return {
            "bad_rows": self.bad_rows,
            "sample_events": self.events,
            "first_at": _moment(self.first_ms),
            "last_at": _moment(self.last_ms),
            "people": self.people.distinct,
            "unmatched_lines": self.unmatched_lines,
        }


def _moment(ms: int | None) -> str | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC).isoformat()
