"""The token endpoint for partners (OAuth 2, RFC 6749 §4.4), and how clients find it (RFC 8414)."""

import base64
import binascii
import uuid
from typing import Literal
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from services.gateway.domain.permissions import SCOPES
from services.gateway.partners import TOKEN_SECONDS, TokenRefused
from services.gateway.routes.parts import PartsOf

router = APIRouter(tags=["partners"])

_STATUS = {"invalid_client": 401}


class TokenAnswer(BaseModel):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a kind of token
    expires_in: int = Field(description="Seconds")
    scope: str


class TokenFailure(BaseModel):
    """RFC 6749 §5.2; invalid_target is RFC 8707's."""

    error: Literal[
        "invalid_request",
        "invalid_client",
        "invalid_scope",
        "invalid_target",
        "unsupported_grant_type",
    ]
    error_description: str


class TokenServer(BaseModel):
    """RFC 8414."""

    issuer: str
    token_endpoint: str
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    response_types_supported: list[str]
    scopes_supported: list[str]


_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "tenant": {"type": "string", "format": "uuid"},
                        "scope": {"type": "string", "description": "Scopes with blanks between"},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string"},
                    },
                }
            }
        },
    }
}


@router.post(
    "/oauth/token",
    summary="A partner's token 夥伴權杖",
    response_model=TokenAnswer,
    responses={400: {"model": TokenFailure}, 401: {"model": TokenFailure}},
    openapi_extra=_FORM,
)
async def issue_token(request: Request, parts: PartsOf) -> JSONResponse:
    """Client credentials, in the body or as HTTP Basic. `tenant` is the tenant's id.

    Without `tenant` the token only lists the tenants that granted something. Failures are RFC 6749's.
    """
    try:
        form = _form(await request.body())
        if form.get("grant_type") != "client_credentials":
            raise TokenRefused("unsupported_grant_type", "Send grant_type=client_credentials.")
        client = _client(request.headers.get("authorization", ""))
        client_id, secret = client or (form.get("client_id", ""), form.get("client_secret", ""))
        scopes = form.get("scope", "").split()
        issued = await parts.partners.issue(client_id, secret, _tenant(form.get("tenant", "")), scopes)
    except TokenRefused as error:
        status = _STATUS.get(error.error, 400)
        headers = {"cache-control": "no-store"} | ({"www-authenticate": "Basic"} if status == 401 else {})
        body = {"error": error.error, "error_description": error.description}
        return JSONResponse(body, status, headers)
    answer = TokenAnswer(access_token=issued.token, expires_in=TOKEN_SECONDS, scope=" ".join(issued.scopes))
    return JSONResponse(answer.model_dump(), headers={"cache-control": "no-store"})


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=20, strict_parsing=True)
    except ValueError as error:
        raise TokenRefused("invalid_request", "Send a form: application/x-www-form-urlencoded.") from error
    form = dict(pairs)
    if len(form) < len(pairs) or any("\0" in value for value in form.values()):
        raise TokenRefused("invalid_request", "A field is there twice, or holds a NUL.")
    return form


def _client(authorization: str) -> tuple[str, str] | None:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise TokenRefused("invalid_client", "The Authorization header is no HTTP Basic.") from error
    # RFC 6749 §2.3.1: both are form-encoded first.
    return unquote_plus(client_id), unquote_plus(secret)


def _tenant(text: str) -> str | None:
    if not text:
        return None
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise TokenRefused("invalid_target", "`tenant` is a tenant's id, a UUID.") from error


@router.get("/.well-known/oauth-authorization-server", summary="Where tokens come from 權杖端點")
async def get_token_server(parts: PartsOf) -> TokenServer:
    issuer = parts.settings.public_url
    return TokenServer(
        issuer=issuer,
        token_endpoint=f"{issuer}/oauth/token",
        grant_types_supported=["client_credentials"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        response_types_supported=[],
        scopes_supported=list(SCOPES),
    )
