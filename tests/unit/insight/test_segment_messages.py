"""A tree that goes through protobuf is the same tree; what cannot be read says where."""

import pytest
from contracts.insight.v1 import segment_tree_pb2 as pb
from hypothesis import given

from services.insight.api.trees import tree_message, tree_of
from services.insight.domain.segments.tree import Node
from services.insight.errors import TreeNotReadable
from tests.unit.insight.segment_trees import TREES


@given(TREES)
def test_a_tree_comes_back_from_protobuf_as_it_was(root: Node) -> None:
    data = tree_message(root).SerializeToString()
    assert tree_of(pb.SegmentNode.FromString(data)) == root


def gene(test: pb.ValueTest) -> pb.SegmentNode:
    return pb.SegmentNode(gene=pb.GeneCondition(gene="orders", test=test))


@pytest.mark.parametrize(
    "node",
    [
        pb.SegmentNode(),
        pb.SegmentNode(gene=pb.GeneCondition(gene="orders")),
        gene(pb.ValueTest(compare=pb.CompareTest(value="3"))),
        gene(pb.ValueTest(compare=pb.CompareTest(comparison=pb.COMPARISON_EQUAL, value="three"))),
        gene(pb.ValueTest(on_date=pb.DateTest(relation=pb.DATE_RELATION_ON, on="tomorrow"))),
        pb.SegmentNode(event=pb.EventCondition(step=pb.EventStep(event="order_completed"))),
        pb.SegmentNode(
            event=pb.EventCondition(
                step=pb.EventStep(event="order_completed"),
                window=pb.SegmentWindow(all_time=pb.AllTime()),
                times=pb.ValueTest(known=pb.KnownTest()),
            )
        ),
    ],
)
def test_what_cannot_be_read_says_where(node: pb.SegmentNode) -> None:
    root = pb.SegmentNode(all_of=pb.AllOfNodes(nodes=[gene(pb.ValueTest(known=pb.KnownTest())), node]))
    with pytest.raises(TreeNotReadable) as refused:
        tree_of(root)
    assert refused.value.facts["path"] == "1"


def test_a_tree_deeper_than_any_valid_one_is_refused() -> None:
    root = gene(pb.ValueTest(known=pb.KnownTest()))
    for _ in range(45):
        root = pb.SegmentNode(complement=pb.NotNode(node=root))
    with pytest.raises(TreeNotReadable):
        tree_of(root)
