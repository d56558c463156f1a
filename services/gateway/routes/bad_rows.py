"""Events that were set aside: finding them, reading them, replaying them."""

import base64
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.masking import Sight, masked_json, masked_text
from services.gateway.errors.requests import BadRowNotFound, CursorNotValid
from services.gateway.jobs import REPLAY_BAD_ROWS, REPLAY_TEXT
from services.gateway.routes.jobs import JobAnswer, job_answer
from services.gateway.routes.parts import Body, Caller, Cursor, Limit, PartsOf, Search, Storable
from services.gateway.routes.sight import SightOf
from services.gateway.store import bad_rows
from services.gateway.store.bad_rows import BadRow, Filter, Place

router = APIRouter(tags=["bad rows"])

RowId = Annotated[str, Path(pattern=r"^[0-9]{1,18}-[0-9]{1,9}$", description="`id` of a bad row")]
Reason = Annotated[str, Query(max_length=100, description="Only this reason"), Storable]
Status = Annotated[Literal["", "new", "replayed"], Query(description="Waiting, or accepted by a replay")]


class BadRowAnswer(BaseModel):
    """One event that was set aside."""

    id: str
    stage: str = Field(description="The service and step that could not take it")
    reason: str
    detail: str = Field(description="Which field, what was found, what to do")
    message_id: str
    source: Literal["browser", "server", ""]
    key_id: str
    received_at: datetime
    status: Literal["new", "replayed"]
    replayed_at: datetime | None
    payload: str = Field(
        description="The event as sent, to teammates masked; bytes that are no text are shown as �"
    )


class FullBadRow(BadRowAnswer):
    payload_base64: str = Field(description="Exactly the bytes that were sent; to teammates `payload`")


class BadRowList(BaseModel):
    bad_rows: list[BadRowAnswer]
    next_cursor: str | None


class ReplayOrder(Body):
    """Which waiting rows to replay; without conditions all of them."""

    q: Annotated[str, Field(max_length=200), Storable] = ""
    reason: Annotated[str, Field(max_length=100), Storable] = ""


@router.get("/v1/bad-rows", summary="Search bad rows 搜尋異常資料")
async def list_bad_rows(
    principal: Caller,
    parts: PartsOf,
    sight: SightOf,
    *,
    q: Search = "",
    reason: Reason = "",
    status: Status = "new",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> BadRowList:
    """Newest first; `q` is looked for in reason, detail, message id and the event itself."""
    before: Place | None = None
    if cursor:
        place = place_of("bad-rows", cursor, int, int)
        if place is None or not all(0 <= int(number) < 2**63 for number in place):
            raise CursorNotValid("The cursor belongs to another list.")
        before = (int(place[0]), min(int(place[1]), 2**31 - 1))
    chosen = Filter(text=q, reason=reason, status=status)
    rows = await bad_rows.load_bad_rows(
        parts.engine, principal.tenant_id, chosen, before=before, limit=limit + 1
    )
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = cursor_of("bad-rows", rows[-1].seq, rows[-1].row)
    return BadRowList(bad_rows=[BadRowAnswer(**_facts(row, sight)) for row in rows], next_cursor=following)


@router.get("/v1/bad-rows/{row_id}", summary="One bad row 單筆異常資料")
async def get_bad_row(row_id: RowId, principal: Caller, parts: PartsOf, sight: SightOf) -> FullBadRow:
    row = await bad_rows.load_bad_row(parts.engine, principal.tenant_id, _place(row_id))
    if row is None:
        raise BadRowNotFound("There is no such bad row.")
    return _full(row, sight)


# Before the next path, which would take "replay" for an id.
@router.post("/v1/bad-rows/replay", status_code=202, summary="Replay many 批次重送")
async def replay_bad_rows(body: ReplayOrder, principal: Caller, parts: PartsOf) -> JobAnswer:
    """A job: watch it at /v1/jobs/{id}. Rows that are set aside after this call are not taken."""
    newest = await bad_rows.load_bad_rows(parts.engine, principal.tenant_id, Filter(), before=None, limit=1)
    arguments: dict[str, Any] = {
        # Who is looked for may be a person, and jobs are kept.
        "sealed_text": parts.sealer.seal(REPLAY_TEXT, body.q.encode()).decode() if body.q else "",
        "reason": body.reason,
        "status": "new",
        # 1: a place before the first row, where there are none.
        "to_seq": newest[0].seq if newest else 1,
    }
    job = await parts.jobs.start(principal.tenant_id, REPLAY_BAD_ROWS, arguments, created_by=principal.name)
    # Not what was looked for: it may be a person.
    told = {"by_text": bool(body.q), "by_reason": bool(body.reason)}
    await parts.audit.write(principal.did("bad_rows.replay_started", f"job:{job.id}", after=told))
    return job_answer(job, principal.sight)


@router.post("/v1/bad-rows/{row_id}/replay", summary="Replay one 重送單筆")
async def replay_bad_row(row_id: RowId, principal: Caller, parts: PartsOf, sight: SightOf) -> FullBadRow:
    """Judged again as it was sent: accepted now, or still `new` with the reason it has now."""
    place = _place(row_id)
    await parts.replays.replay(principal.tenant_id, [place])
    await parts.audit.write(principal.did("bad_row.replayed", f"bad_row:{row_id}"))
    row = await bad_rows.load_bad_row(parts.engine, principal.tenant_id, place)
    if row is None:
        raise BadRowNotFound("There is no such bad row.")
    return _full(row, sight)


def _place(row_id: str) -> Place:
    seq, _, row = row_id.partition("-")
    return int(seq), int(row)


def _full(row: BadRow, sight: Sight) -> FullBadRow:
    facts = _facts(row, sight)
    sent = row.payload if sight.everything else facts["payload"].encode()
    return FullBadRow(**facts, payload_base64=base64.b64encode(sent).decode())


def _facts(row: BadRow, sight: Sight) -> dict[str, Any]:
    payload = row.payload.decode("utf-8", "replace")
    return {
        "id": f"{row.seq}-{row.row}",
        "stage": row.stage,
        "reason": row.reason,
        "detail": row.detail if sight.everything else masked_text(row.detail),
        "message_id": row.message_id,
        "source": row.key_kind,
        "key_id": row.key_id,
        "received_at": row.received_at,
        "status": row.status,
        "replayed_at": row.replayed_at,
        "payload": payload if sight.everything else masked_json(payload),
    }
