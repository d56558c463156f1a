"""How often somebody may try to sign in."""

from dataclasses import dataclass

# More names than these are being tried only by a machine; forgetting the oldest costs nobody anything.
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """`burst` tries at once, then one every `seconds_each`."""

    burst: int
    seconds_each: float


class Attempts:
    """Counts tries by name (an e-mail address, a network address)."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        # Name → the moment from which its whole burst is available again.
        self._full_at: dict[str, float] = {}

    def wait_seconds(self, name: str, now: float) -> float:
        """0: go ahead, and the try is counted. Otherwise how long to wait; nothing is counted."""
        full_at = max(now, self._full_at.pop(name, now)) + self._allowance.seconds_each
        late = full_at - now - self._allowance.burst * self._allowance.seconds_each
        if late > 1e-9:
            self._full_at[name] = full_at - self._allowance.seconds_each
            return late
        if len(self._full_at) >= _REMEMBERED:
            del self._full_at[next(iter(self._full_at))]
        self._full_at[name] = full_at
        return 0.0
