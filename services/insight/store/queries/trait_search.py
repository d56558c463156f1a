"""Profiles with a trait whose present value contains a text."""

from chassis.clickhouse import ClickHouse
from services.insight.store.question import question

# First who ever said it, then which profiles they are now, then whether it is what those say last.
_SEARCH = question(
    """
    with
    said as (
        select distinct nid from {{traits}}
        where position <= {position:UInt64} and positionCaseInsensitiveUTF8(value, {text:String}) > 0
    ),
    moved as (
        select nid, argMax(profile_id, position) as profile_id
        from {{profile_of}} where position <= {position:UInt64} group by nid
    ),
    candidates as (
        select distinct if(known, profile_id, nid) as person
        from said left join (select nid, profile_id, true as known from moved) as places using (nid)
    ),
    people as (
        select nid, profile_id from moved where profile_id in (select person from candidates)
        union all
        select person as nid, person as profile_id from candidates
        where person not in (select nid from moved)
    )
    select profile_id
    from (
        select profile_id, name, argMax(value, (occurred_at, position, row)) as latest
        from (
            select nid, name, value, occurred_at, position, row from {{traits}}
            where nid in (select nid from people) and position <= {position:UInt64}
        ) as everything join people using (nid)
        where profile_id > {after:Int64}
        group by profile_id, name
    )
    where positionCaseInsensitiveUTF8(latest, {text:String}) > 0
    group by profile_id
    order by profile_id
    limit {n_profiles:UInt32}
    """
)


async def search_traits(
    clickhouse: ClickHouse, tenant_id: str, position: int, text: str, *, after: int, n_profiles: int
) -> list[int]:
    """Rising profile ids behind `after`."""
    answer = await clickhouse.fetch(
        _SEARCH, tenant_id, position=position, text=text, after=after, n_profiles=n_profiles
    )
    return [int(row[0]) for row in answer.rows]
