"""What values of external genes may be, and how each is written and kept as a whole number."""

import json
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from services.insight.domain.catalogue import ValueType

# Numbers are kept as whole millionths.
SCALE = 1_000_000
MAX_TEXT_CHARACTERS = 200
MAX_ELEMENTS = 50
_MAX_NUMBER = Decimal(10) ** 12
_EPOCH = date(1970, 1, 1)
_FIRST_ON, _LAST_ON = date(1900, 1, 2), date(2299, 12, 30)
_TRUE = frozenset({"true", "yes", "y", "1", "是"})
_FALSE = frozenset({"false", "no", "n", "0", "否"})


class ExternalType(StrEnum):
    """What a gene's values are."""

    NUMBER = "number"
    MONEY = "money"
    # 0 to 1.
    RATIO = "ratio"
    CATEGORY = "category"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"


class Origin(StrEnum):
    """Who brings a gene's values."""

    UPLOADED = "uploaded"
    PARTNER = "partner"
    MODEL = "model"


NUMERIC = frozenset({ExternalType.NUMBER, ExternalType.MONEY, ExternalType.RATIO})
# Kept as the place of their text in a dictionary.
WORDED = frozenset({ExternalType.CATEGORY, ExternalType.BOOLEAN, ExternalType.LIST})


class ValueNotValid(ValueError):
    """Says why, and what to write."""


def value_type(kind: ExternalType) -> ValueType:
    """Whose tests may be put on such a gene; truths are the texts true and false."""
    return ValueType.CATEGORY if kind is ExternalType.BOOLEAN else ValueType(kind.value)


def written(text: str, kind: ExternalType) -> str:
    """One value as it is kept and answered, from what a file or a partner says; raises ValueNotValid."""
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        raise ValueNotValid("There is no value; leave the row out, or remove the person's value.")
    match kind:
        case ExternalType.NUMBER | ExternalType.MONEY | ExternalType.RATIO:
            return _number(text, kind)
        case ExternalType.DATE:
            return _date(text)
        case ExternalType.BOOLEAN:
            return _boolean(text)
        case ExternalType.LIST:
            return _list(text)
        case ExternalType.CATEGORY:
            return _text(text)


def _number(text: str, kind: ExternalType) -> str:
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise ValueNotValid("This is no number; write one such as 1200 or 0.35.") from error
    if not value.is_finite() or abs(value) > _MAX_NUMBER or value * SCALE != int(value * SCALE):
        raise ValueNotValid("Numbers have at most 12 digits before the point and 6 behind it.")
    if kind is ExternalType.RATIO and not 0 <= value <= 1:
        raise ValueNotValid("A ratio lies between 0 and 1; write 0.35 for 35%.")
    return number_text(int(value * SCALE))


def number_text(millionths: int) -> str:
    """Without zeros that say nothing."""
    text = format(Decimal(millionths) / SCALE, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _date(text: str) -> str:
    try:
        on = date.fromisoformat(text.replace("/", "-")[:10])
    except ValueError as error:
        raise ValueNotValid("This is no date; write one such as 2026-11-22.") from error
    if not _FIRST_ON <= on <= _LAST_ON:
        raise ValueNotValid(f"Dates lie between {_FIRST_ON} and {_LAST_ON}.")
    return on.isoformat()


def _boolean(text: str) -> str:
    if text.casefold() in _TRUE:
        return "true"
    if text.casefold() in _FALSE:
        return "false"
    raise ValueNotValid("Write true or false.")


def _list(text: str) -> str:
    """From a JSON list, or from elements with commas or semicolons between them; order says nothing."""
    if text.startswith("["):
        try:
            said = json.loads(text)
        except ValueError as error:
            raise ValueNotValid("This is no JSON list.") from error
        if not all(isinstance(one, str) for one in said):
            raise ValueNotValid("A list has texts only.")
    else:
        said = text.replace(";", ",").replace("、", ",").split(",")
    elements = sorted({_text(one.strip()) for one in said if one.strip()})
    if not elements:
        raise ValueNotValid("The list is empty; leave the row out, or remove the person's value.")
    if len(elements) > MAX_ELEMENTS:
        raise ValueNotValid(f"A list has at most {MAX_ELEMENTS} elements.")
    return json.dumps(elements, ensure_ascii=False, separators=(",", ":"))


def _text(text: str) -> str:
    if len(text) > MAX_TEXT_CHARACTERS:
        raise ValueNotValid(f"A text has at most {MAX_TEXT_CHARACTERS} characters.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueNotValid("The text holds a character that is no text, such as a line break.")
    return text


def elements(text: str) -> Sequence[str]:
    """Of a list as `written` has it."""
    found: list[str] = json.loads(text)
    return found


def whole(text: str, kind: ExternalType) -> int:
    """A number or a date as `written` has it, as it is kept."""
    if kind is ExternalType.DATE:
        return (date.fromisoformat(text) - _EPOCH).days
    return int(Decimal(text) * SCALE)


def text_of(kept: int, kind: ExternalType) -> str:
    """Of a number or a date, what `whole` was given."""
    if kind is ExternalType.DATE:
        return (_EPOCH + timedelta(kept)).isoformat()
    return number_text(kept)
