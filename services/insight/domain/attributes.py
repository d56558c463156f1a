"""Attributes: what type a trait has, told from its values, and a value read as a type says."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day of every year, written --MM-DD."""

    month: int
    day: int


Value = Decimal | str | bool | date | Birthday | tuple[str, ...]

# A few wrong values among many do not make a number a text.
_MOST_OTHERS = Decimal("0.05")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?", re.DOTALL)
_BIRTHDAY = re.compile(r"--(\d\d)-?(\d\d)")
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,20})?")
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


def parsed(text: str, kind: AttributeType) -> Value | None:
    """A JSON text read as a type; None for null, and for what is not of the type."""
    value = _read(text)
    if value is None:
        return None
    match kind:
        case AttributeType.TEXT:
            return _text(value)
        case AttributeType.NUMBER:
            return _number(value)
        case AttributeType.BOOLEAN:
            return value if isinstance(value, bool) else None
        case AttributeType.DATE:
            return day_of(value) if isinstance(value, str) else None
        case AttributeType.LIST:
            if not isinstance(value, list):
                return None
            return tuple(_text(one) for one in value if one is not None)


def day_of(text: str) -> date | Birthday | None:
    """The day as it is written, of a moment too; None for what is none."""
    try:
        if whole := _DATE.fullmatch(text):
            return date(int(whole[1]), int(whole[2]), int(whole[3]))
        if yearly := _BIRTHDAY.fullmatch(text):
            day = date(_A_LEAP_YEAR, int(yearly[1]), int(yearly[2]))
            return Birthday(day.month, day.day)
    except ValueError:
        return None
    return None


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
            return isinstance(value, str) and day_of(value) is not None
        case AttributeType.TEXT:
            return True


def _read(text: str) -> Any:
    """None for null and for what is no JSON; numbers are exact."""
    try:
        return json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=lambda _: None)
    except (ValueError, ArithmeticError, RecursionError):
        return None


def _number(value: Any) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    return None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)
