"""Bits of people as their profile ids, and back."""

from collections.abc import Sequence

import numpy as np
from pyroaring import BitMap

from services.insight.domain.genes.bits import Bits, packed, unpacked
from services.insight.domain.genes.facts import U1, U4
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


def named(layer: Layer, profiles: U4) -> U1:
    """The bits of these profiles, of whom the layer may have some."""
    flags = np.zeros(layer.profile_id.size, np.bool_)
    flags[layer.loaded.folding.places_of(profiles)] = True
    return packed(flags)
