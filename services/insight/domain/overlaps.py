"""How sets of people overlap: how many are in exactly these sets and in none of the others."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.facts import I8, U1
from services.insight.domain.segments.tree import All, AnyOf, Node, Not

MAX_SETS = 8
# Which of the sets, by their indexes: one region of the picture.
Inside = tuple[int, ...]

_ODD_EVEN = np.uint64(0x00AA00AA00AA00AA)
_PAIRS = np.uint64(0x0000CCCC0000CCCC)
_FOURS = np.uint64(0x00000000F0F0F0F0)


@compiled
def _tallied(bits: NDArray[np.uint8], members: U1) -> I8:
    """[sets as bits, 0 or 1 for members]: people of each combination; nobody's own is left out.

    Eight people at a time: eight bytes of one bit a person become eight bytes of one combination a person
    (the 8 x 8 transposition of Hacker's Delight 7-3).
    """
    out = np.zeros((256, 2), np.int64)
    for i in range(members.size):
        block = np.uint64(0)
        for one in range(bits.shape[0]):
            block |= np.uint64(bits[one, i]) << np.uint64(8 * one)
        if block == np.uint64(0):
            continue
        moved = (block ^ (block >> np.uint64(7))) & _ODD_EVEN
        block ^= moved ^ (moved << np.uint64(7))
        moved = (block ^ (block >> np.uint64(14))) & _PAIRS
        block ^= moved ^ (moved << np.uint64(14))
        moved = (block ^ (block >> np.uint64(28))) & _FOURS
        block ^= moved ^ (moved << np.uint64(28))
        member = np.uint64(members[i])
        for place in range(8):
            inside = (block >> np.uint64(8 * place)) & np.uint64(255)
            out[np.int64(inside), np.int64((member >> np.uint64(place)) & np.uint64(1))] += 1
    out[0] = 0
    return out


def tallied(sets: Sequence[U1], members: U1) -> I8:
    """Rows by the sets that people are in (set i is bit i): how many visitors and how many members.

    All are bits of the same people in the same order.
    """
    return _tallied(np.stack(sets), members)


def regions(n_sets: int) -> Iterator[Inside]:
    """All 2^n - 1 of them: those of single sets first, the one of all sets last."""
    every = [tuple(one for one in range(n_sets) if key >> one & 1) for key in range(1, 1 << n_sets)]
    yield from sorted(every, key=lambda inside: (len(inside), inside))


def key_of(inside: Inside) -> int:
    """The row of `tallied`."""
    return sum(1 << one for one in inside)


def region_tree(sets: Sequence[Node], inside: Inside) -> Node:
    """In all of these sets and in none of the others."""
    nodes = (
        *(sets[index] for index in inside),
        *(Not(node) for index, node in enumerate(sets) if index not in inside),
    )
    return nodes[0] if len(nodes) == 1 else All(nodes)


def union_tree(sets: Sequence[Node]) -> Node:
    return sets[0] if len(sets) == 1 else AnyOf(tuple(sets))
