"""Who is one person, worked out anew from all events at once; shares no code with identity.

The rules (ARCHITECTURE.md): a link is a member id and a browser named by one event; links are tried by
(event time, message id) of their first sighting; one that would give a person two member ids, or more
than 100 browsers, joins nothing; an event belongs to its member id, else to its browser.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

BROWSERS_LIMIT = 100

Person = frozenset[str]


@dataclass(frozen=True, slots=True)
class Fact:
    """What a sent event says. A member is "u:…" or "" when it names none, a browser is "a:…"."""

    message_id: str
    at_ms: int
    browser: str
    member: str
    revenue: Decimal = Decimal(0)

    @property
    def owner(self) -> str:
        """The identifier whose person the event belongs to."""
        return self.member or self.browser


def people(facts: Iterable[Fact]) -> set[Person]:
    """Everybody, as the identifiers that are theirs."""
    facts = list(facts)
    first_seen: dict[tuple[str, str], tuple[int, str]] = {}
    everyone: dict[str, set[str]] = {}
    for fact in facts:
        for identifier in filter(None, (fact.member, fact.browser)):
            everyone.setdefault(identifier, {identifier})
        if fact.member:
            pair, sighting = (fact.member, fact.browser), (fact.at_ms, fact.message_id)
            first_seen[pair] = min(first_seen.get(pair, sighting), sighting)
    for member, browser in sorted(first_seen, key=lambda pair: first_seen[pair]):
        joined = everyone[member] | everyone[browser]
        members = sum(identifier.startswith("u:") for identifier in joined)
        if members <= 1 and len(joined) - members <= BROWSERS_LIMIT:
            for identifier in joined:
                everyone[identifier] = joined
    return {frozenset(person) for person in everyone.values()}


def events_of(facts: Iterable[Fact], persons: Iterable[Person]) -> dict[Person, int]:
    """How many events each person did."""
    of = {identifier: person for person in persons for identifier in person}
    return Counter(of[fact.owner] for fact in facts)
