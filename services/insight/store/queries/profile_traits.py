"""Traits of profiles: of each name the value that was set last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chassis.clickhouse import ClickHouse
from services.insight.store.queries.people import pieces
from services.insight.store.question import question


@dataclass(frozen=True, slots=True)
class LatestTrait:
    profile_id: int
    name: str
    # JSON.
    value: str
    set_at: datetime


_TRAITS = question(
    """
    select nid, name, max((occurred_at, position, row)) as newest, argMax(value, (occurred_at, position, row))
    from {{traits}}
    where nid in {nids:Array(UInt32)} and position <= {position:UInt64}
    group by nid, name
    """
)


async def load_traits(
    clickhouse: ClickHouse, tenant_id: str, position: int, owners: Mapping[int, int]
) -> list[LatestTrait]:
    """Of nid → profile: by profile, then by name."""
    newest: dict[tuple[int, str], tuple[tuple[Any, ...], str]] = {}
    for nids in pieces(owners):
        answer = await clickhouse.fetch(_TRAITS, tenant_id, position=position, nids=nids)
        for nid, name, place, value in answer.rows:
            key = owners[nid], name
            if key not in newest or tuple(place) > newest[key][0]:
                newest[key] = tuple(place), value
    return [
        LatestTrait(profile_id, name, value, place[0].replace(tzinfo=UTC))
        for (profile_id, name), (place, value) in sorted(newest.items(), key=lambda item: item[0])
    ]
