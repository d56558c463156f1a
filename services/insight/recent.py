"""Up to where an answer about people is: memory's newest place while that is young, else the writer's."""

import time
from collections.abc import Callable
from typing import Protocol

from services.insight.evaluation import Moment
from services.insight.population_layers import View
from services.insight.store.events import Watermark

# Behind by so much, a view still answers, but the next is begun.
_YOUNG_SECONDS = 1.0
# Made longer ago than this, or than so many times as long as it took, it does not answer: where little
# happens the asker waits for what has just happened. Where much happens, somebody made one a moment ago.
_OLD_SECONDS, _OLD_TIMES = 3.0, 3.0
# Nor does it ever if it is behind by so much.
_OLDEST_SECONDS = 30.0


class Passing(Protocol):
    """Where the writer was when."""

    def before(self, position: int) -> tuple[Watermark, float] | None:
        """The last place that is not behind a position, and when the writer left it; None: long ago."""


class Writing(Protocol):
    """Who writes what people do."""

    @property
    def watermark(self) -> Watermark:
        """Up to where all is written."""

    @property
    def passed(self) -> Passing:
        """Where it was when."""

    def last_of(self, tenant_id: str) -> int:
        """The place of a tenant's last message that is written, or one behind it."""


class Remembered(Protocol):
    """People in memory."""

    def newest_of(self, tenant_id: str) -> View | None:
        """None where the tenant is not in memory."""

    def is_reading(self, tenant_id: str) -> bool:
        """Whether a newer view is being made."""

    def begin(self, tenant_id: str, moment: Moment) -> None:
        """Make a view of a moment, for which nobody waits."""


class Recent:
    """No answer is of an earlier place than one that the tenant was told before.

    So whoever was told that something is counted finds it in every later answer.
    """

    def __init__(
        self, writer: Writing, people: Remembered, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._writer = writer
        self._people = people
        self._clock = clock
        self._told: dict[str, int] = {}

    def newest(self, tenant_id: str) -> Watermark:
        """Up to where everything is counted: the tenant is told so."""
        return self._tell(tenant_id, self._writer.watermark)

    def place(self, tenant_id: str) -> Watermark:
        """Up to where the next answer is that memory may give: the tenant is told so.

        Under load somebody always has just said something; an answer that took it in would have to wait.
        """
        return self._tell(tenant_id, self._young(tenant_id) or self._writer.watermark)

    def reached(self, position: int) -> Watermark:
        """A place that an answer was of, and when that was received if it is not long ago."""
        found = self._writer.passed.before(position)
        as_of = found[0].as_of if found is not None and found[0].position == position else None
        return Watermark(position, as_of)

    def _young(self, tenant_id: str) -> Watermark | None:
        view = self._people.newest_of(tenant_id)
        # If nothing was written since, memory says so of the newest place, too.
        if view is None or self._writer.last_of(tenant_id) <= view.last:
            return None
        found = self._writer.passed.before(view.last)
        if found is None or view.last < self._told.get(tenant_id, 0):
            return None
        watermark, left_at = found
        now = self._clock()
        behind, made = now - left_at, now - view.made_at
        if behind > _OLDEST_SECONDS or made > max(_OLD_SECONDS, _OLD_TIMES * view.took_seconds):
            return None
        if behind > _YOUNG_SECONDS and not self._people.is_reading(tenant_id):
            now_ms = time.time_ns() // 1_000_000
            self._people.begin(tenant_id, Moment(self._writer.watermark.position, now_ms))
        return Watermark(view.last, watermark.as_of)

    def _tell(self, tenant_id: str, watermark: Watermark) -> Watermark:
        of_theirs = min(watermark.position, self._writer.last_of(tenant_id))
        self._told[tenant_id] = max(of_theirs, self._told.get(tenant_id, 0))
        return watermark
