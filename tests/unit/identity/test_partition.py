"""The partition: the same people for every arrival order, batch split and repetition."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from services.identity.domain.identifiers import Identifier, Kind, Rules
from services.identity.domain.partition import (
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
People = frozenset[frozenset[Identifier]]


@dataclass(frozen=True)
class Event:
    """What resolving needs of an event: its identifiers, primary first, and its sighting's key."""

    identifiers: tuple[Identifier, ...]
    verified: bool
    occurred_at_ms: int
    message_id: str


class Tables:
    """The tables of one tenant in memory, advanced batch by batch exactly as the writer does."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.nids: dict[Identifier, int] = {}
        self.members: dict[int, Member] = {}
        self.links: dict[Pair, Link] = {}
        self.announced: dict[int, int] = {}

    def take(self, batch: Iterable[Event]) -> None:
        found: dict[Pair, Sighting] = {}
        for event in batch:
            numbers = [self._number(identifier) for identifier in event.identifiers]
            for index, other in enumerate(numbers[1:], 1):
                pair = pair_of(numbers[0], other)
                sighting = (0 if event.verified else 1, event.occurred_at_ms, event.message_id, index)
                found[pair] = min(sighting, found.get(pair, sighting))
        self._judge(changed_links(found, self.links))

    def withdraw(self, pair: Pair) -> None:
        self.links[pair] = replace(self.links[pair], withdrawn=True, refused_reason="")
        cluster = self.members[pair[0]].cluster
        members = {nid: member for nid, member in self.members.items() if member.cluster == cluster}
        within = [link for link in self.links.values() if link.a in members and link.b in members]
        self._keep(rejudged(members, within, frozenset(), self.rules))

    def _number(self, identifier: Identifier) -> int:
        nid = self.nids.setdefault(identifier, len(self.nids) + 1)
        self.members.setdefault(nid, Member(nid, identifier[0], nid, nid))
        return nid

    def _judge(self, links: Sequence[Link]) -> None:
        touched = {self.members[nid].cluster for link in links for nid in link.pair}
        members = {nid: member for nid, member in self.members.items() if member.cluster in touched}
        growth = grown(members, links, self.rules)
        contested = {nid for cluster in growth.contested for nid in growth.clusters[cluster]}
        known = [link for link in self.links.values() if link.a in contested]
        self._keep(settled(members, growth, known, self.rules))

    def _keep(self, outcome: Settlement) -> None:
        for member in outcome.members:
            if self.members[member.nid].profile_id != member.profile_id:
                self.announced[member.nid] = member.profile_id
            self.members[member.nid] = member
        self.links |= {link.pair: link for link in outcome.links}

    def people(self) -> People:
        return grouped({nid: member.profile_id for nid, member in self.members.items()}, self.nids)

    def kinds(self) -> dict[int, Kind]:
        return {nid: member.kind for nid, member in self.members.items()}


def grouped(profiles: dict[int, int], nids: dict[Identifier, int]) -> People:
    names = {nid: identifier for identifier, nid in nids.items()}
    by_profile = sorted(profiles, key=lambda nid: profiles[nid])
    return frozenset(
        frozenset(names[nid] for nid in group)
        for _, group in groupby(by_profile, key=lambda nid: profiles[nid])
    )


def reference(events: Sequence[Event], rules: Rules, withdrawn: frozenset[frozenset[Identifier]]) -> People:
    """The people of a set of events, all links judged at once and from nothing."""
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
    kept = [link for link in links.values() if frozenset({names[link.a], names[link.b]}) not in withdrawn]
    return grouped(partition({nid: kind for (kind, _), nid in nids.items()}, kept, rules).profiles, nids)


identifiers = st.tuples(st.sampled_from(list(Kind)), st.sampled_from("abcd"))


@st.composite
def event_sets(draw: st.DrawFn) -> list[Event]:
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
        Event(tuple(sorted(named, key=lambda identifier: identifier[0])), verified, time, f"m{number}")
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


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_the_people_are_the_batch_reference_in_every_order_split_and_repetition(data: st.DataObject) -> None:
    rules = data.draw(st.sampled_from(RULES))
    events = data.draw(event_sets())
    tables = delivered(data.draw(deliveries(events)), rules)
    assert tables.people() == reference(events, rules, frozenset())


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_two_members_never_share_a_profile_and_no_limit_is_broken(data: st.DataObject) -> None:
    rules = data.draw(st.sampled_from(RULES))
    tables = delivered(data.draw(deliveries(data.draw(event_sets()))), rules)
    for person in tables.people():
        for kind, count in Counter(kind for kind, _ in person).items():
            assert count <= rules.limits[kind]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_map_fed_only_by_announced_moves_is_the_map(data: st.DataObject) -> None:
    tables = delivered(data.draw(deliveries(data.draw(event_sets()))), data.draw(st.sampled_from(RULES)))
    for nid, member in tables.members.items():
        assert tables.announced.get(nid, nid) == member.profile_id


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_profile_is_called_by_its_smallest_number(data: st.DataObject) -> None:
    tables = delivered(data.draw(deliveries(data.draw(event_sets()))), data.draw(st.sampled_from(RULES)))
    for member in tables.members.values():
        together = [m.nid for m in tables.members.values() if m.profile_id == member.profile_id]
        assert member.profile_id == min(together)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_withdrawn_link_never_was_even_when_the_pair_comes_again(data: st.DataObject) -> None:
    rules = data.draw(st.sampled_from(RULES))
    events = data.draw(event_sets())
    tables = delivered(data.draw(deliveries(events)), rules)
    if not tables.links:
        return
    pair = data.draw(st.sampled_from(sorted(tables.links)))
    names = {nid: identifier for identifier, nid in tables.nids.items()}
    withdrawn = frozenset({frozenset(names[nid] for nid in pair)})
    tables.withdraw(pair)
    assert tables.people() == reference(events, rules, withdrawn)
    later = data.draw(event_sets())
    for batch in data.draw(deliveries([*events, *later])):
        tables.take(batch)
    assert tables.people() == reference([*events, *later], rules, withdrawn)


def event(text: str, *, at: int, verified: bool = False) -> Event:
    """An event from "u:1 a:x": u is a user id, e an e-mail, a an anonymous id."""
    kinds = {"u": Kind.USER_ID, "e": Kind.EMAIL, "a": Kind.ANONYMOUS_ID}
    named = tuple((kinds[part[0]], part[2:]) for part in text.split())
    return Event(named, verified, at, f"at{at}")


def people_of(*events: Event) -> set[str]:
    tables = delivered([events], Rules())
    return {" ".join(sorted(value for _, value in person)) for person in tables.people()}


def test_two_members_on_one_browser_stay_two_and_its_past_is_the_first_ones() -> None:
    story = [event("a:tablet", at=1), event("u:anna a:tablet", at=2), event("u:ben a:tablet", at=3)]
    assert people_of(*story) == {"anna tablet", "ben"}
    assert people_of(*reversed(story)) == {"anna tablet", "ben"}


def test_a_verified_link_wins_against_an_older_claim() -> None:
    assert people_of(event("u:anna a:tablet", at=1), event("u:ben a:tablet", at=2, verified=True)) == {
        "anna",
        "ben tablet",
    }


def test_a_refused_identifier_does_not_refuse_its_neighbours() -> None:
    story = [event("u:anna e:mail", at=1, verified=True), event("u:ben e:mail a:phone", at=2, verified=True)]
    assert people_of(*story) == {"anna mail", "ben phone"}


def test_a_refused_link_says_which_limit_it_would_break() -> None:
    tables = delivered([[event("u:anna a:x", at=1), event("u:ben a:x", at=2)]], Rules())
    refused = [link for link in tables.links.values() if link.refused_reason]
    assert [link.refused_reason for link in refused] == ["USER_ID_LIMIT"]


def test_a_group_never_grows_beyond_its_cap_and_the_link_says_so() -> None:
    tables = Tables(Rules(max_cluster=4))
    tables.take([event(f"u:{name} a:shared", at=time) for time, name in enumerate("abcde")])
    sizes = Counter(member.cluster for member in tables.members.values())
    assert max(sizes.values()) == 4
    refused = [link for link in tables.links.values() if link.refused_reason == CLUSTER_TOO_LARGE]
    assert len(refused) == 2
    tables.take([event("u:e a:shared", at=0)])
    assert max(Counter(member.cluster for member in tables.members.values()).values()) == 4
