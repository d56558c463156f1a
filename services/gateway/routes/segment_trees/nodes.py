"""A segment's tree as JSON: each node told by its key, `{"all": [...]}`, `{"gene": "orders", ...}`."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, Tag, model_validator

from services.gateway.routes.segment_trees.value_tests import (
    NumericTest,
    Part,
    Text,
    ValueTest,
    Whole,
    by_key,
)

# Every valid tree is much shallower; a much deeper one fits into no message.
_MAX_NESTING = 40


# --- windows -----------------------------------------------------------------------------------------------


class LastDays(Part):
    """Today and the days before it. 含今天"""

    last_days: Annotated[int, Field(ge=1, le=1_000_000)]


class AgeRange(Part):
    """Yesterday is from 1 to 1."""

    from_: Whole = Field(alias="from")
    to: Whole


class DaysAgo(Part):
    """From the earlier day (more days ago) to the later; today is 0."""

    days_ago: AgeRange


class Dates(Part):
    """Local days, both included."""

    from_: date = Field(alias="from")
    to: date


class AllTime(Part):
    all_time: Literal[True]


_WINDOWS: Mapping[str, type[BaseModel]] = {
    "last_days": LastDays,
    "days_ago": DaysAgo,
    "from": Dates,
    "all_time": AllTime,
}
Window = Annotated[
    Annotated[LastDays, Tag("<last_days>")]
    | Annotated[DaysAgo, Tag("<days_ago>")]
    | Annotated[Dates, Tag("<from>")]
    | Annotated[AllTime, Tag("<all_time>")],
    by_key(_WINDOWS),
]


# --- conditions --------------------------------------------------------------------------------------------


class GeneNode(Part):
    """A gene of the catalogue, GET /v1/genes. 基因條件"""

    gene: Text
    in_: Window | None = Field(default=None, alias="in", description="For genes with a window only")
    is_: ValueTest = Field(alias="is")
    as_of: DaysAgo | Dates | None = Field(
        default=None,
        description="As it was at the end of this one local day, told with what is known today; "
        '30 days ago is `{"days_ago": {"from": 30, "to": 30}}`. Without it: now. 截至某日',
    )


class AttributeNode(Part):
    """A trait that identify or an import set. 會員屬性條件"""

    attribute: Text
    is_: ValueTest = Field(alias="is")


class Change(Part):
    """One known value became another; without `from` or `to`: any. 由某值變為另一值"""

    from_: Text | None = Field(default=None, alias="from")
    to: Text | None = None
    in_last_days: Whole = Field(description="Today is 1 day")


class ExternalNode(Part):
    """A gene whose values were brought, GET /v1/external-genes: a test, or a change. 外部基因條件"""

    external_gene: Text
    is_: ValueTest | None = Field(default=None, alias="is")
    changed: Change | None = None

    @model_validator(mode="after")
    def _says_one(self) -> "ExternalNode":
        if (self.is_ is None) == (self.changed is None):
            raise ValueError("needs either `is` or `changed`")
        return self


class PropertyTest(Part):
    """A property of an event by its path; `products.category` looks into every line."""

    property: Text
    is_: ValueTest = Field(alias="is")


class EventStep(Part):
    """Events whose properties fulfil all of `where`."""

    event: Text = Field(description="Canonical name, such as order_completed")
    where: list[PropertyTest] = Field(default=[], max_length=200)


class EventNode(EventStep):
    """Did something so many times. 行為條件"""

    in_: Window = Field(alias="in")
    times: NumericTest | None = Field(default=None, description="Without it: at least once")


class SequenceNode(Part):
    """Did one thing and then another, or not. 先後行為條件"""

    first: EventStep
    then: EventStep
    within_days: Whole = Field(description="Days of 24 hours after the first")
    in_: Window = Field(alias="in", description="When the first happened")
    absent: bool = Field(default=False, description="Whether the second must not have happened")


class GoalNode(Part):
    """Reached a goal, GET /v1/goals, so many times. 達成目標"""

    goal: Text
    in_: Window = Field(alias="in")
    times: NumericTest | None = Field(default=None, description="Without it: at least once")


class SegmentNode(Part):
    """Members of a saved segment as it is now. 屬於客群"""

    segment: Text


class SnapshotNode(Part):
    """Members of a saved segment as they were. 客群快照"""

    snapshot: Text


class ListNode(Part):
    """People of an uploaded list. 名單"""

    list: Text


# --- groups ------------------------------------------------------------------------------------------------


class AllNode(Part):
    """Intersection. 且"""

    all: "list[Node]"


class AnyNode(Part):
    """Union. 或"""

    any: "list[Node]"


class NotNode(Part):
    """Everybody else, unknown values included. 非"""

    not_: "Node" = Field(alias="not")


class DifferenceNode(Part):
    """Everybody in the first and in none of the others. 排除"""

    difference: "list[Node]"


_NODES: Mapping[str, type[BaseModel]] = {
    "gene": GeneNode,
    "attribute": AttributeNode,
    "external_gene": ExternalNode,
    "event": EventNode,
    "first": SequenceNode,
    "goal": GoalNode,
    "segment": SegmentNode,
    "snapshot": SnapshotNode,
    "list": ListNode,
    "all": AllNode,
    "any": AnyNode,
    "not": NotNode,
    "difference": DifferenceNode,
}
Node = Annotated[
    Annotated[GeneNode, Tag("<gene>")]
    | Annotated[AttributeNode, Tag("<attribute>")]
    | Annotated[ExternalNode, Tag("<external_gene>")]
    | Annotated[EventNode, Tag("<event>")]
    | Annotated[SequenceNode, Tag("<first>")]
    | Annotated[GoalNode, Tag("<goal>")]
    | Annotated[SegmentNode, Tag("<segment>")]
    | Annotated[SnapshotNode, Tag("<snapshot>")]
    | Annotated[ListNode, Tag("<list>")]
    | Annotated[AllNode, Tag("<all>")]
    | Annotated[AnyNode, Tag("<any>")]
    | Annotated[NotNode, Tag("<not>")]
    | Annotated[DifferenceNode, Tag("<difference>")],
    by_key(_NODES),
]
for _group in (AllNode, AnyNode, NotNode, DifferenceNode):
    _group.model_rebuild()


def _bounded(value: Any) -> Any:
    """Before anything looks into it."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > _MAX_NESTING:
            raise ValueError(f"groups stand too deep in each other: more than {_MAX_NESTING} brackets")
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                inner.extend(one.values())
            elif isinstance(one, list):
                inner.extend(one)
        level = inner
    return value


# What requests take.
Tree = Annotated[Node, BeforeValidator(_bounded)]
EXAMPLE: dict[str, Any] = {
    "all": [
        {"gene": "orders", "in": {"last_days": 90}, "is": {"op": ">=", "value": 3}},
        {
            "any": [
                {"gene": "member_stage", "is": {"one_of": ["loyal"]}},
                {"attribute": "vip", "is": {"known": True}},
            ]
        },
        {"not": {"event": "order_completed", "in": {"last_days": 7}}},
    ]
}
