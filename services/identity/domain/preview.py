"""What other rules would change, as counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.identity.domain.partition import Link, Member, Settlement

_MOST_EXAMPLES = 20


@dataclass(slots=True)
class Preview:
    """Grows group by group."""

    # The map it is true of.
    map_version: int
    profiles_split: int = 0
    profiles_joined: int = 0
    links_refused: int = 0
    links_accepted: int = 0
    # Some of the profiles that would change.
    examples: list[int] = field(default_factory=list)
    # Of all identifiers, 0 to 1.
    judged_share: float = 0.0

    def add(self, members: Mapping[int, Member], links: Iterable[Link], settlement: Settlement) -> None:
        """Count what a settlement would change of whole groups."""
        now = {nid: member.profile_id for nid, member in members.items()}
        now |= {member.nid: member.profile_id for member in settlement.members}
        parts: dict[int, set[int]] = {}
        sources: dict[int, set[int]] = {}
        for nid, member in members.items():
            parts.setdefault(member.profile_id, set()).add(now[nid])
            sources.setdefault(now[nid], set()).add(member.profile_id)
        split = {profile for profile, found in parts.items() if len(found) > 1}
        joined = {profile for found in sources.values() if len(found) > 1 for profile in found}
        self.profiles_split += len(split)
        self.profiles_joined += len(joined)
        self.examples += sorted(split | joined)[: _MOST_EXAMPLES - len(self.examples)]
        before = {link.pair: link.refused_reason for link in links}
        for link in settlement.links:
            self.links_refused += bool(link.refused_reason) and not before[link.pair]
            self.links_accepted += bool(before[link.pair]) and not link.refused_reason
