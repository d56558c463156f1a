"""Who is looked at in an audit, and what memory says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from pyroaring import BitMap

from services.insight.domain.genes.bits import Bits, ids
from services.insight.domain.genes.facts import U4, Flags
from services.insight.domain.genes.norms import norms, sample
from services.insight.domain.genes.some_people import values_of
from services.insight.domain.segments.tree import Window
from services.insight.population import Layer, View

# Together so few that the store reads their rows alone.
_TOUCHED, _MERGED, _ANY = 30, 15, 30
# Both round to six digits, in which a float that ends in a five may go either way.
_CLOSE = 1.1e-6


@dataclass(frozen=True)
class Sample:
    """Some people of a view: of each layer those who are shown there, by place."""

    view: View
    places: tuple[U4, ...]

    @property
    def profile_ids(self) -> list[int]:
        pairs = zip(self.view.layers, self.places, strict=True)
        return [int(one) for layer, places in pairs for one in layer.profile_id[places]]

    @property
    def nids(self) -> list[int]:
        """All that these people are."""
        found: list[int] = []
        for layer, places in zip(self.view.layers, self.places, strict=True):
            folding = layer.loaded.folding
            found += folding.nid[np.isin(folding.person, places)].tolist()
        return found

    def values(self, gene: str, window: Window | None, now_ms: int) -> dict[int, Any]:
        """By profile id, measured by what the tenant's figures are at the moment."""
        layers = self.view.layers
        measures = [sample(layer.columns, gene, window, now_ms, layer.hidden) for layer in layers]
        known = norms(gene, measures)
        found: dict[int, Any] = {}
        for layer, places in zip(layers, self.places, strict=True):
            told = values_of(layer.columns, (gene, window), places, now_ms, known)
            found |= zip(layer.profile_id[places].tolist(), told, strict=True)
        return found

    def members(self, bits: Bits) -> BitMap:
        """Those whose bit is set."""
        found = BitMap()
        for layer, places, some in zip(self.view.layers, self.places, bits, strict=True):
            there = some[places >> 3] >> (7 - (places & 7)).astype(np.uint8) & 1
            found.update(layer.profile_id[places[there == 1]])
        return found


def sample_of(view: View, random: Random) -> Sample:
    """People who were touched lately, people of several nids, and any others."""
    last = len(view.layers) - 1
    places = []
    for index, layer in enumerate(view.layers):
        shown = ~layer.hidden
        merged = shown & (np.bincount(layer.loaded.folding.person, minlength=shown.size) > 1)
        drawn = [_drawn(shown, _TOUCHED if index == last and last else _ANY, random)]
        drawn.append(_drawn(merged, _MERGED, random))
        places.append(np.unique(np.concatenate(drawn)).astype(np.uint32))
    return Sample(view, tuple(places))


def sample_among(view: View, profile_ids: BitMap) -> Sample:
    """Those of these people who are in the view."""
    wanted = ids(profile_ids)

    def shown(layer: Layer) -> U4:
        places = layer.loaded.folding.places_of(wanted)
        return places[~layer.hidden[places]]

    return Sample(view, tuple(shown(layer) for layer in view.layers))


def everybody_in(view: View) -> BitMap:
    found = BitMap()
    for layer in view.layers:
        found.update(layer.profile_id[~layer.hidden])
    return found


def differing(memory: Mapping[int, Any], store: Mapping[int, Any]) -> BitMap:
    """People of whom the two say different things, or only one says anything."""
    everyone = memory.keys() | store.keys()
    return BitMap(
        one for one in everyone if one not in memory or one not in store or not _same(memory[one], store[one])
    )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, float) or isinstance(other, float):
        return one is not None and other is not None and abs(float(one) - float(other)) < _CLOSE
    if isinstance(one, list | frozenset) and isinstance(other, list | frozenset):
        return frozenset(one) == frozenset(other)
    return bool(one == other)


def _drawn(among: Flags, most: int, random: Random) -> U4:
    """Without looking at everybody one by one."""
    places = np.flatnonzero(among).astype(np.uint32)
    if places.size <= most:
        return places
    return places[sorted({random.randrange(int(places.size)) for _ in range(most)})]
