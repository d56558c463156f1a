"""Rows of an import that were not taken: in pages, and as a file to correct and send again."""

import uuid
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from chassis.jobs import JobState
from services.gateway.auth import Principal
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.importing.rejections import Rejected
from services.gateway.domain.masking import Sight, masked_text
from services.gateway.errors.files import FileNotThere, ImportNotReady
from services.gateway.errors.requests import CursorNotValid
from services.gateway.imports import rejected
from services.gateway.routes.import_answers import shown_row
from services.gateway.routes.imports import load
from services.gateway.routes.parts import Caller, Cursor, Limit, Parts, PartsOf
from services.gateway.store.imports import Import

router = APIRouter(tags=["imports"])


class RejectedRow(BaseModel):
    line: int = Field(description="On which it begins, the file's first being 1; in Parquet the row's number")
    reason: str
    detail: str = Field(description="Which column, what was found, what is wanted")
    row: dict[str, Any] | str = Field(description="As it was: by column, or the text where it has no columns")


class RejectedRowList(BaseModel):
    rejected: list[RejectedRow]
    next_cursor: str | None


@router.get("/v1/imports/{import_id}/rejected", summary="Rows that were not taken 未匯入的資料列")
async def list_rejected_rows(
    import_id: uuid.UUID, principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> RejectedRowList:
    """In the file's order; to teammates without personal data, which the downloaded file has."""
    found, n_parts = await _started(parts, principal, import_id)
    name, after = f"rejected {import_id}", (0, 0)
    if cursor:
        place = place_of(name, cursor, int, int)
        if place is None or not all(0 <= int(number) < 2**31 for number in place):
            raise CursorNotValid("The cursor belongs to another list.")
        after = (int(place[0]), int(place[1]))
    rows, behind = await rejected.page(
        parts.files, principal.tenant_id, found.import_id, parts=n_parts, after=after, size=limit
    )
    return RejectedRowList(
        rejected=[_row(row, found.kind, principal.sight) for row in rows],
        next_cursor=cursor_of(name, *behind) if behind else None,
    )


@router.get(
    "/v1/imports/{import_id}/rejected/file",
    summary="Rows that were not taken, as CSV 下載未匯入的資料列",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def download_rejected_rows(
    import_id: uuid.UUID, principal: Caller, parts: PartsOf
) -> StreamingResponse:
    """Line, reason, detail and the row as it was. Cells that a spreadsheet would compute begin with '.

    Every download is in the audit log.
    """
    found, n_parts = await _started(parts, principal, import_id)
    await parts.audit.write(principal.did("import.rejected_downloaded", f"import:{found.import_id}"))
    return _file(parts, found, n_parts, "")


@router.get(
    "/v1/imports/{import_id}/dry-run/rejected/file",
    summary="Rows that would not be taken, as CSV 下載試跑未通過的資料列",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def download_tried_rows(import_id: uuid.UUID, principal: Caller, parts: PartsOf) -> StreamingResponse:
    """All of the newest dry run, when it has ended: as `rejected/file` of an import that was started."""
    found = await load(parts, principal, import_id)
    if found.deleted_at is not None:
        raise FileNotThere("The import's file and its rejected rows have been deleted.")
    job = None if found.check_job is None else await parts.jobs.get(principal.tenant_id, found.check_job)
    if job is None or job.state is not JobState.SUCCEEDED:
        raise ImportNotReady("Try it first, and wait until the dry run has ended.")
    await parts.audit.write(principal.did("import.rejected_downloaded", f"import:{found.import_id}"))
    return _file(parts, found, int((job.result or {}).get("parts", 0)), job.id)


def _file(parts: Parts, found: Import, n_parts: int, tried_by: str) -> StreamingResponse:
    columns = found.look["form"]["columns"] if found.look else []
    lines = rejected.csv_of(
        parts.files, found.tenant_id, found.import_id, parts=n_parts, columns=columns, tried_by=tried_by
    )
    disposition = f'attachment; filename="rejected-{found.import_id}.csv"'
    return StreamingResponse(
        lines, media_type="text/csv; charset=utf-8", headers={"content-disposition": disposition}
    )


async def _started(parts: Parts, principal: Principal, import_id: uuid.UUID) -> tuple[Import, int]:
    """The import, and how many parts of rejected rows it has so far."""
    found = await load(parts, principal, import_id)
    if found.job is None:
        raise ImportNotReady("It has not been started; a dry run shows the first bad rows.")
    if found.deleted_at is not None:
        raise FileNotThere("The import's file and its rejected rows have been deleted.")
    job = await parts.jobs.get(principal.tenant_id, found.job)
    told: Mapping[str, Any] = job.result or job.checkpoint or {}
    return found, int(told.get("parts", 0))


def _row(row: Rejected, kind: str, sight: Sight) -> RejectedRow:
    sent = row.row if isinstance(row.row, str) else dict(row.row)
    detail = row.detail if sight.everything else masked_text(row.detail)
    return RejectedRow(line=row.line, reason=row.reason, detail=detail, row=shown_row(sent, kind, sight))
