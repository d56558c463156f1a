"""Tells the event store a history of tests/gene_histories.py as the writer would, without a bus between."""

import uuid
from collections.abc import Iterable

from contracts.identity.v1 import events_pb2 as identity_pb2

from chassis.bus import Message
from chassis.clickhouse import ClickHouse
from services.insight.store.events import EventStore
from services.insight.store.rows import Block
from services.insight.subscriptions import Rows
from tests.gene_reference import History
from tests.gene_reference.published import messages
from tests.service.insight.installation import ERASED


class Told:
    """One fresh tenant's history in the store."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self.tenant_id = str(uuid.uuid4())
        self._clickhouse = clickhouse

    async def tell(self, history: History, after: int = 0, to: int | None = None) -> int:
        """The messages behind a place up to another; the place that everything is told to."""
        to = history.position if to is None else to
        block, rows = Block(), Rows()
        for message in messages(history, self.tenant_id):
            if after < message.seq <= to:
                assert rows.add(message, block) == []
        # Each writer's tokens are its own, so that stories at the same places are different inserts.
        await EventStore(self._clickhouse).insert(block)
        return to

    async def keep_first_seen(self, history: History) -> None:
        """The first moments that stay when retention deletes events."""
        for nid, at_ms in history.first_seen.items():
            await self._clickhouse.command(
                "insert into first_seen (tenant_id, nid, first_at) "
                f"values ('{self.tenant_id}', {nid}, fromUnixTimestamp64Milli({at_ms}))"
            )

    async def erase(self, nids: Iterable[int], position: int) -> None:
        erased = identity_pb2.ProfileErased(erasure_id=str(uuid.uuid4()), nids=sorted(nids))
        block = Block()
        assert Rows().add(self._message(ERASED, position, erased.SerializeToString()), block) == []
        await EventStore(self._clickhouse).insert(block)

    def _message(self, topic: str, position: int, data: bytes) -> Message:
        return Message(f"{topic}.{self.tenant_id}", position, data)
