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


@dataclass(slots=True)
class _Known:
    """The last statement of one trust about one purpose; the last that was told, and that the tables have."""

    last: Statement
    told: Statement
    kept: Statement


class Heard:
    """What was said last, of identifiers heard of lately; true as long as every batch was committed.

    Pages repeat with each event what their visitor chose once. A repetition is not told, and moves the time
    of what is kept in the tables once a minute only; the memory has the moment itself, and the tables get it
    as soon as somebody says the opposite. Only a crash can cost that minute.
    """

    def __init__(self, size: int) -> None:
        # By identifier and purpose: what is known at all of it, by trust.
        self._last: Recent[tuple[int, str], dict[bool, _Known]] = Recent(size)

    def unknown(self, said: Iterable[Statement]) -> set[int]:
        """Identifiers of which the tables may know more; give that to `remember`."""
        return {one.nid for one in said if self._last.get((one.nid, one.purpose)) is None}

    def remember(self, kept: Iterable[Statement]) -> None:
        """All that the tables keep of some identifiers; what is known already is not older."""
        found: dict[tuple[int, str], dict[bool, _Known]] = {}
        for one in kept:
            found.setdefault((one.nid, one.purpose), {})[one.trusted] = _Known(one, one, one)
        for subject, known in found.items():
            if self._last.get(subject) is None:
                self._last.put(subject, known)

    def take(self, said: Iterable[Statement]) -> tuple[list[Statement], list[Statement]]:
        """What is to be told, for it does not merely repeat; and what is to be kept, once a subject."""
        told: list[Statement] = []
        kept: dict[Subject, Statement] = {}
        for moment, statement in sorted((order(one), one) for one in said):
            about = self._last.get((statement.nid, statement.purpose))
            if about is None:
                about = {}
                self._last.put((statement.nid, statement.purpose), about)
            for known in about.values():
                if known.last.granted != statement.granted:
                    _write(known, told, kept)
            mine = about.get(statement.trusted)
            if mine is None:
                told.append(statement)
                kept[_subject(statement)] = statement
                about[statement.trusted] = _Known(statement, statement, statement)
                continue
            news = mine.last.granted != statement.granted or _overtakes(statement, about)
            later = order(mine.last) < moment
            if later:
                mine.last = statement
            if news and later:
                _write(mine, told, kept)
            elif news:
                told.append(statement)
            elif later and statement.stated_at_ms - mine.kept.stated_at_ms >= _STEP_MS:
                kept[_subject(statement)] = mine.kept = statement
        return told, list(kept.values())

    def clear(self) -> None:
        self._last.clear()


def _write(known: _Known, told: list[Statement], kept: dict[Subject, Statement]) -> None:
    """Let everybody know of the last moment, which was not worth it until now."""
    if known.told is not known.last:
        told.append(known.last)
        known.told = known.last
    if known.kept is not known.last:
        kept[_subject(known.last)] = known.last
        known.kept = known.last


def _overtakes(statement: Statement, about: Mapping[bool, _Known]) -> bool:
    """Whether it repeats what was said before somebody of other trust said the opposite."""
    other = about.get(not statement.trusted)
    if other is None or other.last.granted == statement.granted:
        return False
    return order(about[statement.trusted].last) < order(other.last) < order(statement)


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
