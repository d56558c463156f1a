"""Uploaded lists: what a change makes of the identifiers that are on one, and how names are compared."""

import unicodedata
from enum import StrEnum

from pyroaring import BitMap

MAX_NAME_CHARACTERS = 200
MAX_DESCRIPTION_CHARACTERS = 2_000


class ListMode(StrEnum):
    """What a change does with what was uploaded."""

    APPEND = "append"
    # Whoever was not uploaded leaves the list.
    REPLACE = "replace"
    REMOVE = "remove"


def changed(present: BitMap, uploaded: BitMap, mode: ListMode) -> BitMap:
    """The nids that are on the list afterwards."""
    match mode:
        case ListMode.APPEND:
            return present | uploaded
        case ListMode.REPLACE:
            return uploaded
        case ListMode.REMOVE:
            return present - uploaded


def name_key(name: str) -> str:
    """Equal for names that people take for the same."""
    return unicodedata.normalize("NFC", name).strip().casefold()
