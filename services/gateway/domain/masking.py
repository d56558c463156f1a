"""Personal data as teammates see it: enough to tell two people apart, not enough to write to them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SHOWN_DIGITS = 3
_PERSONAL_KINDS = frozenset({"email", "phone", "line_id"})
# What stands for a person wherever it is written, in members' numbers and in addresses of pages too.
# From the beginning of a word only: begun at every letter, a long word would take the square of its length.
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+(?:@|%40)(?:[\w-]+\.)+[^\W\d_]{2,}", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?<![\w+])(?:(?:\+|%2B)\d(?:[ -]?\d){6,15}|(?:886)?[ -]?0?9\d\d[ -]?\d{3}[ -]?\d{3})(?!\w)"
)
_LINE = re.compile(r"(?<!\w)U[0-9a-f]{32}(?!\w)")
_SHAPES = (_ADDRESS, _NUMBER, _LINE)
_PERSONAL_PARTS = re.compile(
    r"e-?mail|phone|mobile|address|birth|passport|surname|first_?name|last_?name|full_?name|nick_?name"
    r"|user_?name|recipient|receiver|姓名|名字|暱稱|收件人|電子郵件|信箱|電話|手機|地址|住址|生日|身分證|身份證",
    re.IGNORECASE,
)
_PERSONAL_WORDS = frozenset({"dob", "fax", "ip", "line", "tel"})
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_BLOTS = "•••"


@dataclass(frozen=True, slots=True)
class Sight:
    """How much a caller sees: everything, or of one person only, or (as built without a word) of nobody."""

    everything: bool = False
    profile_id: int = 0

    def sees(self, profile_id: int) -> bool:
        """Whether this person's data are shown as they are."""
        return self.everything or (profile_id > 0 and profile_id == self.profile_id)


def masked(text: str) -> str:
    """Of an address its first letter and host, of phones and LINE ids the end, of the rest a letter."""
    local, at, host = text.partition("@")
    if at:
        return f"{_first(local)}{_BLOTS}@{host}"
    mostly_digits = sum(character.isdigit() for character in text) > max(len(text) // 2, _SHOWN_DIGITS)
    if mostly_digits or _LINE.fullmatch(text):
        return _BLOTS + text[-_SHOWN_DIGITS:]
    return _first(text) + _BLOTS


def _first(text: str) -> str:
    # Of a single letter the first would be all.
    return text[:1] if len(text) > 1 else ""


def masked_text(text: str) -> str:
    """With every e-mail address, phone and LINE id in it masked."""
    for shape in _SHAPES:
        text = shape.sub(lambda found: masked(found[0].replace("%40", "@")), text)
    return text


def masked_identifier(kind: str, value: str) -> str:
    """Numbers that a shop or a browser gave stay, unless they are an address or a phone."""
    return masked(value) if kind in _PERSONAL_KINDS else masked_text(value)


def is_personal(name: str, *, of_person: bool) -> bool:
    """Whether what is called this tells who somebody is.

    `of_person`: it describes a person, so that "name" is theirs and not a product's.
    """
    words = {word.lower() for word in _WORDS.findall(name)}
    return bool(_PERSONAL_PARTS.search(name) or words & _PERSONAL_WORDS or (of_person and "name" in words))


def masked_value(name: str, value: Any, *, of_person: bool) -> Any:
    """A value by its name, with all that is in it; yes, no and null stay."""
    if is_personal(name, of_person=of_person):
        return _hidden(value)
    if isinstance(value, str):
        return masked_json(value) if value.startswith("{") else masked_text(value)
    if isinstance(value, list):
        return [masked_value("", one, of_person=of_person) for one in value]
    if isinstance(value, Mapping):
        return {
            key: masked_value(key, one, of_person=of_person or key == "traits") for key, one in value.items()
        }
    return value


def masked_event(payload: Any) -> Any:
    """An event as it was sent: traits are a person's, properties mostly are not."""
    return masked_value("", payload, of_person=False)


def masked_json(text: str) -> str:
    """An event as text; what is no JSON, or nested too deep, loses addresses and phones only."""
    try:
        return json.dumps(masked_event(json.loads(text)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return masked_text(text)


def _hidden(value: Any) -> Any:
    if value is None or isinstance(value, bool) or value == "":
        return value
    if isinstance(value, list):
        return [_hidden(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _hidden(one) for key, one in value.items()}
    return masked(value if isinstance(value, str) else str(value))
