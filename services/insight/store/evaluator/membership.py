"""Genes 26 to 31: since when somebody is known, as what, from where and by which channels."""

from services.insight.domain.events import NO_ACTS
from services.insight.domain.segments.tree import AllTime, Window
from services.insight.store.evaluator.asked import (
    IN_WINDOW,
    MINE,
    RECEIVED_SINCE,
    SO_FAR,
    Asked,
    Sql,
    of_people,
)
from services.insight.store.evaluator.gene import Gene, Shape
from services.insight.store.evaluator.purchases import PURCHASES, bound

# As of the place alone, whatever the time.
EVERYBODY = f"""
    select person from ({
    of_people(
        "nid",
        f'''
        select nid from {{{{events}}}} where position <= {{position:UInt64}} and {MINE} group by nid
        union distinct
        select nid from {{{{traits}}}} where position <= {{position:UInt64}} and {MINE} group by nid
        union distinct
        select nid from {{{{first_seen}}}} where {MINE} group by nid
        union distinct
        select nid from {{{{profile_of}}}} where position <= {{position:UInt64}} and {MINE} group by nid
    ''',
    )
})
"""

_MEMBER_NIDS = f"""
    select nid from {{{{events}}}}
    where nid_kind = 1 and position <= {{position:UInt64}} and {MINE} group by nid
    union distinct
    select nid from {{{{profile_of}}}}
    where kind = 1 and position <= {{position:UInt64}} and {MINE} group by nid
"""

MEMBERS = f"select person from ({of_people('nid', _MEMBER_NIDS)})"

_FIRST_SEEN = f"""
    select person, toDate32(min(first), {{zone:String}}) as value
    from ({
    of_people(
        "first",
        f'''
        select nid, min(occurred_at) as first from {{{{events}}}} where {SO_FAR} group by nid
        union all
        select nid, min(first_at) as first from {{{{first_seen}}}} where {MINE} group by nid
    ''',
    )
})
    group by person
"""

# Of each of both traits the newest value of the person, as a moment: ISO text, or seconds or milliseconds
# since 1970; a day alone begins at local midnight.
_NUMBER = "toInt64(toFloat64OrZero(said) * if(abs(toFloat64OrZero(said)) >= 100000000000, 1, 1000))"
_TEXT = "JSONExtractString(concat('[', said, ']'), 1)"
_SIGNED_UP_TRAIT = f"""
    select person, multiIf(
        match(said, '^-?[0-9.eE+-]+$'), toNullable({_NUMBER}),
        length({_TEXT}) = 10,
            toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull({_TEXT}, 3, {{zone:String}})),
        match({_TEXT}, '^[0-9]{{{{4}}}}-?[0-9]{{{{2}}}}-?[0-9]{{{{2}}}}[T ]'),
            toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull({_TEXT}, 3, 'UTC')),
        null) as moment
    from (
        select person, name, argMax(value, (occurred_at, position, row)) as said
        from ({
    of_people(
        "name, value, occurred_at, position, row",
        f'''
            select nid, name, value, occurred_at, position, row from {{{{traits}}}}
            where name in ('createdAt', 'created_at') and {SO_FAR}
        ''',
    )
})
        group by person, name
    )
""".replace("{{4}}", "{4}").replace("{{2}}", "{2}")

_MEMBER_SINCE = f"""
    select person, toDate32(fromUnixTimestamp64Milli(earliest, 'UTC'), {{zone:String}}) as value
    from (
        select person, min(moment) as earliest, max(is_member) as member
        from (
            select person, toNullable(moment) as moment, is_member
            from ({
    of_people(
        "moment, is_member",
        f'''
                select nid, toUnixTimestamp64Milli(min(occurred_at)) as moment, max(nid_kind) = 1 as is_member
                from {{{{events}}}} where (nid_kind = 1 or name = 'signed_up') and {SO_FAR} group by nid
            ''',
    )
})
            union all
            select person, moment, false as is_member from ({
    _SIGNED_UP_TRAIT
}) where moment <= {{now_ms:Int64}}
            union all
            select person, null as moment, true as is_member from ({MEMBERS})
        )
        group by person
    )
    where member and earliest is not null
"""

_ORDER_DAYS = f"select nid, is_order, day from ({PURCHASES}) where is_order"

_MEMBER_STAGE = f"""
    select person, multiIf(
        orders >= {{loyal_orders:UInt32}}
            and dateDiff('day', last, {{today:Date32}}) <= {{loyal_days:Int32}} - 1, 'loyal',
        orders >= 2, 'repeat', orders = 1, 'first_time', 'member') as value
    from (
        select person, sum(is_order) as orders, max(day) as last
        from (
            select person, toUInt8(is_order) as is_order, day
            from ({of_people("is_order, day", _ORDER_DAYS)})
            union all
            select person, toUInt8(0) as is_order, toDate32('1900-01-01') as day from ({MEMBERS})
        )
        group by person
    )
"""

# One pass over what may be the first act and what says where a visit came from.
_FIRST_SOURCE = f"""
    select person,
        multiIf(not first_act.2, 'offline', tagged != '', tagged, referred != '', referred, 'direct') as value
    from (
        select person,
            argMinIf((true, is_visit), place, is_act) as first_act,
            arraySort(groupArrayIf(place.1, is_act and is_visit)) as moments,
            arrayPopFront(arrayDifference(moments)) as gaps,
            arrayFirst((at, gap) -> gap > {{gap_ms:Int64}}, moments,
                arrayPushBack(gaps, {{gap_ms:Int64}} + 1)) as until,
            arraySort(groupArrayIf((place, from_utm, value), not is_act)) as sources,
            arrayFirst(source -> source.2 and source.1.1 <= until, sources).3 as tagged,
            arrayFirst(source -> not source.2 and source.1.1 <= until, sources).3 as referred
        from ({
    of_people(
        "place, is_act, is_visit, from_utm, value",
        f'''
            select nid, (toUnixTimestamp64Milli(occurred_at), position, row) as place, true as is_act,
                is_visit != 0 as is_visit, false as from_utm, '' as value
            from {{{{events}}}} where (is_visit or name = 'order_completed') and {SO_FAR}
            union all
            select nid, (toUnixTimestamp64Milli(occurred_at), position, row) as place, false as is_act,
                false as is_visit, category = 'utm' as from_utm, value
            from {{{{event_details}}}} where aspect = 'source' and {SO_FAR}
        ''',
    )
})
        group by person
        having first_act.1
    )
"""

_CHANNELS_USED = f"""
    select person, groupUniqArray(used) as value
    from ({
    of_people(
        "used",
        f'''
        select nid, channel as used from {{{{events}}}}
        where {IN_WINDOW} and {RECEIVED_SINCE} and (
            (is_visit and channel in ('web', 'app'))
            or (channel in ('store', 'marketplace', 'call') and name not in ({
            ", ".join(f"'{name}'" for name in sorted(NO_ACTS))
        }))
        )
        group by nid, channel
        union all
        select nid, value as used from {{{{event_details}}}} where aspect = 'clicked' and {IN_WINDOW}
    ''',
    )
})
    group by person
"""

# Said of profiles, not of nids.
REACHABLE = """
    select profile_id as person, arrayFilter(channel -> channel != '', [
        if(bitTest(bits, 0), 'email', ''), if(bitTest(bits, 1), 'sms', ''), if(bitTest(bits, 2), 'line', '')
    ]) as value
    from (
        select profile_id, argMax(channels, (position, row)) as bits from {{reachability}}
        where position <= {position:UInt64} group by profile_id
    )
    where bits != 0
"""


def _member_stage(asked: Asked, window: Window | None) -> Sql:
    rules = {"loyal_orders": asked.rules.loyal_orders, "loyal_days": asked.rules.loyal_days}
    return Sql(_MEMBER_STAGE, bound(asked, AllTime()) | rules)


GENES = {
    "first_seen_on": Gene(Shape.DATE, lambda asked, window: Sql(_FIRST_SEEN)),
    "member_since_on": Gene(Shape.DATE, lambda asked, window: Sql(_MEMBER_SINCE)),
    "member_stage": Gene(Shape.TEXT, _member_stage, absent="visitor"),
    "first_source": Gene(
        Shape.TEXT, lambda asked, window: Sql(_FIRST_SOURCE, {"gap_ms": asked.rules.session_minutes * 60_000})
    ),
    "channels_used": Gene(
        Shape.LIST, lambda asked, window: Sql(_CHANNELS_USED, asked.span(window)), absent=()
    ),
    "reachable_by": Gene(Shape.LIST, lambda asked, window: Sql(REACHABLE), absent=()),
}
