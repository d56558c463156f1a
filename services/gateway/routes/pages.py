"""Pages beside the console: the documentation, every failure, who may do what, and their files."""

import html
from pathlib import Path
from typing import TypeGuard

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from chassis.bus import BusUnavailable
from chassis.database import DatabaseUnavailable
from chassis.errors import ExpectedError
from services.gateway.errors import (
    files,
    lists,
    people,
    requests,
    saved_segments,
    segments,
    sign_in,
    teammates,
)
from services.gateway.errors.requests import PageNotFound
from services.gateway.routes.roles import roles_html
from services.gateway.settings import Settings

_STATIC = Path(__file__).parent.parent / "static"
# Named here, so that no path of a request ever becomes the path of a file.
_FILES = {path.name: path for path in _STATIC.iterdir() if path.suffix in {".css", ".svg"}}
_RAPIDOC = "rapidoc-min.js"
# RapiDoc styles itself inside its shadow roots; scripts stay our own.
_DOCS_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_REVALIDATE = {"cache-control": "no-cache"}


def pages(settings: Settings) -> APIRouter:
    """Routes of the pages; they are no part of the API's document."""
    router = APIRouter(include_in_schema=False)
    files = _FILES | {_RAPIDOC: settings.documentation_script}

    @router.get("/docs/roles")
    async def roles(request: Request) -> Response:
        page = (_STATIC / "roles.html").read_text(encoding="utf-8")
        return HTMLResponse(
            page.replace("<!--roles-->", roles_html(request.app.openapi())), headers=_REVALIDATE
        )

    @router.get("/docs")
    async def documentation() -> Response:
        headers = _REVALIDATE | {"content-security-policy": _DOCS_CSP}
        return FileResponse(_STATIC / "docs.html", headers=headers)

    @router.get("/docs/errors")
    async def failures() -> Response:
        page = (_STATIC / "errors.html").read_text(encoding="utf-8")
        return HTMLResponse(page.replace("<!--failures-->", _failures()), headers=_REVALIDATE)

    @router.get("/favicon.ico")
    async def icon() -> Response:
        return FileResponse(_STATIC / "icon.svg", media_type="image/svg+xml", headers=_REVALIDATE)

    @router.get("/static/{name}")
    async def static_file(name: str) -> Response:
        path = files.get(name)
        if path is None or not path.is_file():
            raise PageNotFound("There is no such file.")
        return FileResponse(path, headers=_REVALIDATE)

    return router


def promised_failures() -> list[type[ExpectedError]]:
    """Every failure a caller of the gateway may meet, by reason."""
    modules = (requests, sign_in, teammates, people, files, lists, saved_segments, segments)
    kinds = [kind for module in modules for kind in vars(module).values() if _is_own(kind, module.__name__)]
    return sorted([*kinds, BusUnavailable, DatabaseUnavailable], key=lambda kind: kind.reason)


def _is_own(kind: object, module: str) -> TypeGuard[type[ExpectedError]]:
    return isinstance(kind, type) and issubclass(kind, ExpectedError) and kind.__module__ == module


def _failures() -> str:
    return "\n".join(_failure(kind) for kind in promised_failures())


def _failure(kind: type[ExpectedError]) -> str:
    reason = html.escape(kind.reason)
    status = kind("").http_status
    remedy = html.escape(" ".join((kind.__doc__ or "").split()))
    return f'<section id="{reason}"><h2>{reason} <small>{status}</small></h2><p>{remedy}</p></section>'
