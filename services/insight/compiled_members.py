"""Bits of people as their profile ids, and back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pyroaring import BitMap

from services.insight.domain.genes.bits import Bits, packed, unpacked
from services.insight.domain.genes.facts import U1, U4, Flags
from services.insight.domain.genes.profile_ids import profile_ids_of
from services.insight.population import Layer


class Members:
    """Profile ids of bits, made once."""

    def __init__(self, layers: Sequence[Layer], found: Bits) -> None:
        self._found: tuple[Sequence[Layer], Bits] | None = layers, found
        self._members = BitMap()

    def __call__(self) -> BitMap:
        if (found := self._found) is not None:
            members = BitMap()
            for layer, bits in zip(*found, strict=True):
                members |= profile_ids_of(unpacked(bits, layer.profile_id.size), layer.profile_id)
            self._members, self._found = members, None
        return self._members


@dataclass(frozen=True, slots=True)
class Carried:
    """Who of a layer is known to fulfil a condition, and the nids of those of whom it is not known."""

    passing: Flags
    unknown: U4


def carried(layer: Layer, bits_of: Callable[[int], U1 | None]) -> Carried:
    """From the bits of its origins by their numbers; None where they were not asked."""
    size, folding = layer.profile_id.size, layer.loaded.folding
    passing, known = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    for origin in layer.origins:
        if (bits := bits_of(origin.number)) is not None:
            known[folding.places_of(origin.profile_id[~origin.hidden])] = True
            passes = unpacked(bits, origin.profile_id.size) & ~origin.hidden
            passing[folding.places_of(origin.profile_id[passes])] = True
    return Carried(passing, folding.nid[~known[folding.person]])


def named(layer: Layer, profiles: U4, before: Carried | None) -> U1:
    """The bits of these profiles, of whom the layer may have some; with `before` in addition to those."""
    flags = np.zeros(layer.profile_id.size, np.bool_) if before is None else before.passing.copy()
    flags[layer.loaded.folding.places_of(profiles)] = True
    return packed(flags)
