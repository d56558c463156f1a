"""Answers of the engine as columns: blocks in, numpy arrays and codes of texts out."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.insight.domain.genes.facts import I8, NOTHING, U4


class Codes:
    """A dictionary of texts; code 0 is "", a code never changes. Threads may ask side by side."""

    def __init__(self, texts: Iterable[str] = ("",)) -> None:
        self.texts = list(texts)
        self._codes = {text: code for code, text in enumerate(self.texts)}
        self._told: Sequence[str] = ()
        self._growing = threading.Lock()

    def code(self, text: str) -> int:
        code = self._codes.get(text)
        return self._new(text) if code is None else code

    def _new(self, text: str) -> int:
        with self._growing:
            code = self._codes.get(text)
            if code is None:
                # Whoever finds the code finds its text.
                code = len(self.texts)
                self.texts.append(text)
                self._codes[text] = code
            return code

    def known(self, text: str) -> int | None:
        return self._codes.get(text)

    def told(self) -> Sequence[str]:
        """The texts so far; what comes later is not among them."""
        if len(self._told) != len(self.texts):
            self._told = tuple(self.texts)
        return self._told

    def of(self, texts: pa.Array) -> U4:
        """The codes of a column; each text of a block is looked up once."""
        encoded = texts.dictionary_encode()
        words = encoded.dictionary.to_pylist()
        codes = np.fromiter((self.code(word) for word in words), np.uint32, len(words))
        column: U4 = codes[encoded.indices.to_numpy(zero_copy_only=False)]
        return column


class Gathered:
    """The columns of one answer; text columns become codes of the dictionary they are given."""

    def __init__(self, texts: Mapping[str, Codes] | None = None) -> None:
        self._texts = texts or {}
        self._parts: dict[str, list[NDArray[Any]]] = {}
        self._joined = False

    def take(self, block: pa.RecordBatch) -> None:
        self._joined = False
        for name, column in zip(block.schema.names, block.columns, strict=True):
            codes = self._texts.get(name)
            if codes is not None:
                part: NDArray[Any] = codes.of(column)
            elif pa.types.is_decimal(column.type):
                part = _units(column)
            else:
                part = column.to_numpy(zero_copy_only=False)
            self._parts.setdefault(name, []).append(part)

    @property
    def n_bytes(self) -> int:
        """What has come so far."""
        return sum(part.nbytes for parts in self._parts.values() for part in parts)

    def join(self) -> None:
        """Make one array of each column now: of much that takes long, and `column` is called in the loop."""
        for name in self._parts:
            # Blocks are parts of what arrived; an array of its own lets go of that.
            self._parts[name] = [np.concatenate(self._parts[name])]
        self._joined = True

    def column(self, name: str, kind: type[np.generic]) -> NDArray[Any]:
        """All blocks as one array, which is then no longer here; empty when nothing came."""
        if not self._joined:
            self.join()
        parts = self._parts.pop(name, [])
        return parts[0].astype(kind, copy=False) if parts else np.empty(0, kind)


def _units(amounts: pa.Array) -> I8:
    """Decimals of four places as integers of 1/10,000; NOTHING for null, and for what no integer holds."""
    amounts = amounts.cast(pa.decimal128(38, 4))
    halves = np.frombuffer(amounts.buffers()[1], np.int64)[2 * amounts.offset :][: 2 * len(amounts)]
    low, high = halves[0::2], halves[1::2]
    lost = amounts.is_null().to_numpy(zero_copy_only=False) | (high != low >> 63)
    return np.where(lost, np.int64(NOTHING), low)
