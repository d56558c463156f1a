"""Brings facts in memory up to a place of the stream: new rows are added, the rest is read of few people."""

import asyncio
from dataclasses import dataclass, fields, replace

import numpy as np

from chassis.background import side_by_side
from services.insight.domain.genes.facts import I8, U4, Acts, Flags
from services.insight.domain.genes.until import taken
from services.insight.store.facts import (
    Counting,
    Dictionaries,
    Loaded,
    ahead_told,
    bought,
    load_facts,
    ordered_items,
    orders_ahead,
)
from services.insight.store.facts_append import Began, Bought, Draft, drafted, finished, seen_of
from services.insight.store.facts_fold import Folding
from services.insight.store.facts_known import Known
from services.insight.store.facts_merge import merged, nobody_of
from services.insight.store.facts_orders import converted
from services.insight.store.facts_people import Told, people_of
from services.insight.store.facts_plan import Plan, Touched, planned
from services.insight.store.facts_products import Products
from services.insight.store.queries.facts_acts import SourceRows, load_sources
from services.insight.store.queries.facts_items import NamedRows, load_items_named, load_lines
from services.insight.store.queries.facts_news import (
    ITEM,
    News,
    load_named_by_erased,
    load_news,
    load_sharing,
)
from services.insight.store.queries.facts_orders import load_orders
from services.insight.store.queries.facts_people import (
    Created,
    Moved,
    Seen,
    load_created,
    load_deleted,
    load_reachable,
    load_seen,
)
from services.insight.store.queries.facts_scope import Scope
from services.insight.store.queries.facts_touched import load_map

_NOBODY = np.empty(0, np.uint32)


class TooMuchNews(Exception):
    """More people are to be read again than is worth it: read the whole tenant."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all facts of a tenant are made with."""

    counting: Counting
    products: Products
    codes: Dictionaries


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Facts of whoever something is new of; whom they replace; products that are called otherwise."""

    facts: Loaded | None
    hidden: U4
    renamed: frozenset[str]
    erased: bool


async def refresh(scope: Scope, after: int, known: Known, shared: Shared, most_again: int) -> Refreshed:
    """What is new behind a place. Raises TooMuchNews."""
    codes, products = shared.codes, shared.products
    news = await load_news(scope, after, codes.products, codes.words, codes.sources)
    products.take(_named(news, codes))
    sharing = [_NOBODY]
    if news.erased.size:
        await _unnamed(scope, news.erased, products)
        sharing.append(await load_sharing(scope, news.erased, erased=True))
    if (due := known.due(scope.until_ms)).size:
        await products.learn(scope.only(due), 0)
        sharing.append(await load_sharing(scope, due))
    # Those of a refresh that came to nothing are still to be told to everybody.
    renamed = frozenset(products.unsettled)
    touched = Touched(due, np.unique(np.concatenate(sharing)), known.borrowing(sorted(renamed)))
    plan = await asyncio.to_thread(planned, known, news, touched)
    if plan.again.size > most_again:
        raise TooMuchNews
    parts = []
    # One after the other: in their threads they look up, and grow, what products are called.
    if plan.added.size:
        parts.append(await _added(scope, known, news, plan, shared))
    if plan.again.size:
        parts.append(await _again(scope, plan.again, shared))
    facts = parts[0] if len(parts) == 1 else None
    if len(parts) > 1:
        labels = products.category_codes(codes.products).copy()
        facts = merged([(part, nobody_of(part)) for part in parts], codes, labels)
    return Refreshed(facts, plan.hidden, renamed, bool(news.erased.size))


async def _unnamed(scope: Scope, erased: U4, products: Products) -> None:
    """What products are without the words of the erased."""
    if names := await load_named_by_erased(scope, erased):
        said = await load_items_named(scope, names)
        products.unlearn(names)
        products.take(said)


def _named(news: News, codes: Dictionaries) -> NamedRows:
    """What new events say of products."""
    details = news.details
    rows = np.flatnonzero(
        (details.aspect == ITEM) & (details.product != 0) & ((details.category != 0) | (details.brand != 0))
    )
    at, place = details.at[rows], details.place[rows]
    return NamedRows(
        codes.products,
        details.product[rows],
        details.category[rows],
        details.brand[rows],
        at,
        place,
        at,
        place,
    )


async def _again(scope: Scope, profiles: U4, shared: Shared) -> Loaded:
    moved, theirs = await load_map(scope, profiles)
    return await load_facts(scope.only(theirs), shared.counting, shared.products, shared.codes, moved)


async def _added(scope: Scope, known: Known, news: News, plan: Plan, shared: Shared) -> Loaded:
    counting, products, codes = shared.counting, shared.products, shared.codes
    draft = await asyncio.to_thread(drafted, known, news, plan, counting, scope.until_ms)
    buyers = _part(draft, draft.ordering)
    new = draft.folding.profile_id[draft.new]
    async with side_by_side() as tasks:
        reported = scope.only(buyers.nid)
        entries = tasks.create_task(load_orders(reported, counting.rates.home, counting.orders))
        lines = tasks.create_task(load_lines(reported, codes.products))
        began = tasks.create_task(_began(scope, draft, news, shared))
        reach = tasks.create_task(load_reachable(scope.only(new)))

    def finish() -> Loaded:
        sold = converted(entries.result(), counting.rates, counting.zone)
        again = Bought(
            bought(buyers, sold, lines.result(), counting, scope.until_ms),
            ordered_items(buyers, lines.result(), sold, scope.until_ms),
            orders_ahead(buyers, sold, scope.until_ms),
        )
        return finished(draft, again, began.result(), reach.result(), (counting, products, codes))

    return await asyncio.to_thread(finish)


def _part(draft: Draft, people: Flags) -> Folding:
    """The nids of some people, who keep their numbers."""
    folding = draft.folding
    ours = people[folding.person]
    return Folding(folding.nid[ours], folding.person[ours], folding.profile_id)


async def _began(scope: Scope, draft: Draft, news: News, shared: Shared) -> list[Began]:
    """When those whose beginnings are unclear were first seen, joined, and where from."""
    found = []
    if draft.told.any():
        seen, sources = seen_of(news, scope.until_ms)
        nothing = np.empty(0, np.int64)
        created = Created(_NOBODY, np.empty(0, np.uint8), nothing, nothing, _NOBODY, [""])
        told = (seen, (_NOBODY, nothing), created, sources)
        found.append(await asyncio.to_thread(_beginnings, draft, draft.told, told, scope.until_ms, shared))
    if draft.unclear.any():
        some = scope.only(_part(draft, draft.unclear).nid)
        async with side_by_side() as tasks:
            of_events, deleted = tasks.create_task(load_seen(some)), tasks.create_task(load_deleted(some))
            of_traits = tasks.create_task(load_created(some))
            visits = tasks.create_task(load_sources(some, shared.codes.sources))
        told = (of_events.result(), deleted.result(), of_traits.result(), visits.result())
        found.append(await asyncio.to_thread(_beginnings, draft, draft.unclear, told, scope.until_ms, shared))
    return found


def _beginnings(
    draft: Draft,
    flags: Flags,
    rows: tuple[Seen, tuple[U4, I8], Created, SourceRows],
    until_ms: int,
    shared: Shared,
) -> Began:
    """Of the flagged people, folded as those are who are read."""
    people, part = np.flatnonzero(flags), _part(draft, flags)
    number = np.zeros(flags.size, np.uint32)
    number[people] = np.arange(people.size, dtype=np.uint32)
    folded = Folding(part.nid, number[part.person], part.profile_id[people])
    seen, deleted, created, sources = rows
    ours = np.isin(seen.nid, folded.nid)
    seen = replace(seen, **{one.name: getattr(seen, one.name)[ours] for one in fields(seen)})
    member = draft.people.member[part.person].astype(np.uint8)
    told = Told(
        seen,
        deleted,
        Moved(folded.nid, folded.profile_id[folded.person], member),
        created,
        sources,
        shared.codes.sources,
        (_NOBODY, np.empty(0, np.uint8)),
        until_ms,
    )
    acts: Acts = taken(draft.acts, flags[draft.acts.person])
    own = Acts(number[acts.person], acts.at_ms, acts.page_view)
    rules, zone = shared.counting.rules, shared.counting.zone
    return Began(people_of(folded, told, zone, own, rules.session_minutes), ahead_told(told, zone))
