"""What is known of a tenant's products: the newest category and brand that any event named."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from services.insight.domain.genes.facts import U4
from services.insight.store.queries.facts_items import NamedRows, ProductCodes, load_named
from services.insight.store.queries.facts_scope import Scope

# What is said of more is taken in by a thread.
_MANY_PRODUCTS = 1000


@dataclass(slots=True)
class Names:
    """A text by product, and when it was said: (moment, place)."""

    texts: dict[str, str] = field(default_factory=dict)
    ranks: dict[str, tuple[int, int]] = field(default_factory=dict)

    def learn(self, product: str, text: str, rank: tuple[int, int]) -> bool:
        """Whether the product is called otherwise now."""
        if not text or rank < self.ranks.get(product, rank):
            return False
        self.ranks[product] = rank
        changed = self.texts.get(product) != text
        self.texts[product] = text
        return changed

    def copy(self) -> "Names":
        return Names(dict(self.texts), dict(self.ranks))

    def forget(self, product: str) -> bool:
        """Whether anything was known of it."""
        self.ranks.pop(product, None)
        return self.texts.pop(product, None) is not None


@dataclass(slots=True)
class Products:
    """Grows with every reading."""

    categories: Names = field(default_factory=Names)
    brands: Names = field(default_factory=Names)
    # Those that are something else now than facts have been told.
    unsettled: set[str] = field(default_factory=set)
    # Codes by product's code, as far as they were asked for.
    _labels: dict[str, U4] = field(default_factory=dict)
    _of: ProductCodes | None = None

    async def learn(self, scope: Scope, after: int) -> None:
        """Take in what was said behind a place."""
        rows = await load_named(scope, after)
        if rows.product.size > _MANY_PRODUCTS:
            await asyncio.to_thread(self.take, rows)
        else:
            self.take(rows)

    def take(self, rows: NamedRows) -> None:
        """What was said before may come again."""
        changed = set()
        for index, product in enumerate(rows.product.tolist()):
            name = rows.codes.product.texts[product]
            for names, said in (
                (self.categories, _category(rows, index)),
                (self.brands, _brand(rows, index)),
            ):
                if names.learn(name, *said):
                    changed.add(name)
        self._relabel(changed)

    def unlearn(self, products: Iterable[str]) -> None:
        """Forget what is known of these."""
        self._relabel({name for name in products if self.categories.forget(name) | self.brands.forget(name)})

    def copy(self) -> "Products":
        """What is known now; of no codes yet."""
        return Products(self.categories.copy(), self.brands.copy())

    def differing(self, other: "Products") -> set[str]:
        """Products that the other knows otherwise."""
        found = set()
        for mine, theirs in ((self.categories, other.categories), (self.brands, other.brands)):
            found |= {name for name, _ in mine.texts.items() ^ theirs.texts.items()}
        return found

    def category_codes(self, codes: ProductCodes) -> U4:
        """By code of a product the code of its category; 0 where none is known, and of product 0."""
        return self._codes("category", codes)

    def brand_codes(self, codes: ProductCodes) -> U4:
        return self._codes("brand", codes)

    def _names(self, kind: str) -> Names:
        return self.categories if kind == "category" else self.brands

    def _codes(self, kind: str, codes: ProductCodes) -> U4:
        if self._of is not codes:
            self._of, self._labels = codes, {}
        known = self._labels.get(kind, np.zeros(0, np.uint32))
        products = codes.product.texts
        if known.size < len(products):
            texts, named = self._names(kind).texts, getattr(codes, kind)
            more = [named.code(texts.get(product, "")) for product in products[known.size :]]
            known = self._labels[kind] = np.concatenate([known, np.array(more, np.uint32)])
        return known

    def _relabel(self, changed: set[str]) -> None:
        self.unsettled |= changed
        for kind, known in self._labels.items():
            texts, codes = self._names(kind).texts, self._of
            if codes is None:
                continue
            for name in changed:
                code = codes.product.known(name)
                if code is not None and code < known.size:
                    known[code] = getattr(codes, kind).code(texts.get(name, ""))


def _category(rows: NamedRows, index: int) -> tuple[str, tuple[int, int]]:
    rank = int(rows.category_at[index]), int(rows.category_place[index])
    return rows.codes.category.texts[rows.category[index]], rank


def _brand(rows: NamedRows, index: int) -> tuple[str, tuple[int, int]]:
    rank = int(rows.brand_at[index]), int(rows.brand_place[index])
    return rows.codes.brand.texts[rows.brand[index]], rank
