"""One tenant's tables in memory, advanced exactly as the writer advances the real ones; and the reference."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from hypothesis import strategies as st

from services.identity.domain.identifiers import Identifier, Kind, Rules, names_nobody
from services.identity.domain.partition import (
    BLOCKED_VALUE,
    CLUSTER_TOO_LARGE,
    Link,
    Member,
    Pair,
    Settlement,
    Sighting,
    grown,
    pair_of,
    partition,
    rejudged,
    settled,
)
from services.identity.domain.resolution import changed_links

People = frozenset[frozenset[Identifier]]
Ends = frozenset[Identifier]

TIGHT = Rules(
    limits={
        Kind.USER_ID: 1,
        Kind.EMAIL: 1,
        Kind.PHONE: 2,
        Kind.LINE_ID: 2,
        Kind.EXTERNAL_ID: 2,
        Kind.ANONYMOUS_ID: 3,
    }
)
RULES = [Rules(), TIGHT]


@dataclass(frozen=True)
class Event:
    """What resolving needs of an event: its identifiers, primary first, and its sighting's key."""

    identifiers: tuple[Identifier, ...]
    verified: bool
    occurred_at_ms: int
    message_id: str


class Tables:
    """Everything identity's tables know of who is who."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.nids: dict[Identifier, int] = {}
        self.members: dict[int, Member] = {}
        self.links: dict[Pair, Link] = {}
        self.announced: dict[int, int] = {}
        # Identifiers in (judged_to, judge_to] are still to be judged by the rules.
        self.judged_to = self.judge_to = 0

    def take(self, batch: Iterable[Event]) -> None:
        found: dict[Pair, Sighting] = {}
        for event in batch:
            numbers = [self._number(identifier) for identifier in event.identifiers]
            for index, other in enumerate(numbers[1:], 1):
                pair = pair_of(numbers[0], other)
                sighting = (0 if event.verified else 1, event.occurred_at_ms, event.message_id, index)
                found[pair] = min(sighting, found.get(pair, sighting))
        self._join(changed_links(found, self.links))

    def withdraw(self, pair: Pair) -> None:
        self.links[pair] = replace(self.links[pair], withdrawn=True, refused_reason="")
        self._part({self.members[nid].cluster for nid in pair})

    def restore(self, pair: Pair) -> None:
        self.links[pair] = replace(self.links[pair], withdrawn=False)
        self._join([self._with_block(self.links[pair])])

    def put_rules(self, rules: Rules) -> None:
        self.rules = rules
        self.judged_to, self.judge_to = 0, len(self.nids)

    def judge_some(self, at_once: int) -> bool:
        """One step of judging by new rules; whether there is more to do."""
        after, to = self.judged_to, min(self.judged_to + at_once, self.judge_to)
        seeds = [nid for nid, member in self.members.items() if after < nid <= to and member.cluster != nid]
        self._part({self.members[nid].cluster for nid in seeds})
        blocked = [
            link
            for link in self.links.values()
            if after < link.a <= to and link.refused_reason == BLOCKED_VALUE and not link.withdrawn
        ]
        self._join([link for link in map(self._with_block, blocked) if not link.refused_reason])
        self.judged_to = to
        return to < self.judge_to

    def people(self) -> People:
        return grouped({nid: member.profile_id for nid, member in self.members.items()}, self.nids)

    def names(self) -> dict[int, Identifier]:
        return {nid: identifier for identifier, nid in self.nids.items()}

    def ends(self, pair: Pair) -> Ends:
        names = self.names()
        return frozenset({names[pair[0]], names[pair[1]]})

    def _number(self, identifier: Identifier) -> int:
        nid = self.nids.setdefault(identifier, len(self.nids) + 1)
        self.members.setdefault(nid, Member(nid, identifier[0], nid, nid))
        return nid

    def _join(self, links: Sequence[Link]) -> None:
        touched = {self.members[nid].cluster for link in links for nid in link.pair}
        members = self._of(touched)
        growth = grown(members, links, self.rules)
        contested = {nid for cluster in growth.contested for nid in growth.clusters[cluster]}
        known = [link for link in self.links.values() if link.a in contested]
        self._keep(settled(members, growth, known, self.rules))

    def _part(self, clusters: set[int]) -> None:
        members = self._of(clusters)
        within = [link for link in self.links.values() if link.a in members and link.b in members]
        blocked = self._blocked(members)
        outcome = rejudged(members, within, blocked, self.rules)
        left = {
            members[member.nid].cluster
            for member in outcome.members
            if members[member.nid].cluster != member.cluster
        }
        self._keep(outcome)
        smaller = {nid for nid, member in members.items() if member.cluster in left} - blocked
        again = [
            self._with_block(link)
            for link in self.links.values()
            if link.refused_reason == CLUSTER_TOO_LARGE and not smaller.isdisjoint(link.pair)
        ]
        self._join(again)

    def _of(self, clusters: set[int]) -> dict[int, Member]:
        return {nid: member for nid, member in self.members.items() if member.cluster in clusters}

    def _blocked(self, nids: Iterable[int]) -> set[int]:
        names = self.names()
        return {nid for nid in nids if names_nobody(*names[nid], self.rules)}

    def _with_block(self, link: Link) -> Link:
        return replace(link, refused_reason=BLOCKED_VALUE if self._blocked(link.pair) else "")

    def _keep(self, outcome: Settlement) -> None:
        for member in outcome.members:
            if self.members[member.nid].profile_id != member.profile_id:
                self.announced[member.nid] = member.profile_id
            self.members[member.nid] = member
        self.links |= {link.pair: link for link in outcome.links}


def grouped(profiles: dict[int, int], nids: dict[Identifier, int]) -> People:
    names = {nid: identifier for identifier, nid in nids.items()}
    by_profile = sorted(profiles, key=lambda nid: profiles[nid])
    return frozenset(
        frozenset(names[nid] for nid in group)
        for _, group in groupby(by_profile, key=lambda nid: profiles[nid])
    )


def reference(events: Sequence[Event], rules: Rules, withdrawn: Iterable[Ends] = ()) -> People:
    """The people of a set of events, all links judged at once and from nothing.

    Links that are withdrawn, or have an end that the rules block, never were.
    """
    nids: dict[Identifier, int] = {}
    links: dict[Pair, Link] = {}
    for event in events:
        numbers = [nids.setdefault(identifier, len(nids) + 1) for identifier in event.identifiers]
        for index, other in enumerate(numbers[1:], 1):
            pair = pair_of(numbers[0], other)
            link = Link(*pair, (0 if event.verified else 1, event.occurred_at_ms, event.message_id, index))
            if pair not in links or link.sighting < links[pair].sighting:
                links[pair] = link
    names = {nid: identifier for identifier, nid in nids.items()}
    gone = set(withdrawn)
    kept = [
        link
        for link in links.values()
        if frozenset({names[link.a], names[link.b]}) not in gone
        and not any(names_nobody(*names[nid], rules) for nid in link.pair)
    ]
    return grouped(partition({nid: kind for (kind, _), nid in nids.items()}, kept, rules).profiles, nids)


def identifier(kind: Kind, letter: str) -> Identifier:
    """One with that value; some kinds have it behind their provider's or type's name."""
    return kind, f"of:{letter}" if kind in (Kind.LINE_ID, Kind.EXTERNAL_ID) else letter


identifiers = st.builds(identifier, st.sampled_from(list(Kind)), st.sampled_from("abcd"))


@st.composite
def event_sets(draw: st.DrawFn, prefix: str = "m") -> list[Event]:
    drawn = draw(
        st.lists(
            st.tuples(
                st.lists(identifiers, min_size=1, max_size=3, unique=True),
                st.booleans(),
                st.integers(0, 5),
            ),
            min_size=1,
            max_size=25,
        )
    )
    return [
        Event(tuple(sorted(named, key=lambda identifier: identifier[0])), verified, time, f"{prefix}{number}")
        for number, (named, verified, time) in enumerate(drawn)
    ]


@st.composite
def deliveries(draw: st.DrawFn, events: Sequence[Event]) -> list[list[Event]]:
    """The events in another order, with repetitions, cut into batches."""
    again = draw(st.lists(st.sampled_from(events), max_size=5))
    order = draw(st.permutations([*events, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=6)))
    return [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


def delivered(batches: Iterable[Sequence[Event]], rules: Rules) -> Tables:
    tables = Tables(rules)
    for batch in batches:
        tables.take(batch)
    return tables
