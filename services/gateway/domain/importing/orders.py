"""Files whose rows are the lines of orders: which rows belong together."""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.gateway.domain.importing.batches import Batch, joined
from services.gateway.domain.importing.cells import cleaned
from services.gateway.domain.importing.occurrences import Occurrences

# Rows that are not taken, with reason and detail.
Faults = dict[int, tuple[str, str]]
# More lines than fit into one event however short they are; waiting for more would only cost memory.
_MOST_LINES = 4_000
_SCATTERED = (
    "ORDER_NOT_TOGETHER",
    "Rows of this order came before, with other orders in between: sort the file by order.",
)


class Orders:
    """Remembers the rows of an order that may go on in the next batch, and every order that has ended."""

    def __init__(self) -> None:
        self._waiting: Batch | None = None
        self._ended = Occurrences()

    def complete(self, batch: Batch, column: str, *, last: bool) -> Batch:
        """The batch with the rows that waited, and without those that wait from now on."""
        if self._waiting is not None:
            batch, self._waiting = joined(self._waiting, batch), None
        starts = _starts(batch.columns[column])
        if last or not len(starts) or len(batch.lines) - starts[-1] >= _MOST_LINES:
            return batch
        cut = int(starts[-1])
        self._waiting = batch.slice(cut, len(batch.lines))
        kept = batch.slice(0, cut)
        return Batch(kept.columns, kept.lines, batch.rejected, kept.texts)

    def groups(self, batch: Batch, column: str, faults: Faults) -> list[tuple[int, int]]:
        """First row and the row behind the last of each order; adds to `faults` what cannot be one."""
        starts = _starts(batch.columns[column]).tolist()
        groups = list(zip(starts, [*starts[1:], len(batch.lines)], strict=True))
        ids = cleaned(batch.columns[column]).take(pa.array(starts, pa.int64())).to_pylist()
        named = [number for number, order_id in enumerate(ids) if order_id is not None]
        hashes = [hashlib.blake2b(ids[number].encode(), digest_size=8).digest() for number in named]
        times = self._ended.number(np.frombuffer(b"".join(hashes), np.uint64))
        for number, nth in zip(named, times.tolist(), strict=True):
            if nth > 1:
                faults.update({row: faults.get(row, _SCATTERED) for row in range(*groups[number])})
        for first, behind in groups:
            bad = next((row for row in range(first, behind) if row in faults), None)
            if bad is not None:
                line = int(batch.lines[bad])
                incomplete = ("ORDER_INCOMPLETE", f"Line {line} of the same order was not taken: see there.")
                faults.update({row: faults.get(row, incomplete) for row in range(first, behind)})
        return groups


def _starts(order_ids: pa.Array) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Rows at which an order begins; a row without an order is one of its own."""
    ids = cleaned(order_ids)
    if not len(ids):
        return np.empty(0, np.int64)
    same = pc.fill_null(pc.equal(ids.slice(1), ids.slice(0, len(ids) - 1)), False)
    begins = np.r_[True, ~same.to_numpy(zero_copy_only=False)]
    return np.flatnonzero(begins)
