"""Values of one external gene by nid, what a change makes of them, and how they were before."""

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import numpy as np
from pyroaring import BitMap

from services.insight.domain.external.kinds import WORDED, ExternalType, text_of, whole
from services.insight.domain.genes.facts import I8, U4, Flags

# In a history: there was, or is, no value.
NO_VALUE = -(2**63)
_FORM = struct.Struct("<BIQ")
_FORM_NUMBER = 1


class Mode(StrEnum):
    """What a change does with what was brought."""

    MERGE = "merge"
    # Whoever was not brought has no value any more.
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True)
class Column:
    """A value of each nid, sorted by nid; `values` of words are places in `texts`."""

    kind: ExternalType
    nids: U4
    values: I8
    # When the nid got its value, in UTC milliseconds.
    at_ms: I8
    texts: tuple[str, ...] = ()

    def text(self, value: int) -> str:
        return self.texts[value] if self.kind in WORDED else text_of(value, self.kind)

    def without(self, gone: BitMap) -> "Column":
        """Without these nids."""
        kept = ~np.isin(self.nids, np.array(gone, np.uint32))
        return self if kept.all() else self.among(kept)

    def given(self, at_ms: int) -> "Column":
        """The same values, of this moment."""
        return replace(self, at_ms=np.full(self.nids.size, at_ms, np.int64))

    def among(self, kept: Flags) -> "Column":
        return Column(self.kind, self.nids[kept], self.values[kept], self.at_ms[kept], self.texts)


@dataclass(frozen=True)
class Held:
    """Values as of a moment; equal keys of one gene are equal values."""

    column: Column
    key: tuple[int, int]


@dataclass(frozen=True)
class History:
    """Whose value a change changed: what it was, since when, and what it became; NO_VALUE where none."""

    kind: ExternalType
    nids: U4
    before: I8
    before_at_ms: I8
    after: I8
    texts: tuple[str, ...] = ()

    def code(self, text: str) -> int | None:
        """How a text is kept here; None: nobody had or got it."""
        if self.kind not in WORDED:
            return whole(text, self.kind)
        return self.texts.index(text) if text in self.texts else None

    def text(self, value: int) -> str | None:
        if value == NO_VALUE:
            return None
        return self.texts[value] if self.kind in WORDED else text_of(value, self.kind)

    def without(self, gone: BitMap) -> "History":
        """Without these nids."""
        kept = ~np.isin(self.nids, np.array(gone, np.uint32))
        return History(
            self.kind,
            self.nids[kept],
            self.before[kept],
            self.before_at_ms[kept],
            self.after[kept],
            self.texts,
        )

    def of(self, nids: Sequence[int]) -> list[tuple[str | None, str | None]]:
        """What some nids' values were and became."""
        places = np.flatnonzero(np.isin(self.nids, np.array(nids, np.uint32))).tolist()
        return [(self.text(int(self.before[one])), self.text(int(self.after[one]))) for one in places]

    def became(self, before: str | None, after: str | None) -> U4:
        """The nids whose known value `before` became the known value `after`; None is any."""
        found = (self.before != NO_VALUE) & (self.after != NO_VALUE)
        for wanted, values in ((before, self.before), (after, self.after)):
            if wanted is not None:
                code = self.code(wanted)
                found &= np.False_ if code is None else values == code
        became: U4 = self.nids[found]
        return became


@dataclass(frozen=True)
class Became:
    """What one change did, and when."""

    changed_at: datetime
    changed_by: str
    history: History


def empty(kind: ExternalType) -> Column:
    nothing = np.empty(0, np.int64)
    return Column(kind, np.empty(0, np.uint32), nothing, nothing)


def column(kind: ExternalType, told: Mapping[int, str], at_ms: int) -> Column:
    """From nids and values as kinds.py writes them."""
    nids = np.array(sorted(told), np.uint32)
    texts: tuple[str, ...] = ()
    if kind in WORDED:
        texts = tuple(sorted(set(told.values())))
        places = {text: place for place, text in enumerate(texts)}
        values = [places[told[nid]] for nid in nids.tolist()]
    else:
        values = [whole(told[nid], kind) for nid in nids.tolist()]
    return Column(kind, nids, np.array(values, np.int64), np.full(nids.size, at_ms, np.int64), texts)


def joined(columns: Sequence[Column], kind: ExternalType) -> Column:
    """One of several; of a nid that is in more than one the last counts."""
    texts, codes = _one_dictionary([one.texts for one in columns])
    values = [_recoded(one.values, code) for one, code in zip(columns, codes, strict=True)]
    nids = np.concatenate([np.empty(0, np.uint32), *(one.nids for one in columns)])
    # The last of equal ones: the first when read backwards.
    known, places = np.unique(nids[::-1], return_index=True)
    places = nids.size - 1 - places
    nothing = np.empty(0, np.int64)
    return Column(
        kind,
        known,
        np.concatenate([nothing, *values])[places],
        np.concatenate([nothing, *(one.at_ms for one in columns)])[places],
        texts,
    )


def changed(present: Column, brought: Column, mode: Mode) -> tuple[Column, History]:
    """The values afterwards, and what became of whom; who keeps a value keeps its moment."""
    texts, (old_codes, new_codes) = _one_dictionary([present.texts, brought.texts])
    nids = np.union1d(present.nids, brought.nids).astype(np.uint32)
    old, old_at = _spread(nids, present, old_codes)
    new, new_at = _spread(nids, brought, new_codes)
    match mode:
        case Mode.MERGE:
            new = np.where(new == NO_VALUE, old, new)
        case Mode.REMOVE:
            new = np.where(np.isin(nids, brought.nids), NO_VALUE, old)
        case Mode.REPLACE:
            pass
    differs = old != new
    at = np.where(differs, new_at, old_at)
    there = new != NO_VALUE
    after = _thrifty(Column(present.kind, nids[there], new[there], at[there], texts))
    return after, History(
        present.kind,
        nids[differs],
        old[differs],
        old_at[differs],
        new[differs],
        texts if differs.any() else (),
    )


def undone(present: Column, history: History) -> Column:
    """The values before a change."""
    texts, (codes, old_codes) = _one_dictionary([present.texts, history.texts])
    kept = ~np.isin(present.nids, history.nids)
    had = history.before != NO_VALUE
    nids = np.concatenate([present.nids[kept], history.nids[had]])
    order = np.argsort(nids)
    values = np.concatenate([_recoded(present.values[kept], codes), _recoded(history.before[had], old_codes)])
    at = np.concatenate([present.at_ms[kept], history.before_at_ms[had]])
    return Column(present.kind, nids[order], values[order], at[order], texts)


def _spread(nids: U4, values: Column, codes: I8 | None) -> tuple[I8, I8]:
    """Value and moment of each of `nids`."""
    found, at = np.full(nids.size, NO_VALUE, np.int64), np.zeros(nids.size, np.int64)
    places = np.searchsorted(nids, values.nids)
    found[places] = _recoded(values.values, codes)
    at[places] = values.at_ms
    return found, at


def _one_dictionary(dictionaries: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], list[I8 | None]]:
    """One dictionary of several, and the codes there by the codes in each; None where there are no words."""
    texts = tuple(dict.fromkeys(text for texts in dictionaries for text in texts))
    places = {text: place for place, text in enumerate(texts)}
    return texts, [
        np.array([places[text] for text in one], np.int64) if one else None for one in dictionaries
    ]


def _recoded(values: I8, codes: I8 | None) -> I8:
    if codes is None:
        return values
    return np.where(values == NO_VALUE, NO_VALUE, codes[np.maximum(values, 0)])


def _thrifty(values: Column) -> Column:
    """Without words that nobody has any more."""
    if values.kind not in WORDED:
        return values
    used, codes = np.unique(values.values, return_inverse=True)
    texts = tuple(values.texts[code] for code in used.tolist())
    return Column(values.kind, values.nids, codes.astype(np.int64), values.at_ms, texts)


# --- as they are stored ------------------------------------------------------------------------------------


def packed(stored: Column | History) -> bytes:
    """Smaller than the numbers: most moments are the same."""
    words = json.dumps(stored.texts, ensure_ascii=False).encode()
    numbers = [stored.values, stored.at_ms] if isinstance(stored, Column) else []
    if isinstance(stored, History):
        numbers = [stored.before, stored.before_at_ms, stored.after]
    body = b"".join([words, stored.nids.tobytes(), *(one.tobytes() for one in numbers)])
    return _FORM.pack(_FORM_NUMBER, len(words), stored.nids.size) + zlib.compress(body, 1)


def column_of(kind: ExternalType, data: bytes) -> Column:
    texts, nids, (values, at_ms) = _unpacked(data, 2)
    return Column(kind, nids, values, at_ms, texts)


def history_of(kind: ExternalType, data: bytes) -> History:
    texts, nids, (before, before_at_ms, after) = _unpacked(data, 3)
    return History(kind, nids, before, before_at_ms, after, texts)


def _unpacked(data: bytes, n_numbers: int) -> tuple[tuple[str, ...], U4, list[I8]]:
    form, n_words, size = _FORM.unpack_from(data)
    if form != _FORM_NUMBER:
        raise ValueError(f"values of the unknown form {form}")
    body = zlib.decompress(memoryview(data)[_FORM.size :])
    texts = tuple(json.loads(body[:n_words]))
    nids = np.frombuffer(body, np.uint32, size, n_words).copy()
    begins = n_words + nids.nbytes
    numbers = [
        np.frombuffer(body, np.int64, size, begins + index * size * 8).copy() for index in range(n_numbers)
    ]
    return texts, nids, numbers
