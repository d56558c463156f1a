"""Every story by the rules alone, in several orders and batch splits."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.identity.domain.identifiers import (
    Identifier,
    Kind,
    Rules,
    Unusable,
    normalised,
    usable_identifiers,
)
from services.identity.domain.partition import Link, pair_of
from services.identity.domain.tenant_rules import TenantRules
from tests.identity_stories import STORIES, Story, StoryEvent
from tests.unit.identity.tables import Event, Tables

FEWEST_STORIES = 30
KINDS = {
    "user": Kind.USER_ID,
    "email": Kind.EMAIL,
    "phone": Kind.PHONE,
    "line": Kind.LINE_ID,
    "ext": Kind.EXTERNAL_ID,
    "anon": Kind.ANONYMOUS_ID,
    "alias": Kind.ANONYMOUS_ID,
}
BELIEVED = {Kind.USER_ID, Kind.ANONYMOUS_ID}


def test_there_are_stories() -> None:
    assert len({story.name for story in STORIES}) == len(STORIES) >= FEWEST_STORIES


@pytest.mark.parametrize("story", STORIES, ids=[story.name for story in STORIES])
def test_a_story_makes_the_people_it_tells_of(story: Story) -> None:
    for messages in story.deliveries():
        world = World()
        for line in story.before:
            world.say(line)
        for message in messages:
            world.take(message)
        for line in story.after:
            world.say(line)
        world.take(story.later)
        people = frozenset(frozenset(value for _, value in person) for person in world.tables.people())
        assert story.holds(people), [sorted(person) for person in people]


class World:
    """One tenant to whom a story happens."""

    def __init__(self) -> None:
        self.tables = Tables(Rules())
        self._rules = TenantRules()
        self._said = 0

    def take(self, message: Sequence[StoryEvent]) -> None:
        self.tables.take([event for told in message if (event := self._event(told))])

    def say(self, line: Sequence[str]) -> None:
        match line:
            case ["link", first, second]:
                self._link(first, second)
            case ["unlink", first, second]:
                self.tables.withdraw(pair_of(self._nid(first), self._nid(second)))
            case ["restore", first, second]:
                self.tables.restore(pair_of(self._nid(first), self._nid(second)))
            case ["limit", kind, limit]:
                self._put(replace(self._rules, limits={KINDS[kind]: int(limit)}))
            case ["block", value]:
                self._put(replace(self._rules, blocked_values=(*self._rules.blocked_values, value)))
            case ["country", code]:
                self._put(replace(self._rules, phone_country_code=code))
            case ["defaults"]:
                self._put(TenantRules())
            case _:
                raise AssertionError(line)

    def _event(self, told: StoryEvent) -> Event | None:
        claimed = [(KINDS[kind], value) for kind, value in told.claims]
        believed = [claim for claim in claimed if told.server or claim[0] in BELIEVED]
        try:
            named = usable_identifiers(believed, self.tables.rules)
        except Unusable:
            return None
        return Event(tuple(named), told.server, told.at_ms, told.message_id)

    def _link(self, first: str, second: str) -> None:
        pair = pair_of(self._nid(first), self._nid(second))
        self._said += 1
        names = self.tables.names()
        link = Link(*pair, (0, 2**50, f"link:{self._said}", 0))
        self.tables.take([Event((names[link.a], names[link.b]), True, 2**50, link.sighting[2])])

    def _put(self, rules: TenantRules) -> None:
        self._rules = rules
        self.tables.put_rules(rules.complete(Rules()))
        while self.tables.judge_some(2):
            pass

    def _nid(self, value: str) -> int:
        [nid] = {nid for identifier, nid in self.tables.nids.items() if self._is(identifier, value)}
        return nid

    def _is(self, identifier: Identifier, value: str) -> bool:
        return identifier[1] in (value, normalised(identifier[0], value, self.tables.rules))
