"""What genes are read from: derived once from one tenant's facts, each part when it is first asked for."""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.genes.affinities import F8, Affinities
from services.insight.domain.genes.calendar import local_day, local_days, local_times
from services.insight.domain.genes.cycles import order_rhythm
from services.insight.domain.genes.day_tables import DayTable, Visits
from services.insight.domain.genes.facts import (
    I4,
    I8,
    NO_DAY,
    NOTHING,
    U4,
    Facts,
    Flags,
    ItemAct,
    Rules,
    WordKind,
)
from services.insight.domain.genes.open_pairs import OpenPairs, open_pairs
from services.insight.domain.genes.presence import Presence
from services.insight.domain.genes.until import newest_ms, until
from services.insight.domain.genes.vocabulary import Vocabulary

_Value = TypeVar("_Value", bound=np.generic)
# Scores are kept of so many days: today, 30 days ago, and the same of another "now".
_SCORED_DAYS = 4
_WEEKDAYS = Vocabulary(("", "1", "2", "3", "4", "5", "6", "7"))
_HOURS = Vocabulary(("", *(str(hour) for hour in range(24))))


class Texts(Protocol):
    """Dictionaries, texts by code."""

    @property
    def products(self) -> Sequence[str]: ...
    @property
    def categories(self) -> Sequence[str]: ...
    @property
    def brands(self) -> Sequence[str]: ...
    @property
    def words_by_code(self) -> Sequence[str]: ...


class Vocabularies:
    """A tenant's dictionaries, for texts in conditions; columns of the same dictionaries may share them.

    Those of dictionaries that grow may know codes that some columns do not.
    """

    def __init__(self, facts: Texts) -> None:
        self.products = Vocabulary(facts.products)
        self.categories = Vocabulary(facts.categories)
        self.brands = Vocabulary(facts.brands)
        self.words = Vocabulary(facts.words_by_code)


class Columns:
    """Derived columns of the people of `facts`, who are indexes as there.

    The arrays of `facts` must be contiguous and writable: loops are compiled once more for any that are not.
    """

    def __init__(self, facts: Facts, rules: Rules, vocabularies: Vocabularies | None = None) -> None:
        self.facts = facts
        self.rules = rules
        self.vocabularies = vocabularies or Vocabularies(facts)
        self.size = facts.people.profile_id.size
        self._newest_ms = newest_ms(facts)
        self._earlier: tuple[int, Columns] | None = None
        self._presences: dict[str, Presence] = {}
        self._scores: dict[int, F8] = {}
        self._of_today: dict[str, tuple[int, NDArray[Any]]] = {}

    def as_of(self, now_ms: int) -> "Columns":
        """These columns without what is later than a moment; themselves where nothing is."""
        if now_ms >= self._newest_ms:
            return self
        if self._earlier is None or self._earlier[0] != now_ms:
            self._earlier = now_ms, Columns(until(self.facts, now_ms), self.rules, self.vocabularies)
        return self._earlier[1]

    def prepare_as(self, other: "Columns") -> None:
        """Derive now what the other has derived but for what changes at midnight."""
        for name, part in list(vars(other).items()):
            if isinstance(vars(Columns).get(name), cached_property):
                own = getattr(self, name)
                if isinstance(part, Visits):
                    own, part = own.by_day, part.by_day
                if isinstance(part, DayTable):
                    own.prepare_as(part)
        for gene in list(other._presences):
            self.presence(gene).prepare()

    def today(self, now_ms: int) -> int:
        return local_day(now_ms, self.facts.zone)

    def of_today(self, name: str, today: int, computed: Callable[[], NDArray[_Value]]) -> NDArray[_Value]:
        """What changes at midnight only is computed once a day."""
        if name not in self._of_today or self._of_today[name][0] != today:
            self._of_today[name] = today, computed()
        return self._of_today[name][1]

    @property
    def known_of_today(self) -> Collection[str]:
        """The names of what was computed of a day."""
        return list(self._of_today)

    # --- visits --------------------------------------------------------------------------------------------

    @cached_property
    def visits(self) -> Visits:
        acts, zone = self.facts.acts, self.facts.zone
        day, hour = local_times(acts.at_ms, zone.since_ms, zone.offset_ms)
        return Visits.of(self.size, acts, day, hour, self.rules.session_minutes)

    @cached_property
    def last_visit_day(self) -> I4:
        acts = self.facts.acts
        return self._days(acts.person, acts.at_ms)

    def _days(self, person: U4, at_ms: I8) -> I4:
        """The local day of everybody's last row; rows are sorted by person and time."""
        days = np.full(self.size, NO_DAY, np.int32)
        if person.size:
            last = np.flatnonzero(np.append(person[1:] != person[:-1], True))
            days[person[last]] = local_days(at_ms[last], self.facts.zone)
        return days

    @cached_property
    def first_seen_day(self) -> I4:
        return local_days(self.facts.people.first_at_ms, self.facts.zone)

    @cached_property
    def member_since_day(self) -> I4:
        people = self.facts.people
        return local_days(np.where(people.member, people.member_since_ms, NOTHING), self.facts.zone)

    # --- products ------------------------------------------------------------------------------------------

    @cached_property
    def item_day(self) -> I4:
        return local_days(self.facts.items.at_ms, self.facts.zone)

    @cached_property
    def product_views(self) -> DayTable:
        items = self.facts.items
        viewed = (items.act == ItemAct.VIEWED) & items.leads
        person, day = items.person[viewed], self.item_day[viewed]
        if not person.size:
            return DayTable.of(self.size, day, person, product_views=np.zeros(0, np.int32))
        begins = np.append(True, (person[1:] != person[:-1]) | (day[1:] != day[:-1]))
        first = np.flatnonzero(begins)
        views = np.diff(np.append(first, person.size)).astype(np.int32)
        return DayTable.of(self.size, day[first], person[first], product_views=views)

    @cached_property
    def _open_pairs(self) -> tuple[OpenPairs, OpenPairs]:
        n_products = len(self.facts.products)
        return open_pairs(self.size, n_products, self.facts.items, self.item_day)

    def open_pairs(self, gene: str) -> OpenPairs:
        return self._open_pairs[("viewed_not_bought", "abandoned_cart").index(gene)]

    @cached_property
    def affinities(self) -> Affinities:
        return Affinities.of(self.size, self.facts.categories, self.facts.items, self.item_day)

    def scores(self, as_of_day: int) -> F8:
        """Of each pair of `affinities`; they are of whole days, so those of a day are kept."""
        if as_of_day not in self._scores:
            if len(self._scores) >= _SCORED_DAYS:
                self._scores.clear()
            self._scores[as_of_day] = self.affinities.scores(as_of_day)
        return self._scores[as_of_day]

    # --- orders --------------------------------------------------------------------------------------------

    @cached_property
    def order_day(self) -> I4:
        return local_days(self.facts.orders.at_ms, self.facts.zone)

    @cached_property
    def orders(self) -> DayTable:
        orders = self.facts.orders
        listed = orders.is_order & (orders.list_value > 0)
        return DayTable.of(
            self.size,
            self.order_day,
            orders.person,
            orders=orders.is_order.astype(np.int32),
            revenue=np.where(orders.revenue == NOTHING, 0, orders.revenue),
            discount=np.where(listed, orders.discount, 0),
            list_value=np.where(listed, orders.list_value, 0),
        )

    @cached_property
    def last_order_day(self) -> I4:
        orders = self.facts.orders
        return self._days(orders.person[orders.is_order], orders.at_ms[orders.is_order])

    @cached_property
    def rhythm(self) -> tuple[I4, I4, I4, F8]:
        """Number of order days, the first, the second, and the median gap of three or more (else nan)."""
        is_order = self.facts.orders.is_order
        return order_rhythm(self.size, self.facts.orders.person[is_order], self.order_day[is_order])

    # --- lists ---------------------------------------------------------------------------------------------

    def presence(self, gene: str) -> Presence:
        if gene not in self._presences:
            self._presences[gene] = self._presence_of(gene)
        return self._presences[gene]

    def _presence_of(self, gene: str) -> Presence:
        visits = self.visits if gene in ("visit_weekdays", "visit_hours") else None
        if visits and gene == "visit_weekdays":
            # 1970-01-01 was a Thursday.
            weekday = (visits.session_day + np.int32(3)) % np.int32(7) + np.int32(1)
            return Presence.of(self.size, 8, weekday, visits.session_person, visits.session_day)
        if visits:
            code = visits.session_hour + np.int32(1)
            return Presence.of(self.size, 25, code, visits.session_person, visits.session_day)
        items = self.facts.items
        match gene:
            case "viewed_categories":
                return self._of_items(ItemAct.VIEWED, items.category, len(self.facts.categories))
            case "viewed_brands":
                return self._of_items(ItemAct.VIEWED, items.brand, len(self.facts.brands))
            case "bought_categories":
                return self._of_items(ItemAct.ORDERED, items.category, len(self.facts.categories))
        kinds = {
            "search_keywords": WordKind.SEARCHED,
            "content_topics": WordKind.TOPIC,
            "channels_used": WordKind.CHANNEL,
        }
        words = self.facts.words
        rows = words.kind == kinds[gene]
        day = local_days(words.at_ms[rows], self.facts.zone)
        n_words = len(self.facts.words_by_code)
        return Presence.of(self.size, n_words, words.word[rows].view(np.int32), words.person[rows], day)

    def _of_items(self, act: ItemAct, values: U4, n_values: int) -> Presence:
        rows = self.facts.items.act == act
        codes = values[rows].view(np.int32)
        return Presence.of(self.size, n_values, codes, self.facts.items.person[rows], self.item_day[rows])

    def reachable_by(self, channels: Sequence[str]) -> Flags:
        """Who is reachable by any of the channels."""
        asked = [bit for bit, channel in enumerate(self.facts.channels) if channel in channels]
        reachable: Flags = (self.facts.people.reachable & np.uint16(sum(1 << bit for bit in asked))) != 0
        return reachable

    def vocabulary(self, gene: str) -> Vocabulary:
        """The texts of a list gene's codes."""
        match gene:
            case "visit_weekdays":
                return _WEEKDAYS
            case "visit_hours":
                return _HOURS
            case "viewed_categories" | "bought_categories":
                return self.vocabularies.categories
            case "viewed_brands":
                return self.vocabularies.brands
            case "viewed_not_bought" | "abandoned_cart":
                return self.vocabularies.products
            case _:
                return self.vocabularies.words
