"""Every trait that a tenant has sent: how many people have one, samples of its values, the most frequent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.clickhouse import ClickHouse
from services.insight.store.question import question

MAX_NAMES = 1_000
_SAMPLES = 200
_TOP_VALUES = 10
# Of names with more values (ids, addresses) none is frequent, and counting each would cost memory.
MAX_COUNTED_VALUES = 5_000

# Of each person and name the newest value, unless it is null.
_LATEST = """
    select name, person, argMax(value, (occurred_at, position, row)) as latest
    from (
        select name, value, occurred_at, position, row, if(known, profile_id, nid) as person
        from (
            select nid, name, value, occurred_at, position, row from {{{{traits}}}}
            where position <= {{position:UInt64}} {condition}
        ) as said
        left join (
            select nid, argMax(profile_id, position) as profile_id, true as known
            from {{{{profile_of}}}} where position <= {{position:UInt64}} group by nid
        ) as moved using (nid)
    )
    group by name, person
    having latest != 'null'
"""
_NAMES = question(
    f"""
    select name, count() as people, uniq(latest) as n_values
    from ({_LATEST.format(condition="")})
    group by name
    order by people desc, name
    limit {MAX_NAMES + 1}
    """
)
# Values that anybody had; reads two columns, and sorts nothing.
_SOME_VALUES = question(
    f"""
    select name, groupArray(value)
    from (
        select name, value from {{{{traits}}}}
        where position <= {{position:UInt64}} and value != 'null'
        limit {_SAMPLES} by name
    )
    group by name
    """
)
# Of a list each of its elements.
_FREQUENT = question(
    f"""
    select name, value, count() as people
    from (
        select name, arrayJoin(
            if(startsWith(latest, '['), arrayDistinct(JSONExtractArrayRaw(latest)), [latest])
        ) as value
        from ({_LATEST.format(condition="and has({names:Array(String)}, name)")})
    )
    where value != 'null'
    group by name, value
    order by name, people desc, value
    limit {_TOP_VALUES} by name
    """
)


@dataclass(frozen=True, slots=True)
class SentTrait:
    """One name; values are JSON texts."""

    name: str
    people: int
    # With how many people have each; None where there are too many values to count.
    top_values: Sequence[tuple[str, int]] | None


async def load_traits_sent(clickhouse: ClickHouse, tenant_id: str, position: int) -> list[SentTrait]:
    """The names that most people have first, one more than MAX_NAMES at most."""
    answer = await clickhouse.fetch(_NAMES, tenant_id, position=position)
    counted = [name for name, _, n_values in answer.rows if n_values <= MAX_COUNTED_VALUES]
    frequent: dict[str, list[tuple[str, int]]] = {name: [] for name in counted}
    if counted:
        found = await clickhouse.fetch(_FREQUENT, tenant_id, position=position, names=counted)
        for name, value, people in found.rows:
            frequent[name].append((value, int(people)))
    return [SentTrait(name, int(people), frequent.get(name)) for name, people, _ in answer.rows]


async def load_samples(clickhouse: ClickHouse, tenant_id: str, position: int) -> Mapping[str, Sequence[str]]:
    """Of every name up to 200 values, none of them null."""
    answer = await clickhouse.fetch(_SOME_VALUES, tenant_id, position=position)
    return {name: values for name, values in answer.rows}
