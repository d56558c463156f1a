"""Folds what is known of nids into people: membership, first moments, first sources, reach."""

from dataclasses import dataclass

import numpy as np

from services.insight.domain.genes.facts import I8, NOTHING, U1, U4, Acts, Flags, People
from services.insight.domain.genes.joining import joined_at_ms
from services.insight.store.facts_blocks import Codes
from services.insight.store.facts_fold import NOBODY, Folding, earliest, first_rows
from services.insight.store.queries.facts_acts import SourceRows
from services.insight.store.queries.facts_people import Created, Moved, Seen
from services.insight.store.queries.facts_scope import NEVER


@dataclass(frozen=True, slots=True)
class Told:
    """What the store says of nids, to be folded."""

    seen: Seen
    deleted: tuple[U4, I8]
    moved: Moved
    created: Created
    sources: SourceRows
    codes: Codes
    reachable: tuple[U4, U1]
    # Later is not yet.
    until_ms: int


def people_of(folded: Folding, told: Told, zone: str, acts: Acts, session_minutes: int) -> People:
    """`acts` are sorted by person and moment."""
    size = folded.profile_id.size
    seen = told.seen
    person = folded.of(seen.nid)
    member = np.zeros(size, np.bool_)
    member[person[seen.member == 1]] = True
    member[folded.of(told.moved.nid[told.moved.member == 1])] = True
    first_people = np.concatenate([person, folded.of(told.deleted[0])])
    first_at_ms = earliest(first_people, np.concatenate([seen.first_at, told.deleted[1]]), size, NOTHING)
    joined_people, joined_at = _created(folded, told, zone)
    member_since = earliest(
        np.concatenate([person, joined_people]), np.concatenate([seen.joined_at, joined_at]), size, NOTHING
    )
    member_since[~member] = NOTHING
    reachable = np.zeros(size, np.uint16)
    profiles, bits = told.reachable
    known = np.isin(profiles, folded.profile_id)
    reachable[folded.places_of(profiles[known])] = bits[known]
    return People(
        profile_id=folded.profile_id,
        member=member,
        first_at_ms=first_at_ms,
        member_since_ms=member_since,
        first_source=_first_sources(person, told, folded, acts, session_minutes),
        reachable=reachable,
    )


def created_moments(created: Created, zone: str) -> I8:
    """What each row says; NOTHING where it says no moment."""
    moments = [joined_at_ms(text, zone) if text else None for text in created.texts]
    at_ms = np.array([NOTHING if at is None else at for at in moments], np.int64)
    said: I8 = at_ms[created.value]
    return said


def _created(folded: Folding, told: Told, zone: str) -> tuple[U4, I8]:
    """People and what the newest trait of each name says of them; what says no moment is left out."""
    found_people, found_at = [], []
    created, moments = told.created, created_moments(told.created, zone)
    for camel in (0, 1):
        rows = np.flatnonzero(created.camel == camel)
        person = folded.of(created.nid[rows])
        # The latest is the first of the negated.
        newest = first_rows(person, -created.at[rows], -created.place[rows])
        said = moments[rows[newest]]
        there = (said != NOTHING) & (said <= told.until_ms)
        found_people.append(person[newest][there])
        found_at.append(said[there])
    return np.concatenate(found_people), np.concatenate(found_at)


def _first_sources(person: U4, told: Told, folded: Folding, acts: Acts, session_minutes: int) -> U4:
    """The source of the first session; offline for who ordered otherwise before."""
    seen, codes, size = told.seen, told.codes, folded.profile_id.size
    found = np.zeros(size, np.uint32)
    visits = _first(person, seen.visit_at, seen.visit_place, size)
    orders = _first(person, seen.offline_at, seen.offline_place, size)
    visited = visits[0] != NEVER
    found[visited] = codes.code("direct")
    ends_at = first_session_ends(acts, size, session_minutes)
    rows = told.sources
    whose = folded.of(rows.nid)
    ours = whose != NOBODY
    # Of events before the first session there are none.
    ours[ours] = rows.at[ours] <= ends_at[whose[ours]]
    chosen = np.flatnonzero(ours)
    # Campaigns before referrers, then the earliest.
    keys = (1 - rows.utm[chosen].astype(np.int64), rows.at[chosen], rows.place[chosen])
    first = chosen[first_rows(whose[chosen], *keys)]
    found[whose[first]] = rows.value[first]
    offline = (orders[0] < visits[0]) | ((orders[0] == visits[0]) & (orders[1] < visits[1]) & visited)
    found[offline] = codes.code("offline")
    return found


def _first(person: U4, at_ms: I8, place: I8, size: int) -> tuple[I8, I8]:
    """Of each person the earliest moment, and its place; NEVER and 0 without any."""
    found_at, found_place = np.full(size, NEVER, np.int64), np.zeros(size, np.int64)
    rows = first_rows(person, at_ms, place)
    found_at[person[rows]], found_place[person[rows]] = at_ms[rows], place[rows]
    return found_at, found_place


def first_session_ends(acts: Acts, size: int, session_minutes: int) -> I8:
    """Of each person the moment of the last act of the first session; NOTHING without acts."""
    found = np.full(size, NOTHING, np.int64)
    if not acts.person.size:
        return found
    changes: Flags = np.append(acts.person[1:] != acts.person[:-1], True)
    # The rows behind which a session ends.
    changes[:-1] |= np.diff(acts.at_ms) > session_minutes * 60_000
    ends = np.flatnonzero(changes)
    whose = acts.person[ends]
    first = ends[np.append(True, whose[1:] != whose[:-1])]
    found[acts.person[first]] = acts.at_ms[first]
    return found
