"""Signing in to the pages, signing out, and choosing a tenant."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.gateway.auth import token_hash
from services.gateway.errors import TenantNotFound
from services.gateway.routes.parts import Parts, PartsOf, Storable
from services.gateway.store import teammates
from services.gateway.store.teammates import Session

router = APIRouter(tags=["session"])


class SignIn(BaseModel):
    email: Annotated[str, Field(min_length=3, max_length=254), Storable]
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class ChooseTenant(BaseModel):
    tenant_id: Annotated[str, Field(max_length=36)]


class TenantChoice(BaseModel):
    id: str
    name: str
    role: str


class SessionAnswer(BaseModel):
    """Who is signed in, and where they may go."""

    name: str
    email: str
    tenant_id: str
    tenants: list[TenantChoice]


class SignedIn(BaseModel):
    expires_at: datetime


@router.post("/v1/session", status_code=201, summary="Sign in 登入")
async def sign_in(body: SignIn, request: Request, response: Response, parts: PartsOf) -> SignedIn:
    """Sets the session's cookie. After ten attempts for one address, one more every six seconds."""
    parts.door.require_own_page(request, unknown_is_own=True)
    address = request.client.host if request.client else ""
    token, expires_at = await parts.door.sign_in(body.email.strip().lower(), body.password, address)
    response.set_cookie(
        parts.door.cookie,
        token,
        max_age=int(parts.settings.session_hours * 3600),
        path="/",
        secure=parts.door.secure,
        httponly=True,
        samesite="strict",
    )
    return SignedIn(expires_at=expires_at)


@router.get("/v1/session", summary="Who is signed in 目前登入者")
async def get_session(request: Request, parts: PartsOf) -> SessionAnswer:
    return _answer(await parts.door.session(request))


@router.put("/v1/session/tenant", summary="Choose a tenant 切換商店")
async def choose_tenant(body: ChooseTenant, request: Request, parts: PartsOf) -> SessionAnswer:
    """For this session, from now on; one request may choose another with the header X-Tenant."""
    session = await parts.door.session(request)
    if all(membership.tenant_id != body.tenant_id for membership in session.memberships):
        raise TenantNotFound("You do not belong to such a tenant.")
    await teammates.choose_tenant(parts.engine, token_hash(_token(request, parts)), body.tenant_id)
    return _answer(await parts.door.session(request))


@router.delete("/v1/session", status_code=204, summary="Sign out 登出")
async def sign_out(request: Request, parts: PartsOf) -> Response:
    await parts.door.session(request)
    await teammates.delete_session(parts.engine, token_hash(_token(request, parts)))
    response = Response(status_code=204)
    response.delete_cookie(
        parts.door.cookie, path="/", secure=parts.door.secure, httponly=True, samesite="strict"
    )
    return response


def _token(request: Request, parts: Parts) -> str:
    return request.cookies.get(parts.door.cookie, "")


def _answer(session: Session) -> SessionAnswer:
    return SessionAnswer(
        name=session.name,
        email=session.email,
        tenant_id=session.tenant_id,
        tenants=[TenantChoice(id=m.tenant_id, name=m.tenant_name, role=m.role) for m in session.memberships],
    )
