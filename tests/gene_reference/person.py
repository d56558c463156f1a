"""One person: what they did, in order, and the genes that need nobody else."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any

from services.insight.domain.events import NO_ACTS
from services.insight.domain.segments.tree import AllTime, Window, days_of
from tests.gene_reference.history import USER_ID, Event, Settings
from tests.gene_reference.purchases import Purchase
from tests.gene_reference.readings import Line, clicked, lines, referrer_class, term, topics, utm

_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Dictionary:
    """What a product's category and brand are where an event does not say."""

    categories: dict[str, str]
    brands: dict[str, str]

    def category(self, line: Line) -> str:
        return line.category or self.categories.get(line.product, "")

    def brand(self, line: Line) -> str:
        return line.brand or self.brands.get(line.product, "")


def learned(events: Iterable[Event]) -> Dictionary:
    """From the newest event of the tenant that names one."""
    found = Dictionary({}, {})
    for event in sorted(events, key=lambda event: event.order):
        if event.name not in WITH_LINES:
            continue
        for line in lines(event):
            if line.product and line.category:
                found.categories[line.product] = line.category
            if line.product and line.brand:
                found.brands[line.product] = line.brand
    return found


WITH_LINES = ("product_viewed", "product_added", "product_removed", "order_completed", "order_updated")


@dataclass(eq=False)
class Person:
    """A profile with the events of all its nids."""

    profile_id: int
    settings: Settings
    now_ms: int
    dictionary: Dictionary
    member: bool = False
    reachable: frozenset[str] = frozenset()
    # The kept first moments of nids whose events are gone.
    first_seen: list[int] = field(default_factory=list)
    # Sorted by their order.
    events: list[Event] = field(default_factory=list)
    purchases: list[Purchase] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.settings.day(self.now_ms)

    def within(self, at_ms: int, window: Window) -> bool:
        first, last = days_of(window, self.today)
        return first <= self.settings.day(at_ms) <= last

    def age(self, at_ms: int) -> int:
        """In local days; today is 0."""
        return (self.today - self.settings.day(at_ms)).days

    def did(self, name: str, window: Window) -> list[Event]:
        return [e for e in self.events if e.name == name and self.within(e.happened_ms, window)]

    # --- visit ---------------------------------------------------------------------------------------------

    def visits(self) -> list[Event]:
        return [event for event in self.events if event.is_visit]

    def sessions(self) -> list[list[Event]]:
        """A visit event more than the tenant's minutes after the one before begins a new session."""
        gap_ms = self.settings.rules.session_minutes * 60_000
        found: list[list[Event]] = []
        for event in self.visits():
            if found and event.happened_ms - found[-1][-1].happened_ms <= gap_ms:
                found[-1].append(event)
            else:
                found.append([event])
        return found

    def sessions_in(self, window: Window) -> list[list[Event]]:
        return [session for session in self.sessions() if self.within(session[0].happened_ms, window)]

    def active_days(self, window: Window) -> int:
        days = {self.settings.day(e.happened_ms) for e in self.visits() if self.within(e.happened_ms, window)}
        return len(days)

    def n_sessions(self, window: Window) -> int:
        return len(self.sessions_in(window))

    def page_views(self, window: Window) -> int:
        seen = [e for e in self.visits() if e.name in ("page", "screen")]
        return sum(self.within(e.happened_ms, window) for e in seen)

    def avg_visit_minutes(self, window: Window) -> float | None:
        spans = [session[-1].happened_ms - session[0].happened_ms for session in self.sessions_in(window)]
        return round(sum(spans) / (60_000 * len(spans)), 6) if spans else None

    def days_since_visit(self) -> int | None:
        visits = self.visits()
        return self.age(visits[-1].happened_ms) if visits else None

    def visit_weekdays(self, window: Window) -> frozenset[int]:
        return frozenset(
            self.settings.local(session[0].happened_ms).isoweekday() for session in self.sessions_in(window)
        )

    def visit_hours(self, window: Window) -> frozenset[int]:
        return frozenset(
            self.settings.local(session[0].happened_ms).hour for session in self.sessions_in(window)
        )

    def activity_state(self) -> str:
        days, rules = self.days_since_visit(), self.settings.rules
        if days is None:
            return "never"
        if days < rules.slowing_days:
            return "active"
        if days < rules.dormant_days:
            return "slowing"
        return "dormant" if days < rules.lost_days else "lost"

    # --- interest and intent -------------------------------------------------------------------------------

    def product_views(self, window: Window) -> int:
        return len(self.did("product_viewed", window))

    def viewed_categories(self, window: Window) -> frozenset[str]:
        seen = [line for event in self.did("product_viewed", window) for line in lines(event)]
        return frozenset(filter(None, map(self.dictionary.category, seen)))

    def viewed_brands(self, window: Window) -> frozenset[str]:
        seen = [line for event in self.did("product_viewed", window) for line in lines(event)]
        return frozenset(filter(None, map(self.dictionary.brand, seen)))

    def _weighed(self) -> list[tuple[str, int, int]]:
        """(category, weight, moment) of every line that was viewed, put into the cart or ordered."""
        weights = {"product_viewed": 1, "product_added": 3}
        found = [
            (self.dictionary.category(line), weights[event.name], event.happened_ms)
            for event in self.events
            if event.name in weights
            for line in lines(event)
        ]
        found += [
            (self.dictionary.category(line), 5, purchase.at_ms)
            for purchase in self.purchases
            for line in purchase.lines
        ]
        return [one for one in found if one[0]]

    def scores(self, days_ago: int = 0) -> dict[str, float]:
        """By category, as of the end of that many days ago; those above 0."""
        terms: dict[str, list[float]] = {}
        for category, weight, at_ms in self._weighed():
            age = self.age(at_ms) - days_ago
            if age >= 0:
                terms.setdefault(category, []).append(weight * 0.5 ** (age / 30))
        scores = {category: round(math.fsum(values), 6) for category, values in terms.items()}
        return {category: score for category, score in scores.items() if score > 0}

    def favourite_category(self) -> str | None:
        latest: dict[str, int] = {}
        for category, _, at_ms in self._weighed():
            latest[category] = max(latest.get(category, at_ms), at_ms)
        scores = self.scores()
        # A score that has faded to 0 is a score all the same.
        ranked = sorted(latest, key=lambda category: (-scores.get(category, 0), -latest[category], category))
        return ranked[0] if ranked else None

    def search_keywords(self, window: Window) -> frozenset[str]:
        return frozenset(filter(None, map(term, self.did("products_searched", window))))

    def _ordered_at(self) -> dict[str, int]:
        """When each product was ordered last."""
        found: dict[str, int] = {}
        for purchase in self.purchases:
            for line in purchase.lines:
                found[line.product] = max(found.get(line.product, purchase.at_ms), purchase.at_ms)
        return found

    def viewed_not_bought(self, window: Window) -> frozenset[str]:
        viewed: dict[str, int] = {}
        for event in self.events:
            if event.name == "product_viewed":
                viewed |= {line.product: event.happened_ms for line in lines(event) if line.product}
        ordered = self._ordered_at()
        return frozenset(
            product
            for product, at_ms in viewed.items()
            if self.within(at_ms, window) and not (product in ordered and ordered[product] > at_ms)
        )

    def abandoned_cart(self, window: Window) -> frozenset[str]:
        ordered = self._ordered_at()
        net: dict[str, Decimal] = {}
        last: dict[str, int] = {}
        signs = {"product_added": 1, "product_removed": -1}
        for event in self.events:
            for line in lines(event) if event.name in signs else ():
                last[line.product] = event.happened_ms
                if line.product not in ordered or event.happened_ms > ordered[line.product]:
                    change = signs[event.name] * line.quantity
                    net[line.product] = net.get(line.product, Decimal(0)) + change
        return frozenset(
            product
            for product, quantity in net.items()
            if product
            and quantity > 0
            and last[product] <= self.now_ms - _HOUR_MS
            and self.within(last[product], window)
        )

    def content_topics(self, window: Window) -> frozenset[str]:
        return frozenset(topic for event in self.did("article_read", window) for topic in topics(event))

    # --- value ---------------------------------------------------------------------------------------------

    def bought(self) -> list[Purchase]:
        return [purchase for purchase in self.purchases if purchase.counts]

    def entries(self, window: Window) -> list[Purchase]:
        return [purchase for purchase in self.bought() if self.within(purchase.at_ms, window)]

    def orders(self, window: Window) -> int:
        return sum(purchase.is_order for purchase in self.entries(window))

    def revenue(self, window: Window) -> Decimal:
        return sum((purchase.revenue or Decimal(0) for purchase in self.entries(window)), Decimal(0))

    def avg_order_value(self, window: Window) -> float | None:
        orders = self.orders(window)
        return round(float(self.revenue(window)) / orders, 6) if orders else None

    def order_days(self) -> list[date]:
        return sorted({self.settings.day(one.at_ms) for one in self.bought() if one.is_order})

    def days_since_order(self) -> int | None:
        days = self.order_days()
        return (self.today - days[-1]).days if days else None

    def bought_categories(self, window: Window) -> frozenset[str]:
        bought = [line for purchase in self.entries(window) for line in purchase.lines]
        return frozenset(filter(None, map(self.dictionary.category, bought)))

    def own_cycle_days(self) -> float | None:
        """None with fewer than three order days."""
        days = self.order_days()
        if len(days) < 3:
            return None
        return float(median((after - before).days for before, after in pairwise(days)))

    def nes_state(self, cycle_days: float | None) -> str | None:
        """Within a cycle N is one order and E0 are more; then S1, S2 and S3 by cycles that have passed."""
        since = self.days_since_order()
        if since is None or cycle_days is None:
            return None
        if since <= cycle_days:
            return "n" if self.orders(AllTime()) == 1 else "e0"
        return "s1" if since <= 2 * cycle_days else "s2" if since <= 3 * cycle_days else "s3"

    def napl_state(self) -> str | None:
        """The last 90 days are three months."""
        since = self.days_since_order()
        if since is None:
            return None
        once = self.orders(AllTime()) == 1
        if since < 90:
            return "new" if once else "active"
        return "lost" if once else "sleeping"

    def discount_ratio(self, window: Window) -> float | None:
        counted = [purchase for purchase in self.entries(window) if purchase.list_value > 0]
        listed = sum((purchase.list_value for purchase in counted), Decimal(0))
        discounts = sum((purchase.discount for purchase in counted), Decimal(0))
        return round(float(discounts) / float(listed), 6) if listed else None

    # --- membership and channel ----------------------------------------------------------------------------

    def first_seen_on(self) -> date | None:
        seen = [*(event.happened_ms for event in self.events), *self.first_seen]
        return self.settings.day(min(seen)) if seen else None

    def trait(self, name: str) -> Any:
        """The newest value of all nids; None for none, and for null."""
        told = [event.traits[name] for event in self.events if name in event.traits]
        return told[-1] if told else None

    def member_since_on(self) -> date | None:
        if not self.member:
            return None
        moments = [
            event.happened_ms
            for event in self.events
            if event.name == "signed_up" or event.nid_kind == USER_ID
        ]
        for name in ("createdAt", "created_at"):
            at_ms = _moment(self.trait(name), self.settings)
            if at_ms is not None and at_ms <= self.now_ms:
                moments.append(at_ms)
        return self.settings.day(min(moments)) if moments else None

    def member_stage(self) -> str:
        rules, orders = self.settings.rules, sum(purchase.is_order for purchase in self.bought())
        since = self.days_since_order()
        if orders >= rules.loyal_orders and since is not None and since <= rules.loyal_days - 1:
            return "loyal"
        if orders >= 2:
            return "repeat"
        if orders:
            return "first_time"
        return "member" if self.member else "visitor"

    def first_source(self) -> str | None:
        acts = [event for event in self.events if event.is_visit or event.name == "order_completed"]
        if not acts:
            return None
        if not acts[0].is_visit:
            return "offline"
        session = self.sessions()[0]
        tagged = [source for event in session if (source := utm(event))]
        referred = [source for event in session if (source := referrer_class(event))]
        return (tagged or referred or ["direct"])[0]

    def channels_used(self, window: Window) -> frozenset[str]:
        found = set()
        for event in self.events:
            if not self.within(event.happened_ms, window):
                continue
            if event.is_visit and event.channel in ("web", "app"):
                found.add(event.channel)
            if event.name not in NO_ACTS and event.channel in ("store", "marketplace", "call"):
                found.add(event.channel)
            found.add(clicked(event))
        return frozenset(found - {""})

    def reachable_by(self) -> frozenset[str]:
        return self.reachable


def _moment(told: object, settings: Settings) -> int | None:
    """ISO text, or seconds or milliseconds since 1970; a day alone begins at local midnight."""
    if isinstance(told, int | float) and not isinstance(told, bool):
        return int(told) if abs(told) >= 10**11 else int(told * 1000)
    if not isinstance(told, str):
        return None
    try:
        if len(told) == 10:
            zone = settings.local(0).tzinfo
            at = datetime.combine(date.fromisoformat(told), time(), zone)
        else:
            at = datetime.fromisoformat(told)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return round((at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
