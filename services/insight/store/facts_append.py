"""Adds what is new to the facts of those whom it touches, taken from memory instead of read again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.insight.domain.genes.calendar import local_days
from services.insight.domain.genes.facts import (
    I8,
    NOTHING,
    U1,
    U4,
    Acts,
    Flags,
    ItemAct,
    Items,
    Orders,
    People,
    WordKind,
    Words,
)
from services.insight.domain.genes.until import taken
from services.insight.domain.genes.zones import zone_of
from services.insight.store.facts import (
    Ahead,
    Counting,
    Dictionaries,
    Loaded,
    ahead_of,
    facts_of,
    lacking,
    relabelled,
    together_ahead,
)
from services.insight.store.facts_fold import NOBODY, Folding, by_person, joined
from services.insight.store.facts_known import Known, Old, TracedItems, together, traced
from services.insight.store.facts_people import first_session_ends
from services.insight.store.facts_plan import Plan
from services.insight.store.facts_products import Products
from services.insight.store.queries.facts_acts import SourceRows
from services.insight.store.queries.facts_news import (
    ITEM,
    JOINED,
    MEMBER,
    OFFLINE,
    PAGE_VIEW,
    SOURCE,
    VISIT,
    WORD,
    News,
)
from services.insight.store.queries.facts_people import Seen
from services.insight.store.queries.facts_scope import NEVER

_LAST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Draft:
    """Those who are added to; what only the store can say is still as it was."""

    folding: Folding
    people: People
    acts: Acts
    items: TracedItems
    orders: Orders
    words: Words
    ahead: Ahead
    # Profiles that were not there before; those of whom the news says all; of whom the beginnings, and of
    # whom the orders are to be read.
    new: Flags
    told: Flags
    unclear: Flags
    ordering: Flags


@dataclass(frozen=True, slots=True)
class Bought:
    """Orders as settled now, and the lines of them, of people of a draft."""

    orders: Orders
    items: Items
    ahead: Ahead


@dataclass(frozen=True, slots=True)
class Began:
    """People of a draft, and what lies ahead of them, as the store says."""

    people: People
    ahead: Ahead


def drafted(known: Known, news: News, plan: Plan, counting: Counting, until_ms: int) -> Draft:
    """What memory and the new rows say of `plan.added`."""
    order = np.argsort(plan.nid)
    people = np.searchsorted(plan.added, plan.profile[order]).astype(np.uint32)
    folding = Folding(plan.nid[order], people, plan.added)
    numbers = np.searchsorted(plan.added, plan.to_profile).astype(np.uint32)
    old = known.rows(plan.from_profile, numbers)
    events, person = news.events, folding.of(news.events.nid)
    now = (events.at <= until_ms) & (person != NOBODY)
    visits = now & (events.says & VISIT != 0)
    fresh = Acts(person[visits], events.at[visits], events.says[visits] & PAGE_VIEW != 0)
    before = by_person(old.acts)
    acts = by_person(joined(Acts, (before, fresh)))
    told, n_old = _people(plan, folding, old, news, now)
    unclear = n_old != 1
    # What says when somebody joined is not among the news.
    created = folding.of(news.created)
    told_whole = n_old == 0
    told_whole[created[created != NOBODY]] = False
    unclear[created[created != NOBODY]] = True
    was = np.zeros(n_old.size, np.bool_)
    np.logical_or.at(was, old.whose, old.people.member)
    unclear |= told.member & ~was
    unclear |= _other_sources(folding, news, (before, acts, fresh), now, counting)
    ordering = np.zeros(n_old.size, np.bool_)
    ordering[np.searchsorted(plan.added, plan.of_orders)] = True
    stays = np.zeros(n_old.size, np.bool_)
    stays[old.whose[plan.added[old.whose] == old.people.profile_id]] = True
    return Draft(
        folding,
        told,
        acts,
        _items(folding, old, news, ordering),
        by_person(taken(old.orders, ~ordering[old.orders.person])),
        _words(folding, old, news, now, counting),
        _ahead(known, folding, news, until_ms),
        ~stays,
        told_whole,
        unclear & ~told_whole,
        ordering,
    )


def _people(plan: Plan, folding: Folding, old: Old, news: News, now: Flags) -> tuple[People, I8]:
    """Everybody as far as can be told without the store, and how many profiles of memory each is."""
    size = plan.added.size
    n_old = np.bincount(old.whose, minlength=size)
    member = np.zeros(size, np.bool_)
    np.logical_or.at(member, old.whose, old.people.member)
    events, person = news.events, folding.of(news.events.nid)
    ours = person != NOBODY
    member[person[ours & (events.says & MEMBER != 0)]] = True
    moved = folding.of(news.moved_nid)
    member[moved[(moved != NOBODY) & (news.moved_member != 0)]] = True
    joined_now = now & (events.says & JOINED != 0)
    first = _least(size, (old.whose, old.people.first_at_ms), (person[now], events.at[now]))
    since = _least(size, (old.whose, old.people.member_since_ms), (person[joined_now], events.at[joined_now]))
    since[~member] = NOTHING
    source, reachable = np.zeros(size, np.uint32), np.zeros(size, np.uint16)
    source[old.whose] = old.people.first_source
    stayed = plan.added[old.whose] == old.people.profile_id
    reachable[old.whose[stayed]] = old.people.reachable[stayed]
    places = folding.places_of(news.reach_profile)
    announced = np.isin(news.reach_profile, plan.added)
    reachable[places] = news.reach[announced]
    return People(plan.added, member, first, since, source, reachable), n_old


def seen_of(news: News, until_ms: int) -> tuple[Seen, SourceRows]:
    """What new events say of beginnings, as the store would say it of people who have no others."""
    events, details = news.events, news.details

    def when(bit: int) -> I8:
        return np.where((events.says & bit != 0) & (events.at <= until_ms), events.at, NEVER)

    happened = np.where(events.at <= until_ms, events.at, NEVER)
    seen = Seen(
        nid=events.nid,
        first_at=happened,
        next_at=np.where(happened == NEVER, events.at, NEVER),
        member=(events.says & MEMBER != 0).astype(np.uint8),
        joined_at=when(JOINED),
        visit_at=when(VISIT),
        visit_place=events.place,
        offline_at=when(OFFLINE),
        offline_place=events.place,
    )
    rows = details.aspect == SOURCE
    sources = SourceRows(
        details.nid[rows], details.at[rows], details.place[rows], details.source[rows], details.kind[rows]
    )
    return seen, sources


def _least(size: int, *told: tuple[U4, I8]) -> I8:
    """Of each person the least moment that is one."""
    found = np.full(size, _LAST, np.int64)
    for person, at_ms in told:
        there = at_ms != NOTHING
        np.minimum.at(found, person[there], at_ms[there])
    found[found == _LAST] = NOTHING
    return found


def _other_sources(
    folding: Folding, news: News, acts: tuple[Acts, Acts, Acts], now: Flags, counting: Counting
) -> Flags:
    """Whose first source may be another: something new lies in their first session or before it."""
    size = folding.profile_id.size
    before, after, fresh = acts
    minutes = counting.rules.session_minutes
    ended, ends = (first_session_ends(one, size, minutes) for one in (before, after))
    began, begins = (_first(one, size) for one in (before, after))
    found: Flags = (began == NOTHING) & (begins != NOTHING)
    late = fresh.at_ms <= began[fresh.person]
    found[fresh.person[late]] = True
    # A session that grows at its end has no new source but those among the news.
    last = np.full(size, NOTHING, np.int64)
    last[before.person] = before.at_ms
    found |= (ends != ended) & (last != ended)
    events, person = news.events, folding.of(news.events.nid)
    offline = np.flatnonzero(now & (events.says & OFFLINE != 0))
    whose = person[offline]
    found[whose[(begins[whose] == NOTHING) | (events.at[offline] <= begins[whose])]] = True
    details = news.details
    whose = folding.of(details.nid)
    rows = np.flatnonzero((details.aspect == SOURCE) & (whose != NOBODY))
    whose = whose[rows]
    found[whose[details.at[rows] <= ends[whose]]] = True
    return found


def _first(acts: Acts, size: int) -> I8:
    """Of each person the moment of the first act; NOTHING without."""
    found = np.full(size, NOTHING, np.int64)
    # The first of each is written last.
    found[acts.person[::-1]] = acts.at_ms[::-1]
    return found


def _items(folding: Folding, old: Old, news: News, ordering: Flags) -> TracedItems:
    """In no order; without lines of orders that are read again."""
    details = news.details
    person = folding.of(details.nid)
    rows = np.flatnonzero((details.aspect == ITEM) & (details.kind != 0) & (person != NOBODY))
    kept = ~(ordering[old.items.person] & (old.items.act >= ItemAct.ORDERED))
    fresh = Items(
        person[rows],
        details.at[rows],
        details.kind[rows],
        details.product[rows],
        details.category[rows],
        details.brand[rows],
        details.quantity[rows],
        details.line[rows] == 0,
    )
    return together((together([old.items], np.flatnonzero(kept)), traced(fresh, lacking(fresh))))


def _words(folding: Folding, old: Old, news: News, now: Flags, counting: Counting) -> Words:
    """Of each word the first moment of a local day."""
    events, details = news.events, news.details
    person, whose = folding.of(events.nid), folding.of(details.nid)
    used = now & (events.word != 0)
    said = (details.aspect == WORD) & (details.word != 0) & (whose != NOBODY)
    channel = np.full(int(used.sum()), WordKind.CHANNEL, np.uint8)
    words = joined(
        Words,
        (
            old.words,
            Words(person[used], events.at[used], channel, events.word[used]),
            Words(whose[said], details.at[said], details.kind[said], details.word[said]),
        ),
    )
    day = local_days(words.at_ms, zone_of(counting.zone))
    order = np.lexsort((words.at_ms, day, words.word, words.kind, words.person))
    keys = [column[order] for column in (day, words.word, words.kind, words.person)]
    leads = np.ones(order.size, np.bool_)
    leads[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    kept = np.zeros(order.size, np.bool_)
    kept[order[leads]] = True
    return by_person(taken(words, kept))


def _ahead(known: Known, folding: Folding, news: News, until_ms: int) -> Ahead:
    """What lies ahead of these people."""
    later = news.events.at > until_ms
    at_ms, nids = [news.events.at[later]], [news.events.nid[later]]
    for loaded, _ in known.layers:
        at_ms.append(loaded.ahead.at_ms)
        nids.append(loaded.ahead.nid)
    at, nid = np.concatenate(at_ms), np.concatenate(nids)
    ours = (folding.of(nid) != NOBODY) & (at > until_ms)
    return ahead_of(at[ours], nid[ours])


def finished(
    draft: Draft,
    bought: Bought,
    began: Sequence[Began],
    reach: tuple[U4, U1],
    shared: tuple[Counting, Products, Dictionaries],
) -> Loaded:
    """The draft with what the store said: orders, the beginnings of some, the reach of those who are new."""
    counting, products, codes = shared
    people = draft.people
    for one in began:
        places = draft.folding.places_of(one.people.profile_id)
        for name in ("first_at_ms", "member_since_ms", "first_source"):
            getattr(people, name)[places] = getattr(one.people, name)
    announced = np.isin(reach[0], people.profile_id)
    people.reachable[draft.folding.places_of(reach[0])] = reach[1][announced]
    items = together((draft.items, traced(bought.items, lacking(bought.items))))
    # As they are when they are read: lines of orders behind what was done at the same moment.
    kept = items.person != NOBODY
    order = np.lexsort((items.act >= ItemAct.ORDERED, items.at_ms, items.person))
    items = together([items], order[kept[order]])
    plain = Items(**{name: getattr(items, name) for name in Items.__dataclass_fields__})
    tables = (
        people,
        draft.acts,
        relabelled(plain, items.lacks, products, codes),
        by_person(joined(Orders, (draft.orders, bought.orders))),
        draft.words,
    )
    facts = facts_of(tables, counting, products, codes)
    ahead = together_ahead(draft.ahead, bought.ahead, *(one.ahead for one in began))
    return Loaded(facts, draft.folding, items.lacks, ahead, codes)
