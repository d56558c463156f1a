"""Who entered and who left: whatever becomes of the layers, all changes together are who is in it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from services.insight.domain.genes.bits import packed, places
from services.insight.domain.genes.facts import U4
from services.insight.live.causes import News, Reason, causes
from services.insight.live.comparing import Change, Seen, change

EVERYBODY = range(1, 40)
PEOPLE = st.frozensets(st.sampled_from(EVERYBODY))


def array(people: frozenset[int]) -> U4:
    return np.array(sorted(people), np.uint32)


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[bool, frozenset[int], frozenset[int], frozenset[int]]]:
    """Whether the base is made anew, who is laid over it, who exists, and who is in the segment."""
    return draw(st.lists(st.tuples(st.booleans(), PEOPLE, PEOPLE, PEOPLE), min_size=1, max_size=8))


@given(steps())
def test_all_changes_together_are_who_is_in_it(
    told: list[tuple[bool, frozenset[int], frozenset[int], frozenset[int]]],
) -> None:
    base, members, seen = array(frozenset(EVERYBODY)), BitMap(), None
    for rebased, overlay, existing, wanted in told:
        wanted &= existing
        if rebased:
            base = array(existing)
        # Whoever is not in the base, or has news, is laid over it; whoever is gone is hidden.
        over = array((overlay & existing) | (existing - set(base.tolist())))
        if seen is not None and np.array_equal(over, seen.people[-1]):
            # As a layer that nothing was laid into stays the same.
            over = seen.people[-1]
        hidden = np.isin(base, over) | ~np.isin(base, array(existing))
        layers = [(base, np.isin(base, array(wanted)) & ~hidden)]
        if over.size:
            layers.append((over, np.isin(over, array(wanted))))
        after = Seen(tuple(people for people, _ in layers), tuple(packed(flags) for _, flags in layers))
        found = change(members, seen, after)
        assert not found.entered & found.gone
        assert not found.entered & members
        assert found.gone <= members
        members, seen = (members | found.entered) - found.gone, after
        assert set(members) == wanted == set(after.members())


@given(st.lists(st.booleans()))
def test_places_are_those_of_the_set_bits(flags: list[bool]) -> None:
    bits = packed(np.array(flags, np.bool_))
    assert places(bits).tolist() == [place for place, flag in enumerate(flags) if flag]


@given(
    entered=PEOPLE,
    gone=PEOPLE,
    erased=PEOPLE,
    moved=PEOPLE,
    touched=st.none() | PEOPLE,
    redefined=st.booleans(),
    relative=st.booleans(),
)
def test_reasons_part_a_change_without_rest(
    *,
    entered: frozenset[int],
    gone: frozenset[int],
    erased: frozenset[int],
    moved: frozenset[int],
    touched: frozenset[int] | None,
    redefined: bool,
    relative: bool,
) -> None:
    whole = Change(BitMap(entered - gone), BitMap(gone - entered))
    news = News(BitMap(erased), BitMap(moved), None if touched is None else BitMap(touched))
    parts = list(causes(whole, news, redefined=redefined, relative=relative))
    assert len({reason for reason, _ in parts}) == len(parts)
    assert all(part for _, part in parts)
    for side in ("entered", "gone"):
        sets = [getattr(part, side) for _, part in parts]
        assert sum(map(len, sets)) == len(getattr(whole, side))
        assert BitMap().union(*sets) == getattr(whole, side)


def test_an_erasure_is_told_first_and_time_last() -> None:
    whole = Change(BitMap([1, 2, 3]), BitMap([4, 5]))
    news = News(BitMap([4]), BitMap([1]), BitMap([2, 5]))
    told = {
        reason: (set(part.entered), set(part.gone))
        for reason, part in causes(whole, news, redefined=False, relative=False)
    }
    assert told == {
        Reason.ERASURE: (set(), {4}),
        Reason.IDENTITY: ({1}, set()),
        Reason.EVENTS: ({2}, {5}),
        Reason.TIME: ({3}, set()),
    }
    redefined = dict(causes(whole, news, redefined=True, relative=True))
    assert redefined[Reason.DEFINITION] == Change(BitMap([1, 2, 3]), BitMap([5]))
