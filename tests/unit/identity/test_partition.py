"""The partition: the same people for every arrival order, batch split and repetition."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from services.identity.domain.identifiers import Kind, Rules
from services.identity.domain.partition import CLUSTER_TOO_LARGE
from tests.unit.identity.tables import (
    RULES,
    Event,
    Tables,
    delivered,
    deliveries,
    event_sets,
    reference,
)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_the_people_are_the_batch_reference_in_every_order_split_and_repetition(data: st.DataObject) -> None:
    rules = data.draw(st.sampled_from(RULES))
    events = data.draw(event_sets())
    tables = delivered(data.draw(deliveries(events)), rules)
    assert tables.people() == reference(events, rules)


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
