"""Attributes: what type a trait has, told from its values."""

import json
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.insight.domain.catalogue.kinds import ValueType


class AttributeType(StrEnum):
    """What may be said of an attribute."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"


# A few wrong values among many do not make a number a text.
_MOST_OTHERS = Decimal("0.05")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].*)?", re.DOTALL)
_BIRTHDAY = re.compile(r"--([0-9]{2})-?([0-9]{2})")
# So that --02-29 is a day.
_A_LEAP_YEAR = 2000
# The narrowest that fits wins, in this order: no value is of two of the first four.
_NARROW = (AttributeType.LIST, AttributeType.BOOLEAN, AttributeType.NUMBER, AttributeType.DATE)


def inferred(samples: Sequence[str]) -> AttributeType | None:
    """Of JSON texts the type that nearly all of them have; None where none says anything.

    A text of digits is a text: 0912345678 names something.
    """
    said = [value for text in samples if (value := _read(text)) is not None]
    if not said:
        return None
    most = len(said) * _MOST_OTHERS
    for kind in _NARROW:
        if sum(not _is(value, kind) for value in said) <= most:
            return kind
    return AttributeType.TEXT


def value_type(kind: AttributeType) -> ValueType:
    """The type of values whose tests may be put on an attribute; truths are texts: true, false."""
    match kind:
        case AttributeType.NUMBER:
            return ValueType.NUMBER
        case AttributeType.DATE:
            return ValueType.DATE
        case AttributeType.LIST:
            return ValueType.LIST
        case AttributeType.TEXT | AttributeType.BOOLEAN:
            return ValueType.CATEGORY


def _is(value: Any, kind: AttributeType) -> bool:
    match kind:
        case AttributeType.LIST:
            return isinstance(value, list)
        case AttributeType.BOOLEAN:
            return isinstance(value, bool)
        case AttributeType.NUMBER:
            return isinstance(value, Decimal)
        case AttributeType.DATE:
            return isinstance(value, str) and _is_day(value)
        case AttributeType.TEXT:
            return True


def _read(text: str) -> Any:
    """None for null and for what is no JSON; numbers are decimals."""
    try:
        return json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=lambda _: None)
    except (ValueError, ArithmeticError, RecursionError):
        return None


def _is_day(text: str) -> bool:
    """A day as it is written, of a moment too, with or without its year."""
    try:
        if whole := _DATE.fullmatch(text):
            date(int(whole[1]), int(whole[2]), int(whole[3]))
        elif yearly := _BIRTHDAY.fullmatch(text):
            date(_A_LEAP_YEAR, int(yearly[1]), int(yearly[2]))
        else:
            return False
    except ValueError:
        return False
    return True
