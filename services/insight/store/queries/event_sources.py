"""How much arrived from each key lately, and in the same hour of the weeks before."""

from collections.abc import Sequence
from datetime import datetime

from chassis.clickhouse import ClickHouse
from services.insight.domain.event_sources import WEEKS, EventSource, usual
from services.insight.store.question import question

_SAME_HOURS = ", ".join(
    f"countIf(received_at > {{now:DateTime64(3)}} - interval {24 * 7 * week + 1} hour"
    f" and received_at <= {{now:DateTime64(3)}} - interval {24 * 7 * week} hour)"
    for week in range(1, WEEKS + 1)
)
# Partitions are months of receipt: at most three are read, and of them only narrow columns.
_SOURCES = question(
    f"""
    select source_key, min(received_at), max(received_at),
        countIf(received_at > {{now:DateTime64(3)}} - interval 10 minute),
        countIf(received_at > {{now:DateTime64(3)}} - interval 1 hour) as in_hour,
        countIf(received_at > {{now:DateTime64(3)}} - interval 1 day),
        [{_SAME_HOURS}],
        if(in_hour = 0, null, quantileExactIf(0.95)(
            toFloat64(dateDiff('millisecond', occurred_at, received_at)),
            received_at > {{now:DateTime64(3)}} - interval 1 hour
        ) / 1000)
    from {{{{events}}}}
    where received_at > {{now:DateTime64(3)}} - interval 29 day and received_at <= {{now:DateTime64(3)}}
        and position <= {{position:UInt64}} and not startsWith(source_key, 'import:')
    group by source_key
    order by source_key
    """
)


async def load_event_sources(
    clickhouse: ClickHouse, tenant_id: str, position: int, now: datetime
) -> Sequence[EventSource]:
    """By key."""
    answer = await clickhouse.fetch(_SOURCES, tenant_id, position=position, now=now)
    return [
        EventSource(
            key_id,
            last_at,
            int(ten_minutes),
            int(hour),
            int(day),
            usual(first_at, now, [int(one) for one in same_hours]),
            None if delay is None else max(0.0, round(delay, 3)),
        )
        for key_id, first_at, last_at, ten_minutes, hour, day, same_hours, delay in answer.rows
    ]
