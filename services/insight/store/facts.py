"""Reads one tenant's facts out of the event store, as the columns that genes are computed from."""

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

import numpy as np

from chassis.background import side_by_side
from services.insight.domain.genes.columns import Vocabularies
from services.insight.domain.genes.facts import (
    I8,
    U1,
    U4,
    Acts,
    Facts,
    Flags,
    ItemAct,
    Items,
    Orders,
    People,
    Rules,
    Words,
)
from services.insight.domain.genes.until import taken
from services.insight.domain.genes.zones import zone_of
from services.insight.domain.money import Rates
from services.insight.domain.orders import CountingRule
from services.insight.store.facts_blocks import Codes
from services.insight.store.facts_fold import NOBODY, Folding, by_person, folding, joined
from services.insight.store.facts_orders import Sold, converted
from services.insight.store.facts_people import Told, created_moments, people_of
from services.insight.store.facts_products import Products
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
    def orders(self) -> CountingRule:
        """When they count."""
        return self.rules.counting(self.zone)

    @property
    def key(self) -> Hashable:
        """Equal where everything counts alike."""
        rates = tuple((code, tuple(days)) for code, days in sorted(self.rates.listed().items()))
        return self.zone, self.rules, self.rates.home, rates


@dataclass
class Dictionaries:
    """Codes of facts, which grow while these are kept right."""

    products: ProductCodes = field(default_factory=lambda: ProductCodes(Codes(), Codes(), Codes()))
    words: Codes = field(default_factory=Codes)
    sources: Codes = field(default_factory=Codes)

    @cached_property
    def vocabularies(self) -> Vocabularies:
        """Of all texts there will be."""
        return Vocabularies(_Growing(self))


@dataclass(frozen=True, slots=True)
class _Growing:
    of: Dictionaries

    @property
    def products(self) -> Sequence[str]:
        return self.of.products.product.texts

    @property
    def categories(self) -> Sequence[str]:
        return self.of.products.category.texts

    @property
    def brands(self) -> Sequence[str]:
        return self.of.products.brand.texts

    @property
    def words_by_code(self) -> Sequence[str]:
        return self.of.words.texts


@dataclass(frozen=True, slots=True)
class Ahead:
    """Moments that have not come yet, and of whom something was told for then."""

    at_ms: I8
    nid: U4


# Bits of `Loaded.lacks`: what the event does not say itself.
NO_CATEGORY, NO_BRAND = 1, 2


@dataclass(frozen=True, slots=True)
class Loaded:
    """Facts of people, and what is needed to keep them right."""

    facts: Facts
    folding: Folding
    # Of each row of `facts.items` bits: what is known of its product from other events only.
    lacks: U1
    ahead: Ahead
    codes: Dictionaries


def n_bytes(loaded: Loaded) -> int:
    """What the columns take in memory, without their texts."""
    facts = loaded.facts
    tables = (facts.people, facts.acts, facts.items, facts.orders, facts.words)
    columns = sum(int(getattr(table, one.name).nbytes) for table in tables for one in fields(table))
    folding = loaded.folding
    # The nids are kept in the order of their people, too.
    return columns + int(loaded.lacks.nbytes + 2 * folding.nid.nbytes + 2 * folding.person.nbytes)


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
    scope: Scope,
    counting: Counting,
    products: Products,
    codes: Dictionaries,
    moved: Moved | None = None,
) -> Loaded:
    """Facts of everybody; or of the people of `scope.nids`: whole profiles, whose map `moved` then is.

    `products` are as of the same place. `codes` grow.
    """
    rows = await _rows(scope, counting, codes, moved)
    return await asyncio.to_thread(_folded, rows, counting, products, codes)


async def _rows(scope: Scope, counting: Counting, codes: Dictionaries, moved: Moved | None) -> _Rows:
    async with side_by_side() as tasks:
        lines = tasks.create_task(load_lines(scope, codes.products))
        items = tasks.create_task(load_items(scope, codes.products))
        acts = tasks.create_task(load_acts(scope))
        words = tasks.create_task(load_words(scope, counting.zone, codes.words))
        entries = tasks.create_task(load_orders(scope, counting.rates.home, counting.orders))
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
    return _Rows(
        told,
        said.result(),
        acts.result(),
        words.result(),
        entries.result(),
        lines.result(),
        items.result(),
    )


def _folded(rows: _Rows, counting: Counting, products: Products, codes: Dictionaries) -> Loaded:
    told = rows.told
    nids = np.concatenate([told.seen.nid, told.deleted[0], rows.said])
    folded = folding(nids, (told.moved.nid, told.moved.profile_id))
    acts = by_person(Acts(folded.of(rows.acts.nid), rows.acts.at, rows.acts.page_view.astype(np.bool_)))
    people = people_of(folded, told, counting.zone, acts, counting.rules.session_minutes)
    words = by_person(Words(folded.of(rows.words.nid), rows.words.at, rows.words.kind, rows.words.word))
    sold = converted(rows.entries, counting.rates, counting.zone)
    ordered = ordered_items(folded, rows.lines, sold, told.until_ms)
    items, lacks = filled_items(_items(folded, rows.items, ordered), products, codes)
    orders = bought(folded, sold, rows.lines, counting, told.until_ms)
    facts = facts_of((people, acts, items, orders, words), counting, products, codes)
    ahead = together_ahead(ahead_told(told, counting.zone), orders_ahead(folded, sold, told.until_ms))
    return Loaded(facts, folded, lacks, ahead, codes)


def ahead_told(told: Told, zone: str) -> Ahead:
    """The first moments that are not yet, of each nid and of what says when somebody joined."""
    created = created_moments(told.created, zone)
    later, next_at = created > told.until_ms, told.seen.next_at
    return ahead_of(
        np.concatenate([next_at[next_at != NEVER], created[later]]),
        np.concatenate([told.seen.nid[next_at != NEVER], told.created.nid[later]]),
    )


def facts_of(
    tables: tuple[People, Acts, Items, Orders, Words],
    counting: Counting,
    products: Products,
    codes: Dictionaries,
) -> Facts:
    """Tables of these codes as facts; they know the texts that there are now."""
    people, acts, items, orders, words = tables
    return Facts(
        people=people,
        acts=acts,
        items=items,
        orders=orders,
        words=words,
        zone=zone_of(counting.zone),
        products=codes.products.product.told(),
        categories=codes.products.category.told(),
        brands=codes.products.brand.told(),
        words_by_code=codes.words.told(),
        sources=codes.sources.told(),
        channels=CHANNELS,
        product_category=products.category_codes(codes.products).copy(),
    )


def ahead_of(at_ms: I8, nid: U4) -> Ahead:
    order = np.argsort(at_ms, kind="stable")
    return Ahead(at_ms[order], nid[order])


def orders_ahead(folded: Folding, sold: Sold, now_ms: int) -> Ahead:
    """When orders of the people of `folded` begin to count."""
    at_ms, nid = sold.ahead(now_ms)
    ours = folded.of(nid) != NOBODY
    return ahead_of(at_ms[ours], nid[ours])


def together_ahead(*parts: Ahead) -> Ahead:
    """The same twice is one."""
    at_ms = np.concatenate([one.at_ms for one in parts])
    nid = np.concatenate([one.nid for one in parts])
    order = np.lexsort((nid, at_ms))
    at_ms, nid = at_ms[order], nid[order]
    others = np.ones(order.size, np.bool_)
    others[1:] = (at_ms[1:] != at_ms[:-1]) | (nid[1:] != nid[:-1])
    return Ahead(at_ms[others], nid[others])


def bought(folded: Folding, sold: Sold, lines: LineRows, counting: Counting, now_ms: int) -> Orders:
    """The orders of the people of `folded` that count."""
    discount, list_value = sold.discounts(
        lines, sold.order_of(lines.place), after_discount=counting.rules.price_after_discount
    )
    orders = Orders(folded.of(sold.nid), sold.at, sold.is_order, sold.revenue, discount, list_value)
    return by_person(taken(orders, sold.counts(now_ms)))


def filled_items(said: Items, products: Products, codes: Dictionaries) -> tuple[Items, U1]:
    """With what is known of products where events do not say it; bits say where."""
    lacks = lacking(said)
    return relabelled(said, lacks, products, codes), lacks


def lacking(said: Items) -> U1:
    """Bits of what events do not say of their products."""
    lacks: U1 = (said.category == 0).astype(np.uint8) * np.uint8(NO_CATEGORY)
    lacks |= (said.brand == 0).astype(np.uint8) * np.uint8(NO_BRAND)
    lacks[said.product == 0] = 0
    return lacks


def relabelled(items: Items, lacks: U1, products: Products, codes: Dictionaries) -> Items:
    """With what is known of products now."""
    return replace(
        items,
        category=_filled(
            items.category, lacks & NO_CATEGORY != 0, items.product, products.category_codes(codes.products)
        ),
        brand=_filled(
            items.brand, lacks & NO_BRAND != 0, items.product, products.brand_codes(codes.products)
        ),
    )


def _filled(said: U4, lacks: Flags, product: U4, by_product: U4) -> U4:
    if not lacks.any():
        return said
    return np.where(lacks, by_product[product], said)


def ordered_items(folded: Folding, lines: LineRows, sold: Sold, now_ms: int) -> Items:
    """The lines of settled orders, in no order."""
    order = sold.order_of(lines.place)
    kept = np.flatnonzero((order >= 0) & (lines.is_line == 1))
    order = order[kept]
    return Items(
        person=folded.of(sold.nid[order]),
        at_ms=sold.at[order],
        act=np.where(sold.counts(now_ms), ItemAct.ORDERED, ItemAct.WAITING).astype(np.uint8)[order],
        product=lines.product[kept],
        category=lines.category[kept],
        brand=lines.brand[kept],
        quantity=lines.quantity[kept],
        leads=_leads(lines.place[kept]),
    )


def _items(folded: Folding, did: ItemRows, ordered: Items) -> Items:
    """What people did with products, lines of orders included."""
    acts = Items(
        person=folded.of(did.nid),
        at_ms=did.at,
        act=did.act,
        product=did.product,
        category=did.category,
        brand=did.brand,
        quantity=did.quantity,
        leads=did.leads.astype(np.bool_),
    )
    return by_person(joined(Items, (acts, ordered)))


def _leads(places: I8) -> Flags:
    """The first lines of reports, whose lines lie together."""
    leads = np.ones(places.size, np.bool_)
    leads[1:] = places[1:] != places[:-1]
    return leads
