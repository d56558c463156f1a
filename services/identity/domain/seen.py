"""Which events were counted before, for ever: 128-bit keys in sorted runs, 16 bytes an event.

New keys gather in a hot set; full, it becomes a sorted run. Runs of a similar size are merged, so that
each key is moved a logarithmic number of times and a look-up has few runs to visit.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

KEY_BYTES = 16
_HOT_KEYS = 32_768
# Runs of one tier that become one run of the next.
_FAN_IN = 4
# A run remembers where each share of the key space begins: so many keys a share, on average.
_SHARE_KEYS = 4

Halves = npt.NDArray[np.uint64]


def event_keys(source_prefixes: Iterable[bytes], message_ids: Iterable[str]) -> list[bytes]:
    """One key an event: the kind of its source and its message id, never its time or person."""
    return [
        blake2b(prefix + message_id.encode(), digest_size=KEY_BYTES).digest()
        for prefix, message_id in zip(source_prefixes, message_ids, strict=True)
    ]


def _halves(keys: bytes) -> tuple[Halves, Halves]:
    columns = np.frombuffer(keys, dtype=">u8").astype(np.uint64).reshape(-1, 2)
    return columns[:, 0], columns[:, 1]


class _Run:
    """Sorted keys as two columns, with the beginnings of equal shares of the key space."""

    def __init__(self, high: Halves, low: Halves) -> None:
        # Stable, because it merges what is already sorted in linear time.
        order = np.argsort(high, kind="stable")
        self.high = high[order]
        self.low = low[order]
        bits = max(1, (len(high) // _SHARE_KEYS).bit_length())
        self._shift = np.uint64(64 - bits)
        bounds = np.arange(1 << bits, dtype=np.uint64) << self._shift
        starts = np.searchsorted(self.high, bounds)
        self._starts = np.append(starts, len(high)).astype(np.uint32)
        self._widest = int(np.max(np.diff(self._starts.astype(np.int64)), initial=0))

    def __len__(self) -> int:
        return len(self.high)

    def holds(self, high: Halves, low: Halves) -> npt.NDArray[np.bool_]:
        share = (high >> self._shift).astype(np.int64)
        place = self._starts[share].astype(np.int64)
        end = self._starts[share + 1].astype(np.int64)
        found = np.zeros(len(high), dtype=np.bool_)
        pending = np.flatnonzero(place < end)
        for _ in range(self._widest):
            if not len(pending):
                break
            at = place[pending]
            here = self.high[at]
            equal = here == high[pending]
            if equal.any():
                hits = pending[equal]
                found[hits] |= self.low[place[hits]] == low[hits]
            place[pending] += 1
            # Keys rise, so whoever stands before a larger one is not there.
            going_on = (here <= high[pending]) & (place[pending] < end[pending])
            pending = pending[going_on & ~found[pending]]
        return found


class Merge:
    """Runs that should become one; `run` is pure and may be called in another thread."""

    def __init__(self, sources: Sequence[_Run]) -> None:
        self.sources = sources
        self.keys = sum(len(run) for run in sources)

    def run(self) -> _Run:
        return _Run(
            np.concatenate([run.high for run in self.sources]),
            np.concatenate([run.low for run in self.sources]),
        )


class Seen:
    """The keys of one tenant's counted events."""

    def __init__(self) -> None:
        self._hot: set[bytes] = set()
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return len(self._hot) + sum(len(run) for run in self._runs)

    def load(self, keys: bytes) -> None:
        """Add keys that are known to be new, such as those of the log."""
        if keys:
            self._runs.append(_Run(*_halves(keys)))

    def add_new(self, keys: Sequence[bytes]) -> list[bool]:
        """Which of the keys are new, each the first time it is given; those are seen from now on."""
        hot = self._hot
        if len(set(keys)) == len(keys) and hot.isdisjoint(keys):
            fresh = [True] * len(keys)
        else:
            fresh = []
            here: set[bytes] = set()
            for key in keys:
                fresh.append(key not in here and key not in hot)
                here.add(key)
        if self._runs and keys:
            high, low = _halves(b"".join(keys))
            old = np.zeros(len(keys), dtype=np.bool_)
            for run in self._runs:
                old |= run.holds(high, low)
            if old.any():
                fresh = [new and not was for new, was in zip(fresh, old.tolist(), strict=True)]
        hot.update(key for key, new in zip(keys, fresh, strict=True) if new)
        return fresh

    def due_merge(self) -> Merge | None:
        """Work that keeps look-ups fast: give its outcome to `install`; None when there is none."""
        if len(self._hot) >= _HOT_KEYS:
            self._runs.append(_Run(*_halves(b"".join(self._hot))))
            self._hot = set()
        tiers: dict[int, list[_Run]] = {}
        for run in self._runs:
            tiers.setdefault(_tier(len(run)), []).append(run)
        for _, runs in sorted(tiers.items()):
            if len(runs) >= _FAN_IN:
                return Merge(runs)
        return None

    def install(self, merge: Merge, merged: _Run) -> None:
        """Put a merged run in its sources' place; keys added meanwhile are kept."""
        gone = {id(run) for run in merge.sources}
        self._runs = [run for run in self._runs if id(run) not in gone] + [merged]


def _tier(keys: int) -> int:
    """Tier 0 up to one full hot set, then one more for each factor of the fan-in."""
    tier = 0
    while keys > _HOT_KEYS * 2:
        keys //= _FAN_IN
        tier += 1
    return tier
