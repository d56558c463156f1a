"""What segments are made of: which name which, whether one would name itself, and what a change changed."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from services.insight.domain.segments.tree import (
    AttributeCondition,
    Difference,
    EventCondition,
    ExternalCondition,
    GeneCondition,
    GoalCondition,
    InList,
    InSegment,
    InSnapshot,
    Node,
    Not,
    Path,
    SequenceCondition,
    children,
    walk,
)

# Which segments each segment names.
Graph = Mapping[str, Set[str]]


@dataclass(frozen=True, slots=True)
class Uses:
    """Ids that a tree names."""

    segments: frozenset[str]
    snapshots: frozenset[str]
    lists: frozenset[str]
    goals: frozenset[str] = frozenset()
    external_genes: frozenset[str] = frozenset()

    def __or__(self, other: "Uses") -> "Uses":
        return Uses(
            self.segments | other.segments,
            self.snapshots | other.snapshots,
            self.lists | other.lists,
            self.goals | other.goals,
            self.external_genes | other.external_genes,
        )

    @property
    def ids(self) -> list[str]:
        return sorted(self.segments | self.snapshots | self.lists | self.goals | self.external_genes)


def uses(root: Node) -> Uses:
    """What the tree itself names, not what that names in turn."""
    nodes = [node for _, node in walk(root)]
    return Uses(
        frozenset(node.segment_id for node in nodes if isinstance(node, InSegment)),
        frozenset(node.snapshot_id for node in nodes if isinstance(node, InSnapshot)),
        frozenset(node.list_id for node in nodes if isinstance(node, InList)),
        frozenset(node.goal_id for node in nodes if isinstance(node, GoalCondition)),
        frozenset(node.gene for node in nodes if isinstance(node, ExternalCondition)),
    )


def cycle(graph: Graph, segment_id: str, named: Set[str]) -> list[str] | None:
    """The way from a segment back to itself if it named `named`; None if there is none.

    First and last are the segment. `graph` has no cycle of its own.
    """
    came_from = dict.fromkeys(named, segment_id)
    waiting = sorted(named)
    while waiting:
        here = waiting.pop()
        if here == segment_id:
            return _way(came_from, segment_id)
        for following in sorted(graph.get(here, frozenset())):
            if following not in came_from:
                came_from[following] = here
                waiting.append(following)
    return None


def _way(came_from: Mapping[str, str], segment_id: str) -> list[str]:
    way = [segment_id]
    while len(way) == 1 or way[-1] != segment_id:
        way.append(came_from[way[-1]])
    return way[::-1]


def depth(graph: Graph, named: Set[str]) -> int:
    """How many segments are named one through another, at most, by a tree that names `named`."""
    known: dict[str, int] = {}

    def below(segment_id: str) -> int:
        if segment_id not in known:
            known[segment_id] = 1 + max(map(below, graph.get(segment_id, frozenset())), default=0)
        return known[segment_id]

    return max(map(below, named), default=0)


@dataclass(frozen=True, slots=True)
class Change:
    """A node that was added (`before` is None), removed (`after` is None) or changed.

    Each node is with its path in its own tree. A changed group has another kind; its nodes are not told.
    """

    before: tuple[Path, Node] | None
    after: tuple[Path, Node] | None


def difference(before: Node, after: Node) -> list[Change]:
    """What became of the first tree, in the order of the second; equal trees differ in nothing.

    Nodes of a group are matched by what they say, so that one more in front moves nothing.
    """
    return _compared(((), before), ((), after))


def _compared(before: tuple[Path, Node], after: tuple[Path, Node]) -> list[Change]:
    (old_at, old), (new_at, new) = before, after
    if old == new:
        return []
    if not children(old) or type(old) is not type(new):
        return [Change(before, after)]
    olds = [((*old_at, index), node) for index, node in enumerate(children(old))]
    news = [((*new_at, index), node) for index, node in enumerate(children(new))]
    # Of a difference the first node is another thing than the rest; a complement has only one.
    fixed = 1 if isinstance(old, Difference | Not) and news else 0
    changes = [
        change
        for one, other in zip(olds[:fixed], news[:fixed], strict=False)
        for change in _compared(one, other)
    ]
    return changes + _matched(olds[fixed:], news[fixed:])


def _matched(olds: Sequence[tuple[Path, Node]], news: Sequence[tuple[Path, Node]]) -> list[Change]:
    left = list(olds)
    partner: dict[Path, tuple[Path, Node]] = {}
    for alike in (_equal, _same_subject):
        for new in news:
            found = next((old for old in left if new[0] not in partner and alike(old[1], new[1])), None)
            if found is not None:
                partner[new[0]] = found
                left.remove(found)
    changes: list[Change] = []
    for new in news:
        old = partner.get(new[0])
        changes += [Change(None, new)] if old is None else _compared(old, new)
    return changes + [Change(old, None) for old in left]


def _equal(old: Node, new: Node) -> bool:
    return old == new


def _same_subject(old: Node, new: Node) -> bool:
    """Whether one may be the other, changed."""
    match old, new:
        case GeneCondition(), GeneCondition():
            return old.gene == new.gene
        case AttributeCondition(), AttributeCondition():
            return old.name == new.name
        case ExternalCondition(), ExternalCondition():
            return old.gene == new.gene
        case GoalCondition(), GoalCondition():
            return old.goal_id == new.goal_id
        case EventCondition(), EventCondition():
            return old.step.event == new.step.event
        case SequenceCondition(), SequenceCondition():
            return old.first.event == new.first.event and old.then.event == new.then.event
    return type(old) is type(new) and bool(children(old))
