"""From one answer for each person to a set of profile ids."""

from array import array

from pyroaring import BitMap

from services.insight.domain.genes.facts import U4, Flags


def profile_ids_of(chosen: Flags, profile_ids: U4) -> BitMap:
    """The ids of whom is chosen."""
    return bitmap_of(profile_ids[chosen])


def bitmap_of(profile_ids: U4) -> BitMap:
    """Of an array of the machine's own integers a bitmap is made without an object for each."""
    ids = array("I")
    ids.frombytes(profile_ids.tobytes())
    return BitMap(ids)
