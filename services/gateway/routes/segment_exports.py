"""Who is in a segment, as a file."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from chassis.database import open_transaction
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.erasures import EXPORTS
from services.gateway.errors.people import ExportNotFound, ExportNotReady
from services.gateway.errors.requests import CursorNotValid
from services.gateway.errors.saved_segments import GeneColumnNotValid
from services.gateway.gene_columns import gene_columns
from services.gateway.jobs import EXPORT_SEGMENT
from services.gateway.routes.parts import Body, Caller, CommandId, Cursor, Limit, PartsOf, Storable
from services.gateway.store import segment_exports
from services.gateway.store.segment_exports import SegmentExport

router = APIRouter(tags=["segments"])

_MEDIA = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


Columns = list[Annotated[str, Field(max_length=80), Storable]]


class NewExport(Body):
    format: Literal["csv", "parquet"] = "csv"
    genes: Columns = Field(
        [], max_length=20, description="Columns: `orders`, `orders:30` (days), `orders:all`. 要匯出的基因"
    )


class SegmentExportAnswer(BaseModel):
    id: str
    segment_id: str
    job_id: str = Field(description="Watch it at /v1/jobs/{id}")
    state: Literal["making", "ready"]
    format: Literal["csv", "parquet"]
    genes: list[str]
    version: int | None = Field(description="Of the segment; null while it is being made")
    profiles: int | None
    size_bytes: int | None
    requested_by: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime


class SegmentExportList(BaseModel):
    exports: list[SegmentExportAnswer]
    next_cursor: str | None


@router.post("/v1/segments/{segment_id}/exports", status_code=202, summary="Export a segment 匯出客群")
async def make_segment_export(
    segment_id: uuid.UUID, body: NewExport, principal: Caller, command_id: CommandId, parts: PartsOf
) -> SegmentExportAnswer:
    """CSV for spreadsheets, or Parquet; one row a person, all of one moment.

    The erasure of any person deletes all of these files.
    """
    found = await segment_exports.load_export(parts.engine, principal.tenant_id, command_id)
    if found is not None:
        return _answer(found)
    await parts.clients.segments.get(principal.tenant_id, str(segment_id))
    await check_genes(parts, principal.tenant_id, body.genes)
    arguments = {"export_id": command_id, "segment_id": str(segment_id), **body.model_dump()}
    job = await parts.jobs.start(principal.tenant_id, EXPORT_SEGMENT, arguments, created_by=principal.name)
    now = datetime.now(UTC)
    new = SegmentExport(
        export_id=command_id,
        segment_id=str(segment_id),
        job_id=job.id,
        format=body.format,
        genes=body.genes,
        version=None,
        profiles=None,
        size_bytes=None,
        created_by=principal.name,
        created_at=now,
        finished_at=None,
        expires_at=now + timedelta(days=parts.settings.export_days),
    )
    told = {"segment_id": str(segment_id), "format": body.format, "genes": len(body.genes)}
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        await segment_exports.save_export(connection, principal.tenant_id, new)
        await parts.audit.record(
            connection, principal.did("segment_export.made", f"segment_export:{command_id}", after=told)
        )
    return _answer(new)


@router.get("/v1/segment-exports", summary="Exports of segments, newest first 客群匯出清單")
async def list_segment_exports(
    principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> SegmentExportList:
    """Those that have not expired."""
    before = None
    if cursor:
        before = _place(place_of("segment exports", cursor, str, str))
        if before is None:
            raise CursorNotValid("The cursor belongs to another list.")
    found = await segment_exports.load_exports(
        parts.engine, principal.tenant_id, before=before, limit=limit + 1
    )
    following = None
    if len(found) > limit:
        found = found[:limit]
        following = cursor_of("segment exports", found[-1].created_at.isoformat(), found[-1].export_id)
    return SegmentExportList(exports=[_answer(export) for export in found], next_cursor=following)


@router.get("/v1/segment-exports/{segment_export_id}", summary="One export of a segment 單一客群匯出")
async def get_segment_export(
    segment_export_id: uuid.UUID, principal: Caller, parts: PartsOf
) -> SegmentExportAnswer:
    return _answer(await _export(parts, principal.tenant_id, str(segment_export_id)))


@router.get(
    "/v1/segment-exports/{segment_export_id}/file",
    summary="Download an export of a segment 下載客群檔案",
    response_class=StreamingResponse,
    responses={200: {"content": {media: {} for media in _MEDIA.values()}}},
)
async def get_segment_export_file(
    segment_export_id: uuid.UUID, principal: Caller, parts: PartsOf
) -> StreamingResponse:
    """Every download is in the audit log."""
    export = await _export(parts, principal.tenant_id, str(segment_export_id))
    if export.size_bytes is None:
        raise ExportNotReady("The file is still being made.", job_id=export.job_id)
    # Asked for before anything is sent: what is not there must be a problem, not half a file.
    size_bytes = await parts.files.size(principal.tenant_id, EXPORTS, export.export_id)
    await parts.audit.write(principal.did("segment_export.downloaded", f"segment_export:{export.export_id}"))
    return StreamingResponse(
        _bytes(parts, principal.tenant_id, export.export_id),
        media_type=_MEDIA[export.format],
        headers={
            "content-length": str(size_bytes),
            "content-disposition": f'attachment; filename="segment-{export.segment_id}.{export.format}"',
            "cache-control": "no-store",
        },
    )


async def _bytes(parts: PartsOf, tenant_id: str, export_id: str) -> AsyncIterator[bytes]:
    async for chunk in parts.files.read(tenant_id, EXPORTS, export_id):
        yield chunk


async def check_genes(parts: PartsOf, tenant_id: str, genes: list[str]) -> None:
    """Raises GeneColumnNotValid; whether a gene takes its window is found out by the job."""
    catalogue = {gene.id for gene in (await parts.clients.genes.catalogue(tenant_id)).genes}
    for name, column in zip(genes, gene_columns(genes), strict=True):
        if column.external_gene_id:
            await parts.clients.external_genes.get(tenant_id, column.external_gene_id, counted=False)
        elif column.gene not in catalogue:
            raise GeneColumnNotValid("There is no such gene.", column=name)
    if len(set(genes)) < len(genes):
        raise GeneColumnNotValid("A column is there twice.")


async def _export(parts: PartsOf, tenant_id: str, export_id: str) -> SegmentExport:
    found = await segment_exports.load_export(parts.engine, tenant_id, export_id)
    if found is None or found.expires_at <= datetime.now(UTC):
        raise ExportNotFound("There is no such export.")
    return found


def _place(place: tuple[str | int, ...] | None) -> tuple[datetime, str] | None:
    if place is None:
        return None
    try:
        at = datetime.fromisoformat(str(place[0]))
        return (at, str(uuid.UUID(str(place[1])))) if at.tzinfo is not None else None
    except ValueError:
        return None


def _answer(export: SegmentExport) -> SegmentExportAnswer:
    return SegmentExportAnswer(
        id=export.export_id,
        segment_id=export.segment_id,
        job_id=export.job_id,
        state="making" if export.size_bytes is None else "ready",
        format="parquet" if export.format == "parquet" else "csv",
        genes=export.genes,
        version=export.version,
        profiles=export.profiles,
        size_bytes=export.size_bytes,
        requested_by=export.created_by,
        created_at=export.created_at,
        finished_at=export.finished_at,
        expires_at=export.expires_at,
    )
