"""The audit log: reading it, taking it away as CSV, and proving that nobody changed it."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import StreamingResponse

from services.gateway.domain.audit import Head, Stored
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.spreadsheets import MARK, csv_line
from services.gateway.errors.requests import CursorNotValid
from services.gateway.routes.parts import Caller, Cursor, Limit, PartsOf, Storable
from services.gateway.store import audit
from services.gateway.store.audit import Filter

router = APIRouter(tags=["audit"])

_PAGE = 500
_CHECKED_AT_ONCE = 5000
_COLUMNS = ("number", "at", "actor", "action", "subject", "before", "after", "address", "hash")

Actor = Annotated[str, Query(max_length=100, description="As in teammate:<id>, key:<id>"), Storable]
Action = Annotated[
    str,
    Query(max_length=100, description="As in key.made; with a dot at its end (key.) all of a kind"),
    Storable,
]
Subject = Annotated[str, Query(max_length=200, description="As in key:<id>"), Storable]
From = Annotated[AwareDatetime | None, Query(alias="from", description="Not before; with its UTC offset")]
To = Annotated[AwareDatetime | None, Query(alias="to", description="Before; with its UTC offset")]


class EntryAnswer(BaseModel):
    """One act."""

    number: int = Field(description="Without gaps in a tenant")
    at: datetime
    actor: str
    action: str
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]
    address: str
    hash: str = Field(description="SHA-256 over the hash before it and this entry")


class EntryList(BaseModel):
    entries: list[EntryAnswer]
    next_cursor: str | None


class VerificationAnswer(BaseModel):
    """What was found of the chain so far."""

    state: Literal["intact", "broken", "unfinished"] = Field(
        description="unfinished: everything up to `checked` is intact; go on with next_cursor"
    )
    checked: int = Field(description="Number of the last entry found as it was written")
    head: str = Field(description="Its hash. Keep it elsewhere to prove later that nothing was changed")
    anchored: int = Field(description="Number of the last entry whose hash the platform keeps apart")
    broken_at: int | None = Field(description="The first entry that is not as it was written, or is missing")
    why: Literal["changed", "missing", "replaced"] | None
    next_cursor: str | None


@router.get("/v1/audit", summary="Who did what 稽核紀錄")
async def list_audit(
    principal: Caller,
    parts: PartsOf,
    *,
    actor: Actor = "",
    action: Action = "",
    subject: Subject = "",
    at_from: From = None,
    at_to: To = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> EntryList:
    """Newest first."""
    before = 0
    if cursor:
        place = place_of("audit", cursor, int)
        if place is None or not 0 < int(place[0]) < 2**63:
            raise CursorNotValid("The cursor belongs to another list.")
        before = int(place[0])
    chosen = Filter(actor, action, subject, at_from, at_to)
    found = await audit.load_entries(
        parts.engine, principal.tenant_id, chosen, before=before, limit=limit + 1
    )
    following = cursor_of("audit", found[limit - 1].number) if len(found) > limit else None
    return EntryList(entries=[entry_answer(entry) for entry in found[:limit]], next_cursor=following)


@router.get(
    "/v1/audit.csv",
    summary="The audit log as CSV 匯出稽核紀錄",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_audit(
    principal: Caller,
    parts: PartsOf,
    *,
    actor: Actor = "",
    action: Action = "",
    subject: Subject = "",
    at_from: From = None,
    at_to: To = None,
) -> StreamingResponse:
    """All that matches, newest first. What a spreadsheet could take for a formula has an apostrophe first."""
    chosen = Filter(actor, action, subject, at_from, at_to)

    async def pages() -> AsyncIterator[str]:
        yield MARK + csv_line(_COLUMNS)
        before = 0
        while page := await audit.load_entries(
            parts.engine, principal.tenant_id, chosen, before=before, limit=_PAGE
        ):
            yield "".join(csv_line(_row(entry)) for entry in page)
            before = page[-1].number

    headers = {"content-disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(pages(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/v1/audit/verification", summary="Whether the log is as it was written 驗證稽核紀錄")
async def verify_audit(principal: Caller, parts: PartsOf, cursor: Cursor = "") -> VerificationAnswer:
    """Checks five thousand entries a call, from the first on; a long log takes several calls."""
    start = Head()
    if cursor:
        place = place_of("audit-check", cursor, int, str)
        if place is None or not 0 < int(place[0]) < 2**63:
            raise CursorNotValid("The cursor belongs to another list.")
        try:
            start = Head(int(place[0]), bytes.fromhex(str(place[1])))
        except ValueError:
            raise CursorNotValid("The cursor belongs to another list.") from None
    found = await parts.audit.verify(principal.tenant_id, start, limit=_CHECKED_AT_ONCE)
    reached = found.reached
    more = cursor_of("audit-check", reached.number, reached.hash.hex()) if not found.complete else None
    return VerificationAnswer(
        state="broken" if found.broken else "unfinished" if more else "intact",
        checked=reached.number,
        head=reached.hash.hex(),
        anchored=found.anchored,
        broken_at=found.broken.number if found.broken else None,
        why=found.broken.why if found.broken else None,
        next_cursor=more,
    )


def entry_answer(entry: Stored) -> EntryAnswer:
    """A stored entry as the API tells it."""
    return EntryAnswer(
        number=entry.number,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        before=json.loads(entry.before),
        after=json.loads(entry.after),
        address=entry.address,
        hash=entry.hash.hex(),
    )


def _row(entry: Stored) -> list[str]:
    return [
        str(entry.number),
        entry.at.isoformat(),
        entry.actor,
        entry.action,
        entry.subject,
        entry.before,
        entry.after,
        entry.address,
        entry.hash.hex(),
    ]
