"""Values of genes of people in memory: of a few people one by one, of everybody at once."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from services.insight.domain.genes.calendar import date_of
from services.insight.domain.genes.choices import category, dates
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.conditions import CATEGORIES, DATES, NUMBERS
from services.insight.domain.genes.facts import NO_DAY
from services.insight.domain.genes.norms import Norms
from services.insight.domain.genes.numbers import borrows_cycle, number
from services.insight.domain.genes.one_person import columns_of, value
from services.insight.domain.segments.tree import Window
from services.insight.population import Layer, NotInMemory

# Lists and maps are told one by one: of more people than these the store tells them.
_MOST_PEOPLE = 5000
# A profile's page asks for all genes of one person.
_KEPT_PEOPLE = 256


class Teller:
    """Keeps the columns of people who were asked for lately."""

    def __init__(self) -> None:
        self._own: OrderedDict[tuple[int, int], Columns] = OrderedDict()

    def values(
        self,
        layers: Sequence[Layer],
        asked: tuple[str, Window | None],
        profile_ids: Sequence[int] | None,
        now_ms: int,
        norms: Norms,
    ) -> Mapping[int, Any]:
        """By profile id. Raises NotInMemory for lists of very many."""
        found: dict[int, Any] = {}
        for layer in layers:
            at_once = profile_ids is None and asked[0] in NUMBERS | CATEGORIES | DATES
            if at_once:
                found |= _of_layer(layer, asked, now_ms, norms)
                continue
            people = _people(layer, profile_ids)
            if len(people) > _MOST_PEOPLE:
                raise NotInMemory("Lists of so many people are told by the store.")
            for person in people:
                told = value(self._columns(layer, person), *asked, now_ms, norms)
                found[int(layer.profile_id[person])] = frozenset(told) if isinstance(told, list) else told
        return found

    def borrows_cycle(self, layers: Sequence[Layer], profile_id: int, now_ms: int) -> bool:
        """Whether the repurchase cycle of this profile is the tenant's."""
        return any(
            bool(borrows_cycle(self._columns(layer, person), now_ms)[0])
            for layer in layers
            for person in _people(layer, [profile_id])
        )

    def _columns(self, layer: Layer, person: int) -> Columns:
        key = (layer.number, person)
        if key not in self._own:
            self._own[key] = columns_of(layer.columns, person)
            if len(self._own) > _KEPT_PEOPLE:
                self._own.popitem(last=False)
        return self._own[key]


def _people(layer: Layer, profile_ids: Sequence[int] | None) -> list[int]:
    """Whom this layer tells of."""
    if profile_ids is None:
        return np.flatnonzero(~layer.hidden).tolist()
    places = layer.loaded.folding.places_of(np.unique(np.array(profile_ids, np.uint32)))
    return [int(place) for place in places if not layer.hidden[place]]


def _of_layer(layer: Layer, asked: tuple[str, Window | None], now_ms: int, norms: Norms) -> dict[int, Any]:
    gene, window = asked
    shown = np.flatnonzero(~layer.hidden)
    told: list[Any]
    if gene in NUMBERS:
        numbers = number(layer.columns, gene, window, now_ms, norms)
        values, scale = numbers.values[shown].tolist(), numbers.scale
        told = values if scale == 1 else [Decimal(one) / scale for one in values]
        known = numbers.known[shown]
    elif gene in CATEGORIES:
        categories = category(layer.columns, gene, now_ms, norms)
        codes = categories.codes[shown]
        told, known = [categories.texts[code] for code in codes.tolist()], codes != 0
    else:
        days = dates(layer.columns, gene, now_ms)[shown]
        known = days != NO_DAY
        told = [date_of(day) if there else None for day, there in zip(days, known, strict=True)]
    profile_ids = layer.profile_id[shown].tolist()
    return {
        profile_id: one if there else None
        for profile_id, one, there in zip(profile_ids, told, known.tolist(), strict=True)
    }
