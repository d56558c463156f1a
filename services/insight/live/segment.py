"""One live segment as memory holds it: who is in it as last stored, and when it is due."""

from dataclasses import dataclass
from datetime import date

from pyroaring import BitMap

from services.insight.live.comparing import Seen
from services.insight.live.definitions import Definition
from services.insight.store.live import State, Stored

# From so many people on in deltas (or so many deltas) the members are stored in one piece again.
_FOLD_PEOPLE, _FOLD_DELTAS = 20_000, 200


@dataclass
class LiveSegment:
    """`state`, `members` and `folded_to` are what the database has."""

    segment_id: str
    definition: Definition
    state: State | None = None
    members: BitMap | None = None
    folded_to: int = 0
    # People in deltas behind `folded_to`.
    unfolded: int = 0
    # Of whom `members` were made, while memory answered.
    seen: Seen | None = None
    # Up to where news is counted in; -1 has this one evaluated at the next occasion.
    done: int = -1
    day: date | None = None
    # From this moment on time alone may have changed something.
    next_ms: int = 0
    # Not before this moment of the process' clock, so that a slow one does not take all the time.
    rest_until: float = 0.0
    last_seconds: float = 0.0
    # People whom an erasure took out of what is stored before we did.
    lost: int = 0

    def take(self, stored: Stored) -> None:
        """What another start of the service left."""
        self.state = stored.state
        self.members = stored.members
        self.folded_to = stored.folded_to
        self.lost = stored.state.size - len(stored.members)

    @property
    def people(self) -> BitMap:
        return BitMap() if self.members is None else self.members

    @property
    def sequence(self) -> int:
        return 0 if self.state is None else self.state.sequence

    @property
    def redefined(self) -> bool:
        """Whether what it is made of is not what the members were made of."""
        return self.state is None or self.state.definition != self.definition.key

    def due(self, news: int, now_ms: int, clock: float) -> bool:
        return clock >= self.rest_until and (news > self.done or now_ms >= self.next_ms)

    def to_fold(self, sequence: int, people: int) -> bool:
        """Whether the members should be stored in one piece, with so many more people in deltas."""
        if sequence == self.folded_to:
            return False
        most = max(_FOLD_PEOPLE, len(self.people) // 4)
        return self.unfolded + people > most or sequence - self.folded_to > _FOLD_DELTAS
