"""Why people entered a segment or left it, told apart as far as one reason each goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pyroaring import BitMap

from services.insight.live.comparing import Change


class Reason(StrEnum):
    """Stored and published by these words."""

    EVENTS = "events"
    TIME = "time"
    YARDSTICK = "yardstick"
    DEFINITION = "definition"
    IDENTITY = "identity"
    ERASURE = "erasure"


@dataclass(frozen=True, slots=True)
class News:
    """Of whom there is news behind the last place: profile ids, and of erased people all their numbers.

    `touched` is None where everybody who changed has news.
    """

    erased: BitMap
    moved: BitMap
    touched: BitMap | None


NO_NEWS = News(BitMap(), BitMap(), BitMap())


def causes(change: Change, news: News, *, redefined: bool, relative: bool) -> Iterator[tuple[Reason, Change]]:
    """The parts of a change, none of them empty; together they are the change."""
    rest = change
    parts: list[tuple[Reason, BitMap | None]] = [(Reason.ERASURE, news.erased)]
    if redefined:
        parts.append((Reason.DEFINITION, None))
    else:
        parts += [(Reason.IDENTITY, news.moved), (Reason.EVENTS, news.touched)]
        parts.append((Reason.YARDSTICK if relative else Reason.TIME, None))
    for reason, whose in parts:
        part = rest if whose is None else Change(rest.entered & whose, rest.gone & whose)
        if part:
            yield reason, part
            rest = Change(rest.entered - part.entered, rest.gone - part.gone)
