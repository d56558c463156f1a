"""Invitations: an address and a role, a letter with a link, and what the link's holder may do with it.

The link's token travels in bodies, never in a path: paths end up in the logs of everything on the way.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from chassis.database import Connection, open_transaction
from services.gateway.audit import Entry
from services.gateway.auth import Principal, address_of
from services.gateway.domain.cursors import cursor_of
from services.gateway.domain.mail_addresses import mail_address
from services.gateway.domain.permissions import Role
from services.gateway.domain.teammates import refused
from services.gateway.errors.requests import KeyMissing, RequestNotValid
from services.gateway.errors.sign_in import NotSignedIn, OwnSignInNeeded
from services.gateway.errors.teammates import (
    AlreadyInvited,
    AlreadyTeammate,
    InvitationNotFound,
    InvitationNotValid,
    InvitationOfAnother,
    SignInFirst,
    TooManyInvitations,
)
from services.gateway.letters import Language, invitation_letter
from services.gateway.routes.parts import Body, Caller, Cursor, Limit, Parts, PartsOf, Storable
from services.gateway.routes.teammates import place_in, raise_refusal
from services.gateway.sessions import token_hash
from services.gateway.store import invitations, memberships, teammates, tenants
from services.gateway.store.invitations import Found, Invitation
from services.gateway.store.sessions import Session
from services.gateway.store.teammates import Teammate

router = APIRouter(tags=["teammates"])

_DAYS = 7
# So that nobody's mailbox is flooded in our name.
_MOST_A_DAY = 100
_RESEND = timedelta(minutes=1)


Email = Annotated[str, Field(min_length=3, max_length=254), AfterValidator(mail_address)]
Token = Annotated[str, Field(min_length=20, max_length=100, description="From the letter's link")]


class InvitationBody(Body):
    email: Email
    role: Role
    language: Annotated[Language, Field(description="Of the letter")] = "zh-TW"


class TokenBody(Body):
    token: Token


class AcceptanceBody(Body):
    """Name and password are for people without an account; a signed-in teammate needs neither."""

    token: Token
    name: Annotated[str, Field(min_length=1, max_length=100), Storable] | None = None
    password: Annotated[str, Field(min_length=8, max_length=1024)] | None = None


class InvitationAnswer(BaseModel):
    id: str
    email: str
    role: Role
    invited_by: str
    created_at: datetime
    sent_at: datetime
    expires_at: datetime


class InvitationList(BaseModel):
    invitations: list[InvitationAnswer]
    next_cursor: str | None


class OpenedInvitation(BaseModel):
    """What the holder of a link is invited to."""

    tenant_name: str
    email: str
    role: Role
    expires_at: datetime
    next: Literal["accept", "sign_in", "make_account", "sign_out"] = Field(
        description="accept: as the signed-in teammate; sign_in: there is an account with this address; "
        "make_account: with name and password; sign_out: somebody else is signed in"
    )


class Accepted(BaseModel):
    tenant_id: str
    role: Role
    made_account: bool = Field(description="true: sign in now with the password just chosen")


@router.get("/v1/invitations", summary="Open invitations 未接受的邀請")
async def list_invitations(
    principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> InvitationList:
    """Newest first, expired ones too: their letter can be sent again."""
    before = place_in("invitations", cursor) if cursor else None
    found = await invitations.load_invitations(
        parts.engine, principal.tenant_id, before=before, limit=limit + 1
    )
    following = None
    if len(found) > limit:
        found = found[:limit]
        following = cursor_of("invitations", found[-1].created_at.isoformat(), found[-1].invitation_id)
    return InvitationList(invitations=[_answer(each) for each in found], next_cursor=following)


@router.post("/v1/invitations", status_code=201, summary="Invite a teammate 邀請成員")
async def invite_teammate(body: InvitationBody, principal: Caller, parts: PartsOf) -> InvitationAnswer:
    """A letter with a link that works once, for seven days. Only owners invite owners."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    new = Invitation(
        tenant_id=principal.tenant_id,
        invitation_id=str(uuid.uuid4()),
        email=body.email,
        role=body.role,
        locale=body.language,
        invited_by=principal.name,
        created_at=now,
        sent_at=now,
        expires_at=now + timedelta(days=_DAYS),
    )
    sender = await _sender(parts, principal)
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        raise_refusal(refused(principal.role, None, body.role, n_owners=1))
        if await memberships.is_member(connection, body.email):
            raise AlreadyTeammate("This address belongs to the tenant already.")
        if await invitations.count_since(connection, now - timedelta(days=1)) >= _MOST_A_DAY:
            raise TooManyInvitations("Too many invitations within a day.", limit=_MOST_A_DAY)
        if not await invitations.save_invitation(connection, principal.tenant_id, new, token_hash(token)):
            raise AlreadyInvited("An invitation to this address is open.")
        await sender.send(connection, new, token)
        await parts.audit.record(connection, _did(principal, "invitation.sent", new))
    return _answer(new)


@router.post("/v1/invitations/{invitation_id}/letter", summary="Send the letter again 重寄邀請")
async def resend_invitation(invitation_id: uuid.UUID, principal: Caller, parts: PartsOf) -> InvitationAnswer:
    """With a new link for another seven days; the link before stops working."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    sender = await _sender(parts, principal)
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        found = await _open(connection, invitation_id)
        raise_refusal(refused(principal.role, None, found.role, n_owners=1))
        if found.sent_at > now - _RESEND:
            raise TooManyInvitations("The letter was sent within the last minute.", retry_after_seconds=60)
        expires_at = now + timedelta(days=_DAYS)
        await invitations.renew_invitation(connection, found.invitation_id, token_hash(token), expires_at)
        await sender.send(connection, found, token)
        await parts.audit.record(connection, _did(principal, "invitation.resent", found))
    return _answer(found).model_copy(update={"sent_at": now, "expires_at": expires_at})


@router.delete("/v1/invitations/{invitation_id}", status_code=204, summary="Revoke an invitation 撤回邀請")
async def revoke_invitation(invitation_id: uuid.UUID, principal: Caller, parts: PartsOf) -> Response:
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        found = await _open(connection, invitation_id)
        raise_refusal(refused(principal.role, None, found.role, n_owners=1))
        await invitations.revoke_invitation(connection, found.invitation_id)
        await parts.audit.record(connection, _did(principal, "invitation.revoked", found))
    return Response(status_code=204)


@router.post("/v1/invitation/opening", summary="What a link invites to 查看邀請")
async def open_invitation(body: TokenBody, request: Request, parts: PartsOf) -> OpenedInvitation:
    """Changes nothing."""
    parts.door.require_own_page(request, unknown_is_own=True)
    found = await _found(parts, body.token)
    email = found.invitation.email
    session = await _session(request, parts)
    next_step: Literal["accept", "sign_in", "make_account", "sign_out"]
    if session is not None:
        next_step = "accept" if session.email == email else "sign_out"
    else:
        next_step = "sign_in" if await teammates.load_teammate(parts.engine, email) else "make_account"
    return OpenedInvitation(
        tenant_name=found.tenant_name,
        email=email,
        role=found.invitation.role,
        expires_at=found.invitation.expires_at,
        next=next_step,
    )


@router.post("/v1/invitation/acceptance", status_code=201, summary="Accept an invitation 接受邀請")
async def accept_invitation(body: AcceptanceBody, request: Request, parts: PartsOf) -> Accepted:
    """As the teammate who is signed in with its address, or with name and password as a new one."""
    parts.door.require_own_page(request, unknown_is_own=True)
    found = await _found(parts, body.token)
    invitation = found.invitation
    session = await _session(request, parts)
    if session is not None and session.email != invitation.email:
        raise InvitationOfAnother("This invitation is for another address.")
    if session is not None and session.only_tenant not in (None, invitation.tenant_id):
        raise OwnSignInNeeded("Another tenant's identity provider vouches for you here.")
    account = None
    if session is not None:
        teammate_id = session.teammate_id
    else:
        account = await _account(body, parts, invitation.email)
        teammate_id = account.teammate_id
    async with open_transaction(parts.engine, invitation.tenant_id) as connection:
        if not await invitations.claim_invitation(connection, token_hash(body.token)):
            raise InvitationNotValid("This invitation is not open any more.")
        if account is not None and not await memberships.save_teammate(connection, account):
            raise SignInFirst("There is an account with this address.")
        await memberships.save_membership(connection, invitation.tenant_id, teammate_id, invitation.role)
        entry = Entry(
            invitation.tenant_id,
            f"teammate:{teammate_id}",
            "invitation.accepted",
            f"invitation:{invitation.invitation_id}",
            after={"teammate_id": teammate_id, "teammate_email": invitation.email, "role": invitation.role},
            address=address_of(request),
        )
        await parts.audit.record(connection, entry)
    return Accepted(tenant_id=invitation.tenant_id, role=invitation.role, made_account=account is not None)


async def _account(body: AcceptanceBody, parts: Parts, email: str) -> Teammate:
    """The new teammate a request describes; raises SignInFirst when there is one with this address."""
    if await teammates.load_teammate(parts.engine, email) is not None:
        raise SignInFirst("There is an account with this address.")
    if body.name is None or body.password is None:
        raise RequestNotValid("A new account needs a name and a password.")
    parts.passwords.require_good(body.password, email, body.name)
    return Teammate(str(uuid.uuid4()), email, body.name, await parts.passwords.hashed(body.password))


async def _found(parts: Parts, token: str) -> Found:
    found = await invitations.load_by_token(parts.engine, token_hash(token))
    if found is None:
        raise InvitationNotValid("This invitation is not open any more.")
    return found


async def _open(connection: Connection, invitation_id: uuid.UUID) -> Invitation:
    found = await invitations.lock_invitation(connection, str(invitation_id))
    if found is None:
        raise InvitationNotFound("There is no such open invitation.")
    return found


async def _session(request: Request, parts: Parts) -> Session | None:
    """Who is signed in, if anybody."""
    try:
        # One tenant's provider vouches for nobody towards another tenant.
        return await parts.door.sessions.load_own(request)
    except (KeyMissing, NotSignedIn, OwnSignInNeeded):
        return None


@dataclass(frozen=True, slots=True)
class _Sender:
    """Writes a tenant's invitations."""

    parts: Parts
    shop: str

    async def send(self, connection: Connection, invitation: Invitation, token: str) -> None:
        # In the fragment: browsers keep it to themselves.
        url = f"{self.parts.settings.public_url.rstrip('/')}/invitation#{token}"
        language: Language = "en" if invitation.locale == "en" else "zh-TW"
        letter = invitation_letter(
            invitation.email, url, language, shop=self.shop, role=invitation.role, days=_DAYS
        )
        await self.parts.mail.queue(connection, letter)


async def _sender(parts: Parts, principal: Principal) -> _Sender:
    tenant = await tenants.load_tenant(parts.engine, principal.tenant_id)
    return _Sender(parts, tenant.name if tenant else "")


def _did(principal: Principal, action: str, invitation: Invitation) -> Entry:
    told = {"teammate_email": invitation.email, "role": invitation.role}
    return principal.did(action, f"invitation:{invitation.invitation_id}", after=told)


def _answer(invitation: Invitation) -> InvitationAnswer:
    return InvitationAnswer(
        id=invitation.invitation_id,
        email=invitation.email,
        role=invitation.role,
        invited_by=invitation.invited_by,
        created_at=invitation.created_at,
        sent_at=invitation.sent_at,
        expires_at=invitation.expires_at,
    )
