"""What insight says is wrong with a tree, as places in the JSON that was sent."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from contracts.insight.v1 import segment_tree_pb2 as pb

from chassis.errors import RemoteError
from services.gateway.errors.segments import SegmentNotValid
from services.gateway.routes.segment_trees import messages
from services.gateway.routes.segment_trees.value_tests import Part

_GROUPS = {"all_of": "all", "any_of": "any", "difference": "difference", "complement": "not"}
# What a field of a node is called in its JSON.
_FIELDS = {
    "window": "in",
    "test": "is",
    "path": "property",
    "name": "attribute",
    "segment_id": "segment",
    "snapshot_id": "snapshot",
    "list_id": "list",
    "goal_id": "goal",
    "before": "from",
    "after": "to",
    "days": "in_last_days",
}

# What stands beside the key that tells a test apart.
_BESIDE = ("part", "by_category")


@asynccontextmanager
async def telling_problems(tree: pb.SegmentNode, at: str = "/tree") -> AsyncIterator[None]:
    """Around a call that sends a tree: what is wrong with it is told at its place in the request's body."""
    try:
        yield
    except RemoteError as error:
        if error.reason != SegmentNotValid.reason:
            raise
        errors = [_fault(tree, at, one) for one in json.loads(error.facts["problems"])]
        left_off = int(error.facts["problems_left_off"])
        raise SegmentNotValid(error.message, errors, left_off) from error


def _fault(tree: pb.SegmentNode, at: str, problem: Mapping[str, object]) -> dict[str, object]:
    path = problem["path"]
    assert isinstance(path, list)
    node, place = _node(tree, at, path)
    fault: dict[str, object] = {"in": "body", "pointer": place + _field(node, str(problem["field"]))}
    for name in ("detail", "fix", "code", "path", "field"):
        fault[name] = problem[name]
    return fault


def pointer_to(tree: pb.SegmentNode, path: Sequence[int], at: str = "/tree") -> str:
    """Where a node stands in the JSON that a tree was sent as."""
    return _node(tree, at, path)[1]


def _node(tree: pb.SegmentNode, at: str, path: Sequence[int]) -> tuple[pb.SegmentNode, str]:
    """The node and its JSON pointer."""
    for index in path:
        kind = tree.WhichOneof("node") or ""
        if kind == "complement":
            tree, at = tree.complement.node, f"{at}/not"
        else:
            tree, at = getattr(tree, kind).nodes[index], f"{at}/{_GROUPS[kind]}/{index}"
    return tree, at


def _field(node: pb.SegmentNode, field: str) -> str:
    """The pointer from a node's JSON to one of its fields; to the node where JSON has no such place."""
    kind = node.WhichOneof("node") or ""
    if field == "nodes":
        return f"/{_GROUPS[kind]}"
    place: object = messages.node_of(node)
    parts = field.split(".")
    if kind == "event" and parts[0] == "step":
        parts = parts[1:]
    if kind == "external":
        named = {"gene": "external_gene", "test": "changed" if node.external.HasField("changed") else "test"}
        parts[0] = named[parts[0]]
    pointer = ""
    for part in parts:
        place, name = _step(place, part)
        if name is None:
            break
        pointer += f"/{name}"
    return pointer


def _step(place: object, part: str) -> tuple[object, str | None]:
    """One part further into a model; no name where it ends."""
    if isinstance(place, list | tuple):
        return place[int(part)], part
    if not isinstance(place, Part):
        return None, None
    fields = type(place).model_fields
    if part in ("low", "high") and "between" in fields:
        return None, f"between/{int(part == 'high')}"
    name = _FIELDS.get(part, part)
    attribute = f"{name}_" if f"{name}_" in fields else name
    if attribute not in fields:
        # A test of one field is told apart by its key: {"top_percent": 20}.
        attribute = name = next(field for field in fields if field not in _BESIDE)
    return getattr(place, attribute), name
