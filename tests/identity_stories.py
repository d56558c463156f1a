"""The stories of identity_stories.toml, read: who is who, for the rules alone and for the whole service."""

import random
import shlex
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_START_MS = 1_780_000_000_000
_SPLITS = (1, 3, 1_000)


@dataclass(frozen=True)
class StoryEvent:
    """One event as it is told; `claims` are (kind, value) in the order of the line."""

    message_id: str
    at_ms: int
    server: bool
    claims: tuple[tuple[str, str], ...]

    def first(self, kind: str) -> str:
        """The first value of a kind; "" without one."""
        return next((value for name, value in self.claims if name == kind), "")


@dataclass(frozen=True)
class Story:
    """What happens, and whom it makes."""

    name: str
    before: Sequence[Sequence[str]]
    events: Sequence[StoryEvent]
    after: Sequence[Sequence[str]]
    later: Sequence[StoryEvent]
    # Everybody as the set of their values; None where only sizes are told.
    people: frozenset[frozenset[str]] | None
    sizes: Sequence[int]

    def holds(self, people: frozenset[frozenset[str]]) -> bool:
        if self.people is not None:
            return people == self.people
        return sorted(map(len, people), reverse=True) == sorted(self.sizes, reverse=True)

    def deliveries(self) -> list[list[list[StoryEvent]]]:
        """The events as told, backwards, and shuffled with repetitions; each in messages of another size."""
        chance = random.Random(self.name)
        mixed = [*self.events, *chance.sample(self.events, min(3, len(self.events)))]
        chance.shuffle(mixed)
        orders = [list(self.events), list(reversed(self.events)), mixed]
        return [
            [order[start : start + size] for start in range(0, len(order), size)]
            for order, size in zip(orders, _SPLITS, strict=True)
        ]


def _event(line: str, message_id: str, number: int) -> StoryEvent:
    minute, source, *named = shlex.split(line.replace("{n}", f"{number + 1:03}"))
    assert source in ("web", "server"), line
    claims = []
    for each in named:
        kind, _, value = each.partition("=")
        assert kind in ("user", "email", "phone", "line", "ext", "anon", "alias"), line
        claims.append((kind, value))
    at_ms = _START_MS + int(minute) * 60_000 + number * 1_000
    return StoryEvent(message_id, at_ms, source == "server", tuple(claims))


def _events(lines: Sequence[str], phase: str, repeat: int = 1) -> list[StoryEvent]:
    return [
        _event(line, f"{phase}-{index}-{number}", number)
        for index, line in enumerate(lines)
        for number in range(repeat)
    ]


def _story(told: dict[str, Any]) -> Story:
    people = told.get("people")
    return Story(
        told["name"],
        [shlex.split(line) for line in told.get("before", [])],
        _events(told["events"], "event", told.get("repeat", 1)),
        [shlex.split(line) for line in told.get("after", [])],
        _events(told.get("later", []), "later"),
        None if people is None else frozenset(frozenset(person.split()) for person in people),
        told.get("sizes", []),
    )


STORIES = [
    _story(told)
    for told in tomllib.loads(Path(__file__).with_name("identity_stories.toml").read_text("utf-8"))["story"]
]
