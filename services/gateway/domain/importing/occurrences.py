"""How often each row was seen in a file so far, exactly, in a few bytes a row."""

import tempfile
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.uint32]
# Runs of about as many rows are put on disk, where they cost no memory that others need.
_MOST_IN_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True)
class _Run:
    """Distinct hashes in rising order, and how often each came."""

    hashes: Hashes
    counts: Counts


class Occurrences:
    """Sorted runs that are merged as they grow, so that a batch is looked up in few of them."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []
        self._on_disk: list[_Run] = []
        self.distinct = 0

    def number(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        """For each, the how manieth of its kind it is, 1 for the first; they count from now on."""
        distinct, places, repeats = np.unique(hashes, return_inverse=True, return_counts=True)
        before = np.zeros(len(distinct), np.int64)
        for run in (*self._on_disk, *self._runs):
            at = np.searchsorted(run.hashes, distinct)
            at[at == len(run.hashes)] = 0
            before += np.where(run.hashes[at] == distinct, run.counts[at], 0)
        self.distinct += int((before == 0).sum())
        self._add(_Run(distinct, repeats.astype(np.uint32)))
        numbers = before[places] + 1
        if len(distinct) < len(hashes):
            numbers += _rank(places)
        return numbers

    def _add(self, run: _Run) -> None:
        if not len(run.hashes):
            return
        self._runs.append(run)
        # Sizes fall at least by half from run to run: as many runs as the number has binary digits.
        while len(self._runs) > 1 and len(self._runs[-1].hashes) * 2 > len(self._runs[-2].hashes):
            last, previous = self._runs.pop(), self._runs.pop()
            self._runs.append(_merged(previous, last))
        if len(self._runs[0].hashes) >= _MOST_IN_MEMORY:
            self._on_disk.append(_spilled(self._runs.pop(0)))


def _rank(places: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    """How many equal ones stand before each."""
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ranks = np.arange(len(places)) - np.repeat(starts, np.diff(np.r_[starts, len(places)]))
    result = np.empty(len(places), np.int64)
    result[order] = ranks
    return result


def _merged(one: _Run, other: _Run) -> _Run:
    hashes, places = np.unique(np.concatenate([one.hashes, other.hashes]), return_inverse=True)
    counts = np.zeros(len(hashes), np.uint32)
    np.add.at(counts, places, np.concatenate([one.counts, other.counts]))
    return _Run(hashes, counts)


def _spilled(run: _Run) -> _Run:
    return _Run(_mapped(run.hashes), _mapped(run.counts))


def _mapped(values: npt.NDArray[np.generic]) -> np.memmap:
    # The mapping keeps the unlinked file until the process ends, however it ends.
    with tempfile.TemporaryFile() as file:
        values.tofile(file)
        file.flush()
        return np.memmap(file, values.dtype, mode="r", shape=values.shape)
