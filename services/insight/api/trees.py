"""A segment's tree in and out of protobuf."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from contracts.insight.v1 import segment_tree_pb2 as pb

from services.insight.domain.segments import tree
from services.insight.domain.segments.tree import Mode, Node, Op, Path, Test, Window
from services.insight.errors import TreeNotReadable

# More than any valid tree has, so that validation says where it is too deep.
_MAX_DEPTH = 40
_OPS: Mapping[Op, pb.Comparison.ValueType] = {
    Op.EQ: pb.COMPARISON_EQUAL,
    Op.NE: pb.COMPARISON_NOT_EQUAL,
    Op.LT: pb.COMPARISON_LESS,
    Op.LE: pb.COMPARISON_LESS_OR_EQUAL,
    Op.GT: pb.COMPARISON_GREATER,
    Op.GE: pb.COMPARISON_GREATER_OR_EQUAL,
}
_YARDSTICKS: Mapping[str, pb.Yardstick.ValueType] = {
    "mean": pb.YARDSTICK_MEAN,
    "median": pb.YARDSTICK_MEDIAN,
}
_MODES: Mapping[Mode, pb.ContainsMode.ValueType] = {
    Mode.ANY: pb.CONTAINS_MODE_ANY,
    Mode.ALL: pb.CONTAINS_MODE_ALL,
    Mode.NONE: pb.CONTAINS_MODE_NONE,
}
_RELATIONS: Mapping[str, pb.DateRelation.ValueType] = {
    "before": pb.DATE_RELATION_BEFORE,
    "after": pb.DATE_RELATION_AFTER,
    "on": pb.DATE_RELATION_ON,
}

Key = TypeVar("Key")


# --- in ----------------------------------------------------------------------------------------------------


def tree_of(message: pb.SegmentNode) -> Node:
    """Raises TreeNotReadable, naming the first node that says nothing or not what its field takes."""
    return _node(message, ())


def window_of(message: pb.SegmentWindow) -> Window:
    """A window that stands alone; raises TreeNotReadable."""
    try:
        return _window(message)
    except _NotSaid as error:
        raise TreeNotReadable(f"{error} is missing or cannot be read.") from error


def step_of(message: pb.EventStep) -> tree.EventStep:
    """A step that stands alone; raises TreeNotReadable."""
    try:
        return _step(message)
    except _NotSaid as error:
        raise TreeNotReadable(f"{error} is missing or cannot be read.") from error


def _node(message: pb.SegmentNode, at: Path) -> Node:
    if len(at) > _MAX_DEPTH:
        raise TreeNotReadable("The tree is far too deep.", path=_text(at))
    kind = message.WhichOneof("node")
    if kind is None:
        raise TreeNotReadable("A node says nothing.", path=_text(at))
    inner = getattr(message, kind)
    groups: Mapping[str, Callable[[tuple[Node, ...]], Node]] = {
        "all_of": tree.All,
        "any_of": tree.AnyOf,
        "difference": tree.Difference,
    }
    if kind in groups:
        return groups[kind](tuple(_node(one, (*at, index)) for index, one in enumerate(inner.nodes)))
    if kind == "complement":
        return tree.Not(_node(inner.node, (*at, 0)))
    try:
        return _CONDITIONS[kind](inner)
    except _NotSaid as error:
        raise TreeNotReadable(f"{error} is missing or cannot be read.", path=_text(at)) from error


class _NotSaid(Exception):
    """What a condition should say and does not; becomes TreeNotReadable with the node's path."""


def _text(at: Path) -> str:
    return "/".join(map(str, at))


def _gene(message: pb.GeneCondition) -> Node:
    window = _window(message.window) if message.HasField("window") else None
    as_of = _window(message.as_of) if message.HasField("as_of") else None
    if isinstance(as_of, tree.AllTime):
        raise _NotSaid("The one day that the gene is told of")
    return tree.GeneCondition(message.gene, _test(message.test), window, as_of)


def _external(message: pb.ExternalCondition) -> Node:
    if not message.HasField("changed"):
        return tree.ExternalCondition(message.gene_id, _test(message.test))
    if message.HasField("test"):
        raise _NotSaid("Either a test or a change, not both: one of them")
    said = message.changed
    before = said.before if said.HasField("before") else None
    after = said.after if said.HasField("after") else None
    return tree.ExternalCondition(message.gene_id, tree.Changed(said.days, before, after))


def _goal(message: pb.GoalCondition) -> Node:
    if not message.HasField("times"):
        return tree.GoalCondition(message.goal_id, _window(message.window))
    return tree.GoalCondition(message.goal_id, _window(message.window), _number_test(message.times))


def _event(message: pb.EventCondition) -> Node:
    if not message.HasField("times"):
        return tree.EventCondition(_step(message.step), _window(message.window))
    return tree.EventCondition(_step(message.step), _window(message.window), _number_test(message.times))


def _sequence(message: pb.SequenceCondition) -> Node:
    return tree.SequenceCondition(
        _step(message.first),
        _step(message.then),
        message.within_days,
        _window(message.window),
        message.absent,
    )


_CONDITIONS: Mapping[str, Callable[[Any], Node]] = {
    "gene": _gene,
    "attribute": lambda message: tree.AttributeCondition(message.name, _test(message.test)),
    "external": _external,
    "event": _event,
    "sequence": _sequence,
    "goal": _goal,
    "in_segment": lambda message: tree.InSegment(message.segment_id),
    "in_snapshot": lambda message: tree.InSnapshot(message.snapshot_id),
    "in_list": lambda message: tree.InList(message.list_id),
}


def _step(message: pb.EventStep) -> tree.EventStep:
    return tree.EventStep(message.event, tuple(map(_property_test, message.where)))


def _property_test(message: pb.PropertyTest) -> tree.PropertyTest:
    test = _test(message.test)
    if not isinstance(test, tree.Compare | tree.Between | tree.OneOf | tree.Contains | tree.Known):
        raise _NotSaid("A test that suits a property")
    return tree.PropertyTest(message.path, test)


def _window(message: pb.SegmentWindow) -> Window:
    match message.WhichOneof("window"):
        case "days_ago":
            return tree.DaysAgo(message.days_ago.first, message.days_ago.last)
        case "dates":
            return tree.Dates(_date(message.dates.first_on), _date(message.dates.last_on))
        case "all_time":
            return tree.AllTime()
        case _:
            raise _NotSaid("A window")


def _test(message: pb.ValueTest) -> Test:
    kind = message.WhichOneof("test")
    if kind is None:
        raise _NotSaid("A test")
    return _TESTS[kind](getattr(message, kind))


def _number_test(message: pb.ValueTest) -> tree.Compare | tree.Between:
    test = _test(message)
    if not isinstance(test, tree.Compare | tree.Between):
        raise _NotSaid("A comparison or a range")
    return test


_TESTS: Mapping[str, Callable[[Any], Test]] = {
    "compare": lambda one: tree.Compare(_named(_OPS, one.comparison), _decimal(one.value)),
    "between": lambda one: tree.Between(_decimal(one.low), _decimal(one.high)),
    "yardstick": lambda one: tree.AgainstYardstick(one.above, _named(_YARDSTICKS, one.of)),
    "share": lambda one: tree.Share(one.top, _decimal(one.percent)),
    "one_of": lambda one: tree.OneOf(tuple(one.values), one.negated),
    "contains": lambda one: tree.Contains(
        _named(_MODES, one.mode), tuple(one.values), one.part, one.by_category
    ),
    "value_of": lambda one: tree.ValueOf(one.key, _number_test(one.test)),
    "trend": lambda one: tree.Trend(one.key, one.rising),
    "on_date": lambda one: tree.OnDate(_named(_RELATIONS, one.relation), _date(one.on)),
    "days_since": lambda one: tree.DaysSince(one.days, one.more),
    "anniversary": lambda one: tree.AnniversaryWithin(one.days),
    "in_month": lambda one: tree.InMonth(one.month),
    "known": lambda one: tree.Known(one.negated),
}


def _named(names: Mapping[Key, int], number: int) -> Key:
    for name, value in names.items():
        if value == number:
            return name
    raise _NotSaid("A word of a test")


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise _NotSaid("A number") from error


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _NotSaid("A date") from error


# --- out ---------------------------------------------------------------------------------------------------


def tree_message(node: Node) -> pb.SegmentNode:
    """What `tree_of` reads back as the same tree."""
    match node:
        case tree.All(nodes):
            return pb.SegmentNode(all_of=pb.AllOfNodes(nodes=_messages(nodes)))
        case tree.AnyOf(nodes):
            return pb.SegmentNode(any_of=pb.AnyOfNodes(nodes=_messages(nodes)))
        case tree.Difference(nodes):
            return pb.SegmentNode(difference=pb.DifferenceOfNodes(nodes=_messages(nodes)))
        case tree.Not(inner):
            return pb.SegmentNode(complement=pb.NotNode(node=tree_message(inner)))
        case _:
            return _condition_message(node)


def _messages(nodes: Sequence[Node]) -> list[pb.SegmentNode]:
    return [tree_message(node) for node in nodes]


def _condition_message(node: tree.Condition) -> pb.SegmentNode:
    match node:
        case tree.GeneCondition():
            return pb.SegmentNode(gene=_gene_message(node))
        case tree.AttributeCondition(name, test):
            return pb.SegmentNode(attribute=pb.AttributeCondition(name=name, test=_test_message(test)))
        case tree.ExternalCondition():
            return pb.SegmentNode(external=_external_message(node))
        case tree.EventCondition(step, window, times):
            event = pb.EventCondition(
                step=step_message(step), window=window_message(window), times=_test_message(times)
            )
            return pb.SegmentNode(event=event)
        case tree.SequenceCondition(first, then, within_days, window, absent):
            sequence = pb.SequenceCondition(
                first=step_message(first),
                then=step_message(then),
                within_days=within_days,
                window=window_message(window),
                absent=absent,
            )
            return pb.SegmentNode(sequence=sequence)
        case tree.GoalCondition(goal_id, window, times):
            goal = pb.GoalCondition(
                goal_id=goal_id, window=window_message(window), times=_test_message(times)
            )
            return pb.SegmentNode(goal=goal)
        case _:
            return _reference_message(node)


def _gene_message(node: tree.GeneCondition) -> pb.GeneCondition:
    return pb.GeneCondition(
        gene=node.gene,
        test=_test_message(node.test),
        window=None if node.window is None else window_message(node.window),
        as_of=None if node.as_of is None else window_message(node.as_of),
    )


def _reference_message(node: tree.InSegment | tree.InSnapshot | tree.InList) -> pb.SegmentNode:
    match node:
        case tree.InSegment(segment_id):
            return pb.SegmentNode(in_segment=pb.InSegmentCondition(segment_id=segment_id))
        case tree.InSnapshot(snapshot_id):
            return pb.SegmentNode(in_snapshot=pb.InSnapshotCondition(snapshot_id=snapshot_id))
        case tree.InList(list_id):
            return pb.SegmentNode(in_list=pb.InListCondition(list_id=list_id))


def _external_message(node: tree.ExternalCondition) -> pb.ExternalCondition:
    match node.test:
        case tree.Changed(days, before, after):
            changed = pb.ChangedTest(days=days, before=before, after=after)
            return pb.ExternalCondition(gene_id=node.gene, changed=changed)
        case test:
            return pb.ExternalCondition(gene_id=node.gene, test=_test_message(test))


def step_message(step: tree.EventStep) -> pb.EventStep:
    where = [pb.PropertyTest(path=one.path, test=_test_message(one.test)) for one in step.where]
    return pb.EventStep(event=step.event, where=where)


def window_message(window: Window) -> pb.SegmentWindow:
    match window:
        case tree.DaysAgo(first, last):
            return pb.SegmentWindow(days_ago=pb.DaysAgo(first=first, last=last))
        case tree.Dates(first_on, last_on):
            dates = pb.DateRange(first_on=first_on.isoformat(), last_on=last_on.isoformat())
            return pb.SegmentWindow(dates=dates)
        case tree.AllTime():
            return pb.SegmentWindow(all_time=pb.AllTime())


def _test_message(test: Test) -> pb.ValueTest:
    match test:
        case tree.Compare(op, value):
            return pb.ValueTest(compare=pb.CompareTest(comparison=_OPS[op], value=str(value)))
        case tree.Between(low, high):
            return pb.ValueTest(between=pb.BetweenTest(low=str(low), high=str(high)))
        case tree.AgainstYardstick(above, of):
            return pb.ValueTest(yardstick=pb.YardstickTest(above=above, of=_YARDSTICKS[of]))
        case tree.Share(top, percent):
            return pb.ValueTest(share=pb.ShareTest(top=top, percent=str(percent)))
        case tree.OneOf(values, negated):
            return pb.ValueTest(one_of=pb.OneOfTest(values=values, negated=negated))
        case tree.Contains(mode, values, part, by_category):
            contains = pb.ContainsTest(mode=_MODES[mode], values=values, part=part, by_category=by_category)
            return pb.ValueTest(contains=contains)
        case tree.ValueOf(key, inner):
            return pb.ValueTest(value_of=pb.KeyTest(key=key, test=_test_message(inner)))
        case _:
            return _dated_test_message(test)


def _dated_test_message(
    test: tree.Trend | tree.OnDate | tree.DaysSince | tree.AnniversaryWithin | tree.InMonth | tree.Known,
) -> pb.ValueTest:
    match test:
        case tree.Trend(key, rising):
            return pb.ValueTest(trend=pb.TrendTest(key=key, rising=rising))
        case tree.OnDate(relation, on):
            return pb.ValueTest(on_date=pb.DateTest(relation=_RELATIONS[relation], on=on.isoformat()))
        case tree.DaysSince(days, more):
            return pb.ValueTest(days_since=pb.DaysSinceTest(days=days, more=more))
        case tree.AnniversaryWithin(days):
            return pb.ValueTest(anniversary=pb.AnniversaryTest(days=days))
        case tree.InMonth(month):
            return pb.ValueTest(in_month=pb.MonthTest(month=month))
        case tree.Known(negated):
            return pb.ValueTest(known=pb.KnownTest(negated=negated))
