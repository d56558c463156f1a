"""Whose facts a question is about: everybody's of a tenant, or those of some nids."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chassis.clickhouse import ClickHouse
from services.insight.domain.genes.facts import U4
from services.insight.store.facts_blocks import Gathered
from services.insight.store.question import Wide

# What fits into the address of a request, where values travel.
_NIDS_AT_ONCE = 4000
# The whole of a large tenant is read in minutes, not in the seconds that people wait for.
_SECONDS = {"max_execution_time": 900}
# More is joined in a thread.
_MUCH_BYTES = 1_000_000
# Later than everything: no moment.
NEVER = int(np.iinfo(np.int64).max)
AT = "toUnixTimestamp64Milli(occurred_at)"
# What is known: values position and until_ms.
SO_FAR = "position <= {position:UInt64} and occurred_at <= fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC')"
# Of events of one moment the later place is the newer; rows of one message are far fewer than 2^20.
PLACE = "bitOr(bitShiftLeft(position, 20), toUInt64(row))"
# A moment and a place as one number, which is above 0; of more columns the moment comes first.
_EARLIEST_MS = 2**46
PAIR = f"bitShiftLeft(toUInt128({AT} + {_EARLIEST_MS}), 64) + toUInt128({PLACE})"


def moment_of(pair: str) -> str:
    """NEVER where the pair is 0."""
    return f"if({pair} = 0, {NEVER}, toInt64(bitShiftRight({pair}, 64)) - {_EARLIEST_MS})"


def place_of(pair: str) -> str:
    return f"toInt64(bitAnd({pair}, toUInt128(18446744073709551615)))"


@dataclass(frozen=True, slots=True)
class Scope:
    """A tenant as of a place of identity's stream and a moment; `nids` is None for everybody."""

    clickhouse: ClickHouse
    tenant_id: str
    position: int
    until_ms: int
    nids: U4 | None = None
    # Of all readings of a scope two at a time, so that other questions find a thread too.
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    def only(self, nids: U4) -> "Scope":
        return replace(self, nids=nids)

    @property
    def at_once(self) -> "Scope":
        """For what several nids have together, such as orders: never in pieces, rather everybody's."""
        return self if self.nids is None or self.nids.size <= _NIDS_AT_ONCE else replace(self, nids=None)


async def read(scope: Scope, asked: Wide, gathered: Gathered, **values: Any) -> Gathered:
    """All blocks of the answer; `values` beside position, until_ms and nids."""
    values = {**values, "position": scope.position, "until_ms": scope.until_ms}
    for some in _pieces(scope.nids):
        async with scope.gate:
            await scope.clickhouse.read(
                asked.of_all if some is None else asked.of_some,
                scope.tenant_id,
                gathered.take,
                settings=_SECONDS,
                **(values if some is None else {**values, "nids": some}),
            )
    if gathered.n_bytes > _MUCH_BYTES:
        await asyncio.to_thread(gathered.join)
    return gathered


def _pieces(nids: U4 | None) -> Iterator[list[int] | None]:
    if nids is None:
        yield None
        return
    for start in range(0, len(nids), _NIDS_AT_ONCE):
        yield nids[start : start + _NIDS_AT_ONCE].tolist()
