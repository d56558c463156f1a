"""Reads one tenant's facts out of the event store, as the columns that genes are computed from."""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field, fields, replace

import numpy as np

from services.insight.domain.genes.facts import (
    I8,
    U4,
    Acts,
    Facts,
    Flags,
    ItemAct,
    Items,
    Orders,
    Rules,
    Words,
)
from services.insight.domain.genes.zones import zone_of
from services.insight.domain.money import Rates
from services.insight.store.facts_blocks import Codes
from services.insight.store.facts_fold import Folding, by_person, folding
from services.insight.store.facts_orders import Sold, converted
from services.insight.store.facts_people import Told, created_moments, people_of
from services.insight.store.facts_products import Products, codes_by_product, filled
from services.insight.store.queries.facts_acts import ActRows, WordRows, load_acts, load_sources, load_words
from services.insight.store.queries.facts_items import (
    ItemRows,
    LineRows,
    ProductCodes,
    load_items,
    load_lines,
)
from services.insight.store.queries.facts_orders import OrderRows, load_orders
from services.insight.store.queries.facts_people import (
    Moved,
    load_created,
    load_deleted,
    load_moved,
    load_reachable,
    load_said,
    load_seen,
)
from services.insight.store.queries.facts_scope import NEVER, Scope

CHANNELS = ("email", "sms", "line")


@dataclass(frozen=True, slots=True)
class Counting:
    """How a tenant's facts count; other facts follow from any change of it."""

    zone: str
    rates: Rates
    rules: Rules

    @property
    def key(self) -> Hashable:
        """Equal where everything counts alike."""
        rates = tuple((code, tuple(days)) for code, days in sorted(self.rates.listed().items()))
        return self.zone, self.rules, self.rates.home, rates


@dataclass(frozen=True, slots=True)
class Borrowed:
    """Who has which product whose category or brand is known from other events only."""

    product: U4
    person: U4


@dataclass(frozen=True, slots=True)
class Loaded:
    """Facts of people, and what is needed to keep them right."""

    facts: Facts
    folding: Folding
    borrowed: Borrowed
    # The first event that lies ahead of what is known; NEVER without any.
    next_ms: int


def n_bytes(loaded: Loaded) -> int:
    """What the columns take in memory, without their texts."""
    facts = loaded.facts
    tables = (facts.people, facts.acts, facts.items, facts.orders, facts.words)
    return sum(int(getattr(table, one.name).nbytes) for table in tables for one in fields(table))


@dataclass(slots=True)
class _Dictionaries:
    """Codes of one set of facts."""

    products: ProductCodes = field(default_factory=lambda: ProductCodes(Codes(), Codes(), Codes()))
    words: Codes = field(default_factory=Codes)
    sources: Codes = field(default_factory=Codes)


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the store says, nid by nid."""

    told: Told
    said: U4
    acts: ActRows
    words: WordRows
    entries: OrderRows
    lines: LineRows
    items: ItemRows


async def load_facts(
    scope: Scope, counting: Counting, products: Products, moved: Moved | None = None
) -> Loaded:
    """Facts of everybody; or of the people of `scope.nids`: whole profiles, whose map `moved` then is.

    `products` are as of the same place.
    """
    codes = _Dictionaries()
    rows = await _rows(scope, counting, codes, moved)
    return await asyncio.to_thread(_folded, rows, counting, products, codes)


async def _rows(scope: Scope, counting: Counting, codes: _Dictionaries, moved: Moved | None) -> _Rows:
    async with asyncio.TaskGroup() as tasks:
        # Of one dictionary one after the other, for its codes are given in threads.
        of_products = tasks.create_task(_products(scope, codes.products))
        acts = tasks.create_task(load_acts(scope))
        words = tasks.create_task(load_words(scope, counting.zone, codes.words))
        entries = tasks.create_task(load_orders(scope, counting.rates.home))
        seen, deleted = tasks.create_task(load_seen(scope)), tasks.create_task(load_deleted(scope))
        said, created = tasks.create_task(load_said(scope)), tasks.create_task(load_created(scope))
        sources = tasks.create_task(load_sources(scope, codes.sources))
        profiles = scope
        if moved is not None and scope.nids is not None:
            profiles = scope.only(np.union1d(scope.nids, moved.profile_id))
        reachable = tasks.create_task(load_reachable(profiles))
        moved = moved or await load_moved(scope)
    told = Told(
        seen.result(),
        deleted.result(),
        moved,
        created.result(),
        sources.result(),
        codes.sources,
        reachable.result(),
        scope.until_ms,
    )
    return _Rows(told, said.result(), acts.result(), words.result(), entries.result(), *of_products.result())


async def _products(scope: Scope, codes: ProductCodes) -> tuple[LineRows, ItemRows]:
    return await load_lines(scope, codes), await load_items(scope, codes)


def _folded(rows: _Rows, counting: Counting, products: Products, codes: _Dictionaries) -> Loaded:
    told = rows.told
    nids = np.concatenate([told.seen.nid, told.deleted[0], rows.said])
    folded = folding(nids, (told.moved.nid, told.moved.profile_id))
    acts = by_person(Acts(folded.of(rows.acts.nid), rows.acts.at, rows.acts.page_view.astype(np.bool_)))
    people = people_of(folded, told, counting.zone, acts, counting.rules.session_minutes)
    words = by_person(Words(folded.of(rows.words.nid), rows.words.at, rows.words.kind, rows.words.word))
    sold = converted(rows.entries, counting.rates, counting.zone)
    by_product = codes_by_product(codes.products.product, products.categories.texts, codes.products.category)
    brands = codes_by_product(codes.products.product, products.brands.texts, codes.products.brand)
    items = _items(folded, rows.items, rows.lines, sold)
    borrowed = _borrowed(items)
    items = replace(
        items,
        category=filled(items.category, items.product, by_product),
        brand=filled(items.brand, items.product, brands),
    )
    facts = Facts(
        people=people,
        acts=acts,
        items=items,
        orders=_orders(folded, sold, rows.lines, counting),
        words=words,
        zone=zone_of(counting.zone),
        products=codes.products.product.texts,
        categories=codes.products.category.texts,
        brands=codes.products.brand.texts,
        words_by_code=codes.words.texts,
        sources=codes.sources.texts,
        channels=CHANNELS,
        product_category=by_product,
    )
    created = created_moments(told.created, counting.zone)
    ahead = np.concatenate([told.seen.next_at, created[created > told.until_ms]])
    return Loaded(facts, folded, borrowed, int(ahead.min(initial=NEVER)))


def _orders(folded: Folding, sold: Sold, lines: LineRows, counting: Counting) -> Orders:
    discount, list_value = sold.discounts(
        lines, sold.order_of(lines.place), after_discount=counting.rules.price_after_discount
    )
    return by_person(Orders(folded.of(sold.nid), sold.at, sold.is_order, sold.revenue, discount, list_value))


def _borrowed(items: Items) -> Borrowed:
    lacking = ((items.category == 0) | (items.brand == 0)) & (items.product != 0)
    pairs = np.unique(np.stack([items.product[lacking], items.person[lacking]]), axis=1)
    return Borrowed(pairs[0], pairs[1])


def _items(folded: Folding, did: ItemRows, lines: LineRows, sold: Sold) -> Items:
    """What people did with products, lines of orders included."""
    order = sold.order_of(lines.place)
    kept = np.flatnonzero((order >= 0) & (lines.is_line == 1))
    order = order[kept]
    return by_person(
        Items(
            person=folded.of(np.concatenate([did.nid, sold.nid[order]])),
            at_ms=np.concatenate([did.at, sold.at[order]]),
            act=np.concatenate([did.act, np.full(order.size, ItemAct.ORDERED, np.uint8)]),
            product=np.concatenate([did.product, lines.product[kept]]),
            category=np.concatenate([did.category, lines.category[kept]]),
            brand=np.concatenate([did.brand, lines.brand[kept]]),
            quantity=np.concatenate([did.quantity, lines.quantity[kept]]),
            leads=np.concatenate([did.leads.astype(np.bool_), _leads(lines.place[kept])]),
        )
    )


def _leads(places: I8) -> Flags:
    """The first lines of reports, whose lines lie together."""
    leads = np.ones(places.size, np.bool_)
    leads[1:] = places[1:] != places[:-1]
    return leads
