"""A tenant's people in layers: a large base, and small ones over it that hide whom they have."""

import time
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from services.insight.domain.days import begins_at
from services.insight.domain.genes.bits import Bits, packed
from services.insight.domain.genes.calendar import date_of, local_day
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.conditions import prepare_as
from services.insight.domain.genes.facts import U1, U4, Flags
from services.insight.domain.genes.until import newest_ms
from services.insight.domain.genes.zones import zone_of
from services.insight.domain.orders import Counts
from services.insight.evaluation import Moment
from services.insight.store.facts import Counting, Dictionaries, Loaded
from services.insight.store.facts_known import Known, shown
from services.insight.store.facts_merge import merged, nobody_of
from services.insight.store.queries.facts_scope import NEVER

# The topmost layer is made anew with every refresh, so it stays small; those below take it in, each level so
# many times as large as the one above.
_TOP_PEOPLE, _TIMES = 1000, 8
# So long it is known what layers were made of: longer than what the store answers rests.
_ORIGIN_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Origin:
    """A layer whose people became another's: what was true of whom it does not hide still is."""

    number: int
    profile_id: U4
    hidden: Flags
    ended_at: float

    def within(self, layer: "Layer") -> "Origin":
        """Without whom the layer, of which it is an origin, hides."""
        hidden = self.hidden.copy()
        hidden[~self.hidden] = layer.hidden[layer.loaded.folding.places_of(self.profile_id[~self.hidden])]
        return replace(self, hidden=hidden)


@dataclass(frozen=True)
class Layer:
    """Columns of some people; `hidden` are those whom a later layer has, or who are nobody any more.

    Layers of one number give the same answers but for who is hidden. `origins` are those of a while ago that
    its people were in.
    """

    loaded: Loaded
    columns: Columns
    hidden: Flags
    number: int
    newest_ms: int
    origins: tuple[Origin, ...] = ()

    def hiding(self, profiles: U4) -> "Layer":
        """With these hidden, too."""
        hidden = self.hidden.copy()
        hidden[self.loaded.folding.places_of(profiles)] = True
        return replace(self, hidden=hidden)

    @property
    def profile_id(self) -> U4:
        return self.loaded.facts.people.profile_id

    @cached_property
    def shown(self) -> U1:
        """Whom it shows, as bits."""
        return packed(~self.hidden)

    @cached_property
    def shows_all(self) -> bool:
        return not self.hidden.any()

    @property
    def next_ms(self) -> int:
        """The first moment that lies ahead of whom it shows; NEVER without any."""
        ahead = self.loaded.ahead
        return int(ahead.at_ms[shown(self.loaded, self.hidden, ahead.nid)].min(initial=NEVER))


@dataclass(frozen=True, slots=True)
class Whole:
    """Who is in a saved segment, as bits, and how many.

    `laid_at` is when the oldest yardstick was made, `made_at` when each was; None of one that had left.
    """

    bits: Bits
    profiles: int
    laid_at: float | None
    made_at: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class View:
    """A tenant's people as of a place, and from `newest_ms` on, as long as it is before `next_ms`."""

    layers: tuple[Layer, ...]
    position: int
    until_ms: int
    newest_ms: int
    next_ms: int
    counting: Counting
    # Up to there nothing of theirs was written since; 0: nobody looked.
    unchanged_to: int = 0
    # When it was made, and how long that took.
    made_at: float = field(default_factory=time.monotonic, compare=False)
    took_seconds: float = 0.0
    # Saved segments that were asked for, by all that their people depend on beside this view.
    wholes: dict[Hashable, Whole] = field(default_factory=dict, compare=False, repr=False)

    @property
    def last(self) -> int:
        """The newest place that it is of."""
        return max(self.position, self.unchanged_to)

    def fits(self, moment: Moment, counting: Counting) -> bool:
        return (
            self.position <= moment.position <= self.last
            and self.newest_ms <= moment.now_ms < self.next_ms
            and self.counting.key == counting.key
        )

    @property
    def n_over(self) -> int:
        """People in the layers over the base."""
        return sum(layer.profile_id.size for layer in self.layers[1:])


def view_of(layers: Sequence[Layer], place: tuple[int, int], counting: Counting) -> View:
    """`place` is the position and the moment that everything is known to."""
    newest = max(layer.newest_ms for layer in layers)
    if counting.rules.order_counts is Counts.RETURN_PERIOD:
        # Since midnight orders count that did not the day before.
        today = date_of(local_day(place[1], zone_of(counting.zone)))
        newest = max(newest, round(begins_at(today, counting.zone).timestamp() * 1000))
    return View(
        tuple(layers),
        *place,
        newest,
        min(layer.next_ms for layer in layers),
        counting,
    )


def layer_of(loaded: Loaded, counting: Counting, numbers: Iterable[int]) -> Layer:
    """Of all of its people; parts of columns are derived when they are asked for."""
    columns = Columns(loaded.facts, counting.rules, loaded.codes.vocabularies)
    hidden = np.zeros(loaded.facts.people.profile_id.size, np.bool_)
    loaded.folding.prepare()
    return Layer(loaded, columns, hidden, next(iter(numbers)), newest_ms(loaded.facts))


def origins_of(layers: Iterable[Layer]) -> tuple[Origin, ...]:
    """Of a layer of whom these show."""
    now, found = time.monotonic(), list[Origin]()
    for layer in layers:
        found.append(Origin(layer.number, layer.profile_id, layer.hidden, now))
        lately = (one for one in layer.origins if one.ended_at > now - _ORIGIN_SECONDS)
        found += [one.within(layer) for one in lately]
    return tuple(found)


def known(layers: Sequence[Layer]) -> Known:
    return Known([(layer.loaded, layer.hidden) for layer in layers])


@dataclass(frozen=True)
class Making:
    """What layers are made with; `labels` are the categories of all products that facts are told of."""

    codes: Dictionaries
    labels: U4
    counting: Counting
    numbers: Iterable[int]
    now_ms: int

    def of(self, fresh: Loaded, before: Sequence[Layer]) -> Layer:
        """Of new facts. What was derived of layers before is derived: nobody waits for it."""
        layer = layer_of(fresh, self.counting, self.numbers)
        prepare_as(layer.columns, [one.columns for one in before], self.now_ms)
        return layer

    def one(self, layers: Sequence[Layer], fresh: Loaded | None = None) -> Layer:
        """Of whom the layers show, and of new facts."""
        parts = [(layer.loaded, layer.hidden) for layer in layers]
        if fresh is not None:
            parts.append((fresh, nobody_of(fresh)))
        made = self.of(merged(parts, self.codes, self.labels), layers)
        return replace(made, origins=origins_of(layers))


def laid_over(layers: Sequence[Layer], fresh: Loaded, making: Making) -> tuple[Layer, ...]:
    """With facts over them that they hide already; the base stays as it is."""
    base, *over = layers
    if over and over[-1].profile_id.size <= _TOP_PEOPLE:
        *over, top = over
        return (base, *over, making.one([top], fresh))
    before = over[-1:]
    place = _overflowing([layer.profile_id.size for layer in over])
    if place < len(over) - 1:
        over[place:] = [making.one(over[place:])]
    return (base, *over, making.of(fresh, before))


def _overflowing(sizes: Sequence[int]) -> int:
    """Which of these layers, of sizes from the oldest on, become one with the newest: from this place on.

    Levels hold up to 8, 64, 512 ... thousand people, so that somebody who is touched is copied some eight
    times on each level, however many people there are (log-structured merging by levels).
    """
    place = len(sizes) - 1
    total, most = sizes[-1] if sizes else 0, _TIMES * _TOP_PEOPLE
    while place > 0 and sizes[place - 1] <= most:
        place -= 1
        total += sizes[place]
        if total <= most:
            break
        most *= _TIMES
    return max(place, 0)


def only_of(layers: Sequence[Layer], profiles: U4, making: Making) -> Layer:
    """One layer of what these show of some profiles."""
    return making.one(
        [replace(one, hidden=one.hidden | ~np.isin(one.profile_id, profiles)) for one in layers]
    )
