"""A tree in words, in protobuf."""

from contracts.insight.v1 import genes_service_pb2 as pb

from services.insight.domain.segments.sentences import Names, sentence
from services.insight.domain.segments.tree import Node


def sentence_message(root: Node, names: Names) -> pb.LocalText:
    """In both languages."""
    return pb.LocalText(zh_tw=sentence(root, "zh-TW", names), en=sentence(root, "en", names))
