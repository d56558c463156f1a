"""A tree is the same as JSON, as protobuf and as insight's own; faults name their place in the JSON."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from pydantic import TypeAdapter, ValidationError

from chassis.errors import from_rich_status, to_rich_status
from services.gateway.errors.segments import SegmentNotValid
from services.gateway.routes.segment_trees import EXAMPLE, Node, Tree, node_message, node_of, telling_problems
from services.insight.api.trees import tree_message, tree_of
from services.insight.domain.segments import tree
from services.insight.errors import SegmentNotValid as RefusedByInsight
from services.insight.valid_trees import require_valid
from tests.unit.insight.segment_trees import TREES

JSON: TypeAdapter[Node] = TypeAdapter(Tree)


@given(TREES)
def test_a_tree_comes_back_from_json_as_it_was(root: tree.Node) -> None:
    sent = JSON.dump_json(node_of(tree_message(root)), by_alias=True)
    read = JSON.validate_python(json.loads(sent))
    assert tree_of(node_message(read)) == root


def test_the_documented_example_makes_sense() -> None:
    require_valid(tree_of(node_message(JSON.validate_python(EXAMPLE))))


@pytest.mark.parametrize(
    "sent",
    [
        {"gene": "orders"},
        {"gene": "orders", "is": {}},
        {"gene": "orders", "is": {"op": "=>", "value": 3}},
        {"gene": "orders", "is": {"op": ">=", "value": "NaN"}},
        {"gene": "orders", "is": {"known": True}, "in": {"last_days": 0}},
        {"gene": "orders", "is": {"known": True}, "in": {"last_days": 7, "all_time": True}},
        {"gene": "orders", "is": {"known": True}, "any": []},
        {"external_gene": "x"},
        {"external_gene": "x", "is": {"known": True}, "changed": {"in_last_days": 7}},
        {"external_gene": "x", "changed": {"from": "gold"}},
        {"everybody": True},
        {"not": []},
        [],
        None,
    ],
)
def test_what_says_nothing_or_two_things_is_refused(sent: object) -> None:
    with pytest.raises(ValidationError):
        JSON.validate_python(sent)


def test_a_tree_of_thousands_of_brackets_is_refused_before_it_is_read() -> None:
    sent: object = {"gene": "orders", "is": {"known": True}}
    for _ in range(5000):
        sent = {"not": sent}
    with pytest.raises(ValidationError, match="too deep"):
        JSON.validate_python(sent)


@pytest.mark.parametrize("name", ["segments.md", "external-genes.md"])
def test_the_guides_trees_make_sense(name: str) -> None:
    guide = (Path(__file__).parents[3] / "docs/guides" / name).read_text("utf-8")
    trees = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    assert trees
    for text in trees:
        require_valid(tree_of(node_message(JSON.validate_python(json.loads(text)))))


async def faults(sent: object) -> list[tuple[str, str]]:
    """(pointer, code) of what insight refuses, as it would travel."""
    message = node_message(JSON.validate_python(sent))
    with pytest.raises(SegmentNotValid) as told:
        async with telling_problems(message):
            with pytest.raises(RefusedByInsight) as refused:
                require_valid(tree_of(message))
            error = refused.value
            raise from_rich_status(error.status, error.message, to_rich_status(error))
    assert all(fault["detail"] and fault["fix"] for fault in told.value.errors)
    return [(str(fault["pointer"]), str(fault["code"])) for fault in told.value.errors]


async def test_each_fault_points_to_its_place_in_the_json() -> None:
    orders = {"gene": "orders", "in": {"last_days": 30}}
    sent = {
        "all": [
            {"gene": "order", "is": {"known": True}},
            {"not": {"gene": "days_since_order", "in": {"last_days": 7}, "is": {"known": True}}},
            {"any": []},
            {"difference": [orders | {"is": {"between": [3, 1]}}]},
            {"gene": "member_stage", "is": {"one_of": ["loyal", "fan"]}},
            {
                "gene": "viewed_brands",
                "in": {"last_days": 7},
                "is": {"contains_any": ["a", ""], "part": True},
            },
            {"gene": "interest_strength", "is": {"of": "茶", "is": {"op": ">", "value": 101}}},
            orders | {"is": {"top_percent": 100}},
            {
                "event": "Order Completed",
                "in": {"last_days": 7},
                "where": [{"property": "a..b", "is": {"not_one_of": [""]}}],
                "times": {"between": [0.5, 2]},
            },
            {
                "first": {"event": "page"},
                "then": {"event": ""},
                "within_days": 0,
                "in": {"from": "2026-02-01", "to": "2026-01-01"},
            },
            {"segment": "x"},
            {"attribute": "", "is": {"month": 13}},
            orders | {"is": {"known": True}, "as_of": {"days_ago": {"from": 0, "to": 0}}},
        ]
    }
    assert await faults(sent) == [
        ("/tree/all/0/gene", "GENE_NOT_KNOWN"),
        ("/tree/all/1/not/in", "WINDOW_NOT_ALLOWED"),
        ("/tree/all/2/any", "GROUP_EMPTY"),
        ("/tree/all/3/difference", "DIFFERENCE_OF_ONE"),
        ("/tree/all/3/difference/0/is/between/0", "RANGE_REVERSED"),
        ("/tree/all/4/is/one_of/1", "VALUE_NOT_KNOWN"),
        ("/tree/all/5/is/contains_any/1", "TEXT_EMPTY"),
        ("/tree/all/5/is/part", "OPERATOR_NOT_ALLOWED"),
        ("/tree/all/6/is/is/value", "NUMBER_OUT_OF_RANGE"),
        ("/tree/all/7/is/top_percent", "NUMBER_OUT_OF_RANGE"),
        ("/tree/all/8/event", "EVENT_NAME_NOT_CANONICAL"),
        ("/tree/all/8/where/0/property", "PROPERTY_NOT_VALID"),
        ("/tree/all/8/where/0/is/not_one_of/0", "TEXT_EMPTY"),
        ("/tree/all/8/times/between/0", "NUMBER_OUT_OF_RANGE"),
        ("/tree/all/9/then/event", "TEXT_EMPTY"),
        ("/tree/all/9/within_days", "NUMBER_OUT_OF_RANGE"),
        ("/tree/all/9/in", "WINDOW_REVERSED"),
        ("/tree/all/10/segment", "ID_NOT_VALID"),
        ("/tree/all/11/attribute", "TEXT_EMPTY"),
        ("/tree/all/11/is/month", "MONTH_NOT_VALID"),
        ("/tree/all/12/as_of", "AS_OF_NOT_OVER"),
    ]


async def test_faults_of_goals_and_external_genes_point_to_their_places() -> None:
    sent = {
        "any": [
            {"goal": "x", "in": {"last_days": 800}},
            {"external_gene": "x", "is": {"month": 13}},
            {"external_gene": "x", "changed": {"from": "", "to": "", "in_last_days": 0}},
        ]
    }
    assert await faults(sent) == [
        ("/tree/any/0/goal", "ID_NOT_VALID"),
        ("/tree/any/0/in", "WINDOW_TOO_LONG"),
        ("/tree/any/1/external_gene", "ID_NOT_VALID"),
        ("/tree/any/1/is/month", "MONTH_NOT_VALID"),
        ("/tree/any/2/external_gene", "ID_NOT_VALID"),
        ("/tree/any/2/changed/in_last_days", "NUMBER_OUT_OF_RANGE"),
        ("/tree/any/2/changed/from", "TEXT_EMPTY"),
        ("/tree/any/2/changed/to", "TEXT_EMPTY"),
    ]


async def test_of_very_many_faults_as_many_are_told_as_an_answer_carries() -> None:
    bad = {"gene": "no such gene", "is": {"known": True}}
    message = node_message(JSON.validate_python({"all": [bad] * 150}))
    with pytest.raises(SegmentNotValid) as told:
        async with telling_problems(message):
            with pytest.raises(RefusedByInsight) as refused:
                require_valid(tree_of(message))
            error = refused.value
            assert len(to_rich_status(error).SerializeToString()) < 5200
            raise from_rich_status(error.status, error.message, to_rich_status(error))
    assert len(told.value.errors) >= 10
    assert int(told.value.facts["errors_left_off"]) == 100 - len(told.value.errors)
