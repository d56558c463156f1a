"""Generated histories of unequal people, piece by piece, as columns of what everybody did."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from bench.skewed import EVENTS_PER_PERSON, NOW_MS, Shop, activity, category_of, moments, zipf
from services.insight.domain.genes.facts import I8, U1, U4, UNIT

# By the code in `did`.
NAMES = (
    "page",
    "product_viewed",
    "product_added",
    "product_removed",
    "order_completed",
    "products_searched",
    "form_submitted",
)
PAGE, VIEWED, ADDED, REMOVED, ORDERED, SEARCHED, OTHER = range(len(NAMES))
CHANNELS = ("web", "app", "store")
PEOPLE_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Events of some people, by person and time. Money is in 1/10,000; 0 is "nothing" of every code."""

    person: U4
    at_ms: I8
    did: U1
    product: U4
    category: U4
    brand: U4
    word: U4
    # Of a piece; the discount is of the line.
    price: I8
    discount: I8
    quantity: U1
    channel: U1
    member: U1

    @property
    def size(self) -> int:
        """How many events."""
        return int(self.person.size)

    @property
    def n_bytes(self) -> int:
        """What the columns take."""
        return sum(int(getattr(self, one.name).nbytes) for one in fields(self))


def pieces(n_people: int, seed: int = 1) -> Iterator[Piece]:
    """The whole history of people 1 to `n_people`, ending now."""
    ahead_ms = int(time.time() * 1000) - NOW_MS
    for first in range(0, n_people, PEOPLE_AT_ONCE):
        size = min(PEOPLE_AT_ONCE, n_people - first)
        yield _piece(np.random.default_rng([seed, first]), (first + 1, size), ahead_ms, Shop())


def _piece(chance: np.random.Generator, people: tuple[int, int], ahead_ms: int, shop: Shop) -> Piece:
    first, n_people = people
    per_person = activity(chance, n_people, EVENTS_PER_PERSON)
    place = np.repeat(np.arange(n_people, dtype=np.uint32), per_person)
    at_ms = moments(chance, place, per_person) + ahead_ms
    did = _did(chance, place.size)
    of_product = (did >= VIEWED) & (did <= ORDERED)
    product = np.where(of_product, zipf(chance, shop.products, place.size), np.uint32(0))
    ordered = did == ORDERED
    price = np.where(of_product, (chance.lognormal(6.5, 0.8, place.size)).astype(np.int64) * UNIT, 0)
    discount = np.where(ordered & (chance.random(place.size) < 0.3), price // 10, 0)
    channel = (chance.random(place.size) < 0.3).astype(np.uint8)
    channel[ordered & (chance.random(place.size) < 0.1)] = CHANNELS.index("store")
    return Piece(
        place + np.uint32(first),
        at_ms,
        did,
        product,
        category_of(product, shop.categories),
        np.where(of_product, product % np.uint32(shop.brands) + np.uint32(1), np.uint32(0)),
        np.where(did == SEARCHED, zipf(chance, shop.terms, place.size), np.uint32(0)),
        price,
        discount,
        np.where(of_product, chance.integers(1, 3, place.size), 0).astype(np.uint8),
        channel,
        (chance.random(n_people) < 0.4).astype(np.uint8)[place],
    )


def _did(chance: np.random.Generator, size: int) -> U1:
    """Half are pages, a third are of products: views, some of the cart, few of orders."""
    edges = np.cumsum([0.55, 0.268, 0.025, 0.009, 0.013, 0.05])
    return np.searchsorted(edges, chance.random(size), side="right").astype(np.uint8)
