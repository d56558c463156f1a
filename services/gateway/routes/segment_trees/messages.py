"""A tree's JSON to protobuf and back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.insight.v1 import segment_tree_pb2 as pb

from services.gateway.routes.segment_trees import nodes, value_tests
from services.gateway.routes.segment_trees.nodes import Node, Window
from services.gateway.routes.segment_trees.value_tests import ValueTest

_OPS: Mapping[str, pb.Comparison.ValueType] = {
    "=": pb.COMPARISON_EQUAL,
    "!=": pb.COMPARISON_NOT_EQUAL,
    "<": pb.COMPARISON_LESS,
    "<=": pb.COMPARISON_LESS_OR_EQUAL,
    ">": pb.COMPARISON_GREATER,
    ">=": pb.COMPARISON_GREATER_OR_EQUAL,
}
_OP_TEXTS = {number: text for text, number in _OPS.items()}
_YARDSTICKS: Mapping[str, pb.Yardstick.ValueType] = {
    "mean": pb.YARDSTICK_MEAN,
    "median": pb.YARDSTICK_MEDIAN,
}
_YARDSTICK_TEXTS = {number: text for text, number in _YARDSTICKS.items()}
# Keys of JSON by what a message says.
_CONTAINS = {
    pb.CONTAINS_MODE_ANY: "contains_any",
    pb.CONTAINS_MODE_ALL: "contains_all",
    pb.CONTAINS_MODE_NONE: "contains_none",
}
_RELATIONS = {
    pb.DATE_RELATION_BEFORE: "before",
    pb.DATE_RELATION_AFTER: "after",
    pb.DATE_RELATION_ON: "on",
}


# --- to protobuf -------------------------------------------------------------------------------------------


def node_message(node: Node) -> pb.SegmentNode:
    match node:
        case nodes.AllNode(all=inner):
            return pb.SegmentNode(all_of=pb.AllOfNodes(nodes=map(node_message, inner)))
        case nodes.AnyNode(any=inner):
            return pb.SegmentNode(any_of=pb.AnyOfNodes(nodes=map(node_message, inner)))
        case nodes.DifferenceNode(difference=inner):
            return pb.SegmentNode(difference=pb.DifferenceOfNodes(nodes=map(node_message, inner)))
        case nodes.NotNode():
            return pb.SegmentNode(complement=pb.NotNode(node=node_message(node.not_)))
        case nodes.SegmentNode():
            return pb.SegmentNode(in_segment=pb.InSegmentCondition(segment_id=node.segment))
        case nodes.SnapshotNode():
            return pb.SegmentNode(in_snapshot=pb.InSnapshotCondition(snapshot_id=node.snapshot))
        case nodes.ListNode():
            return pb.SegmentNode(in_list=pb.InListCondition(list_id=node.list))
        case _:
            return _condition_message(node)


def _condition_message(
    node: nodes.GeneNode
    | nodes.AttributeNode
    | nodes.ExternalNode
    | nodes.EventNode
    | nodes.SequenceNode
    | nodes.GoalNode,
) -> pb.SegmentNode:
    match node:
        case nodes.GeneNode():
            window = None if node.in_ is None else window_message(node.in_)
            as_of = None if node.as_of is None else window_message(node.as_of)
            gene = pb.GeneCondition(gene=node.gene, test=_test_message(node.is_), window=window, as_of=as_of)
            return pb.SegmentNode(gene=gene)
        case nodes.AttributeNode():
            attribute = pb.AttributeCondition(name=node.attribute, test=_test_message(node.is_))
            return pb.SegmentNode(attribute=attribute)
        case nodes.ExternalNode():
            return pb.SegmentNode(external=_external_message(node))
        case nodes.GoalNode():
            times = None if node.times is None else _test_message(node.times)
            goal = pb.GoalCondition(goal_id=node.goal, window=window_message(node.in_), times=times)
            return pb.SegmentNode(goal=goal)
        case nodes.EventNode():
            times = None if node.times is None else _test_message(node.times)
            event = pb.EventCondition(
                step=step_message(node.event, node.where), window=window_message(node.in_), times=times
            )
            return pb.SegmentNode(event=event)
        case nodes.SequenceNode():
            sequence = pb.SequenceCondition(
                first=step_message(node.first.event, node.first.where),
                then=step_message(node.then.event, node.then.where),
                within_days=node.within_days,
                window=window_message(node.in_),
                absent=node.absent,
            )
            return pb.SegmentNode(sequence=sequence)


def _external_message(node: nodes.ExternalNode) -> pb.ExternalCondition:
    if node.changed is None:
        assert node.is_ is not None
        return pb.ExternalCondition(gene_id=node.external_gene, test=_test_message(node.is_))
    change = node.changed
    changed = pb.ChangedTest(days=change.in_last_days, before=change.from_, after=change.to)
    return pb.ExternalCondition(gene_id=node.external_gene, changed=changed)


def step_message(event: str, where: Sequence[nodes.PropertyTest]) -> pb.EventStep:
    tests = [pb.PropertyTest(path=one.property, test=_test_message(one.is_)) for one in where]
    return pb.EventStep(event=event, where=tests)


def window_message(window: Window) -> pb.SegmentWindow:
    match window:
        case nodes.LastDays():
            return pb.SegmentWindow(days_ago=pb.DaysAgo(first=window.last_days - 1))
        case nodes.DaysAgo():
            ages = window.days_ago
            return pb.SegmentWindow(days_ago=pb.DaysAgo(first=ages.from_, last=ages.to))
        case nodes.Dates():
            dates = pb.DateRange(first_on=window.from_.isoformat(), last_on=window.to.isoformat())
            return pb.SegmentWindow(dates=dates)
        case nodes.AllTime():
            return pb.SegmentWindow(all_time=pb.AllTime())


def _test_message(test: ValueTest) -> pb.ValueTest:
    match test:
        case value_tests.Compare():
            return pb.ValueTest(compare=pb.CompareTest(comparison=_OPS[test.op], value=str(test.value)))
        case value_tests.Between(between=(low, high)):
            return pb.ValueTest(between=pb.BetweenTest(low=str(low), high=str(high)))
        case value_tests.Above():
            return pb.ValueTest(yardstick=pb.YardstickTest(above=True, of=_YARDSTICKS[test.above]))
        case value_tests.Below():
            return pb.ValueTest(yardstick=pb.YardstickTest(of=_YARDSTICKS[test.below]))
        case value_tests.TopPercent():
            return pb.ValueTest(share=pb.ShareTest(top=True, percent=str(test.top_percent)))
        case value_tests.BottomPercent():
            return pb.ValueTest(share=pb.ShareTest(percent=str(test.bottom_percent)))
        case value_tests.OneOf():
            return pb.ValueTest(one_of=pb.OneOfTest(values=test.one_of))
        case value_tests.NotOneOf():
            return pb.ValueTest(one_of=pb.OneOfTest(values=test.not_one_of, negated=True))
        case value_tests.Known():
            return pb.ValueTest(known=pb.KnownTest(negated=not test.known))
        case value_tests.ContainsAny() | value_tests.ContainsAll() | value_tests.ContainsNone():
            return _contains_message(test)
        case _:
            return _keyed_or_dated_message(test)


def _contains_message(
    test: value_tests.ContainsAny | value_tests.ContainsAll | value_tests.ContainsNone,
) -> pb.ValueTest:
    mode, key = next((mode, key) for mode, key in _CONTAINS.items() if hasattr(test, key))
    contains = pb.ContainsTest(
        mode=mode, values=getattr(test, key), part=test.part, by_category=test.by_category
    )
    return pb.ValueTest(contains=contains)


def _keyed_or_dated_message(test: Any) -> pb.ValueTest:
    match test:
        case value_tests.Of():
            return pb.ValueTest(value_of=pb.KeyTest(key=test.of, test=_test_message(test.is_)))
        case value_tests.Rising():
            return pb.ValueTest(trend=pb.TrendTest(key=test.rising, rising=True))
        case value_tests.Falling():
            return pb.ValueTest(trend=pb.TrendTest(key=test.falling))
        case value_tests.InLastDays():
            return pb.ValueTest(days_since=pb.DaysSinceTest(days=test.in_last_days))
        case value_tests.MoreThanDaysAgo():
            return pb.ValueTest(days_since=pb.DaysSinceTest(days=test.more_than_days_ago, more=True))
        case value_tests.AnniversaryWithinDays():
            return pb.ValueTest(anniversary=pb.AnniversaryTest(days=test.anniversary_within_days))
        case value_tests.Month():
            return pb.ValueTest(in_month=pb.MonthTest(month=test.month))
        case _:
            relation, key = next((one, key) for one, key in _RELATIONS.items() if hasattr(test, key))
            on: date = getattr(test, key)
            return pb.ValueTest(on_date=pb.DateTest(relation=relation, on=on.isoformat()))


# --- from protobuf -----------------------------------------------------------------------------------------


def node_of(message: pb.SegmentNode) -> Node:
    kind = message.WhichOneof("node")
    if kind is None:
        raise ValueError("a stored tree says nothing at one of its nodes")
    return _NODES[kind](getattr(message, kind))


def _gene(one: pb.GeneCondition) -> nodes.GeneNode:
    window = window_of(one.window) if one.HasField("window") else None
    as_of = _days(one.as_of) if one.HasField("as_of") else None
    return nodes.GeneNode(gene=one.gene, in_=window, is_=test_of(one.test), as_of=as_of)


def _external(one: pb.ExternalCondition) -> nodes.ExternalNode:
    if not one.HasField("changed"):
        return nodes.ExternalNode(external_gene=one.gene_id, is_=test_of(one.test))
    changed = nodes.Change(
        from_=one.changed.before if one.changed.HasField("before") else None,
        to=one.changed.after if one.changed.HasField("after") else None,
        in_last_days=one.changed.days,
    )
    return nodes.ExternalNode(external_gene=one.gene_id, changed=changed)


def _goal(one: pb.GoalCondition) -> nodes.GoalNode:
    times: Any = test_of(one.times) if one.HasField("times") else None
    return nodes.GoalNode(goal=one.goal_id, in_=window_of(one.window), times=times)


def _event(one: pb.EventCondition) -> nodes.EventNode:
    times: Any = test_of(one.times) if one.HasField("times") else None
    step = step_of(one.step)
    return nodes.EventNode(event=step.event, where=step.where, in_=window_of(one.window), times=times)


def _sequence(one: pb.SequenceCondition) -> nodes.SequenceNode:
    return nodes.SequenceNode(
        first=step_of(one.first),
        then=step_of(one.then),
        within_days=one.within_days,
        in_=window_of(one.window),
        absent=one.absent,
    )


_NODES: Mapping[str, Callable[[Any], Node]] = {
    "all_of": lambda one: nodes.AllNode(all=[node_of(inner) for inner in one.nodes]),
    "any_of": lambda one: nodes.AnyNode(any=[node_of(inner) for inner in one.nodes]),
    "difference": lambda one: nodes.DifferenceNode(difference=[node_of(inner) for inner in one.nodes]),
    "complement": lambda one: nodes.NotNode(not_=node_of(one.node)),
    "gene": _gene,
    "attribute": lambda one: nodes.AttributeNode(attribute=one.name, is_=test_of(one.test)),
    "external": _external,
    "event": _event,
    "sequence": _sequence,
    "goal": _goal,
    "in_segment": lambda one: nodes.SegmentNode(segment=one.segment_id),
    "in_snapshot": lambda one: nodes.SnapshotNode(snapshot=one.snapshot_id),
    "in_list": lambda one: nodes.ListNode(list=one.list_id),
}


def step_of(one: pb.EventStep) -> nodes.EventStep:
    where = [nodes.PropertyTest(property=inner.path, is_=test_of(inner.test)) for inner in one.where]
    return nodes.EventStep(event=one.event, where=where)


def window_of(message: pb.SegmentWindow) -> Window:
    match message.WhichOneof("window"):
        case "days_ago" if message.days_ago.last == 0:
            return nodes.LastDays(last_days=message.days_ago.first + 1)
        case "days_ago" | "dates":
            return _days(message)
        case _:
            return nodes.AllTime(all_time=True)


def _days(message: pb.SegmentWindow) -> nodes.DaysAgo | nodes.Dates:
    if message.HasField("days_ago"):
        ages = message.days_ago
        return nodes.DaysAgo(days_ago=nodes.AgeRange(from_=ages.first, to=ages.last))
    dates = message.dates
    return nodes.Dates(from_=date.fromisoformat(dates.first_on), to=date.fromisoformat(dates.last_on))


def test_of(message: pb.ValueTest) -> ValueTest:
    kind = message.WhichOneof("test")
    if kind is None:
        raise ValueError("a stored tree has a condition without a test")
    return _TESTS[kind](getattr(message, kind))


def _yardstick(one: pb.YardstickTest) -> ValueTest:
    of: Any = _YARDSTICK_TEXTS[one.of]
    return value_tests.Above(above=of) if one.above else value_tests.Below(below=of)


def _share(one: pb.ShareTest) -> ValueTest:
    percent = Decimal(one.percent)
    if one.top:
        return value_tests.TopPercent(top_percent=percent)
    return value_tests.BottomPercent(bottom_percent=percent)


def _one_of(one: pb.OneOfTest) -> ValueTest:
    values = list(one.values)
    return value_tests.NotOneOf(not_one_of=values) if one.negated else value_tests.OneOf(one_of=values)


def _contains(one: pb.ContainsTest) -> ValueTest:
    values, part, by_category = list(one.values), one.part, one.by_category
    match one.mode:
        case pb.CONTAINS_MODE_ALL:
            return value_tests.ContainsAll(contains_all=values, part=part, by_category=by_category)
        case pb.CONTAINS_MODE_NONE:
            return value_tests.ContainsNone(contains_none=values, part=part, by_category=by_category)
        case _:
            return value_tests.ContainsAny(contains_any=values, part=part, by_category=by_category)


def _of(one: pb.KeyTest) -> ValueTest:
    inner: Any = test_of(one.test)
    return value_tests.Of(of=one.key, is_=inner)


def _on_date(one: pb.DateTest) -> ValueTest:
    on = date.fromisoformat(one.on)
    match one.relation:
        case pb.DATE_RELATION_BEFORE:
            return value_tests.Before(before=on)
        case pb.DATE_RELATION_AFTER:
            return value_tests.After(after=on)
        case _:
            return value_tests.On(on=on)


def _compare(one: pb.CompareTest) -> ValueTest:
    op: Any = _OP_TEXTS[one.comparison]
    return value_tests.Compare(op=op, value=Decimal(one.value))


_TESTS: Mapping[str, Callable[[Any], ValueTest]] = {
    "compare": _compare,
    "between": lambda one: value_tests.Between(between=(Decimal(one.low), Decimal(one.high))),
    "yardstick": _yardstick,
    "share": _share,
    "one_of": _one_of,
    "contains": _contains,
    "value_of": _of,
    "trend": lambda one: (
        value_tests.Rising(rising=one.key) if one.rising else value_tests.Falling(falling=one.key)
    ),
    "on_date": _on_date,
    "days_since": lambda one: (
        value_tests.MoreThanDaysAgo(more_than_days_ago=one.days)
        if one.more
        else value_tests.InLastDays(in_last_days=one.days)
    ),
    "anniversary": lambda one: value_tests.AnniversaryWithinDays(anniversary_within_days=one.days),
    "in_month": lambda one: value_tests.Month(month=one.month),
    "known": lambda one: value_tests.Known(known=not one.negated),
}
