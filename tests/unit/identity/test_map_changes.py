"""Withdrawn links, restored ones and other rules: the map is as if it had always been so."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from services.identity.domain.identifiers import Kind, Rules, names_nobody
from services.identity.domain.partition import BLOCKED_VALUE, CLUSTER_TOO_LARGE, pair_of
from tests.unit.identity.tables import (
    RULES,
    TIGHT,
    Ends,
    Event,
    Tables,
    delivered,
    deliveries,
    event_sets,
    identifiers,
    reference,
)

MANY = settings(max_examples=60, deadline=None)


@MANY
@given(st.data())
def test_a_withdrawn_link_never_was_even_when_the_pair_comes_again(data: st.DataObject) -> None:
    rules = data.draw(st.sampled_from(RULES))
    events = data.draw(event_sets())
    tables = delivered(data.draw(deliveries(events)), rules)
    if not tables.links:
        return
    pairs = data.draw(st.lists(st.sampled_from(sorted(tables.links)), min_size=1, max_size=3, unique=True))
    withdrawn = {tables.ends(pair) for pair in pairs}
    for pair in pairs:
        tables.withdraw(pair)
    assert tables.people() == reference(events, rules, withdrawn)
    later = data.draw(event_sets("later"))
    for batch in data.draw(deliveries([*events, *later])):
        tables.take(batch)
    assert tables.people() == reference([*events, *later], rules, withdrawn)


@MANY
@given(st.data())
def test_restoring_every_withdrawn_link_brings_back_the_map(data: st.DataObject) -> None:
    rules = data.draw(st.sampled_from(RULES))
    events = data.draw(event_sets())
    tables = delivered(data.draw(deliveries(events)), rules)
    pairs = sorted(tables.links)
    for pair in data.draw(st.permutations(pairs)):
        tables.withdraw(pair)
    assert all(len(person) == 1 for person in tables.people())
    for pair in data.draw(st.permutations(pairs)):
        tables.restore(pair)
    assert tables.people() == reference(events, rules)


@st.composite
def rule_sets(draw: st.DrawFn) -> Rules:
    rules = draw(st.sampled_from(RULES))
    return replace(rules, blocked=rules.blocked | draw(st.frozensets(st.sampled_from("abcd"), max_size=2)))


@MANY
@given(st.data())
def test_new_rules_make_the_map_a_fresh_tenant_with_them_would_have(data: st.DataObject) -> None:
    events = data.draw(event_sets())
    tables = delivered(data.draw(deliveries(events)), data.draw(rule_sets()))
    for rules in data.draw(st.lists(rule_sets(), min_size=1, max_size=3)):
        tables.put_rules(rules)
        while tables.judge_some(data.draw(st.integers(1, 6))):
            pass
        assert tables.people() == reference(events, rules)


class Life:
    """A tenant to whom events, judging, new rules and corrections happen in any order."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data
        self.tables = Tables(data.draw(st.sampled_from(RULES)))
        self.events: list[Event] = []
        self.withdrawn: set[Ends] = set()

    def step(self, number: int) -> None:
        kinds = [self._take, self._take, self._judge, self._rule, self._unlink, self._restore]
        kinds[self._data.draw(st.integers(0, len(kinds) - 1))](number)

    def _take(self, number: int) -> None:
        some = [
            one
            for one in self._data.draw(event_sets(f"{number}-"))
            # As the door does: a blocked value names nobody there.
            if not any(names_nobody(*named, self.tables.rules) for named in one.identifiers)
        ]
        self.tables.take(some)
        self.events += some

    def _judge(self, _: int) -> None:
        self.tables.judge_some(self._data.draw(st.integers(1, 4)))

    def _rule(self, _: int) -> None:
        self.tables.put_rules(self._data.draw(rule_sets()))

    def _unlink(self, _: int) -> None:
        if pairs := sorted(pair for pair, link in self.tables.links.items() if not link.withdrawn):
            pair = self._data.draw(st.sampled_from(pairs))
            self.tables.withdraw(pair)
            self.withdrawn.add(self.tables.ends(pair))

    def _restore(self, _: int) -> None:
        if pairs := sorted(pair for pair, link in self.tables.links.items() if link.withdrawn):
            pair = self._data.draw(st.sampled_from(pairs))
            self.tables.restore(pair)
            self.withdrawn.discard(self.tables.ends(pair))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_happens_in_whatever_order_the_map_is_the_reference_in_the_end(data: st.DataObject) -> None:
    life = Life(data)
    for number in range(data.draw(st.integers(2, 10))):
        life.step(number)
    tables = life.tables
    while tables.judge_some(3):
        pass
    assert tables.people() == reference(life.events, tables.rules, life.withdrawn)
    for person in tables.people():
        assert sum(kind is Kind.USER_ID for kind, _ in person) <= 1
    for nid, member in tables.members.items():
        assert tables.announced.get(nid, nid) == member.profile_id
    for pair, link in tables.links.items():
        together = len({tables.members[nid].profile_id for nid in pair}) == 1
        assert together or link.refused_reason or link.withdrawn
        assert not (together and link.refused_reason == BLOCKED_VALUE)


@MANY
@given(st.lists(identifiers, min_size=2, max_size=2, unique=True), st.data())
def test_a_withdrawn_link_leaves_what_never_having_had_it_leaves(
    ends: list[tuple[Kind, str]], data: st.DataObject
) -> None:
    events = data.draw(event_sets())
    extra = Event(tuple(sorted(ends)), True, 0, "extra")
    tables = delivered(data.draw(deliveries([*events, extra])), TIGHT)
    tables.withdraw(pair_of(*(tables.nids[end] for end in ends)))
    without = [event for event in events if not set(ends) <= {event.identifiers[0], *event.identifiers[1:]}]
    if any(set(ends) <= set(event.identifiers) for event in events):
        # Another event says the same pair; withdrawn is withdrawn.
        assert tables.people() == reference([*events, extra], TIGHT, {frozenset(ends)})
    else:
        alone = [Event((end,), True, 0, "alone") for end in ends]
        assert tables.people() == reference([*without, *alone], TIGHT)


def anonymous(value: str, *others: tuple[Kind, str], at: int) -> Event:
    named = sorted([*others, (Kind.ANONYMOUS_ID, value)])
    return Event(tuple(named), False, at, f"at{at}")


def test_a_group_that_became_smaller_takes_in_what_was_too_much_for_it() -> None:
    """A tablet in a shop connects more people than a group may have; blocked, everybody is themselves."""
    rules = Rules(max_cluster=5)
    tables = Tables(rules)
    crowd = [anonymous("kiosk", (Kind.USER_ID, name), at=at) for at, name in enumerate("abcdef")]
    own = [
        anonymous(f"phone of {name}", (Kind.USER_ID, name), at=10 + at) for at, name in enumerate("abcdef")
    ]
    tables.take([*crowd, *own])
    assert any(link.refused_reason == CLUSTER_TOO_LARGE for link in tables.links.values())
    tables.put_rules(replace(rules, blocked=rules.blocked | {"kiosk"}))
    while tables.judge_some(2):
        pass
    people = {" ".join(sorted(value for _, value in person)) for person in tables.people()}
    assert people == {"kiosk"} | {f"{name} phone of {name}" for name in "abcdef"}
