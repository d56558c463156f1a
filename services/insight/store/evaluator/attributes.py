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


# A text that is a number is read as one: somebody asks for numbers, and files are often all texts.
_NUMBER_TEXT = "match(trim(said), '^-?[0-9]{1,30}(\\\\.[0-9]{1,20})?$')"
_NUMBER = f"""
    select person, assumeNotNull(number) as value
    from (
        select person, {text_of("json")} as said, if(startsWith(json, '\"'),
            if({_NUMBER_TEXT}, toDecimal256OrNull(trim(said), 12), null), {number_of("json")}) as number
        from ({_NEWEST})
    )
    where number is not null
"""
_TEXT = f"select person, {text_of('json')} as value from ({_NEWEST})"
_LIST = f"""
    select person, arrayMap(one -> {text_of("one")},
        arrayFilter(one -> one != 'null', JSONExtractArrayRaw(json))) as value
    from ({_NEWEST}) where startsWith(json, '[')
"""
_WHOLE_DAY, _ANY_YEAR = "[0-9]{4}-[0-9][0-9]-[0-9][0-9]([T ].*)?", "--[0-9][0-9]-?[0-9][0-9]"


def _days(form: str) -> str:
    """Of a moment the day as it is written; a day of no year is of a leap year, which has them all."""
    return f"""
        select person, assumeNotNull(day) as value
        from (
            select person, toDate32OrNull(written) as day,
                if(startsWith(said, '--'),
                    concat('2000-', substring(said, 3, 2), '-', substring(said, -2)),
                    substring(said, 1, 10)) as written
            from (select person, {text_of("json")} as said from ({_NEWEST}) where startsWith(json, '\"'))
            where match(said, '^({form})$')
        )
        where ifNull(toString(day) = written, false)
    """


_DATE, _DAY_OF_A_YEAR = _days(_WHOLE_DAY), _days(f"{_WHOLE_DAY}|{_ANY_YEAR}")
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
        case OnDate() | DaysSince():
            shape, text = Shape.DATE, _DATE
        case AnniversaryWithin() | InMonth():
            shape, text = Shape.DATE, _DAY_OF_A_YEAR
        case Known():
            shape, text = Shape.TEXT, _KNOWN
        case _:
            shape, text = Shape.TEXT, _TEXT
    absent = () if shape is Shape.LIST else None
    return Gene(shape, lambda asked, window: Sql(text, {"trait": name}), absent)
