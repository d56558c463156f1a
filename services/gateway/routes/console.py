"""The console: one page for each of its addresses, and the built files it is made of."""

import secrets
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from services.gateway.errors.requests import PageNotFound
from services.gateway.routes.built_files import BuiltFiles

# The first part of every address that console/src/app/places.ts has a page for.
PLACES = (
    "people",
    "segments",
    "overlaps",
    "schedules",
    "lists",
    "genes",
    "external-genes",
    "reports",
    "goals",
    "install",
    "new-shop",
    "imports",
    "jobs",
    "settings",
    "team",
    "audit",
    "operator",
    "account",
)
# Where nobody needs to be signed in: pages with an entry of their own.
_OUTSIDE = ("sign-in", "reset", "invitation")
_ASSETS = "assets"
_NONCE = "STYLE-NONCE"
# Style elements are let in only with the number of this one answer; scripts only as files of our own.
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A file's name changes with its content.
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


def console(folder: Path) -> APIRouter:
    """Routes of the console as it was built into `folder`."""
    router = APIRouter(include_in_schema=False)
    files = BuiltFiles(folder / _ASSETS)

    def answer(name: str) -> Response:
        path = folder / name
        if not path.is_file():
            raise PageNotFound("The console is not built here: run `make console`.")
        nonce = secrets.token_urlsafe(18)
        text = path.read_text(encoding="utf-8").replace(_NONCE, nonce)
        headers = {"cache-control": "no-store", "content-security-policy": _CSP.format(nonce=nonce)}
        return HTMLResponse(text, headers=headers)

    async def page() -> Response:
        return answer("index.html")

    async def outside() -> Response:
        return answer("outside.html")

    async def file(name: str, request: Request) -> Response:
        path, packed = files.find(name), files.find(f"{name}.gz")
        if path is None or path.suffix not in _TYPES:
            raise PageNotFound("There is no such file; load the page anew.")
        headers = _FOR_EVER | {"vary": "accept-encoding"}
        if packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            path, headers = packed, headers | {"content-encoding": "gzip"}
        return FileResponse(path, headers=headers, media_type=_TYPES[Path(name).suffix])

    router.add_api_route("/", page, name="console")
    for place in PLACES:
        router.add_api_route(f"/{place}", page, name=f"console {place}")
        router.add_api_route(f"/{place}/{{rest:path}}", page, name=f"console inside {place}")
    for place in _OUTSIDE:
        router.add_api_route(f"/{place}", outside, name=f"console {place}")
    router.add_api_route(f"/console/{_ASSETS}/{{name}}", file, name="console file")
    return router
