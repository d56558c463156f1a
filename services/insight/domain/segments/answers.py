"""What evaluating a segment's tree answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyroaring import BitMap

from services.insight.domain.segments.tree import Path


@dataclass(frozen=True, slots=True)
class Size:
    """How many profiles, and how many of them are members and reachable by each channel."""

    profiles: int
    members: int
    reachable: Mapping[str, int]

    @property
    def visitors(self) -> int:
        return self.profiles - self.members


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A tree's answer at one place of identity's stream and one moment.

    `counts` has every node's number of profiles, whatever the others say. `everybody` is what shares are of.
    `yardstick_age_seconds` is None without a tenant-relative test.
    """

    # Profile ids. Made when first asked for: of millions that takes longer than counting them.
    listed: Callable[[], BitMap]
    size: Size
    counts: Mapping[Path, int]
    everybody: int
    # Place in identity's stream, and UTC milliseconds of "now" as the windows and timers took it.
    position: int
    now_ms: int
    yardstick_age_seconds: float | None = None

    @property
    def members(self) -> BitMap:
        """Profile ids. Of a large tenant not in the loop."""
        return self.listed()
