"""Segments' trees as JSON."""

from services.gateway.routes.segment_trees.messages import (
    node_message,
    node_of,
    step_message,
    step_of,
    window_message,
    window_of,
)
from services.gateway.routes.segment_trees.nodes import EXAMPLE, Node, PropertyTest, Tree, Window
from services.gateway.routes.segment_trees.problems import telling_problems

__all__ = [
    "EXAMPLE",
    "Node",
    "PropertyTest",
    "Tree",
    "Window",
    "node_message",
    "node_of",
    "step_message",
    "step_of",
    "telling_problems",
    "window_message",
    "window_of",
]
