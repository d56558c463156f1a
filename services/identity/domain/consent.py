"""What people agreed to: statements about identifiers, and what they come to for a person.

The last statement about an identifier counts, by (time, message id). One exception protects people from
whoever knows a browser key: a denial that the tenant's servers, teammates or a signed token stated is lifted
by the like only. Of a person's identifiers the strictest counts, so joining people never adds a consent.
All of it depends on the set of statements and not on their order.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Statement:
    """What was said of one purpose, about one identifier."""

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


def order(statement: Statement) -> Order:
    """Of two statements about one thing the greater counts; a denial is the greater of equals."""
    return statement.stated_at_ms, statement.message_id, not statement.granted


def _subject(statement: Statement) -> tuple[int, str, bool]:
    return statement.nid, statement.purpose, statement.trusted


def lasting(statements: Iterable[Statement]) -> list[Statement]:
    """Of each identifier, purpose and trust the statement that counts."""
    last: dict[tuple[int, str, bool], Statement] = {}
    for statement in statements:
        known = last.get(_subject(statement))
        if known is None or order(known) < order(statement):
            last[_subject(statement)] = statement
    return list(last.values())


def telling(before: Iterable[Statement], said: Iterable[Statement]) -> list[Statement]:
    """What does not merely repeat: pages repeat with each event what their visitor chose once.

    `before` are the lasting statements about the same identifiers.
    """
    last = {_subject(statement): statement for statement in before}
    found = []
    for statement in sorted(said, key=order):
        known = last.get(_subject(statement))
        if known is None or known.granted != statement.granted:
            found.append(statement)
        if known is None or order(known) < order(statement):
            last[_subject(statement)] = statement
    return found


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
