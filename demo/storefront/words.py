"""The shop's words and articles in both languages, and which of them a visitor reads."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from demo.storefront.catalogue import Category, Kind, Product

Language = Literal["en", "zh-TW"]
LANGUAGES: tuple[Language, ...] = ("zh-TW", "en")
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Article:
    """Something to read: a title, a lead and paragraphs; `face` is the product that it shows."""

    slug: str
    topics: tuple[str, ...]
    face: str
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    products: tuple[str, ...]


class Tongue:
    """One language: `say(key)`, names of things, and the articles."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._chinese = language == "zh-TW"
        side = "zh" if self._chinese else "en"
        told = tomllib.loads((_FOLDER / "words.toml").read_text("utf-8"))
        self._words: dict[str, str] = {key: pair[side] for key, pair in told.items()}
        told = tomllib.loads((_FOLDER / "articles.toml").read_text("utf-8"))
        self.articles = {
            slug: Article(
                slug=slug,
                topics=tuple(fields["topics"]),
                face=fields["face"],
                products=tuple(fields["products"]),
                **{name: fields[side][name] for name in ("title", "lead")},
                paragraphs=tuple(fields[side]["paragraphs"]),
            )
            for slug, fields in told.items()
        }

    def say(self, key: str, **values: object) -> str:
        """A sentence; a key that does not exist is a bug."""
        return self._words[key].format(**values)

    def name(self, thing: Product | Kind | Category) -> str:
        """What it is called on a page."""
        if isinstance(thing, Product):
            return thing.name_zh if self._chinese else thing.title
        return thing.zh if self._chinese else thing.en

    def money(self, amount: Decimal) -> str:
        """Pounds, whichever language."""
        return f"£{amount:,.2f}"


def language_of(told: str | None, accepted: str) -> Language:
    """What the visitor chose, else what the browser prefers, else English."""
    for language in LANGUAGES:
        if told == language:
            return language
    return "zh-TW" if accepted.lower().startswith("zh") else "en"
