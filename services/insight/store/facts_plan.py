"""Whom news touches: who is only added to, who is somebody else now, and who must be read again."""

from dataclasses import dataclass

import numpy as np

from services.insight.domain.genes.facts import U4
from services.insight.store.facts_known import Known
from services.insight.store.queries.facts_news import News


@dataclass(frozen=True, slots=True)
class Touched:
    """What news brings with it: asked of the store, or of memory."""

    # nids whose moment has come, and those who share an order with them or with somebody erased.
    due: U4
    sharing: U4
    # Profiles whose products are called otherwise.
    borrowing: U4


@dataclass(frozen=True, slots=True)
class Plan:
    """Sorted profile ids."""

    # Whose facts are those of memory, with what is new.
    added: U4
    # To be read again as a whole.
    again: U4
    # Whom no layer may show any more as it is now.
    hidden: U4
    # Profiles of memory, sorted, and who of `added` they are now.
    from_profile: U4
    to_profile: U4
    # Numbers and profiles of everybody in `added`.
    nid: U4
    profile: U4
    # nids and profiles whose orders may be others.
    of_orders: U4


def planned(known: Known, news: News, touched: Touched) -> Plan:
    """Who is whose, and what is to be done."""
    events = np.unique(np.concatenate([news.events.nid, news.traits, news.moved_nid]))
    current, there = known.profiles_of(events)
    final = current.copy()
    final[np.searchsorted(events, news.moved_nid)] = news.moved_to
    moves = there & (current != final)
    whole_from, whole_to, split = _moved(known, events[moves], final[moves], current[moves])
    gone, partly = _erased(known, news.erased)
    again = np.concatenate([split, partly, _finally(known, events, final, touched.due)])
    orders = np.concatenate([news.of_orders, touched.sharing])
    # Who has nothing but facts of orders left is nobody.
    orders = orders[np.isin(orders, events) | known.profiles_of(orders)[1]]
    of_orders = _finally(known, events, final, orders)
    borrowing = _renamed(touched.borrowing, whole_from, whole_to)
    added = np.unique(np.concatenate([final, of_orders, borrowing, whole_to]))
    moved_away = np.setdiff1d(whole_from, final)
    told = known.there(news.reach_profile)
    added = np.union1d(added, np.setdiff1d(told, np.union1d(moved_away, gone)))
    # Somebody new under the number of whoever was erased has nothing of theirs.
    again = np.unique(np.concatenate([again, np.intersect1d(added, gone)])).astype(np.uint32)
    added = np.setdiff1d(added, np.union1d(again, gone)).astype(np.uint32)
    stays = np.setdiff1d(added, whole_from)
    comes = np.isin(whole_to, added)
    from_profile = np.concatenate([stays, whole_from[comes]]).astype(np.uint32)
    to_profile = np.concatenate([stays, whole_to[comes]]).astype(np.uint32)
    order = np.argsort(from_profile)
    nid, profile = _nids(known, (from_profile[order], to_profile[order]), (events[~there], final[~there]))
    ours = np.isin(profile, added)
    return Plan(
        added,
        again,
        np.unique(np.concatenate([added, again, gone, whole_from])).astype(np.uint32),
        from_profile[order],
        to_profile[order],
        nid[ours],
        profile[ours],
        np.intersect1d(of_orders, added).astype(np.uint32),
    )


def _moved(known: Known, nids: U4, to: U4, of: U4) -> tuple[U4, U4, U4]:
    """Profiles that are wholly another now, which, and those that came apart with whoever gets a part."""
    olds = np.unique(of)
    if not olds.size:
        return olds, olds, olds
    every, whose = known.nids_of(olds)
    target = whose.copy()
    order = np.argsort(nids)
    places = np.minimum(np.searchsorted(nids, every, sorter=order), nids.size - 1)
    found = nids[order[places]] == every
    target[found] = to[order[places[found]]]
    by_old = np.argsort(whose, kind="stable")
    target, starts = target[by_old], np.searchsorted(whose[by_old], olds)
    low, high = np.minimum.reduceat(target, starts), np.maximum.reduceat(target, starts)
    whole = low == high
    apart = np.isin(whose[by_old], olds[~whole])
    return olds[whole], low[whole], np.union1d(olds[~whole], target[apart]).astype(np.uint32)


def _erased(known: Known, erased: U4) -> tuple[U4, U4]:
    """Profiles of which nothing is left, and those of which something is."""
    profiles, there = known.profiles_of(erased)
    olds = np.unique(profiles[there])
    nids, whose = known.nids_of(olds)
    left = np.unique(whose[~np.isin(nids, erased)])
    return np.setdiff1d(olds, left).astype(np.uint32), left.astype(np.uint32)


def _finally(known: Known, events: U4, final: U4, nids: U4) -> U4:
    """The profiles of nids after all of this."""
    profiles, _ = known.profiles_of(nids)
    if events.size:
        places = np.minimum(np.searchsorted(events, nids), events.size - 1)
        moved = events[places] == nids
        profiles[moved] = final[places[moved]]
    return np.unique(profiles).astype(np.uint32)


def _renamed(profiles: U4, old: U4, new: U4) -> U4:
    if not old.size:
        return profiles
    places = np.minimum(np.searchsorted(old, profiles), old.size - 1)
    return np.where(old[places] == profiles, new[places], profiles).astype(np.uint32)


def _nids(known: Known, moved: tuple[U4, U4], new: tuple[U4, U4]) -> tuple[U4, U4]:
    """All nids with their profiles: of memory as they are now, and new ones."""
    old, profile = moved
    nids, whose = known.nids_of(old)
    if nids.size:
        whose = profile[np.searchsorted(old, whose)]
    return np.concatenate([nids, new[0]]), np.concatenate([whose, new[1]])
