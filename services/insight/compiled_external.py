"""Conditions on external genes, of people in memory: values by nid laid on the people of each layer."""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from services.insight.domain.external.columns import Held
from services.insight.domain.external.people import Folded, folded, passing, told, yardstick_of
from services.insight.domain.genes.calendar import date_of
from services.insight.domain.genes.facts import Flags
from services.insight.domain.genes.yardsticks import Yardstick
from services.insight.domain.segments.tree import AgainstYardstick, Share, Test
from services.insight.population import Layer

_CACHED_BYTES = 128_000_000


class Brought:
    """Keeps what genes' values are on layers that were asked for lately."""

    def __init__(self) -> None:
        self._folded: OrderedDict[Hashable, Folded] = OrderedDict()
        self._bytes = 0

    def passing(self, layers: Sequence[Layer], gene: str, held: Held, test: Test, today: int) -> list[Flags]:
        """Who fulfils a test, layer by layer; `today` is a local day."""
        people = [self._of(layer, gene, held) for layer in layers]
        laid = _yardstick(layers, people) if isinstance(test, AgainstYardstick | Share) else None
        return [passing(one, test, date_of(today), laid) for one in people]

    def values(
        self, layers: Sequence[Layer], gene: str, held: Held, profile_ids: Sequence[int] | None
    ) -> Mapping[int, Any]:
        """By profile id; None where it is unknown."""
        found: dict[int, Any] = {}
        for layer in layers:
            if profile_ids is None:
                shown = np.flatnonzero(~layer.hidden).astype(np.uint32)
            else:
                places = layer.loaded.folding.places_of(np.unique(np.array(profile_ids, np.uint32)))
                shown = places[~layer.hidden[places]]
            known = told(self._of(layer, gene, held).of(shown), layer.profile_id[shown])
            found |= {one: known.get(one) for one in layer.profile_id[shown].tolist()}
        return found

    def _of(self, layer: Layer, gene: str, held: Held) -> Folded:
        key = (layer.number, gene, held.key)
        if key not in self._folded:
            size = layer.profile_id.size
            person = layer.loaded.folding.of(held.column.nids)
            self._folded[key] = folded(held.column, person, size)
            self._bytes += size * 9
            while self._bytes > _CACHED_BYTES and len(self._folded) > 1:
                _, oldest = self._folded.popitem(last=False)
                self._bytes -= oldest.values.size * 9
        self._folded.move_to_end(key)
        return self._folded[key]


def _yardstick(layers: Sequence[Layer], people: Sequence[Folded]) -> Yardstick:
    """Of whoever is not hidden."""
    values = [one.values[one.known & ~layer.hidden] for layer, one in zip(layers, people, strict=True)]
    return yardstick_of(np.concatenate(values))
