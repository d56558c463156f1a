"""Traits of profiles: of each name the value that was set last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.clickhouse import ClickHouse
from services.insight.store.queries.people import NIDS_OF_PROFILES
from services.insight.store.question import question


@dataclass(frozen=True, slots=True)
class LatestTrait:
    profile_id: int
    name: str
    # JSON.
    value: str
    set_at: datetime


_TRAITS = question(
    f"""
    with people as ({NIDS_OF_PROFILES})
    select profile_id, name, argMax(value, (occurred_at, position, row)), max(occurred_at)
    from (
        select nid, name, value, occurred_at, position, row from {{{{traits}}}}
        where nid in (select nid from people) and position <= {{position:UInt64}}
    ) as said join people using (nid)
    group by profile_id, name
    order by profile_id, name
    """
)


async def load_traits(
    clickhouse: ClickHouse, tenant_id: str, position: int, profile_ids: Sequence[int]
) -> list[LatestTrait]:
    """By profile, then by name."""
    answer = await clickhouse.fetch(_TRAITS, tenant_id, position=position, profile_ids=list(profile_ids))
    return [
        LatestTrait(int(profile), name, value, set_at.replace(tzinfo=UTC))
        for profile, name, value, set_at in answer.rows
    ]
