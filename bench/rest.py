"""What the system costs when nobody uses it: memory, and the time of a second start."""

import time

from bench.figures import Figures
from bench.system import System

SETTLE_SECONDS = 20


def measure_rest(system: System, figures: Figures) -> None:
    """Restart the system with the data it has; measure its start, then its memory after a pause."""
    system.stop()
    figures.add("start.second_s", system.start(), "s")
    time.sleep(SETTLE_SECONDS)
    sizes = system.memory_bytes()
    print(
        "memory (proportional set size, MB): "
        + ", ".join(
            f"{name} {size / 1e6:.0f}" for name, size in sorted(sizes.items(), key=lambda item: -item[1])
        )
    )
    figures.add("memory.rest_mb", sum(sizes.values()) / 1e6, "MB")
