"""A tree and its stored document say the same."""

import json
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.insight.domain.segments import documents, tree
from services.insight.domain.segments.documents import DocumentNotReadable, text_of, tree_from
from services.insight.domain.segments.tree import (
    All,
    Compare,
    GeneCondition,
    InSegment,
    Node,
    Not,
    OneOf,
    Op,
    last_days,
)

_LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=5),
    int: st.integers(0, 400),
    bool: st.booleans(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False, places=4),
    date: st.dates(),
    type(None): st.none(),
}


def _values(kind: Any, depth: int) -> st.SearchStrategy[Any]:
    """Any value of a type of the tree; groups end at a depth."""
    if isinstance(kind, UnionType):
        kinds = [one for one in get_args(kind) if depth < 3 or one not in get_args(tree.Group)]
        return st.one_of([_values(one, depth) for one in kinds])
    if get_origin(kind) is tuple:
        return st.lists(st.deferred(lambda: _values(get_args(kind)[0], depth)), max_size=3).map(tuple)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        deeper = depth + (kind in get_args(tree.Group))
        made = kind

        return st.builds(
            made,
            **{
                field.name: st.deferred(lambda kind=hints[field.name]: _values(kind, deeper))  # type: ignore[misc]
                for field in fields(made)
            },
        )
    return _LEAVES[kind] if kind in _LEAVES else st.sampled_from(kind)


@given(_values(tree.Node, 0))
@settings(max_examples=200)
def test_any_tree_comes_back_from_its_document(root: Node) -> None:
    assert tree_from(text_of(root)) == root


def test_a_stored_document_stays_readable() -> None:
    stored = (
        '{"root":{"is":"all","nodes":[{"gene":"revenue","is":"gene","test":{"is":"compare","op":">=",'
        '"value":"1500"},"window":{"first":29,"is":"days_ago","last":0}},{"is":"not","node":'
        '{"is":"in_segment","segment_id":"0190"}},{"is":"attribute","name":"縣市","test":{"is":"one_of",'
        '"negated":false,"values":["臺北市"]}}]},"version":1}'
    )
    root = All(
        (
            GeneCondition("revenue", Compare(Op.GE, Decimal(1500)), last_days(30)),
            Not(InSegment("0190")),
            tree.AttributeCondition("縣市", OneOf(("臺北市",))),
        )
    )
    assert tree_from(stored) == root
    assert text_of(root) == stored


@pytest.mark.parametrize("number", ["10", "10.0", "1E+1", "1e1", "+10.000"])
def test_equal_numbers_have_the_same_document(number: str) -> None:
    tree_text = text_of(GeneCondition("orders", Compare(Op.EQ, Decimal(number))))
    assert json.loads(tree_text)["root"]["test"]["value"] == "10"


def test_every_class_of_the_tree_has_a_word() -> None:
    classes = {
        kind for kind in vars(tree).values() if isinstance(kind, type) and kind.__module__ == tree.__name__
    }
    assert {kind for kind in classes if is_dataclass(kind)} == set(documents._WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"version":2,"root":{"is":"all","nodes":[]}}',
        '{"version":1,"root":null}',
        '{"version":1,"root":{"is":"compare","op":"=","value":"1"}}',
        '{"version":1,"root":{"is":"all","nodes":{}}}',
        '{"version":1,"root":{"is":"in_segment"}}',
        '{"version":1,"root":{"is":"gene","gene":"orders","test":{"is":"compare","op":"=","value":"x"}}}',
        '{"version":1,"root":{"is":"gene","gene":"orders","test":{"is":"in_month","month":true}}}',
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(DocumentNotReadable):
        tree_from(text)
