"""Signing in to the pages, by password, code or passkey; signing out, and choosing a tenant."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from chassis.database import open_untenanted
from services.gateway.domain.permissions import Role
from services.gateway.errors.requests import RequestNotValid, TenantNotFound
from services.gateway.routes.parts import Body, Parts, PartsOf, Storable
from services.gateway.sessions import Place, Started
from services.gateway.sign_in import Half
from services.gateway.store import sessions, teammates
from services.gateway.store.sessions import Method, Session

router = APIRouter(tags=["session"])

Email = Annotated[str, Field(min_length=3, max_length=254), Storable]
Password = Annotated[str, Field(min_length=1, max_length=1024)]
Code = Annotated[str, Field(max_length=40, description="Six digits of the app, or a recovery code")]
Token = Annotated[str, Field(min_length=1, max_length=200)]
Credential = Annotated[dict[str, Any], Field(description="What navigator.credentials answered, as JSON")]


class SignInBody(Body):
    email: Email
    password: Password


class CodeBody(Body):
    ticket: Token
    code: Code


class PasskeyBody(Body):
    ticket: Token
    credential: Credential


class RenewalBody(Body):
    """A password, with a code where an authenticator app is set up; or a passkey's ticket and credential."""

    password: Annotated[str, Field(max_length=1024)] = ""
    code: Code = ""
    ticket: Annotated[str, Field(max_length=200)] = ""
    credential: Credential | None = None


class ChooseTenant(Body):
    tenant_id: Annotated[str, Field(max_length=36)]


class TenantChoice(BaseModel):
    id: str
    name: str
    role: Role
    second_factor_missing: bool = Field(description="It asks for a second factor, which was not shown")
    closing_at: datetime | None = Field(description="When the tenant's deletion was asked for")


class ActingAnswer(BaseModel):
    """An operator inside somebody's tenant."""

    impersonation_id: str
    tenant_id: str
    ends_at: datetime


class SessionAnswer(BaseModel):
    """Who is signed in, and where they may go."""

    id: str
    teammate_id: str
    name: str
    email: str
    language: teammates.Language
    tenant_id: str
    tenants: list[TenantChoice]
    method: Method
    second_factor: bool
    authenticated_at: datetime
    only_tenant: str | None = Field(description="The tenant whose single sign-on vouches, and no other")
    operator: bool = Field(description="Of the platform")
    acting: ActingAnswer | None = Field(description="Set while an operator is inside somebody's tenant")


class SignedIn(BaseModel):
    expires_at: datetime | None = Field(None, description="null: not signed in yet, a second factor is due")
    ticket: str | None = Field(None, description="For POST /v1/session/second-factor, five minutes long")


class ChallengeAnswer(BaseModel):
    """For navigator.credentials, and the ticket to send back with what it answers."""

    ticket: str
    options: dict[str, Any]


@router.post("/v1/session", status_code=201, summary="Sign in 登入")
async def sign_in(body: SignInBody, request: Request, response: Response, parts: PartsOf) -> SignedIn:
    """Sets the session's cookie, or answers 202 with a ticket when a second factor is due.

    After ten attempts for one address, one more every six seconds.
    """
    place = _stranger(request, parts)
    begun = await parts.sign_in.by_password(body.email.strip().lower(), body.password, place)
    if isinstance(begun, Half):
        response.status_code = 202
        return SignedIn(ticket=begun.ticket)
    return _admitted(parts, response, begun, place)


@router.post("/v1/session/second-factor", status_code=201, summary="Sign in, second half 兩步驟驗證")
async def sign_in_with_code(body: CodeBody, request: Request, response: Response, parts: PartsOf) -> SignedIn:
    """Five codes may be tried with one ticket; each code is good once."""
    place = _stranger(request, parts)
    return _admitted(parts, response, await parts.sign_in.by_code(body.ticket, body.code, place), place)


@router.post("/v1/session/passkey-challenge", status_code=201, summary="Begin with a passkey 通行密鑰挑戰")
async def challenge_passkey(request: Request, parts: PartsOf) -> ChallengeAnswer:
    place = _stranger(request, parts)
    challenge = await parts.sign_in.begin_by_passkey(place)
    return ChallengeAnswer(ticket=challenge.ticket, options=dict(challenge.options))


@router.post("/v1/session/passkey", status_code=201, summary="Sign in with a passkey 以通行密鑰登入")
async def sign_in_with_passkey(
    body: PasskeyBody, request: Request, response: Response, parts: PartsOf
) -> SignedIn:
    """Counts as two factors: the device is one, and it has verified its owner."""
    place = _stranger(request, parts)
    started = await parts.sign_in.by_passkey(body.ticket, body.credential, place)
    return _admitted(parts, response, started, place)


@router.post("/v1/session/renewal", summary="Show again who you are 再次驗證身分")
async def renew_session(
    body: RenewalBody, request: Request, response: Response, parts: PartsOf
) -> SessionAnswer:
    """What opens an account (factors, passkeys, address, single sign-on) may be done for ten minutes then."""
    session = await parts.door.sessions.load_own(request)
    shown = True
    if body.ticket:
        await parts.sign_in.require_passkey(session, body.ticket, body.credential or {})
    elif body.password:
        place = parts.door.sessions.place(request)
        shown = await parts.sign_in.require_password(session, body.password, body.code, place)
    else:
        raise RequestNotValid("Send a password, or a passkey's ticket and credential.")
    async with open_untenanted(parts.engine) as connection:
        token = await parts.door.sessions.renew(connection, session, second_factor=shown)
    parts.door.sessions.give(response, token)
    return _answer(await parts.door.sessions.load_by(token))


@router.get("/v1/session", summary="Who is signed in 目前登入者")
async def get_session(request: Request, parts: PartsOf) -> SessionAnswer:
    return _answer(await parts.door.session(request))


@router.put("/v1/session/tenant", summary="Choose a tenant 切換商店")
async def choose_tenant(body: ChooseTenant, request: Request, parts: PartsOf) -> SessionAnswer:
    """What pages open with from now on; each page may name another with the header X-Tenant."""
    session = await parts.door.session(request)
    if all(membership.tenant_id != body.tenant_id for membership in session.memberships):
        raise TenantNotFound("You do not belong to such a tenant.")
    await sessions.choose_tenant(parts.engine, session.session_id, body.tenant_id)
    return _answer(await parts.door.session(request))


@router.delete("/v1/session", status_code=204, summary="Sign out 登出")
async def sign_out(request: Request, parts: PartsOf) -> Response:
    session = await parts.door.session(request)
    await parts.accounts.end_session(session, session.session_id, parts.door.sessions.place(request))
    response = Response(status_code=204)
    parts.door.sessions.dismiss(response)
    return response


def _stranger(request: Request, parts: Parts) -> Place:
    """From where somebody comes who is not signed in; another site's page may not sign anybody in."""
    parts.door.require_own_page(request, unknown_is_own=True)
    return parts.door.sessions.place(request)


def _admitted(parts: Parts, response: Response, started: Started, place: Place) -> SignedIn:
    parts.door.sessions.admit(response, started, place)
    return SignedIn(expires_at=started.expires_at)


def _answer(session: Session) -> SessionAnswer:
    return SessionAnswer(
        id=session.session_id,
        teammate_id=session.teammate_id,
        name=session.name,
        email=session.email,
        language=session.language,
        tenant_id=session.tenant_id,
        tenants=[
            TenantChoice(
                id=m.tenant_id,
                name=m.tenant_name,
                role=m.role,
                second_factor_missing=m.second_factor_required
                and not session.second_factor
                and session.only_tenant is None,
                closing_at=m.closing_at,
            )
            for m in session.memberships
        ],
        method=session.method,
        second_factor=session.second_factor,
        authenticated_at=session.authenticated_at,
        only_tenant=session.only_tenant,
        operator=session.operator,
        acting=ActingAnswer(
            impersonation_id=session.acting.impersonation_id,
            tenant_id=session.acting.tenant_id,
            ends_at=session.acting.ends_at,
        )
        if session.acting
        else None,
    )
