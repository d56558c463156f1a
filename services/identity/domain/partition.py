"""Who is one person: the partition of identifiers into profiles, a pure function of links and rules.

A link says that two identifiers were seen together. Links are tried verified before claimed, from high
to low priority, then by event time, message id and place in the event; a link that would break a limit
is refused, alone. So the outcome depends on the set of events and never on their arrival.

A cluster is what links connect when limits and withdrawals are ignored. Inside all limits, with nothing
withdrawn, the whole cluster is one profile and nothing need be sorted; otherwise it is contested and is
judged anew from all its links.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.identity.domain.identifiers import Kind, Rules

# (lower nid, higher nid)
Pair = tuple[int, int]
# (0 verified or 1 claimed, event time in ms, message id, place among the event's identifiers)
Sighting = tuple[int, int, str, int]

CLUSTER_TOO_LARGE = "CLUSTER_TOO_LARGE"


@dataclass(frozen=True, slots=True)
class Member:
    """One identifier and where it stands."""

    nid: int
    kind: Kind
    cluster: int
    profile_id: int
    # An end of a withdrawn link.
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Two identifiers and the sighting that judges them: the first in order of all there were."""

    a: int
    b: int
    sighting: Sighting
    # "" unless refused.
    refused_reason: str = ""
    withdrawn: bool = False

    @property
    def pair(self) -> Pair:
        return self.a, self.b


@dataclass(frozen=True, slots=True)
class Partition:
    """The profile of every identifier, and the reason of every link that joins nothing."""

    profiles: dict[int, int]
    refused: dict[Pair, str]


def pair_of(first: int, second: int) -> Pair:
    """Which two identifiers, whoever is named first."""
    return (first, second) if first < second else (second, first)


def limit_reason(kind: Kind) -> str:
    """Why a link is refused that would give a profile too many identifiers of a kind."""
    return f"{kind.name}_LIMIT"


class _Forest:
    """Union-find; the root of a tree is its smallest nid."""

    def __init__(self, nids: Iterable[int]) -> None:
        self._parents = {nid: nid for nid in nids}

    def root(self, nid: int) -> int:
        parents = self._parents
        while parents[nid] != nid:
            parents[nid] = nid = parents[parents[nid]]
        return nid

    def union(self, first: int, second: int) -> int:
        low, high = sorted((self.root(first), self.root(second)))
        self._parents[high] = low
        return low

    def roots(self) -> dict[int, int]:
        return {nid: self.root(nid) for nid in self._parents}


def partition(kinds: Mapping[int, Kind], links: Iterable[Link], rules: Rules) -> Partition:
    """The reference: every link judged in order, from nothing.

    Links refused because a cluster would grow too large stay so, and withdrawn ones never were.
    """
    forest = _Forest(kinds)
    counts = {nid: Counter({kind: 1}) for nid, kind in kinds.items()}
    refused: dict[Pair, str] = {}
    for link in sorted(links, key=lambda link: _order(link, kinds)):
        if link.withdrawn:
            continue
        if link.refused_reason == CLUSTER_TOO_LARGE:
            refused[link.pair] = CLUSTER_TOO_LARGE
            continue
        first, second = forest.root(link.a), forest.root(link.b)
        if first == second:
            continue
        together = counts[first] + counts[second]
        broken = next((kind for kind in sorted(together) if together[kind] > rules.limits[kind]), None)
        if broken is not None:
            refused[link.pair] = limit_reason(broken)
            continue
        counts[forest.union(first, second)] = together
    return Partition(forest.roots(), refused)


def _order(link: Link, kinds: Mapping[int, Kind]) -> tuple[int, Kind, Kind, int, str, int]:
    high, low = sorted((kinds[link.a], kinds[link.b]))
    claimed, occurred_at_ms, message_id, index = link.sighting
    return claimed, high, low, occurred_at_ms, message_id, index


@dataclass(frozen=True, slots=True)
class Growth:
    """What new links make of the clusters they touch."""

    # New cluster id → its members' nids, for every cluster that grew or must be judged again.
    clusters: dict[int, list[int]]
    # Clusters that cannot be settled without all their links.
    contested: frozenset[int]
    # The new links, those refused that would connect too much.
    links: list[Link]


def grown(members: Mapping[int, Member], links: Sequence[Link], rules: Rules) -> Growth:
    """The clusters after `links`; `members` holds all members of every cluster they touch."""
    sizes = Counter(member.cluster for member in members.values())
    forest = _Forest(sizes)
    touched: set[int] = set()
    judged: list[Link] = []
    kinds = {nid: member.kind for nid, member in members.items()}
    for link in sorted(links, key=lambda link: _order(link, kinds)):
        first, second = (forest.root(members[end].cluster) for end in link.pair)
        if first != second:
            size = sizes[first] + sizes[second]
            if link.refused_reason == CLUSTER_TOO_LARGE or size > rules.max_cluster:
                judged.append(replace(link, refused_reason=CLUSTER_TOO_LARGE))
                continue
            sizes[forest.union(first, second)] = size
        touched.add(first)
        judged.append(link)
    alive = {forest.root(cluster) for cluster in touched}
    clusters: dict[int, list[int]] = {cluster: [] for cluster in alive}
    for nid, member in members.items():
        root = forest.root(member.cluster)
        if root in alive:
            clusters[root].append(nid)
    contested = frozenset(
        cluster for cluster, nids in clusters.items() if _contested([members[nid] for nid in nids], rules)
    )
    return Growth(clusters, contested, judged)


def _contested(members: Iterable[Member], rules: Rules) -> bool:
    counts: Counter[Kind] = Counter()
    for member in members:
        if member.withdrawn:
            return True
        counts[member.kind] += 1
    return any(count > rules.limits[kind] for kind, count in counts.items())


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is different after new links."""

    # Identifiers whose cluster or profile changed, as they are now.
    members: list[Member]
    # New links, and known ones that are judged differently now.
    links: list[Link]


def settled(members: Mapping[int, Member], growth: Growth, known: Iterable[Link], rules: Rules) -> Settlement:
    """Apply a growth; `known` holds all stored links inside its contested clusters."""
    new = {link.pair: link for link in growth.links}
    changed_links = dict(new)
    within: dict[int, list[Link]] = {cluster: [] for cluster in growth.contested}
    cluster_of = {nid: cluster for cluster in growth.contested for nid in growth.clusters[cluster]}
    stored = {link.pair: link for link in known}
    for link in (stored | new).values():
        cluster = cluster_of.get(link.a)
        if cluster is not None and cluster_of.get(link.b) == cluster:
            within[cluster].append(link)
    moved: list[Member] = []
    for cluster, nids in growth.clusters.items():
        profiles = dict.fromkeys(nids, cluster)
        if cluster in growth.contested:
            outcome = partition({nid: members[nid].kind for nid in nids}, within[cluster], rules)
            profiles = outcome.profiles
            for link in within[cluster]:
                reason = outcome.refused.get(link.pair, "")
                if reason != link.refused_reason:
                    changed_links[link.pair] = replace(link, refused_reason=reason)
        for nid in nids:
            now = replace(members[nid], cluster=cluster, profile_id=profiles[nid])
            if now != members[nid]:
                moved.append(now)
    return Settlement(moved, list(changed_links.values()))
