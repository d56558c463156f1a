"""Orders settled as of a position, as SQL that questions are built from.

The same rules as domain/orders.py, which states them; a property test holds the two together.
"""

from typing import Any

from services.insight.domain.orders import (
    HANDED_OVER,
    NONE,
    ON_THE_WAY,
    PAID,
    REPORTS,
    TAKEN_BACK,
    CountingRule,
    Counts,
)


def _texts(values: frozenset[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


AS_OF_POSITION = "position <= {position:UInt64}"

# `counts_on` of an order that always counts, and of one of which it is not known yet when it will.
ALWAYS, NOT_YET = -(2**31), 2**31 - 1


def counting(rule: CountingRule) -> dict[str, Any]:
    """What `settled` binds of when orders count."""
    return {"counts_when": str(rule.when), "return_days": rule.return_days, "zone": rule.zone}


_FIRST_DAY = f"""
    multiIf(
        {{counts_when:String}} = '{Counts.PLACED}', toInt32({ALWAYS}),
        {{counts_when:String}} = '{Counts.PAID}', if(empty(reached), toInt32({NOT_YET}), toInt32({ALWAYS})),
        {{counts_when:String}} = '{Counts.PICKED_UP}',
            if(empty(handed_over), toInt32({NOT_YET}), toInt32({ALWAYS})),
        empty(handed_over) and state.2 in ({_texts(ON_THE_WAY)}), toInt32({NOT_YET}),
        toInt32(toInt32(toDate32(if(empty(handed_over), happened_at, handed_over[1]), {{zone:String}}))
            + {{return_days:Int32}} + 1))
"""


def settled(candidates: str, facts: str = AS_OF_POSITION) -> str:
    """Entries of the orders whose order_id the query `candidates` selects, from the `facts` that fulfil this.

    Values: position UInt64, home String (the tenant's currency), those of `counting`. Columns: order_id, nid,
    at, currency, amount (null where unknown), orders, refunds, foreign (array of (currency, amount)),
    counts_on (the local day since 1970 on which it begins to count).
    """
    rank = "(source_kind = 2, occurred_at, position, row)"
    is_report = f"name in ({_texts(REPORTS)})"
    return f"""
    select order_id, entry.1 as nid, entry.2 as at, entry.3 as currency, entry.4 as amount,
        entry.5 as orders, entry.6 as refunds, entry.7 as foreign, entry.8 as counts_on
    from (
        select order_id, arrayJoin(arrayConcat(
            if(known and not taken_back and not (reduced and ifNull(net = 0, false)),
                [(owner, happened_at, money.2, net, 1, 0, if(net is null, [], elsewhere), first_day)], []),
            arrayMap(r -> (r.5, r.6, if(r.2 = '', {{home:String}}, r.2),
                if(known, toNullable(toDecimal128(0, 4)), -ifNull(r.3, toDecimal128(0, 4))),
                0, 1, nothing_foreign, toInt32({ALWAYS})), refunds)
        )) as entry
        from (
            select order_id, owner, known, refunds, money, nothing_foreign, state, reached, handed_over,
                if(completed_at.1, completed_at.2, reported_at) as happened_at,
                {_FIRST_DAY} as first_day,
                state.1 and state.2 in ({_texts(TAKEN_BACK)})
                    or arrayExists(r -> r.4, refunds) as taken_back,
                arraySum(arrayMap(r -> ifNull(r.3, toDecimal128(0, 4)),
                    arrayFilter(r -> r.2 in ('', money.2), refunds))) as same,
                same != 0 as reduced,
                if(money.1, if(reduced, greatest(money.3 - same, toDecimal128(0, 4)), money.3), null) as net,
                arraySort(arrayMap(r -> (r.2, assumeNotNull(r.3)),
                    arrayFilter(r -> r.2 not in ('', money.2) and r.3 is not null, refunds))) as elsewhere
            from ({_folded(candidates, facts, rank, is_report)})
        )
    )
    """


def _folded(candidates: str, facts: str, rank: str, is_report: str) -> str:
    """One row an order_id: its winning reports, and the refunds that count."""
    return f"""
        select order_id,
            cast([] as Array(Tuple(String, Decimal(38, 4)))) as nothing_foreign,
            countIf({is_report}) > 0 as known,
            argMaxIf(nid, {rank}, {is_report}) as owner,
            argMaxIf((true, currency, assumeNotNull(value)), {rank}, {is_report} and value is not null)
                as priced,
            (priced.1, if(priced.2 = '', {{home:String}}, priced.2), priced.3) as money,
            argMaxIf((true, status, source_kind = 2), {rank}, {is_report} and status != '') as state,
            groupArrayIf((source_kind = 2, status, occurred_at),
                {{counts_when:String}} != '{Counts.PLACED}' and {is_report} and status in ({_texts(PAID)})
            ) as stages,
            arrayFilter(stage -> stage.1 = state.3, stages) as reached,
            arraySort(arrayMap(stage -> stage.3,
                arrayFilter(stage -> stage.2 in ({_texts(HANDED_OVER)}), reached))) as handed_over,
            argMaxIf((true, occurred_at), {rank}, name = 'order_completed') as completed_at,
            minIf(occurred_at, {is_report}) as reported_at,
            groupArrayIf(
                (source_kind = 2, currency, value, name = 'order_cancelled' or basis = '{NONE}', nid,
                    occurred_at),
                not ({is_report})
            ) as all_refunds,
            arrayFilter(r -> r.1 = arrayMax(x -> x.1, all_refunds), all_refunds) as refunds
        from {{{{order_facts}}}}
        where {facts} and order_id in ({candidates})
        group by order_id
    """
