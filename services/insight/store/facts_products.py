"""What is known of a tenant's products: the newest category and brand that any event named."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from services.insight.domain.genes.facts import U4
from services.insight.store.facts_blocks import Codes
from services.insight.store.queries.facts_items import NamedRows, load_named
from services.insight.store.queries.facts_scope import Scope


@dataclass(slots=True)
class Names:
    """A text by product, and when it was said: (moment, place)."""

    texts: dict[str, str] = field(default_factory=dict)
    _ranks: dict[str, tuple[int, int]] = field(default_factory=dict)

    def learn(self, product: str, text: str, rank: tuple[int, int]) -> bool:
        """Whether the product is called otherwise now."""
        if not text or rank < self._ranks.get(product, rank):
            return False
        self._ranks[product] = rank
        changed = self.texts.get(product) != text
        self.texts[product] = text
        return changed


@dataclass(slots=True)
class Products:
    """Grows with every reading."""

    categories: Names = field(default_factory=Names)
    brands: Names = field(default_factory=Names)

    async def learn(self, scope: Scope, after: int) -> set[str]:
        """Take in what was said behind a place; the products that are something else now."""
        rows = await load_named(scope, after)
        changed = set()
        for index, product in enumerate(rows.product):
            name = rows.codes.product.texts[product]
            for names, said in (
                (self.categories, _category(rows, index)),
                (self.brands, _brand(rows, index)),
            ):
                if names.learn(name, *said):
                    changed.add(name)
        return changed


def _category(rows: NamedRows, index: int) -> tuple[str, tuple[int, int]]:
    rank = int(rows.category_at[index]), int(rows.category_place[index])
    return rows.codes.category.texts[rows.category[index]], rank


def _brand(rows: NamedRows, index: int) -> tuple[str, tuple[int, int]]:
    rank = int(rows.brand_at[index]), int(rows.brand_place[index])
    return rows.codes.brand.texts[rows.brand[index]], rank


def codes_by_product(products: Codes, names: Mapping[str, str], codes: Codes) -> U4:
    """Of each product's code the code of its text; 0 where none is known, and of product 0."""
    found = (codes.code(names.get(product, "")) for product in products.texts)
    return np.fromiter(found, np.uint32, len(products.texts))


def filled(said: U4, product: U4, by_product: U4) -> U4:
    """What an event says, else what is known of its product."""
    return np.where(said == 0, by_product[product], said)
