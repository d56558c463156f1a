"""Sets of people as packed bits, one array for each layer of them."""

import numpy as np
from pyroaring import BitMap

from services.insight.domain.genes.facts import U1, U4, Flags

# One array of bits a layer.
Bits = tuple[U1, ...]


def packed(flags: Flags) -> U1:
    """Bits in whole words of eight bytes; those behind the last person are 0."""
    bits = np.packbits(flags)
    words = np.zeros(-(-bits.size // 8) * 8, np.uint8)
    words[: bits.size] = bits
    return words


def unpacked(bits: U1, size: int) -> Flags:
    return np.unpackbits(bits, count=size).astype(np.bool_)


def is_set(bits: U1, place: int) -> bool:
    return bool(bits[place >> 3] & (0x80 >> (place & 7)))


def places(bits: U1) -> U4:
    """Which bits are set; takes as long as there are bytes, and no longer for each that is 0."""
    some = np.flatnonzero(bits)
    inside = np.unpackbits(bits[some]).reshape(-1, 8)
    which, bit = np.nonzero(inside)
    return (some[which] * 8 + bit).astype(np.uint32)


def n_people(bits: Bits) -> int:
    return sum(int(np.bitwise_count(one.view(np.uint64)).sum(dtype=np.int64)) for one in bits)


def ids(bitmap: BitMap) -> U4:
    return np.frombuffer(bitmap.to_array(), np.uint32) if bitmap else np.empty(0, np.uint32)


def both(one: Bits, other: Bits) -> Bits:
    return tuple(a & b for a, b in zip(one, other, strict=True))


def either(one: Bits, other: Bits) -> Bits:
    return tuple(a | b for a, b in zip(one, other, strict=True))


def without(one: Bits, other: Bits) -> Bits:
    return tuple(a & ~b for a, b in zip(one, other, strict=True))


def nobody(bits: Bits) -> Bits:
    return tuple(np.zeros_like(one) for one in bits)
