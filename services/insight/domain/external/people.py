"""Which people fulfil a test of an external gene."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.external.columns import Column
from services.insight.domain.external.kinds import NUMERIC, SCALE, ExternalType, elements, text_of
from services.insight.domain.genes.choices import Categories
from services.insight.domain.genes.facts import I8, NO_DAY, U4, Flags
from services.insight.domain.genes.value_tests import category_passes, date_passes, number_passes
from services.insight.domain.genes.yardsticks import Numbers, Yardstick, yardstick
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    AnniversaryWithin,
    Between,
    Compare,
    Contains,
    DaysSince,
    InMonth,
    Known,
    OnDate,
    OneOf,
    Share,
    Test,
)
from services.insight.domain.segments.tree import Mode as ListMode


@dataclass(frozen=True)
class Folded:
    """A value of each of some people; where `known` is false it is nothing."""

    kind: ExternalType
    values: I8
    known: Flags
    texts: tuple[str, ...]

    def of(self, places: NDArray[np.integer[Any]]) -> "Folded":
        """Of some of these people only."""
        return Folded(self.kind, self.values[places], self.known[places], self.texts)


def folded(column: Column, person: U4, n_people: int) -> Folded:
    """The newest value of each person's nids, of equal moments that of the highest nid.

    `person`: the place of each nid's person; a place from `n_people` on is nobody.
    """
    mine = np.flatnonzero(person < n_people)
    order = mine[np.lexsort((column.nids[mine], column.at_ms[mine]))]
    values, known = np.zeros(n_people, np.int64), np.zeros(n_people, np.bool_)
    # Of a place that is written more than once the last counts.
    values[person[order]] = column.values[order]
    known[person[order]] = True
    return Folded(column.kind, values, known, column.texts)


def passing(people: Folded, test: Test, today: date, laid: Yardstick | None = None) -> Flags:
    """`laid` is for tests that compare with everybody: the yardstick of all the tenant's people."""
    found: Flags
    match test:
        case Compare() | Between() | AgainstYardstick() | Share():
            return number_passes(Numbers(people.values, people.known, SCALE), test, laid)
        case OnDate() | DaysSince() | AnniversaryWithin() | InMonth():
            days = np.where(people.known, people.values, NO_DAY).astype(np.int32)
            return date_passes(days, test, today)
        case OneOf():
            codes = np.where(people.known, people.values + 1, 0)
            return category_passes(Categories(codes.astype(np.int32), ("", *people.texts)), test)
        case Contains():
            return _contains(people, test)
        case Known(negated):
            found = people.known != negated
            return found
        case _:
            raise TypeError(test)


def yardstick_of(values: I8) -> Yardstick:
    """Of everybody's known values."""
    laid = yardstick(values, SCALE)
    if not values.size:
        return laid
    # In two halves, for the sum of many large values is beyond a word.
    total = (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())
    return replace(laid, mean=Decimal(repr(round(total / (SCALE * values.size), 6))))


def _contains(people: Folded, test: Contains) -> Flags:
    """None of no value is true."""
    lists = [frozenset(elements(text)) for text in people.texts]
    asked = frozenset(test.values)
    answers = {
        ListMode.ANY: [bool(one & asked) for one in lists],
        ListMode.ALL: [asked <= one for one in lists],
        ListMode.NONE: [not one & asked for one in lists],
    }[test.mode]
    absent = test.mode is ListMode.NONE
    codes = np.where(people.known, people.values + 1, 0)
    found: Flags = np.array([absent, *answers], np.bool_)[codes]
    return found


def told(people: Folded, profile_ids: U4) -> Mapping[int, Any]:
    """Values by profile id as genes tell theirs; who has none is not there."""
    places = np.flatnonzero(people.known)
    kept = people.values[places].tolist()
    return dict(zip(profile_ids[places].tolist(), [_told(people, one) for one in kept], strict=True))


def _told(people: Folded, value: int) -> Any:
    if people.kind in NUMERIC:
        return Decimal(value) / SCALE
    if people.kind is ExternalType.DATE:
        return date.fromisoformat(text_of(value, people.kind))
    text = people.texts[value]
    return frozenset(elements(text)) if people.kind is ExternalType.LIST else text
