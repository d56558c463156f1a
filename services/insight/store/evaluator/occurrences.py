"""Conditions on events: how often one happened, and whether one followed another."""

from typing import Any

from services.insight.domain.segments.tree import (
    Between,
    Compare,
    Contains,
    EventCondition,
    EventStep,
    Known,
    OneOf,
    PropertyTest,
    SequenceCondition,
)
from services.insight.store.evaluator.asked import IN_WINDOW, RECEIVED_SINCE, SO_FAR, Asked, Sql, of_people
from services.insight.store.evaluator.attributes import number_of, text_of
from services.insight.store.evaluator.gene import Gene, Shape
from services.insight.store.evaluator.predicates import EQUAL, PART, contains, numbers

_DAY_MS = 86_400_000


def _elements(values: str) -> str:
    """Of every list its elements, of lists in lists too."""
    for _ in range(2):
        opened = f"arrayMap(one -> if(startsWith(one, '['), JSONExtractArrayRaw(one), [one]), {values})"
        values = f"arrayFlatten({opened})"
    return values


def _values_at(path: str, prefix: str) -> tuple[str, dict[str, Any]]:
    """The JSON values a path of properties leads to, null left out."""
    values, bound = "[JSONExtractRaw(payload, 'properties')]", {}
    for index, key in enumerate(path.split(".")):
        bound[f"{prefix}key{index}"] = key
        named = f"arrayMap(one -> JSONExtractRaw(one, {{{prefix}key{index}:String}}), {_elements(values)})"
        values = f"arrayFilter(one -> one != '', {named})"
    return f"arrayFilter(one -> one != 'null', {_elements(values)})", bound


def _property(asked: PropertyTest, prefix: str) -> tuple[str, dict[str, Any]]:
    values, bound = _values_at(asked.path, prefix)
    texts = f"arrayMap(one -> {text_of('one')}, {values})"
    match asked.test:
        case Known(negated):
            return f"{'empty' if negated else 'notEmpty'}({values})", bound
        case Compare() | Between() as test:
            sql, compared = numbers(test, "number", prefix)
            read = f"arrayMap(one -> {number_of('one')}, {values})"
            return f"arrayExists(number -> ifNull({sql}, false), {read})", bound | compared
        case OneOf(wanted, negated):
            sql = f"arrayExists(one -> has({{{prefix}wanted:Array(String)}}, one), texts)"
            held = f"notEmpty(texts) and {'not ' if negated else ''}{sql}".replace("texts", texts)
            return f"({held})", bound | {f"{prefix}wanted": list(wanted)}
        case Contains() as test:
            sql, listed = contains(test, texts, prefix, PART if test.part else EQUAL)
            return f"({sql})", bound | listed


def _step(step: EventStep, prefix: str) -> tuple[str, dict[str, Any]]:
    """The condition on a row of events."""
    parts, values = [f"name = {{{prefix}event:String}}"], {f"{prefix}event": step.event}
    for index, asked in enumerate(step.where):
        sql, bound = _property(asked, f"{prefix}{index}_")
        parts.append(sql)
        values |= bound
    return " and ".join(parts), values


def occurrences(node: EventCondition) -> Gene:
    """How often it happened, as a gene whose test is `node.times`."""
    held, values = _step(node.step, "step_")
    text = f"""
        select person, count() as value
        from ({
        of_people(
            "name",
            f'''
            select nid, name from {{{{events}}}} where {IN_WINDOW} and {RECEIVED_SINCE} and {held}
        ''',
        )
    })
        group by person
    """
    return Gene(Shape.NUMBER, lambda asked, window: Sql(text, asked.span(window) | values), absent=0)


def sequence(asked: Asked, node: SequenceCondition) -> Sql:
    """Of every first the next that followed it; who has one that fulfils the condition."""
    first, of_first = _step(node.first, "first_")
    then, of_then = _step(node.then, "then_")
    text = f"""
        select person
        from (
            select person, moment, is_first,
                min(if(is_then, toNullable(moment), null)) over (
                    partition by person order by moment desc range between unbounded preceding and 1 preceding
                ) as following
            from ({
        of_people(
            "moment, is_first, is_then",
            f'''
                select nid, toUnixTimestamp64Milli(occurred_at) as moment,
                    {first} and moment < {{ends_ms:Int64}} as is_first, {then} as is_then
                from {{{{events}}}}
                where {SO_FAR} and {RECEIVED_SINCE}
                    and occurred_at >= fromUnixTimestamp64Milli({{begins_ms:Int64}}, 'UTC')
                    and name in ({{first_event:String}}, {{then_event:String}})
                    and (is_first or is_then)
            ''',
        )
    })
        )
        where is_first and {_FOLLOWED if not node.absent else _NOT_FOLLOWED}
        group by person
    """
    values = asked.span(node.window) | of_first | of_then | {"within_ms": node.within_days * _DAY_MS}
    return Sql(text, values)


_FOLLOWED = "ifNull(following <= moment + {within_ms:Int64}, false)"
_NOT_FOLLOWED = (
    "ifNull(following > moment + {within_ms:Int64}, true) and moment + {within_ms:Int64} < {now_ms:Int64}"
)
