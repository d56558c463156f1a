"""Traits that identify or an import set, each as a gene of its own: a profile's newest value of a name."""

from services.insight.domain.segments.tree import (
    AgainstYardstick,
    AnniversaryWithin,
    Between,
    Compare,
    Contains,
    DaysSince,
    InMonth,
    Known,
    OnDate,
    Share,
    Test,
)
from services.insight.store.evaluator.asked import SO_FAR, Sql, of_people
from services.insight.store.evaluator.gene import Gene, Shape

# JSON; null is unknown.
_NEWEST = f"""
    select person, argMax(said, (occurred_at, position, row)) as json
    from ({
    of_people(
        "said, occurred_at, position, row",
        f'''
        select nid, value as said, occurred_at, position, row from {{{{traits}}}}
        where name = {{trait:String}} and {SO_FAR}
    ''',
    )
})
    group by person
    having json != 'null'
"""


def text_of(json: str) -> str:
    """The text of a JSON text, and of anything else its JSON."""
    return f"if(startsWith({json}, '\"'), JSONExtractString(concat('[', {json}, ']'), 1), {json})"


def number_of(json: str) -> str:
    """Null for what is no JSON number; a text of digits is none."""
    return f"if(match({json}, '^-?[0-9]'), toDecimal256OrNull({json}, 12), null)"


_NUMBER = f"""
    select person, assumeNotNull({number_of("json")}) as value from ({_NEWEST})
    where {number_of("json")} is not null
"""
_TEXT = f"select person, {text_of('json')} as value from ({_NEWEST})"
_LIST = f"""
    select person, arrayMap(one -> {text_of("one")},
        arrayFilter(one -> one != 'null', JSONExtractArrayRaw(json))) as value
    from ({_NEWEST}) where startsWith(json, '[')
"""
# Of a moment the day as it is written.
_DAY = f"toDate32OrNull(substring({text_of('json')}, 1, 10))"
_DATE = f"""
    select person, assumeNotNull({_DAY}) as value from ({_NEWEST})
    where startsWith(json, '\"') and {_DAY} is not null
"""
# An empty list or object says nothing.
_KNOWN = f"""
    select person, json as value from ({_NEWEST})
    where not match(json, '^(\\\\[\\\\s*\\\\]|\\\\{{\\\\s*\\\\}})$')
"""


def attribute(name: str, test: Test) -> Gene:
    """The trait as a test reads it: the type is what the test compares."""
    match test:
        case Compare() | Between() | AgainstYardstick() | Share():
            shape, text = Shape.NUMBER, _NUMBER
        case Contains():
            shape, text = Shape.LIST, _LIST
        case OnDate() | DaysSince() | AnniversaryWithin() | InMonth():
            shape, text = Shape.DATE, _DATE
        case Known():
            shape, text = Shape.TEXT, _KNOWN
        case _:
            shape, text = Shape.TEXT, _TEXT
    absent = () if shape is Shape.LIST else None
    return Gene(shape, lambda asked, window: Sql(text, {"trait": name}), absent)
