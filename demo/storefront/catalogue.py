"""What the shop sells: products of the gift shop's history, by category and kind, found in both languages."""

import csv
import tomllib
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf; its `face` is the product that is shown for it."""

    key: str
    en: str
    zh: str
    face: str


@dataclass(frozen=True, slots=True)
class Kind:
    """Products of one kind, which are drawn alike."""

    key: str
    category: Category
    en: str
    zh: str
    shape: str


@dataclass(frozen=True, slots=True)
class Product:
    """`name` is the history's own, in capitals, and goes into events; pages show `title`."""

    code: str
    kind: Kind
    price: Decimal
    name: str
    name_zh: str

    @property
    def title(self) -> str:
        """The English name as one reads it."""
        words = " ".join(self.name.split()).capitalize()
        for spelling in ("LED", "Union Jack", "London", "French", "English"):
            words = words.replace(spelling.lower(), spelling)
        return words

    @property
    def category_path(self) -> str:
        """As events tell it, whichever language the page is in: one product has one category."""
        return f"{self.kind.category.en} > {self.kind.en}"


class Catalogue:
    """All products, those most people bought first within a kind."""

    def __init__(self) -> None:
        told = tomllib.loads((_FOLDER / "kinds.toml").read_text("utf-8"))
        self.categories = {key: Category(key, **fields) for key, fields in told["categories"].items()}
        kinds = {
            key: Kind(key, self.categories[fields.pop("category")], **fields)
            for key, fields in told["kinds"].items()
        }
        with (_FOLDER / "products.csv").open(encoding="utf-8", newline="") as file:
            self.products = {
                row["code"]: Product(
                    row["code"], kinds[row["kind"]], Decimal(row["price"]), row["name"], row["name_zh"]
                )
                for row in csv.DictReader(file)
            }
        self._texts = {code: _searchable(product) for code, product in self.products.items()}

    def of_category(self, key: str) -> list[Product]:
        """A whole shelf."""
        return [product for product in self.products.values() if product.kind.category.key == key]

    def like(self, product: Product, most: int) -> list[Product]:
        """Others of its kind, then of its category."""
        others = [one for one in self.of_category(product.kind.category.key) if one is not product]
        return sorted(others, key=lambda one: one.kind is not product.kind)[:most]

    def search(self, query: str) -> list[Product]:
        """Products that have every word of the query somewhere in a name, kind or category."""
        words = _folded(query).split()
        return [self.products[code] for code, text in self._texts.items() if all(w in text for w in words)]


def _searchable(product: Product) -> str:
    kind = product.kind
    parts = (
        product.code,
        product.name,
        product.name_zh,
        kind.en,
        kind.zh,
        kind.category.en,
        kind.category.zh,
    )
    return _folded(" ".join(parts))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
