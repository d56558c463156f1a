"""What a live segment is: its tree with those of the segments it names, and what time alone changes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from services.insight.domain.genes.norms import RELATIVE
from services.insight.domain.segments.references import uses
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    All,
    AnyOf,
    AttributeCondition,
    Difference,
    ExternalCondition,
    GeneCondition,
    InSegment,
    Node,
    Not,
    SequenceCondition,
    Share,
    walk,
)
from services.insight.store.live_definitions import Definitions

# Who fulfils a test of these may change with every moment, not only with the local day.
_TIMERS = frozenset({"abandoned_cart"})


@dataclass(frozen=True, slots=True)
class Definition:
    """`key` differs where anything that somebody decided differs."""

    number: int
    tree: Node
    key: str
    timed: bool
    relative: bool


def definitions(found: Definitions, counting: str) -> dict[str, Definition]:
    """Of all live segments; `counting` says how the tenant counts."""
    trees = {segment_id: saved.tree for segment_id, saved in found.segments.items()}
    return {
        segment_id: _definition(saved.number, expanded(trees[segment_id], trees), found, counting)
        for segment_id, saved in found.segments.items()
        if saved.live
    }


def _definition(number: int, tree: Node, found: Definitions, counting: str) -> Definition:
    versions = [f"{name} {found.named[name]}" for name in uses(tree).ids if name in found.named]
    key = hashlib.sha256("\n".join([repr(tree), counting, *versions]).encode()).hexdigest()
    nodes = [node for _, node in walk(tree)]
    return Definition(number, tree, key, any(map(_timed, nodes)), any(map(_relative, nodes)))


def expanded(node: Node, trees: Mapping[str, Node]) -> Node:
    """With the trees of saved segments in place of their ids; of one that is not there, the id."""
    match node:
        case InSegment(segment_id) if segment_id in trees:
            return expanded(trees[segment_id], trees)
        case All(nodes):
            return All(tuple(expanded(one, trees) for one in nodes))
        case AnyOf(nodes):
            return AnyOf(tuple(expanded(one, trees) for one in nodes))
        case Difference(nodes):
            return Difference(tuple(expanded(one, trees) for one in nodes))
        case Not(inner):
            return Not(expanded(inner, trees))
        case _:
            return node


def _timed(node: Node) -> bool:
    if isinstance(node, SequenceCondition):
        return node.absent
    return isinstance(node, GeneCondition) and node.gene in _TIMERS and node.as_of is None


def _relative(node: Node) -> bool:
    if isinstance(node, GeneCondition) and node.gene in RELATIVE:
        return True
    if not isinstance(node, GeneCondition | AttributeCondition | ExternalCondition):
        return False
    return isinstance(node.test, AgainstYardstick | Share)
