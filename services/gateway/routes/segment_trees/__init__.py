"""Segments' trees as JSON."""

from services.gateway.routes.segment_trees.messages import (
    node_message,
    node_of,
    window_message,
    window_of,
)
from services.gateway.routes.segment_trees.nodes import EXAMPLE, Node, Tree, Window
from services.gateway.routes.segment_trees.problems import telling_problems

__all__ = [
    "EXAMPLE",
    "Node",
    "Tree",
    "Window",
    "node_message",
    "node_of",
    "telling_problems",
    "window_message",
    "window_of",
]
