"""Writes blocks into the event store, each row once, and knows how far it is written."""

import asyncio
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chassis.clickhouse import ClickHouse
from services.insight.store import native
from services.insight.store.rows import Block, Places, TableRows

# The order of writing: events last, so that an event that is there proves its whole block.
_OF_EVENTS = ("order_facts", "traits", "event_details")
_BEFORE_EVENTS = ("profile_of", "reachability", "erased_nids", "forgotten_tenants", *_OF_EVENTS)
_TABLES = (*_BEFORE_EVENTS, "events")


@dataclass(frozen=True, slots=True)
class Watermark:
    """Everything up to `position` of identity's stream is counted; `as_of` is its newest receipt."""

    position: int
    as_of: datetime | None

    def after(self, block: Block) -> "Watermark":
        as_of = self.as_of
        if block.newest_received_at:
            newest = datetime.fromtimestamp(block.newest_received_at / 1000, UTC)
            as_of = max(as_of, newest) if as_of else newest
        return replace(self, position=block.last_position, as_of=as_of)


class EventStore:
    """The tables of rows.py in insight's ClickHouse database."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse
        # Unlike any other writer's: what an earlier one left is found by reading back, not by its token.
        self._boot = secrets.token_hex(8)

    async def highest_position(self) -> int:
        """The highest place that is known to be written; 0 in an empty store."""
        tables = (*_TABLES, "cleanings", "silences")
        return max(await asyncio.gather(*(self._highest(table) for table in tables)))

    async def save_silence(self, position: int) -> None:
        """Remember that all is written up to a place that has no row."""
        await self._clickhouse.insert(
            "silences",
            ["position"],
            native.block([("position", "UInt64", native.integers([position], "<u8"))], 1),
            format="Native",
            token=f"{self._boot}-silence-{position}",
        )

    async def cleaned_to(self) -> int:
        """Up to where rows may have been deleted; all of them had been written."""
        return await self._highest("cleanings")

    async def _highest(self, table: str) -> int:
        answer = await self._clickhouse.fetch_unscoped(f"select max(position) from {table}")
        return int(answer.rows[0][0])

    async def watermark(self, reread_from: int) -> Watermark:
        """How far the store is certainly complete: a block in hand when the writer died may be half there.

        Blocks begin behind `reread_from` or are complete. A block within one month is whole or not there, so
        its newest event proves the messages before its own; one over two months could be there by half.
        """
        newest = await self._clickhouse.fetch_unscoped(
            "select max(position), uniqExact(toYYYYMM(received_at)) from events "
            "where position > {reread_from:UInt64}",
            reread_from=reread_from,
        )
        highest, months = newest.rows[0]
        position = max(reread_from, int(highest) - 1) if months == 1 else reread_from
        answer = await self._clickhouse.fetch_unscoped(
            "select max(received_at), count() from events where position <= {position:UInt64}",
            position=position,
        )
        as_of, events = answer.rows[0]
        return Watermark(position, as_of.replace(tzinfo=UTC) if events else None)

    async def places(self, after: int) -> dict[str, Places]:
        """Which rows behind a place are there, by table."""
        answers = await asyncio.gather(*(self._places(table, after) for table in _TABLES))
        return dict(zip(_TABLES, answers, strict=True))

    async def _places(self, table: str, after: int) -> Places:
        answer = await self._clickhouse.fetch_unscoped(
            f"select position, groupUniqArray(row) from {table} where position > {{after:UInt64}} "
            "group by position",
            after=after,
        )
        return {int(position): frozenset(rows) for position, rows in answer.rows}

    async def insert(self, block: Block) -> None:
        """Write a block; after an error some of its rows may be there, or come yet.

        Called again it adds none twice, even when the first insert finishes while the second runs.
        """
        token = f"{self._boot}-{block.first_position}"
        await asyncio.gather(*(self._insert(table, getattr(block, table), token) for table in _BEFORE_EVENTS))
        await self._insert("events", block.events, token)

    async def _insert(self, table: str, rows: TableRows, token: str) -> None:
        if not len(rows):
            return
        columns = rows.columns()
        names = [name for name, _, _ in columns]
        await self._clickhouse.insert(
            table, names, native.block(columns, len(rows)), format="Native", token=token
        )
