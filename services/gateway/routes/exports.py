"""Everything that is known of one person, as a file for them."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from chassis.database import open_transaction
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.erasures import EXPORTS
from services.gateway.errors.people import ExportNotFound, ExportNotReady, ProfileNotFound
from services.gateway.errors.requests import CursorNotValid
from services.gateway.jobs import EXPORT_PERSON
from services.gateway.routes.parts import Caller, CommandId, Cursor, Limit, PartsOf
from services.gateway.routes.profiles import ProfileId
from services.gateway.store import exports
from services.gateway.store.exports import Export

router = APIRouter(tags=["privacy"])


class ExportAnswer(BaseModel):
    id: str
    profile_id: int
    job_id: str = Field(description="Watch it at /v1/jobs/{id}")
    state: Literal["making", "ready"]
    size_bytes: int | None
    requested_by: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime


class ExportList(BaseModel):
    exports: list[ExportAnswer]
    next_cursor: str | None


@router.post("/v1/profiles/{profile_id}/export", status_code=202, summary="Export a person 匯出個人資料")
async def make_export(
    profile_id: ProfileId, principal: Caller, command_id: CommandId, parts: PartsOf
) -> ExportAnswer:
    """A ZIP of person.json, with everything, and of CSV files for a spreadsheet."""
    known = await parts.clients.identity.get_profile(principal.tenant_id, profile_id)
    if known is None:
        raise ProfileNotFound("There is no such profile.")
    survivor = known.profile.profile_id
    found = await exports.load_export(parts.engine, principal.tenant_id, command_id)
    if found is not None:
        return _answer(found)
    arguments = {"export_id": command_id, "profile_id": survivor}
    now = datetime.now(UTC)
    job = await parts.jobs.start(principal.tenant_id, EXPORT_PERSON, arguments, created_by=principal.name)
    new = Export(
        export_id=command_id,
        profile_id=survivor,
        job_id=job.id,
        size_bytes=None,
        created_by=principal.name,
        created_at=now,
        finished_at=None,
        expires_at=now + timedelta(days=parts.settings.export_days),
    )
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        nids = sorted({survivor, *(identifier.nid for identifier in known.profile.identifiers)})
        await exports.save_export(connection, principal.tenant_id, new, nids)
        await parts.audit.record(
            connection,
            principal.did("export.made", f"export:{command_id}", after={"profile_id": survivor}),
        )
    return _answer(new)


@router.get("/v1/exports", summary="Exports, newest first 匯出清單")
async def list_exports(
    principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> ExportList:
    """Those that have not expired."""
    before = None
    if cursor:
        place = place_of("exports", cursor, str, str)
        before = _place(place)
        if before is None:
            raise CursorNotValid("The cursor belongs to another list.")
    found = await exports.load_exports(parts.engine, principal.tenant_id, before=before, limit=limit + 1)
    following = None
    if len(found) > limit:
        found = found[:limit]
        following = cursor_of("exports", found[-1].created_at.isoformat(), found[-1].export_id)
    return ExportList(exports=[_answer(export) for export in found], next_cursor=following)


@router.get("/v1/exports/{export_id}", summary="One export 單一匯出")
async def get_export(export_id: uuid.UUID, principal: Caller, parts: PartsOf) -> ExportAnswer:
    return _answer(await _export(parts, principal.tenant_id, str(export_id)))


@router.get(
    "/v1/exports/{export_id}/file",
    summary="Download an export 下載匯出檔",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}}},
)
async def get_export_file(export_id: uuid.UUID, principal: Caller, parts: PartsOf) -> StreamingResponse:
    """Every download is in the audit log."""
    export = await _export(parts, principal.tenant_id, str(export_id))
    if export.size_bytes is None:
        raise ExportNotReady("The file is still being made.", job_id=export.job_id)
    # Asked for before anything is sent: what is not there must be a problem, not half a file.
    size_bytes = await parts.files.size(principal.tenant_id, EXPORTS, export.export_id)
    await parts.audit.write(principal.did("export.downloaded", f"export:{export.export_id}"))
    return StreamingResponse(
        _bytes(parts, principal.tenant_id, export.export_id),
        media_type="application/zip",
        headers={
            "content-length": str(size_bytes),
            "content-disposition": f'attachment; filename="person-{export.profile_id}.zip"',
            "cache-control": "no-store",
        },
    )


async def _bytes(parts: PartsOf, tenant_id: str, export_id: str) -> AsyncIterator[bytes]:
    async for chunk in parts.files.read(tenant_id, EXPORTS, export_id):
        yield chunk


async def _export(parts: PartsOf, tenant_id: str, export_id: str) -> Export:
    found = await exports.load_export(parts.engine, tenant_id, export_id)
    if found is None or found.expires_at <= datetime.now(UTC):
        raise ExportNotFound("There is no such export.")
    return found


def _place(place: tuple[str | int, ...] | None) -> tuple[datetime, str] | None:
    if place is None:
        return None
    try:
        return datetime.fromisoformat(str(place[0])), str(uuid.UUID(str(place[1])))
    except ValueError:
        return None


def _answer(export: Export) -> ExportAnswer:
    return ExportAnswer(
        id=export.export_id,
        profile_id=export.profile_id,
        job_id=export.job_id,
        state="making" if export.size_bytes is None else "ready",
        size_bytes=export.size_bytes,
        requested_by=export.created_by,
        created_at=export.created_at,
        finished_at=export.finished_at,
        expires_at=export.expires_at,
    )
