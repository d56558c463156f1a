"""Saved segments as sets of people: a view keeps them while what they depend on beside it is the same."""

import time
from collections.abc import Hashable
from dataclasses import dataclass

from services.insight.compiled_kept import YARDSTICK_SECONDS, Kept
from services.insight.domain.genes.bits import Bits, n_people
from services.insight.population import View, Whole

_WHOLES = 64


@dataclass(frozen=True, slots=True)
class Basis:
    """What a tree's people depend on beside the view; `measures` are keys of what they are laid on."""

    key: Hashable
    measures: tuple[Hashable, ...]


def known_whole(view: View, kept: Kept, basis: Basis | None) -> Whole | None:
    """None where nobody asked yet, or what it was laid on is not what others are laid on now.

    A yardstick that had to leave has nobody laid on another, and holds for its hour.
    """
    whole = view.wholes.get(basis.key) if basis is not None else None
    if basis is None or whole is None:
        return None
    if whole.laid_at is not None and time.monotonic() > whole.laid_at + YARDSTICK_SECONDS:
        return None
    for key, made_at in zip(basis.measures, whole.made_at, strict=True):
        measure = kept.measure(key)
        if measure is not None and measure.made_at != made_at:
            return None
    return whole


def keep_whole(view: View, kept: Kept, basis: Basis | None, found: tuple[Bits, float | None]) -> Whole:
    """`found` are the people, and the age of the oldest yardstick."""
    bits, age_seconds = found
    measures = [] if basis is None else [kept.measure(key) for key in basis.measures]
    whole = Whole(
        bits,
        n_people(bits),
        None if age_seconds is None else time.monotonic() - age_seconds,
        tuple(None if measure is None else measure.made_at for measure in measures),
    )
    if basis is not None:
        view.wholes[basis.key] = whole
        while len(view.wholes) > _WHOLES:
            del view.wholes[next(iter(view.wholes))]
    return whole
