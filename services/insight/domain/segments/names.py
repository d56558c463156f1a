"""What people call segments, and when two names are the same."""

import unicodedata
from collections.abc import Mapping

LIMITS: Mapping[str, int] = {
    "name": 200,
    "folder": 200,
    "description": 2000,
    "owner": 200,
    "note": 500,
}


class TextNotValid(ValueError):
    """Says which text and why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def cleaned(field: str, text: str) -> str:
    """The text in NFC and without spaces around it; raises TextNotValid.

    Only a description or a note may have more than one line.
    """
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > LIMITS[field]:
        raise TextNotValid(field, f"longer than {LIMITS[field]} characters")
    lines = ("\n", "\t") if field in ("description", "note") else ()
    if any(unicodedata.category(letter) == "Cc" and letter not in lines for letter in text):
        raise TextNotValid(field, "has control characters")
    if field == "name" and not text:
        raise TextNotValid(field, "is empty")
    return text


def key_of(name: str) -> str:
    """Names with the same key are the same name to a person: case and ways to write an accent aside."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
