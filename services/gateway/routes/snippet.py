"""The browser snippet: its files for shops' pages, and the first-party cookie that it asks us to set."""

import hashlib
import re
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.gateway.errors.requests import PageNotFound, RequestNotValid
from services.gateway.routes.built_files import BuiltFiles

_FLOATING, _ABOUT = "v1.js", "v1.json"
_TYPES = {".js": "text/javascript", ".json": "application/json"}
# What has its content in its name may be kept; what changes is asked for again within the hour.
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_AN_HOUR = "public, max-age=3600, stale-while-revalidate=86400"
# Any page may load them: that is what they are for. An integrity is checked only where origins may read.
_ANYWHERE = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "timing-allow-origin": "*",
    "vary": "accept-encoding",
}
_COOKIE_SECONDS = 395 * 86_400
_COOKIE = re.compile(r"([0-9a-f]{32}) ([a-z0-9-]+(?:\.[a-z0-9-]+)+)?")
_MOST_COOKIE_BYTES = 300


def snippet(folder: Path) -> APIRouter:
    """Routes of the snippet as it was built into `folder`."""
    router = APIRouter(include_in_schema=False)
    files = BuiltFiles(folder)

    async def file(name: str, request: Request) -> Response:
        path, packed = files.find(name), files.find(f"{name}.gz")
        if path is None or path.suffix not in _TYPES:
            raise PageNotFound("There is no such file of the snippet; /nx/v1.json names those there are.")
        headers = _ANYWHERE | {"cache-control": _FOR_AN_HOUR if name in (_FLOATING, _ABOUT) else _FOR_EVER}
        if packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            path, headers["content-encoding"] = packed, "gzip"
        content = path.read_bytes()
        headers["etag"] = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=_TYPES[Path(name).suffix])

    router.add_api_route("/nx/{name}", file, methods=["GET", "HEAD"], name="snippet file")
    router.add_api_route("/nx/id", _keep_id, methods=["POST"], name="snippet id", status_code=204)
    return router


async def _keep_id(request: Request) -> Response:
    """The browser's id once more as a cookie, set by a server: browsers keep such a one for longer.

    It has effect where the shop proxies us under a name of its own. The page may delete it, as a refusal
    must; and it may have pages without https, so it is neither HttpOnly nor Secure. It opens nothing.
    """
    if request.headers.get("sec-fetch-site") not in ("same-origin", "same-site"):
        raise RequestNotValid("A page of the shop itself asks for this cookie, through the shop's own host.")
    told = _COOKIE.fullmatch((await request.body())[:_MOST_COOKIE_BYTES].decode("utf-8", "replace"))
    if told is None:
        raise RequestNotValid("The body is the browser's id, a space, and the cookie's domain or nothing.")
    # The page may be on another host of the shop; nobody can read what is not in the answer.
    headers = {"cache-control": "no-store", "cross-origin-resource-policy": "cross-origin"}
    response = Response(status_code=204, headers=headers)
    response.set_cookie("nx_id", told[1], max_age=_COOKIE_SECONDS, domain=told[2], samesite="lax")
    return response
