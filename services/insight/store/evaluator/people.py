"""Sets of profiles: how they are read, who there is, and which profiles nids belong to."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from services.insight.domain.genes.facts import U4
from services.insight.store.evaluator.asked import MOVED, Asked, Sql
from services.insight.store.evaluator.membership import EVERYBODY, MEMBERS, REACHABLE
from services.insight.store.queries.people import NIDS_OF_PROFILES
from services.insight.store.question import question

_FIRST_LARGE = 1
_CHANNELS = ("email", "sms", "line")
_MOVED = question(f"select nid, profile_id from ({MOVED})")
_NIDS = question(f"select nid from ({NIDS_OF_PROFILES})")


@dataclass(frozen=True, slots=True)
class Kinds:
    """Who is a member, and who is reachable by each channel; some of them may be nobody any more."""

    members: BitMap
    reachable: Mapping[str, BitMap]


async def load_profiles(clickhouse: ClickHouse, asked: Asked, sql: Sql, where: str = "true") -> BitMap:
    """The persons of a query's rows that fulfil a condition."""
    query = question(
        asked.narrowed(f"select hex(groupBitmapState(toUInt32(person))) from ({sql.text}) where {where}")
    )
    answer = await clickhouse.fetch(query, asked.tenant_id, **{**asked.values, **sql.values})
    return bitmap(answer.rows[0][0])


def bitmap(state: str) -> BitMap:
    """A groupBitmap state of UInt32 in hexadecimal digits.

    Few numbers are listed; many are a roaring bitmap in its portable format. Both follow a length.
    """
    data = bytes.fromhex(state)
    if data[0] != _FIRST_LARGE:
        # At most 32: their count takes one byte.
        return BitMap(np.frombuffer(data, dtype="<u4", offset=2))
    begins = 1
    while data[begins] & 128:
        begins += 1
    return BitMap.deserialize(data[begins + 1 :])


async def load_nids(clickhouse: ClickHouse, asked: Asked, profile_ids: Sequence[int]) -> list[int]:
    values = {**asked.values, "profile_ids": list(profile_ids)}
    answer = await clickhouse.fetch(_NIDS, asked.tenant_id, **values)
    return [int(row[0]) for row in answer.rows]


async def load_everybody(clickhouse: ClickHouse, asked: Asked) -> BitMap:
    return await load_profiles(clickhouse, asked, Sql(EVERYBODY))


async def load_kinds(clickhouse: ClickHouse, asked: Asked) -> Kinds:
    members, *reachable = await asyncio.gather(
        load_profiles(clickhouse, asked, Sql(MEMBERS)),
        *(
            load_profiles(clickhouse, asked, Sql(REACHABLE), f"has(value, '{channel}')")
            for channel in _CHANNELS
        ),
    )
    return Kinds(members, dict(zip(_CHANNELS, reachable, strict=True)))


async def profiles_in(clickhouse: ClickHouse, asked: Asked, nids: BitMap) -> BitMap:
    """The profiles that nids belong to."""
    return BitMap(await owners(clickhouse, asked, np.array(nids, dtype=np.uint32)))


async def owners(clickhouse: ClickHouse, asked: Asked, nids: U4) -> U4:
    """The profile of each nid, which rise; one that never moved is its own."""
    found = nids.copy()

    def take(block: pa.RecordBatch) -> None:
        moved = block.column(0).to_numpy()
        places = np.minimum(np.searchsorted(nids, moved), nids.size - 1)
        mine = nids[places] == moved
        found[places[mine]] = block.column(1).to_numpy()[mine]

    if nids.size:
        await clickhouse.read(_MOVED, asked.tenant_id, take, **asked.values)
    return found
