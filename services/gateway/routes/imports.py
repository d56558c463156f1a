"""Importing files: making an import, sending its file, and starting what is done with it."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from collections.abc import Mapping as Dict
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.requests import ClientDisconnect

from chassis.database import Connection, open_transaction
from chassis.jobs import queue_job
from services.gateway.auth import Principal
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.importing.mapping import Column, Mapping, MappingNotValid, check
from services.gateway.errors.files import (
    FileNotTaken,
    FileTooLarge,
    ImportMappingNotValid,
    ImportNotFound,
    ImportNotReady,
    ImportStarted,
    TooManyImports,
)
from services.gateway.errors.lists import ImportOfAnotherKind
from services.gateway.errors.requests import CursorNotValid, EncodingNotSupported, RequestTooSlow
from services.gateway.imports import rejected
from services.gateway.imports.clearing import CLEAR_IMPORT
from services.gateway.imports.handlers import CHECK_IMPORT, IMPORT_FILE, LOOK_AT_FILE
from services.gateway.imports.uploads import unpacked
from services.gateway.routes.import_answers import ImportAnswer, ImportList, MappingBody, import_answer
from services.gateway.routes.jobs import JobAnswer, job_answer
from services.gateway.routes.parts import Body, Caller, Cursor, Limit, Parts, PartsOf, Storable
from services.gateway.store import duties, imports, tenants
from services.gateway.store.imports import Import

router = APIRouter(tags=["imports"])

# Files that nobody starts would fill the storage.
_MOST_WAITING = 20
_HEAR_OUT_SECONDS = 5.0


class Reading(Body):
    """How to read the file, where that shall not be found out."""

    format: Literal["csv", "jsonl", "parquet"] | None = None
    encoding: (
        Literal["utf-8", "utf-16-le", "utf-16-be", "big5", "big5-hkscs", "gb18030", "windows-1252"] | None
    ) = None
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    header: bool = Field(True, description="Whether the first row holds the columns' names")


class NewImport(Reading):
    kind: Literal["events", "members", "products", "list", "gene", "ad_costs"]
    file_name: Annotated[str, Field(min_length=1, max_length=200), Storable]


@router.post("/v1/imports", status_code=201, summary="Make an import 建立匯入")
async def make_import(body: NewImport, principal: Caller, parts: PartsOf) -> ImportAnswer:
    """Then send its file to `PUT /v1/imports/{id}/file`."""
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        if await imports.count_waiting(connection, principal.tenant_id) >= _MOST_WAITING:
            raise TooManyImports(f"{_MOST_WAITING} imports wait to be started.", limit=_MOST_WAITING)
        made = await imports.add(
            connection,
            principal.tenant_id,
            {"kind": body.kind, "file_name": body.file_name, "asked": _asked(body)},
            created_by=principal.name,
        )
        duty = {"import_id": made.import_id}
        await duties.add_duty(connection, principal.tenant_id, CLEAR_IMPORT, duty)
        entry = principal.did("import.made", f"import:{made.import_id}", after={"kind": body.kind})
        await parts.audit.record(connection, entry)
    return await import_answer(parts.jobs, made, principal.sight)


@router.get("/v1/imports", summary="Imports, newest first 匯入清單")
async def list_imports(
    principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> ImportList:
    before: str | None = None
    if cursor:
        place = place_of("imports", cursor, str)
        if place is None or not _is_uuid(str(place[0])):
            raise CursorNotValid("The cursor belongs to another list.")
        before = str(place[0])
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        found = await imports.page(connection, principal.tenant_id, before=before, size=limit + 1)
    following = cursor_of("imports", found[limit - 1].import_id) if len(found) > limit else None
    answers = [await import_answer(parts.jobs, one, principal.sight, brief=True) for one in found[:limit]]
    return ImportList(imports=answers, next_cursor=following)


@router.get("/v1/imports/{import_id}", summary="One import, its columns and progress 匯入狀態")
async def get_import(import_id: uuid.UUID, principal: Caller, parts: PartsOf) -> ImportAnswer:
    return await import_answer(parts.jobs, await load(parts, principal, import_id), principal.sight)


@router.put(
    "/v1/imports/{import_id}/file",
    status_code=202,
    summary="Send the file 上傳檔案",
    openapi_extra={"requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}},
)
async def put_import_file(
    import_id: uuid.UUID, request: Request, principal: Caller, parts: PartsOf
) -> ImportAnswer:
    """CSV, JSON lines or Parquet, plain or as gzip, up to 2 GB also when it is unpacked.

    Sending again replaces it; one that breaks off leaves what was there. Then the columns are read: watch
    `state` until it is "ready".
    """
    found = _changeable(await load(parts, principal, import_id))
    try:
        size = await _stored(request, parts, found)
    except (EncodingNotSupported, FileNotTaken, FileTooLarge):
        await _hear_out(request)
        raise
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        now = await _locked(connection, found)
        stored = {"size_bytes": size, "stored_at": datetime.now(UTC), "mapping": None, "check_job": None}
        await imports.change(connection, now, **stored)
        entry = principal.did("import.file_stored", f"import:{found.import_id}", after={"bytes": size})
        await parts.audit.record(connection, entry)
    return await _look(parts, principal, found)


@router.post("/v1/imports/{import_id}/look", status_code=202, summary="Read the file otherwise 重新讀取檔案")
async def look_at_import(
    import_id: uuid.UUID, body: Reading, principal: Caller, parts: PartsOf
) -> ImportAnswer:
    """With another encoding, delimiter or format than was found out."""
    found = _changeable(await load(parts, principal, import_id))
    if found.size_bytes is None:
        raise ImportNotReady("Send the file first.")
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        now = await _locked(connection, found)
        await imports.change(connection, now, asked=_asked(body), mapping=None, check_job=None)
        entry = principal.did("import.reading_chosen", f"import:{found.import_id}", after=_asked(body))
        await parts.audit.record(connection, entry)
    return await _look(parts, principal, found)


@router.put("/v1/imports/{import_id}/mapping", summary="Say what its columns are 設定欄位對應")
async def put_import_mapping(
    import_id: uuid.UUID, body: MappingBody, principal: Caller, parts: PartsOf
) -> ImportAnswer:
    """`suggested` of the import is one to begin with. Columns that are not named are left out."""
    found = _changeable(await load(parts, principal, import_id))
    if found.look is None:
        raise ImportNotReady("Send the file, and wait until its columns were read.")
    tenant = await tenants.load_tenant(parts.engine, principal.tenant_id)
    mapping = Mapping(
        columns=tuple(Column(column.column, column.to, column.type) for column in body.columns),
        constants=body.constants,
        lines_of_orders=body.lines_of_orders,
        whole_events=body.whole_events,
        time_zone=body.time_zone or (tenant.time_zone if tenant else "UTC"),
    )
    form = found.look["form"]
    try:
        check(mapping, found.kind, form["columns"])  # type: ignore[arg-type]
        if mapping.whole_events and form["format"] != "jsonl":
            raise MappingNotValid("whole_events: only JSON lines hold whole events.")
    except MappingNotValid as fault:
        raise ImportMappingNotValid(str(fault)) from fault
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        now = await _locked(connection, found)
        await imports.change(connection, now, mapping=mapping.as_facts(), check_job=None)
        told = {"columns": len(mapping.columns)}
        entry = principal.did("import.mapped", f"import:{found.import_id}", after=told)
        await parts.audit.record(connection, entry)
    return await import_answer(parts.jobs, await load(parts, principal, import_id), principal.sight)


@router.post("/v1/imports/{import_id}/dry-run", status_code=202, summary="Try it 試跑")
async def check_import(import_id: uuid.UUID, principal: Caller, parts: PartsOf) -> JobAnswer:
    """A job that reads the whole file and stores nothing; its result is `dry_run` of the import."""
    found = _mapped(_changeable(await load(parts, principal, import_id)))
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        now = _mapped(await _locked(connection, found))
        job = await queue_job(
            connection, principal.tenant_id, CHECK_IMPORT, _arguments(now), created_by=principal.name
        )
        await imports.change(connection, now, check_job=job.id)
        await parts.audit.record(connection, principal.did("import.checked", f"import:{found.import_id}"))
    return job_answer(job, principal.sight)


@router.post("/v1/imports/{import_id}/start", status_code=202, summary="Start it 開始匯入")
async def start_import(import_id: uuid.UUID, principal: Caller, parts: PartsOf) -> ImportAnswer:
    """Rows that were imported before, from this file or another, change nothing."""
    return await start(parts, principal, import_id, {})


@router.post("/v1/imports/{import_id}/cancel", status_code=202, summary="Stop it 取消匯入")
async def cancel_import(import_id: uuid.UUID, principal: Caller, parts: PartsOf) -> ImportAnswer:
    """Within two seconds. What was imported stays; importing the file again adds only what is missing."""
    found = await load(parts, principal, import_id)
    if found.job is None:
        raise ImportNotReady("It has not been started.")
    await parts.jobs.cancel(principal.tenant_id, found.job)
    await parts.audit.write(principal.did("import.cancelled", f"import:{found.import_id}"))
    return await import_answer(parts.jobs, found, principal.sight)


async def start(
    parts: Parts, principal: Principal, import_id: uuid.UUID, target: Dict[str, object]
) -> ImportAnswer:
    """Queue the job; `target` says which list or gene it changes, and how."""
    found = _mapped(_changeable(await load(parts, principal, import_id)))
    wanted = {"list": "list_id", "gene": "gene_id"}.get(found.kind)
    if set(target) != ({wanted, "mode"} if wanted else set()):
        raise ImportOfAnotherKind(f"This is an import of kind {found.kind}.", kind=found.kind)
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        now = _mapped(await _locked(connection, found))
        arguments = {**_arguments(now), **target}
        job = await queue_job(
            connection, principal.tenant_id, IMPORT_FILE, arguments, created_by=principal.name
        )
        await imports.change(connection, now, job=job.id)
        told = {"job": job.id, **target}
        entry = principal.did("import.started", f"import:{found.import_id}", after=told)
        await parts.audit.record(connection, entry)
    return await import_answer(parts.jobs, await load(parts, principal, import_id), principal.sight)


async def load(parts: Parts, principal: Principal, import_id: uuid.UUID) -> Import:
    """Raises ImportNotFound."""
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        found = await imports.load(connection, principal.tenant_id, str(import_id))
    if found is None:
        raise ImportNotFound("There is no such import.")
    return found


async def _look(parts: Parts, principal: Principal, found: Import) -> ImportAnswer:
    """Have the file read; what was found before is gone."""
    tenant = await tenants.load_tenant(parts.engine, principal.tenant_id)
    arguments = {"import_id": found.import_id, "time_zone": tenant.time_zone if tenant else "UTC"}
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        now = await _locked(connection, found)
        job = await queue_job(
            connection, principal.tenant_id, LOOK_AT_FILE, arguments, created_by=principal.name
        )
        await imports.change(connection, now, look=None, look_job=job.id)
    looking = await load(parts, principal, uuid.UUID(found.import_id))
    return await import_answer(parts.jobs, looking, principal.sight)


async def _locked(connection: Connection, found: Import) -> Import:
    """As it is now, which nobody changes before the transaction ends."""
    now = await imports.load(connection, found.tenant_id, found.import_id, lock=True)
    if now is None:
        raise ImportNotFound("There is no such import.")
    return _changeable(now)


def _changeable(found: Import) -> Import:
    if found.job is not None:
        raise ImportStarted("The import has been started.")
    if found.deleted_at is not None:
        raise ImportNotReady("The import was cleared away: make another one.")
    return found


def _mapped(found: Import) -> Import:
    if found.mapping is None or found.look is None:
        raise ImportNotReady("Say first what its columns are.")
    return found


def _arguments(found: Import) -> dict[str, object]:
    return {"import_id": found.import_id, "mapping": found.mapping}


def _asked(body: Reading) -> dict[str, object]:
    told = {"format": body.format, "encoding": body.encoding, "delimiter": body.delimiter}
    return {name: value for name, value in told.items() if value is not None} | {"header": body.header}


async def _stored(request: Request, parts: Parts, found: Import) -> int:
    """The size of the file, once it is stored as a whole."""
    if request.headers.get("content-encoding", "identity") not in ("identity", "gzip"):
        raise EncodingNotSupported("Send the file plain or as gzip.")
    most = parts.settings.import_max_bytes
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise FileTooLarge(f"A file takes at most {most} bytes.", limit=most)
    chunks = unpacked(_chunks(request), max_bytes=most)
    name = rejected.file_name(found.import_id)
    return await parts.files.write(found.tenant_id, rejected.KIND, name, chunks, max_bytes=most)


async def _hear_out(request: Request) -> None:
    """A connection that is closed while its sender still sends is reset, and the answer never read."""
    # RuntimeError: it was read to its end before it was refused.
    with contextlib.suppress(TimeoutError, ClientDisconnect, RuntimeError):
        async with asyncio.timeout(_HEAR_OUT_SECONDS):
            async for _ in request.stream():
                pass


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            if chunk:
                yield chunk
    except ClientDisconnect as gone:
        raise RequestTooSlow("The file broke off.") from gone


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
