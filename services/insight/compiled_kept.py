"""What the evaluator in memory keeps between questions: bits of conditions, and tenants' yardsticks."""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from services.insight.domain.genes.facts import U1
from services.insight.domain.genes.norms import Norms
from services.insight.domain.genes.yardsticks import Yardstick

# How long a yardstick is laid on before it is made anew.
YARDSTICK_SECONDS = 3600.0
_BITS_BYTES = 128_000_000
# As many conditions of the largest tenant are kept in any case: fifty segments have some four hundred.
_CONDITIONS = 600
# Of a million people's spend in one window: three and a half million. As many as this of the largest are kept
# in any case: one that is made anew has all that was laid on it asked anew, too.
_MEASURES_BYTES, _MEASURES = 128_000_000, 16
_A_MEASURE = 1_000


@dataclass(frozen=True, slots=True)
class Measure:
    """A tenant's yardstick or norms of one gene and window, and when they were made."""

    norms: Norms
    yardstick: Yardstick | None
    made_at: float

    @property
    def age_seconds(self) -> float:
        """How long ago it was made."""
        return time.monotonic() - self.made_at

    @property
    def n_bytes(self) -> int:
        """What it takes in memory."""
        laid = (self.norms.spend, self.yardstick)
        return _A_MEASURE + sum(one.values.nbytes + one.at_most.nbytes for one in laid if one)


class Kept:
    """Least recently used ones leave. Threads of several tenants' questions come here at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bits: OrderedDict[Hashable, tuple[int, U1]] = OrderedDict()
        self._bits_bytes = 0
        self._widest = 0
        self._measures: OrderedDict[Hashable, Measure] = OrderedDict()
        self._measures_bytes = 0
        self._largest = 0
        self._renewals: Counter[str] = Counter()

    def bits(self, key: Hashable, position: int = 0) -> U1 | None:
        """Not those made of a later place: people who were touched since are not hidden at this one."""
        with self._lock:
            made_at, bits = self._bits.get(key, (0, None))
            if bits is None or made_at > position:
                return None
            self._bits.move_to_end(key)
            return bits

    def keep_bits(self, key: Hashable, bits: U1, position: int = 0) -> None:
        with self._lock:
            if key in self._bits:
                self._bits_bytes -= self._bits[key][1].nbytes
            self._bits[key] = position, bits
            self._bits_bytes += bits.nbytes
            self._widest = max(self._widest, bits.nbytes)
            while self._bits_bytes > max(_BITS_BYTES, _CONDITIONS * self._widest):
                _, (_, oldest) = self._bits.popitem(last=False)
                self._bits_bytes -= oldest.nbytes

    def measure(self, key: Hashable) -> Measure | None:
        with self._lock:
            measure = self._measures.get(key)
            if measure is None or measure.age_seconds > YARDSTICK_SECONDS:
                return None
            self._measures.move_to_end(key)
            return measure

    def keep_measure(self, key: Hashable, measure: Measure) -> None:
        with self._lock:
            self._forget_measure(key)
            self._measures[key] = measure
            self._measures_bytes += measure.n_bytes
            self._largest = max(self._largest, measure.n_bytes)
            while self._measures_bytes > max(_MEASURES_BYTES, _MEASURES * self._largest):
                self._forget_measure(next(iter(self._measures)))

    def forget_measures(self, tenant_id: str) -> int:
        """How many there were; their keys begin with the tenant."""
        with self._lock:
            theirs = [key for key in self._measures if isinstance(key, tuple) and key[0] == tenant_id]
            for key in theirs:
                self._forget_measure(key)
            self._renewals[tenant_id] += 1
            return len(theirs)

    def renewals(self, tenant_id: str) -> int:
        """How often the tenant's yardsticks were forgotten."""
        return self._renewals[tenant_id]

    def _forget_measure(self, key: Hashable) -> None:
        if (measure := self._measures.pop(key, None)) is not None:
            self._measures_bytes -= measure.n_bytes
