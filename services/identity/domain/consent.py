"""What people agreed to: statements about identifiers, and what they come to for a person.

The last statement about an identifier counts, by (time, message id). One exception protects people from
whoever knows a browser key: a denial that the tenant's servers, teammates or a signed token stated is lifted
by the like only. Of a person's identifiers the strictest counts, so joining people never adds a consent.
All of it depends on the set of statements and not on their order.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.identity.domain.recent import Recent

_PURPOSE = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")

# Where a statement comes from, as the contract names it; by the numbers of its ConsentBasis.
SOURCES: Mapping[int, str] = {1: "event", 2: "gpc", 3: "unsubscribe"}
API = "api"


def is_purpose(text: str) -> bool:
    """Whether a purpose may be called so."""
    return _PURPOSE.match(text) is not None


@dataclass(frozen=True, slots=True)
class Said:
    """What one event says of one purpose."""

    purpose: str
    granted: bool
    # One of SOURCES.
    source: str


class Statement(NamedTuple):
    """What was said of one purpose, about one identifier; there are several for each event that says any."""

    nid: int
    purpose: str
    granted: bool
    stated_at_ms: int
    source: str
    # A server, a teammate or a signed token said so; otherwise a browser.
    trusted: bool
    # "" where no event said so.
    message_id: str


@dataclass(frozen=True, slots=True)
class Consent:
    """One purpose of one identifier, or of a whole person."""

    purpose: str
    granted: bool
    stated_at_ms: int


Order = tuple[int, str, bool]
# (identifier, purpose, trusted)
Subject = tuple[int, str, bool]
_STEP_MS = 60_000


def order(statement: Statement) -> Order:
    """Of two statements about one thing the greater counts; a denial is the greater of equals."""
    return statement.stated_at_ms, statement.message_id, not statement.granted


def _subject(statement: Statement) -> Subject:
    return statement.nid, statement.purpose, statement.trusted


def lasting(statements: Iterable[Statement]) -> list[Statement]:
    """Of each identifier, purpose and trust the statement that counts."""
    last: dict[Subject, Statement] = {}
    for statement in statements:
        known = last.get(_subject(statement))
        if known is None or order(known) < order(statement):
            last[_subject(statement)] = statement
    return list(last.values())


class Heard:
    """What was said last, of identifiers heard of lately; true as long as every batch was committed.

    Pages repeat with each event what their visitor chose once. A repetition is not told, and moves the time
    of what is kept in the tables once a minute only; the memory has the moment itself.
    """

    def __init__(self, size: int) -> None:
        # The last statement, and the time that the tables have of it.
        self._last: Recent[Subject, tuple[Statement, int]] = Recent(size)

    def unknown(self, said: Iterable[Statement]) -> set[int]:
        """Identifiers of which the tables may know more; give that to `remember`."""
        return {one.nid for one in said if self._last.get(_subject(one)) is None}

    def remember(self, kept: Iterable[Statement]) -> None:
        """What the tables keep; what is known already is not older."""
        for statement in kept:
            if self._last.get(_subject(statement)) is None:
                self._last.put(_subject(statement), (statement, statement.stated_at_ms))

    def take(self, said: Iterable[Statement]) -> tuple[list[Statement], list[Statement]]:
        """What is to be told, for it does not merely repeat; and what is to be kept, once a subject."""
        told: list[Statement] = []
        kept: dict[Subject, Statement] = {}
        for moment, statement in sorted((order(one), one) for one in said):
            subject = _subject(statement)
            known, kept_at_ms = self._last.get(subject) or (None, 0)
            news = known is None or known.granted != statement.granted
            if news:
                told.append(statement)
            if known is None or order(known) < moment:
                if news or statement.stated_at_ms - kept_at_ms >= _STEP_MS:
                    kept[subject] = statement
                    kept_at_ms = statement.stated_at_ms
                self._last.put(subject, (statement, kept_at_ms))
        return told, list(kept.values())

    def clear(self) -> None:
        self._last.clear()


def consents(statements: Iterable[Statement]) -> list[Consent]:
    """A person's consents by purpose: `statements` are those about all of their identifiers."""
    by_subject: dict[tuple[str, int], list[Statement]] = {}
    for statement in lasting(statements):
        by_subject.setdefault((statement.purpose, statement.nid), []).append(statement)
    strictest: dict[str, Statement] = {}
    for (purpose, _), said in sorted(by_subject.items()):
        counting = _counting(said)
        known = strictest.get(purpose)
        if known is None or _strictness(known) < _strictness(counting):
            strictest[purpose] = counting
    return [Consent(one.purpose, one.granted, one.stated_at_ms) for one in strictest.values()]


def _counting(said: Sequence[Statement]) -> Statement:
    """Of the last trusted and the last other statement about one identifier the one that counts."""
    for statement in said:
        if statement.trusted and not statement.granted:
            return statement
    return max(said, key=order)


def _strictness(statement: Statement) -> tuple[bool, int]:
    return not statement.granted, statement.stated_at_ms
