"""Replaying bad rows: judged again as they were sent, then accepted once or kept with today's reason."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.gateway.v1 import events_pb2
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.bus import Bus
from chassis.database import open_transaction
from services.gateway.domain.bodies import OpenedBody
from services.gateway.domain.events import AcceptedRows, EventKind, UnreadableBody
from services.gateway.domain.intake import Circumstances, Intaker
from services.gateway.domain.keys import SourceKind
from services.gateway.domain.verification import TokenCheck
from services.gateway.publisher import ACCEPTED_TOPIC, MAX_MESSAGE_BYTES, add_sparse
from services.gateway.store import bad_rows
from services.gateway.store.bad_rows import BadRow, Place
from services.gateway.verification import Verification

_SOURCE_KINDS = {"browser": events_pb2.SOURCE_KIND_BROWSER, "server": events_pb2.SOURCE_KIND_SERVER}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of rows: accepted now, or bad for `reason` still."""

    replayed: int
    still_bad: int


@dataclass(frozen=True, slots=True)
class _Judged:
    row: BadRow
    accepted: AcceptedRows


class Replays:
    """Takes the way every event takes, with the same message id: what was counted before counts no more."""

    def __init__(self, engine: AsyncEngine, bus: Bus, verification: Verification) -> None:
        self._engine = engine
        self._bus = bus
        self._verification = verification

    async def replay(self, tenant_id: str, places: Sequence[Place]) -> Outcome:
        """Judge rows again; rows that were replayed before, or are not there, are left alone.

        A row is marked only after its event is stored. A crash between the two leaves the row as it was, and
        the next replay sends the same event again, which identity then drops as a copy.
        """
        judged: list[_Judged] = []
        still_bad = 0
        tokens = await self._verification.loaded(tenant_id)
        async with open_transaction(self._engine, tenant_id) as connection:
            for place in sorted(places):
                row = await bad_rows.lock_bad_row(connection, place)
                if row is None or row.status == "replayed":
                    continue
                verdict = judge(row, tokens)
                if isinstance(verdict, AcceptedRows):
                    judged.append(_Judged(row, verdict))
                else:
                    still_bad += 1
                    reason, detail = verdict
                    stage = row.stage if row.counted else "gateway.replay"
                    await bad_rows.save_reason(connection, place, stage=stage, reason=reason, detail=detail)
            for group in _groups(judged):
                await self._bus.publish(
                    f"{ACCEPTED_TOPIC}.{tenant_id}",
                    _message(group).SerializeToString(),
                    message_id=_replay_id(tenant_id, [(one.row.seq, one.row.row) for one in group]),
                )
            for one in judged:
                await bad_rows.save_replayed(connection, (one.row.seq, one.row.row))
        return Outcome(len(judged), still_bad)


def judge(row: BadRow, tokens: TokenCheck | None) -> AcceptedRows | tuple[str, str]:
    """The row's event as accepted columns of one, or the reason and detail why it is still bad.

    A token that a browser sent is looked at as of then; one that was taken out of the event vouches no more.
    """
    # Who sent an event of unknown origin may claim least.
    kind: SourceKind = "server" if row.key_kind == "server" else "browser"
    # An event that names itself nowhere still is the same one in every replay of this row.
    intaker = Intaker(kind, lambda: f"{row.seq}-{row.row}")
    body = OpenedBody([row.payload], write_key=None, sent_at=row.sent_at or None, damaged=True)
    call = EventKind(row.call) if row.call else None
    try:
        around = Circumstances(tokens=tokens if kind == "browser" else None)
        intake = intaker.judge(body, call, _milliseconds(row.received_at), around)
    except UnreadableBody as error:
        return error.reason, error.detail
    if intake.rejected:
        return intake.rejected[0].reason, intake.rejected[0].detail
    if row.counted:
        # Identity would drop it as a copy of the event that no store could keep.
        intake.accepted.message_ids[0] = f"~replayed-{row.seq}-{row.row}"
    return intake.accepted


def _replay_id(tenant_id: str, places: Sequence[Place]) -> str:
    """The same for the same rows only: after a replay that failed, another choice is another message."""
    return f"replay-{tenant_id}-{hashlib.blake2b(repr(places).encode(), digest_size=16).hexdigest()}"


def _groups(judged: Sequence[_Judged]) -> Iterator[list[_Judged]]:
    group: list[_Judged] = []
    size = 0
    for one in judged:
        if group and size + len(one.row.payload) > MAX_MESSAGE_BYTES:
            yield group
            group, size = [], 0
        group.append(one)
        size += len(one.row.payload)
    if group:
        yield group


def _message(group: Sequence[_Judged]) -> events_pb2.AcceptedEvents:
    message = events_pb2.AcceptedEvents()
    sources: dict[tuple[str, str], int] = {}
    for number, one in enumerate(group):
        key = (one.row.key_id, one.row.key_kind or "browser")
        if key not in sources:
            sources[key] = len(sources)
            message.sources.add(key_id=key[0], kind=_SOURCE_KINDS[key[1]])
        rows = one.accepted
        message.source_rows.append(sources[key])
        message.kinds.append(events_pb2.EventKind.ValueType(rows.kinds[0]))
        message.names.append(rows.names[0])
        message.timestamps_ms.append(rows.timestamps_ms[0])
        message.received_at_ms.append(_milliseconds(one.row.received_at))
        message.message_ids.append(rows.message_ids[0])
        message.user_ids.append(rows.user_ids[0])
        message.anonymous_ids.append(rows.anonymous_ids[0])
        message.payloads.append(rows.payloads[0])
        add_sparse(message, rows, number)
    return message


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
