"""Partners: the operator makes them, tenants grant them scopes, they ask which tenants did."""

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chassis.database import open_transaction
from services.gateway.audit import PLATFORM, Entry
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.permissions import SCOPES
from services.gateway.errors.requests import CursorNotValid
from services.gateway.errors.teammates import GrantNotFound, PartnerNotFound
from services.gateway.routes.operator import require_operator
from services.gateway.routes.parts import Caller, Cursor, Limit, Parts, PartsOf, Storable
from services.gateway.store import partners
from services.gateway.store.partners import Partner

router = APIRouter(tags=["partners"])

# Nobody lets a partner make keys for itself or end the tenant.
GRANTABLE = tuple(scope for scope in SCOPES if scope not in ("keys:write", "keys:read", "audit:read"))


def _scope(text: str) -> str:
    if text not in GRANTABLE:
        raise ValueError(f"choose from {', '.join(GRANTABLE)}")
    return text


Scopes = Annotated[
    list[Annotated[str, AfterValidator(_scope)]], Field(min_length=1, max_length=len(GRANTABLE))
]
ClientId = Annotated[str, Path(pattern=r"^client_[a-z0-9]{24}$", description="A partner's client id")]


class NewPartner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200), Storable]


class PartnerAnswer(BaseModel):
    client_id: str
    name: str
    created_at: datetime
    closed_at: datetime | None


class NewPartnerAnswer(PartnerAnswer):
    client_secret: str = Field(description="Shown once")


class PartnerList(BaseModel):
    partners: list[PartnerAnswer]
    next_cursor: str | None


class SecretOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    overlap_hours: Annotated[float, Field(ge=0, le=720, description="Old secrets stay so long")] = 24


class SecretAnswer(BaseModel):
    client_secret: str = Field(description="Shown once")


class GrantBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scopes: Scopes


class GrantAnswer(BaseModel):
    """What the tenant lets a partner do."""

    client_id: str
    name: str
    scopes: list[str]
    granted_by: str
    granted_at: datetime
    revoked_at: datetime | None


class GrantList(BaseModel):
    grants: list[GrantAnswer]
    next_cursor: str | None


class GrantedTenant(BaseModel):
    id: str
    name: str
    scopes: list[str]


class GrantedTenantList(BaseModel):
    tenants: list[GrantedTenant]
    next_cursor: str | None


@router.get("/v1/partners/grants", summary="What partners may do here 夥伴授權")
async def list_grants(principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50) -> GrantList:
    """By client id, withdrawn ones too."""
    found = await partners.load_grants(
        parts.engine, principal.tenant_id, after=_after("grants", cursor) or "", limit=limit + 1
    )
    grants = [
        GrantAnswer(
            client_id=grant.client_id,
            name=grant.partner_name,
            scopes=list(grant.scopes),
            granted_by=grant.granted_by,
            granted_at=grant.granted_at,
            revoked_at=grant.revoked_at,
        )
        for grant in found[:limit]
    ]
    following = cursor_of("grants", grants[-1].client_id) if len(found) > limit else None
    return GrantList(grants=grants, next_cursor=following)


@router.put("/v1/partners/grants/{client_id}", status_code=204, summary="Let a partner act here 授權夥伴")
async def put_grant(client_id: ClientId, body: GrantBody, principal: Caller, parts: PartsOf) -> Response:
    """Replaces what was granted before. Tokens lose at once what is no longer granted."""
    partner = await _partner(parts, client_id)
    scopes = sorted(set(body.scopes))
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        await partners.save_grant(connection, principal.tenant_id, partner.partner_id, scopes, principal.name)
        entry = principal.did("grant.made", f"partner:{client_id}", after={"scopes": scopes})
        await parts.audit.record(connection, entry)
    return Response(status_code=204)


@router.delete("/v1/partners/grants/{client_id}", status_code=204, summary="Withdraw a grant 撤回授權")
async def revoke_grant(client_id: ClientId, principal: Caller, parts: PartsOf) -> Response:
    """Every token of the partner for this tenant ends at once."""
    partner = await _partner(parts, client_id)
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        if not await partners.revoke_grant(connection, partner.partner_id):
            raise GrantNotFound("Nothing is granted to this partner.")
        await parts.audit.record(connection, principal.did("grant.revoked", f"partner:{client_id}"))
    return Response(status_code=204)


async def _partner_id(request: Request, parts: PartsOf) -> str:
    return await parts.door.partner(request)


@router.get("/v1/partner/tenants", summary="Tenants that granted this partner something 可操作的商店")
async def list_granted_tenants(
    partner_id: Annotated[str, Depends(_partner_id)], parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> GrantedTenantList:
    """For a partner's token, whichever tenant it is for."""
    after = _after("granted-tenants", cursor)
    try:
        after = after and str(uuid.UUID(after))
    except ValueError as error:
        raise CursorNotValid("The cursor belongs to another list.") from error
    found = await partners.load_granting_tenants(parts.engine, partner_id, after=after, limit=limit + 1)
    tenants = [
        GrantedTenant(id=tenant.tenant_id, name=tenant.name, scopes=list(tenant.scopes))
        for tenant in found[:limit]
    ]
    following = cursor_of("granted-tenants", tenants[-1].id) if len(found) > limit else None
    return GrantedTenantList(tenants=tenants, next_cursor=following)


operators = APIRouter(tags=["operator"], dependencies=[Depends(require_operator)])


@operators.post("/v1/operator/partners", status_code=201, summary="Make a partner 建立夥伴")
async def make_partner(body: NewPartner, parts: PartsOf) -> NewPartnerAnswer:
    """It may do nothing until a tenant grants it something."""
    partner, secret = await parts.partners.make(str(uuid.uuid4()), body.name)
    await _record(parts, "partner.made", partner)
    return NewPartnerAnswer(client_secret=secret, **_answer(partner).model_dump())


@operators.get("/v1/operator/partners", summary="Partners 夥伴清單")
async def list_partners(parts: PartsOf, cursor: Cursor = "", limit: Limit = 50) -> PartnerList:
    """By client id, closed ones too."""
    after = _after("partners", cursor) or ""
    found = await partners.load_partners(parts.engine, after=after, limit=limit + 1)
    shown = [_answer(partner) for partner in found[:limit]]
    following = cursor_of("partners", shown[-1].client_id) if len(found) > limit else None
    return PartnerList(partners=shown, next_cursor=following)


@operators.post(
    "/v1/operator/partners/{client_id}/secrets", status_code=201, summary="Another secret 輪替夥伴密鑰"
)
async def rotate_client_secret(client_id: ClientId, body: SecretOrder, parts: PartsOf) -> SecretAnswer:
    partner = await _partner(parts, client_id)
    secret = await parts.partners.new_secret(partner.partner_id, body.overlap_hours)
    await _record(parts, "partner.secret_rotated", partner)
    return SecretAnswer(client_secret=secret)


@operators.delete("/v1/operator/partners/{client_id}", status_code=204, summary="Close a partner 關閉夥伴")
async def close_partner(client_id: ClientId, parts: PartsOf) -> Response:
    """Its tokens and secrets end at once."""
    partner = await _partner(parts, client_id)
    await partners.close_partner(parts.engine, partner.partner_id)
    await _record(parts, "partner.closed", partner)
    return Response(status_code=204)


async def _partner(parts: Parts, client_id: str) -> Partner:
    found = await partners.load_partner(parts.engine, client_id)
    if found is None:
        raise PartnerNotFound("There is no such partner.")
    return found


async def _record(parts: Parts, action: str, partner: Partner) -> None:
    entry = Entry(
        PLATFORM, "operator:key", action, f"partner:{partner.client_id}", after={"name": partner.name}
    )
    await parts.audit.write(entry)


def _after(list_name: str, cursor: str) -> str | None:
    if not cursor:
        return None
    place = place_of(list_name, cursor, str)
    if place is None or "\0" in str(place[0]):
        raise CursorNotValid("The cursor belongs to another list.")
    return str(place[0])


def _answer(partner: Partner) -> PartnerAnswer:
    return PartnerAnswer(
        client_id=partner.client_id,
        name=partner.name,
        created_at=partner.created_at,
        closed_at=partner.closed_at,
    )
