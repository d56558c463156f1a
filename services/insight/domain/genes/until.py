"""The facts up to a moment: what a past day saw."""

from dataclasses import fields, replace
from typing import TypeVar

import numpy as np

from services.insight.domain.genes.facts import (
    NOTHING,
    Acts,
    Facts,
    Flags,
    Items,
    Orders,
    People,
    Words,
)

_Table = TypeVar("_Table", Acts, Items, Orders, Words, People)
_Events = TypeVar("_Events", Acts, Items, Orders, Words)


def newest_ms(facts: Facts) -> int:
    """When the newest fact happened; NOTHING without any."""
    moments = (
        *(table.at_ms for table in (facts.acts, facts.items, facts.orders, facts.words)),
        facts.people.first_at_ms,
        facts.people.member_since_ms,
    )
    return max((int(at_ms.max()) for at_ms in moments if at_ms.size), default=NOTHING)


def until(facts: Facts, now_ms: int) -> Facts:
    """The facts without those later than a moment. Who is a member and who is reachable stays as it is."""
    people = facts.people
    return replace(
        facts,
        acts=taken(facts.acts, facts.acts.at_ms <= now_ms),
        items=taken(facts.items, facts.items.at_ms <= now_ms),
        orders=taken(facts.orders, facts.orders.at_ms <= now_ms),
        words=taken(facts.words, facts.words.at_ms <= now_ms),
        people=replace(
            people,
            first_at_ms=np.where(people.first_at_ms <= now_ms, people.first_at_ms, NOTHING),
            member_since_ms=np.where(people.member_since_ms <= now_ms, people.member_since_ms, NOTHING),
            first_source=np.where(people.first_at_ms <= now_ms, people.first_source, np.uint32(0)),
        ),
    )


def one_person(facts: Facts, person: int) -> Facts:
    """The facts of one person, who is person 0 there."""
    own = np.zeros(facts.people.profile_id.size, np.bool_)
    own[person] = True
    return replace(
        facts,
        acts=_own(facts.acts, person),
        items=_own(facts.items, person),
        orders=_own(facts.orders, person),
        words=_own(facts.words, person),
        people=taken(facts.people, own),
    )


def taken(table: _Table, rows: Flags | slice) -> _Table:
    """Those rows of all columns."""
    columns = {field.name: getattr(table, field.name)[rows] for field in fields(table)}
    return replace(table, **columns)


def _own(table: _Events, person: int) -> _Events:
    # Keys of the column's own type: others would copy the whole column.
    bounds = np.array([person, person + 1], np.uint32)
    low, high = (int(row) for row in np.searchsorted(table.person, bounds))
    return replace(taken(table, slice(low, high)), person=np.zeros(high - low, np.uint32))
