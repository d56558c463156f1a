"""Who entered a set of people and who left it: from bits where the people are the same, else from ids."""

from dataclasses import dataclass

from pyroaring import BitMap

from services.insight.domain.genes.bits import Bits, places, unpacked
from services.insight.domain.genes.facts import U1, U4
from services.insight.domain.genes.profile_ids import bitmap_of, profile_ids_of


@dataclass(frozen=True, slots=True)
class Seen:
    """Bits of a tree's people in one view, one array a layer, and whose profile id each bit stands for."""

    people: tuple[U4, ...]
    bits: Bits

    def members(self) -> BitMap:
        found = BitMap()
        for people, bits in zip(self.people, self.bits, strict=True):
            found |= _members(people, bits)
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """Profile ids; nobody is in both."""

    entered: BitMap
    gone: BitMap

    def __bool__(self) -> bool:
        return bool(self.entered) or bool(self.gone)


def change(members: BitMap, before: Seen | None, after: Seen) -> Change:
    """From `members`, who are those seen before.

    Of layers with the same people only bits are compared; nothing is done for each person.
    """
    if before is None or before.people[0] is not after.people[0]:
        found = after.members()
        return Change(found - members, members - found)
    entered, gone = BitMap(), BitMap()
    earlier = {id(people): bits for people, bits in zip(before.people, before.bits, strict=True)}
    for people, bits in zip(after.people, after.bits, strict=True):
        was = earlier.pop(id(people), None)
        if was is None:
            entered |= _members(people, bits)
            continue
        differing = was ^ bits
        entered |= _some(people, differing & bits)
        gone |= _some(people, differing & was)
    for people, bits in zip(before.people, before.bits, strict=True):
        if id(people) in earlier:
            gone |= _members(people, bits)
    return Change(entered - gone, gone - entered)


def _members(people: U4, bits: U1) -> BitMap:
    return profile_ids_of(unpacked(bits, people.size), people)


def _some(people: U4, bits: U1) -> BitMap:
    return bitmap_of(people[places(bits)])
