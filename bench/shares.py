"""What each process used of the machine during a stretch of time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.system import System


@dataclass(slots=True)
class Shares:
    """Processor seconds by part, and how long the stretch was; filled when the stretch ends."""

    seconds: float = 0.0
    used: dict[str, float] = field(default_factory=dict)

    def show(self, title: str, events: int = 0) -> None:
        """Print cores (1.0 is one core all the time) and, given events, microseconds an event."""
        parts = []
        for name, used in sorted(self.used.items(), key=lambda item: -item[1]):
            each = f" ({used / events * 1e6:.1f} us)" if events else ""
            parts.append(f"{name} {used / self.seconds:.2f}{each}")
        print(f"cores, {title}: " + ", ".join(parts), flush=True)


@contextmanager
def measured(system: System) -> Iterator[Shares]:
    """Measure the block inside."""
    shares = Shares()
    before, began = system.cpu_seconds(), time.perf_counter()
    yield shares
    shares.seconds = time.perf_counter() - began
    after = system.cpu_seconds()
    shares.used = {name: after[name] - before.get(name, 0.0) for name in after}
