"""External genes in the simplest possible way: one change after the other, one nid after the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from services.insight.domain.external.columns import Mode
from services.insight.domain.external.kinds import ExternalType
from services.insight.domain.segments.tree import Changed
from tests.gene_reference.history import Settings


@dataclass(frozen=True)
class Brought:
    """One change: values by nid as they are written, at a moment."""

    at_ms: int
    mode: Mode
    told: Mapping[int, str]


@dataclass(frozen=True)
class ExternalGene:
    """What was brought of one gene, oldest first."""

    kind: ExternalType
    changes: tuple[Brought, ...] = field(default=())

    def values(self, now_ms: int) -> dict[int, tuple[int, str]]:
        """Of each nid its value and since when it has that."""
        return self._replayed(now_ms)[0]

    def changed(self, test: Changed, settings: Settings, now_ms: int) -> set[int]:
        """nids of which a known value became another one on the last local days."""
        first_on = settings.day(now_ms) - timedelta(test.days - 1)
        return {
            nid
            for at_ms, nid, before, after in self._replayed(now_ms)[1]
            if settings.day(at_ms) >= first_on
            and test.before in (None, before)
            and test.after in (None, after)
        }

    def _replayed(self, now_ms: int) -> tuple[dict[int, tuple[int, str]], list[tuple[int, int, str, str]]]:
        held: dict[int, tuple[int, str]] = {}
        became = []
        for change in self.changes:
            if change.at_ms > now_ms:
                break
            if change.mode is Mode.REMOVE:
                held = {nid: one for nid, one in held.items() if nid not in change.told}
                continue
            for nid, value in change.told.items():
                old = held.get(nid)
                if old is not None and old[1] != value:
                    became.append((change.at_ms, nid, old[1], value))
                if old is None or old[1] != value:
                    held[nid] = (change.at_ms, value)
            if change.mode is Mode.REPLACE:
                held = {nid: one for nid, one in held.items() if nid in change.told}
        return held, became
