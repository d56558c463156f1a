"""What happened to one tenant, as identity would tell it, and what the tenant decided."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.insight.domain.events import canonical_name, channel, is_visit
from services.insight.domain.genes.facts import Rules
from services.insight.domain.money import Rates

BROWSER, SERVER = 1, 2
USER_ID, ANONYMOUS_ID = 1, 6
KINDS = {"track": 1, "identify": 2, "page": 3, "screen": 4, "group": 5, "alias": 6}


@dataclass(frozen=True)
class Event:
    """One event that counts.

    `payload` is as sent: `type`, `event` (the name of a track call), `properties`, `traits`, `context`. When
    it happened is `at_ms`, not a timestamp of the payload: clocks were corrected before.
    """

    nid: int
    payload: Mapping[str, Any]
    # UTC milliseconds.
    at_ms: int
    # Place in identity's stream: the message, and the event in it.
    position: int
    row: int = 0
    received_ms: int | None = None
    nid_kind: int = ANONYMOUS_ID
    source: int = BROWSER
    message_id: str = ""

    @property
    def kind(self) -> str:
        return str(self.payload.get("type", "track"))

    @property
    def happened_ms(self) -> int:
        """A timestamp later than its receipt counts at its receipt."""
        return self.at_ms if self.received_ms is None else min(self.at_ms, self.received_ms)

    @property
    def order(self) -> tuple[int, int, int]:
        """Earlier events are lower; of equal times the one that arrived earlier."""
        return (self.happened_ms, self.position, self.row)

    @property
    def name(self) -> str:
        return canonical_name(self.kind, str(self.payload.get("event", "")))

    @property
    def channel(self) -> str:
        context = self.context
        return channel(
            said=text_of(context.get("channel")) or text_of(self.payload.get("channel")),
            library=text_of(mapping_of(context.get("library")).get("name")),
            device=text_of(mapping_of(context.get("device")).get("type")).lower() in ("ios", "android"),
            kind=self.kind,
        )

    @property
    def is_visit(self) -> bool:
        return is_visit(self.name, self.channel)

    @property
    def properties(self) -> Mapping[str, Any]:
        return mapping_of(self.payload.get("properties"))

    @property
    def context(self) -> Mapping[str, Any]:
        return mapping_of(self.payload.get("context"))

    @property
    def traits(self) -> Mapping[str, Any]:
        """Of identify events only; the event's own beat those of its context."""
        if self.kind != "identify":
            return {}
        return {**mapping_of(self.context.get("traits")), **mapping_of(self.payload.get("traits"))}

    @property
    def body(self) -> bytes:
        """The payload as JSON, for whoever stores it."""
        return json.dumps(self.payload, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Remap:
    """From this place on a nid belongs to this profile."""

    position: int
    nid: int
    profile_id: int
    kind: int = ANONYMOUS_ID


@dataclass(frozen=True)
class Announced:
    """From this place on a profile is reachable by these channels ("email", "sms", "line") and no others."""

    position: int
    profile_id: int
    channels: frozenset[str]


@dataclass(frozen=True)
class History:
    """All that was ever told of one tenant. The order of the tuples means nothing; places and times do."""

    events: tuple[Event, ...] = ()
    remaps: tuple[Remap, ...] = ()
    reachability: tuple[Announced, ...] = ()
    # First moment (UTC ms) of nids whose events retention has deleted.
    first_seen: Mapping[int, int] = field(default_factory=dict)
    # Left out of everything, at every place.
    erased: frozenset[int] = frozenset()

    @property
    def position(self) -> int:
        """The newest place."""
        places = [event.position for event in self.events]
        places += [remap.position for remap in self.remaps]
        places += [one.position for one in self.reachability]
        return max(places, default=0)


@dataclass(frozen=True)
class Settings:
    """What a tenant decided."""

    zone: str = "Asia/Taipei"
    rates: Rates = field(default_factory=lambda: Rates("TWD"))
    rules: Rules = field(default_factory=Rules)

    def local(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(self.zone))

    def day(self, at_ms: int) -> date:
        return self.local(at_ms).date()


def mapping_of(value: object) -> Mapping[str, Any]:
    """Nothing for what is no object."""
    return value if isinstance(value, Mapping) else {}


def text_of(value: object) -> str:
    """Nothing for what is no text."""
    return value if isinstance(value, str) else ""
