"""Who is one person: the partition of identifiers into profiles, a pure function of links and rules.

A link says that two identifiers were seen together. Links are tried verified before claimed, from high
to low priority, then by event time, message id and place in the event; a link that would break a limit
is refused, alone. So the outcome depends on the set of events and never on their arrival.

A cluster is what links connect when limits are ignored. Inside all limits the whole cluster is one profile
and nothing need be sorted; otherwise it is contested and is judged anew from all its links. Withdrawn links,
and links to a value that the rules block, are as if they had never been: they connect no cluster either.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from services.identity.domain.identifiers import Kind, Rules

# (lower nid, higher nid)
Pair = tuple[int, int]
# (0 verified or 1 claimed, event time in ms, message id, place among the event's identifiers)
Sighting = tuple[int, int, str, int]

CLUSTER_TOO_LARGE = "CLUSTER_TOO_LARGE"
BLOCKED_VALUE = "BLOCKED_VALUE"
# Links refused so connect no cluster: it was decided when they were met, not by a cluster's own links.
OUTSIDE = frozenset({CLUSTER_TOO_LARGE, BLOCKED_VALUE})


@dataclass(frozen=True, slots=True)
class Member:
    """One identifier and where it stands."""

    nid: int
    kind: Kind
    cluster: int
    profile_id: int


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

    Links refused for what lies outside the cluster stay so, and withdrawn ones never were.
    """
    forest = _Forest(kinds)
    counts = {nid: Counter({kind: 1}) for nid, kind in kinds.items()}
    refused: dict[Pair, str] = {}
    for link in sorted(links, key=lambda link: _order(link, kinds)):
        if link.withdrawn:
            continue
        if link.refused_reason in OUTSIDE:
            refused[link.pair] = link.refused_reason
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
        first, second = (members[end].cluster for end in link.pair)
        if not link.withdrawn and link.refused_reason not in OUTSIDE:
            if _connect(forest, sizes, first, second, rules):
                touched.add(first)
            else:
                link = replace(link, refused_reason=CLUSTER_TOO_LARGE)
        judged.append(link)
    alive = {forest.root(cluster) for cluster in touched}
    clusters: dict[int, list[int]] = {cluster: [] for cluster in alive}
    for nid, member in members.items():
        root = forest.root(member.cluster)
        if root in alive:
            clusters[root].append(nid)
    return Growth(clusters, _contested(clusters, kinds, rules), judged)


def _connect(forest: _Forest, sizes: Counter[int], first: int, second: int, rules: Rules) -> bool:
    """Make one tree of two; False when it would be too large."""
    first, second = forest.root(first), forest.root(second)
    if first != second:
        size = sizes[first] + sizes[second]
        if size > rules.max_cluster:
            return False
        sizes[forest.union(first, second)] = size
    return True


def _contested(
    clusters: Mapping[int, Sequence[int]], kinds: Mapping[int, Kind], rules: Rules
) -> frozenset[int]:
    found = set()
    for cluster, nids in clusters.items():
        counts = Counter(kinds[nid] for nid in nids)
        if any(count > rules.limits[kind] for kind, count in counts.items()):
            found.add(cluster)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is different from before."""

    # Identifiers whose cluster or profile changed, as they are now.
    members: list[Member]
    # New links, and known ones that are judged differently now.
    links: list[Link]


def settled(members: Mapping[int, Member], growth: Growth, known: Iterable[Link], rules: Rules) -> Settlement:
    """Apply a growth; `known` holds all stored links inside its contested clusters."""
    new = {link.pair: link for link in growth.links}
    within = _within(({link.pair: link for link in known} | new).values(), growth.contested, growth.clusters)
    changed = dict(new)
    moved: list[Member] = []
    for cluster, nids in growth.clusters.items():
        profiles = dict.fromkeys(nids, cluster)
        if cluster in growth.contested:
            outcome = partition({nid: members[nid].kind for nid in nids}, within[cluster], rules)
            profiles = outcome.profiles
            changed |= {link.pair: link for link in _judged_differently(within[cluster], outcome.refused)}
        moved += _moved(members, nids, cluster, profiles)
    return Settlement(moved, list(changed.values()))


def rejudged(
    members: Mapping[int, Member], links: Iterable[Link], blocked: Set[int], rules: Rules
) -> Settlement:
    """Whole clusters judged from nothing, when links left them or the rules changed; they may fall apart.

    `members` are all of those clusters, `links` all between them, `blocked` those whose value names nobody.
    What lies outside (withdrawn, refused as too large) stays there; a link to a blocked value joins it.
    """
    before = list(links)
    now = {link.pair: _blocked_or_not(link, blocked) for link in before}
    forest = _Forest(members)
    for link in now.values():
        if not link.withdrawn and link.refused_reason not in OUTSIDE:
            forest.union(link.a, link.b)
    clusters: dict[int, list[int]] = {}
    for nid in members:
        clusters.setdefault(forest.root(nid), []).append(nid)
    kinds = {nid: member.kind for nid, member in members.items()}
    contested = _contested(clusters, kinds, rules)
    within = _within(now.values(), contested, clusters)
    # What is outside keeps its reason; what a contested cluster does not refuse is not refused.
    refused = {link.pair: link.refused_reason for link in now.values() if link.refused_reason in OUTSIDE}
    moved: list[Member] = []
    for cluster, nids in clusters.items():
        profiles = dict.fromkeys(nids, cluster)
        if cluster in contested:
            outcome = partition({nid: kinds[nid] for nid in nids}, within[cluster], rules)
            profiles = outcome.profiles
            refused |= outcome.refused
        moved += _moved(members, nids, cluster, profiles)
    return Settlement(moved, _judged_differently(before, refused))


def _blocked_or_not(link: Link, blocked: Set[int]) -> Link:
    if link.withdrawn or link.refused_reason == CLUSTER_TOO_LARGE:
        return link
    reason = BLOCKED_VALUE if link.a in blocked or link.b in blocked else ""
    return replace(link, refused_reason=reason)


def _within(
    links: Iterable[Link], wanted: Iterable[int], clusters: Mapping[int, Sequence[int]]
) -> dict[int, list[Link]]:
    """The links inside each of the wanted clusters."""
    within: dict[int, list[Link]] = {cluster: [] for cluster in wanted}
    cluster_of = {nid: cluster for cluster in within for nid in clusters[cluster]}
    for link in links:
        cluster = cluster_of.get(link.a)
        if cluster is not None and cluster_of.get(link.b) == cluster:
            within[cluster].append(link)
    return within


def _judged_differently(links: Iterable[Link], refused: Mapping[Pair, str]) -> list[Link]:
    return [
        replace(link, refused_reason=refused.get(link.pair, ""))
        for link in links
        if link.refused_reason != refused.get(link.pair, "")
    ]


def _moved(
    members: Mapping[int, Member], nids: Iterable[int], cluster: int, profiles: Mapping[int, int]
) -> list[Member]:
    now = (replace(members[nid], cluster=cluster, profile_id=profiles[nid]) for nid in nids)
    return [member for member in now if member != members[member.nid]]
