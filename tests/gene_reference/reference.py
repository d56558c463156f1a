"""A whole tenant as of one moment: who is who, what is relative to others, and every gene by its name."""

import math
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from statistics import median

from services.insight.domain.days import begins_at
from services.insight.domain.segments.tree import AllTime, Window, days_of
from services.insight.evaluation import Moment
from tests.gene_reference.history import USER_ID, History, Settings
from tests.gene_reference.person import Person, learned
from tests.gene_reference.purchases import purchases

# Of a list a frozenset: texts, or ints for weekdays and hours. Of a map a dict. None is unknown.
Value = int | float | Decimal | str | date | frozenset[str] | frozenset[int] | Mapping[str, float] | None

_TREND_DAYS, _TREND_POINTS = 30, 10
_WINDOWED: dict[str, Callable[[Person, Window], Value]] = {
    "active_days": Person.active_days,
    "sessions": Person.n_sessions,
    "page_views": Person.page_views,
    "avg_visit_minutes": Person.avg_visit_minutes,
    "visit_weekdays": Person.visit_weekdays,
    "visit_hours": Person.visit_hours,
    "product_views": Person.product_views,
    "viewed_categories": Person.viewed_categories,
    "viewed_brands": Person.viewed_brands,
    "search_keywords": Person.search_keywords,
    "viewed_not_bought": Person.viewed_not_bought,
    "abandoned_cart": Person.abandoned_cart,
    "content_topics": Person.content_topics,
    "orders": Person.orders,
    "revenue": Person.revenue,
    "avg_order_value": Person.avg_order_value,
    "bought_categories": Person.bought_categories,
    "discount_ratio": Person.discount_ratio,
    "channels_used": Person.channels_used,
}
_TIMELESS: dict[str, Callable[[Person], Value]] = {
    "days_since_visit": Person.days_since_visit,
    "activity_state": Person.activity_state,
    "favourite_category": Person.favourite_category,
    "days_since_order": Person.days_since_order,
    "first_seen_on": Person.first_seen_on,
    "member_since_on": Person.member_since_on,
    "member_stage": Person.member_stage,
    "napl_state": Person.napl_state,
    "first_source": Person.first_source,
    "reachable_by": Person.reachable_by,
}
# Genes with a window N; all others take none.
WINDOWED = frozenset(_WINDOWED) | {"spend_percentile"}
GENES = WINDOWED | frozenset(_TIMELESS) | {"interest_strength", "purchase_cycle_days", "nes_state"}
# Genes whose value is a list.
LISTS = frozenset(
    {
        "visit_weekdays",
        "visit_hours",
        "viewed_categories",
        "viewed_brands",
        "search_keywords",
        "viewed_not_bought",
        "abandoned_cart",
        "content_topics",
        "bought_categories",
        "channels_used",
        "reachable_by",
    }
)


class Reference:
    """One tenant at one moment. `people` are by profile id.

    Who there is, who is a member and who is reachable is as of the place alone; what people did, as of the
    place and the time.
    """

    def __init__(self, history: History, settings: Settings, moment: Moment) -> None:
        self.settings = settings
        self._history = history
        self.now_ms = moment.now_ms
        self.erased = history.erased
        self._place = moment.position
        self._told = [
            event
            for event in history.events
            if event.position <= moment.position and event.nid not in history.erased
        ]
        self._profile_of = self._map(history)
        self._known: dict[tuple[str, Window], dict[int, Value]] = {}
        events = sorted(
            (event for event in self._told if event.happened_ms <= moment.now_ms),
            key=lambda event: event.order,
        )
        self.dictionary = learned(events)
        self.people = self._somebody(history)
        for event in events:
            self.people[self.profile(event.nid)].events.append(event)
        for purchase in purchases(events, settings, moment.now_ms):
            self.people[self.profile(purchase.nid)].purchases.append(purchase)

    @property
    def today(self) -> date:
        return self.settings.day(self.now_ms)

    @property
    def everybody(self) -> frozenset[int]:
        return frozenset(self.people)

    @property
    def members(self) -> frozenset[int]:
        return frozenset(profile_id for profile_id, person in self.people.items() if person.member)

    def at_end_of(self, as_of: Window) -> "Reference":
        """The same tenant at the end of a local day that is over, with what is known now."""
        on = days_of(as_of, self.today)[1]
        ends_ms = int(begins_at(on + timedelta(1), self.settings.zone).timestamp() * 1000) - 1
        return Reference(self._history, self.settings, Moment(self._place, min(ends_ms, self.now_ms)))

    def profile(self, nid: int) -> int:
        """A nid that was never announced is its own profile."""
        return self._profile_of.get(nid, nid)

    def _map(self, history: History) -> dict[int, int]:
        announced = sorted(history.remaps, key=lambda remap: remap.position)
        return {
            remap.nid: remap.profile_id
            for remap in announced
            if remap.position <= self._place and remap.nid not in history.erased
        }

    def _somebody(self, history: History) -> dict[int, Person]:
        """Everybody with a nid of which anything was ever told, without what they did."""
        remaps = [remap for remap in history.remaps if remap.position <= self._place]
        kept = {nid: at for nid, at in history.first_seen.items() if nid not in history.erased}
        nids = {event.nid for event in self._told} | set(kept) | set(self._profile_of)
        user_ids = {event.nid for event in self._told if event.nid_kind == USER_ID}
        user_ids |= {remap.nid for remap in remaps if remap.kind == USER_ID} & nids
        reachable: dict[int, frozenset[str]] = {}
        for one in sorted(history.reachability, key=lambda one: one.position):
            # A profile bears the number of one of its nids: with that one, what was said of it is erased.
            if one.position <= self._place and one.profile_id not in history.erased:
                reachable[one.profile_id] = one.channels
        people: dict[int, Person] = {}
        for nid in sorted(nids):
            profile_id = self.profile(nid)
            person = people.setdefault(
                profile_id, Person(profile_id, self.settings, self.now_ms, self.dictionary)
            )
            person.member |= nid in user_ids
            person.reachable = reachable.get(profile_id, frozenset())
            person.first_seen += [kept[nid]] if nid in kept else []
        return people

    # --- genes ---------------------------------------------------------------------------------------------

    def value(self, gene: str, profile_id: int, window: Window | None = None) -> Value:
        """`window` is for the genes of WINDOWED; without one it is all time."""
        return self.values(gene, window)[profile_id]

    def values(self, gene: str, window: Window | None = None) -> Mapping[int, Value]:
        """Of everybody."""
        key = (gene, window or AllTime())
        if key not in self._known:
            self._known[key] = {one: self._compute(gene, self.people[one], key[1]) for one in self.people}
        return self._known[key]

    def _compute(self, gene: str, person: Person, window: Window) -> Value:
        if gene in _WINDOWED:
            return _WINDOWED[gene](person, window)
        if gene in _TIMELESS:
            return _TIMELESS[gene](person)
        if gene == "spend_percentile":
            return self._spend_percentile(person, window)
        if gene == "interest_strength":
            return {key: self._strength(score) for key, score in person.scores().items()}
        if gene == "nes_state":
            cycle = self._compute("purchase_cycle_days", person, window)
            return person.nes_state(cycle if isinstance(cycle, int | float) else None)
        if gene == "purchase_cycle_days":
            own = person.own_cycle_days()
            return own if own is not None or not person.order_days() else self.borrowed_cycle_days
        raise KeyError(gene)

    def cycle_is_borrowed(self, profile_id: int) -> bool:
        """Whether somebody's repurchase cycle is the tenant's, also where that is unknown."""
        return 1 <= len(self.people[profile_id].order_days()) <= 2

    def trend(self, profile_id: int, category: str) -> float | None:
        """By how many points an interest rose or fell in 30 days; None for one that is not there."""
        person = self.people[profile_id]
        now = person.scores().get(category)
        if now is None:
            return None
        before = person.scores(_TREND_DAYS).get(category)
        return round(self._strength(now) - (self._strength(before) if before else 0.0), 6)

    def rising(self, profile_id: int, category: str) -> bool:
        change = self.trend(profile_id, category)
        return change is not None and change >= _TREND_POINTS

    def falling(self, profile_id: int, category: str) -> bool:
        change = self.trend(profile_id, category)
        return change is not None and change <= -_TREND_POINTS

    def _spend_percentile(self, person: Person, window: Window) -> float | None:
        """100 x share of the buyers of the window whose revenue is at most this one's."""
        buyers = [one for one in self.people.values() if one.orders(window)]
        if person not in buyers:
            return None
        own = person.revenue(window)
        return round(100 * sum(one.revenue(window) <= own for one in buyers) / len(buyers), 6)

    @cached_property
    def half_strength(self) -> float:
        """k: the median of all positive scores of all people and categories."""
        return median(score for person in self.people.values() for score in person.scores().values())

    def _strength(self, score: float) -> float:
        return round(100 * score / (score + self.half_strength), 6)

    @cached_property
    def borrowed_cycle_days(self) -> float | None:
        """Kaplan-Meier median of the days from first to second order day, censored at today."""
        waited: list[tuple[int, bool]] = []
        for person in self.people.values():
            days = person.order_days()
            if len(days) >= 2:
                waited.append(((days[1] - days[0]).days, True))
            elif days:
                waited.append(((self.today - days[0]).days, False))
        left = Fraction(1)
        for t in sorted({days for days, came_back in waited if came_back}):
            at_risk = sum(days >= t for days, _ in waited)
            came_back = sum(days == t and came_back for days, came_back in waited)
            left *= 1 - Fraction(came_back, at_risk)
            if left <= Fraction(1, 2):
                return float(t)
        return None

    # --- thresholds ----------------------------------------------------------------------------------------

    def numbers(self, gene: str, window: Window | None = None) -> dict[int, Decimal]:
        """The known values of a number gene, as numbers that compare exactly."""
        return {
            one: exact(value)
            for one, value in self.values(gene, window).items()
            if isinstance(value, int | float | Decimal)
        }


def exact(value: int | float | Decimal) -> Decimal:
    """A float is the decimal that it is written as."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def mean(values: Collection[Decimal]) -> Decimal:
    return exact(round(math.fsum(map(float, values)) / len(values), 6))


def middle(values: Collection[Decimal]) -> Decimal:
    """The median, of an even number the mean of the middle two."""
    return exact(round(float(median(values)), 6))
