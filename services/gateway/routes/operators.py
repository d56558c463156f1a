"""The platform's operators as people: who they are, the tenants they look after, and acting inside one."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from chassis.database import open_untenanted
from services.gateway.audit import PLATFORM, Entry
from services.gateway.auth import address_of
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.errors.requests import CursorNotValid, TenantNotFound
from services.gateway.errors.teammates import (
    AlreadyActing,
    ImpersonationNotFound,
    NotWhileActing,
    OperatorNotFound,
    OperatorOnly,
    TeammateNotFound,
)
from services.gateway.impersonations import Told
from services.gateway.routes.audit import EntryList, entry_answer
from services.gateway.routes.invitations import Email
from services.gateway.routes.operator import require_operator
from services.gateway.routes.parts import Body, Caller, Cursor, Limit, Parts, PartsOf, Search, Storable
from services.gateway.routes.teammates import place_in
from services.gateway.store import audit, impersonations, operators, teammates, tenants, usage
from services.gateway.store.impersonations import ActingRole, Impersonation
from services.gateway.store.sessions import Session

router = APIRouter(tags=["operator"])

_USAGE_DAYS = 30


async def _operator(request: Request, parts: PartsOf) -> Session:
    """An operator who is signed in; in production with a second factor."""
    session = await parts.door.session(request)
    if not may_operate(session, production=parts.settings.environment == "production"):
        raise OperatorOnly("This needs an operator who signed in with a second factor.")
    return session


def may_operate(session: Session, *, production: bool) -> bool:
    """Whether it is an operator's, and proves enough; a tenant's identity provider proves nothing here."""
    proven = session.second_factor or not production
    return session.operator and session.only_tenant is None and proven


Operator = Annotated[Session, Depends(_operator)]
_WITH_KEY = [Depends(require_operator)]


class OperatorBody(Body):
    email: Email


class OperatorAnswer(BaseModel):
    id: str
    email: str
    name: str
    since: datetime


class OperatorList(BaseModel):
    operators: list[OperatorAnswer]


class TenantUse(BaseModel):
    """The last 30 days."""

    events: int
    calls: int
    bytes: int


class TenantLine(BaseModel):
    id: str
    name: str
    demo: bool
    created_at: datetime
    used: TenantUse


class TenantList(BaseModel):
    tenants: list[TenantLine]
    next_cursor: str | None


class ImpersonationBody(Body):
    tenant_id: uuid.UUID
    reason: Annotated[str, Field(min_length=10, max_length=500, description="The tenant reads it"), Storable]
    role: ActingRole = "viewer"
    minutes: Annotated[int, Field(ge=1, le=60)] = 30


class ImpersonationAnswer(BaseModel):
    id: str
    tenant_id: str
    operator_id: str
    role: ActingRole
    reason: str
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    ended_by: str = Field(description="operator:<id>, teammate:<id>, or system when its time was over")


class ImpersonationList(BaseModel):
    impersonations: list[ImpersonationAnswer]
    next_cursor: str | None


@router.get(
    "/v1/operator/operators", dependencies=_WITH_KEY, summary="Operators of the platform 平台人員清單"
)
async def list_operators(parts: PartsOf) -> OperatorList:
    """All of them: there are a few."""
    found = await operators.load_operators(parts.engine)
    return OperatorList(
        operators=[
            OperatorAnswer(id=each.teammate_id, email=each.email, name=each.name, since=each.created_at)
            for each in found
        ]
    )


@router.post(
    "/v1/operator/operators",
    dependencies=_WITH_KEY,
    status_code=201,
    summary="Make a teammate an operator 指派平台人員",
)
async def make_operator(body: OperatorBody, request: Request, parts: PartsOf) -> OperatorAnswer:
    """The teammate has an account already; from then on GET /v1/session says `operator`."""
    found = await teammates.load_teammate(parts.engine, body.email)
    if found is None:
        raise TeammateNotFound("Nobody has an account with this address.")
    async with open_untenanted(parts.engine) as connection:
        if await operators.save_operator(connection, found.teammate_id):
            await parts.audit.record(connection, _act(request, "operator.made", found.teammate_id))
    made = await operators.load_operators(parts.engine)
    own = next((each for each in made if each.teammate_id == found.teammate_id), None)
    if own is None:
        raise OperatorNotFound("Somebody has just taken it away again.")
    return OperatorAnswer(id=own.teammate_id, email=own.email, name=own.name, since=own.created_at)


@router.delete(
    "/v1/operator/operators/{teammate_id}",
    dependencies=_WITH_KEY,
    status_code=204,
    summary="Take it away again 取消平台人員",
)
async def remove_operator(teammate_id: uuid.UUID, request: Request, parts: PartsOf) -> Response:
    """Wherever they act now, they act no more."""
    async with open_untenanted(parts.engine) as connection:
        if not await operators.delete_operator(connection, str(teammate_id)):
            raise OperatorNotFound("This teammate is no operator.")
        await parts.audit.record(connection, _act(request, "operator.removed", str(teammate_id)))
    return Response(status_code=204)


@router.get("/v1/operator/tenants", summary="All tenants 所有商店")
async def list_tenants(
    operator: Operator, parts: PartsOf, *, q: Search = "", cursor: Cursor = "", limit: Limit = 50
) -> TenantList:
    """Oldest first; `q` is part of a name, or a whole id."""
    _require_outside(operator)
    after = place_in("operator-tenants", cursor) if cursor else None
    found = await operators.load_tenants(parts.engine, q, after=after, limit=limit + 1)
    more = len(found) > limit
    found = found[:limit]
    following = (
        cursor_of("operator-tenants", found[-1].created_at.isoformat(), found[-1].tenant_id) if more else None
    )
    today = datetime.now(UTC).date()
    return TenantList(
        tenants=[
            TenantLine(
                id=line.tenant_id,
                name=line.name,
                demo=line.demo,
                created_at=line.created_at,
                used=await _used(parts, line.tenant_id, today),
            )
            for line in found
        ],
        next_cursor=following,
    )


@router.get("/v1/operator/audit", summary="The platform's own log 平台稽核紀錄")
async def list_platform_audit(
    operator: Operator, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> EntryList:
    """What operators did, and the anchors of all tenants' logs; newest first."""
    _require_outside(operator)
    before = 0
    if cursor:
        place = place_of("platform-audit", cursor, int)
        if place is None or not 0 < int(place[0]) < 2**63:
            raise CursorNotValid("The cursor belongs to another list.")
        before = int(place[0])
    found = await audit.load_entries(parts.engine, PLATFORM, audit.Filter(), before=before, limit=limit + 1)
    following = cursor_of("platform-audit", found[limit - 1].number) if len(found) > limit else None
    return EntryList(entries=[entry_answer(entry) for entry in found[:limit]], next_cursor=following)


@router.get("/v1/operator/impersonations", summary="Where I acted 我的代為操作")
async def list_own_impersonations(
    operator: Operator, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> ImpersonationList:
    """Newest first."""
    before = place_in("own-impersonations", cursor) if cursor else None
    found = await impersonations.load_of_operator(
        parts.engine, operator.teammate_id, before=before, limit=limit + 1
    )
    return _list("own-impersonations", found, limit)


@router.post("/v1/operator/impersonations", status_code=201, summary="Act in a tenant 代為操作商店")
async def start_impersonation(
    body: ImpersonationBody, operator: Operator, request: Request, parts: PartsOf
) -> ImpersonationAnswer:
    """This session acts in that tenant from now on. Its owners get a letter; its audit log has everything."""
    if operator.acting is not None:
        raise AlreadyActing("This session acts in a tenant already.")
    tenant = await tenants.load_tenant(parts.engine, str(body.tenant_id))
    if tenant is None:
        raise TenantNotFound("There is no such tenant.")
    now = datetime.now(UTC)
    new = Impersonation(
        tenant_id=tenant.tenant_id,
        impersonation_id=str(uuid.uuid4()),
        teammate_id=operator.teammate_id,
        session_id=operator.session_id,
        role=body.role,
        reason=body.reason,
        started_at=now,
        ends_at=now + timedelta(minutes=body.minutes),
    )
    told = Told(operator.email, f"{parts.settings.public_url.rstrip('/')}/team")
    await parts.impersonations.start(new, tenant, told, address_of(request))
    return _answer(new)


@router.delete(
    "/v1/operator/impersonations/{impersonation_id}", status_code=204, summary="Stop acting 結束代為操作"
)
async def stop_impersonation(
    impersonation_id: uuid.UUID, operator: Operator, request: Request, parts: PartsOf
) -> Response:
    running = await impersonations.load_open_of_operator(
        parts.engine, operator.teammate_id, str(impersonation_id)
    )
    if running is None:
        raise ImpersonationNotFound("There is no such impersonation of yours that is still running.")
    await parts.impersonations.end(running, f"operator:{operator.teammate_id}", address_of(request))
    return Response(status_code=204)


@router.get("/v1/impersonations", tags=["audit"], summary="Operators who acted here 平台人員的代為操作")
async def list_impersonations(
    principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> ImpersonationList:
    """Newest first; one without `ended_at` is running."""
    before = place_in("impersonations", cursor) if cursor else None
    found = await impersonations.load_of_tenant(
        parts.engine, principal.tenant_id, before=before, limit=limit + 1
    )
    return _list("impersonations", found, limit)


@router.delete(
    "/v1/impersonations/{impersonation_id}", tags=["audit"], status_code=204, summary="End one 立即結束"
)
async def end_impersonation(impersonation_id: uuid.UUID, principal: Caller, parts: PartsOf) -> Response:
    """The operator's next request is refused."""
    running = await impersonations.load_open_of_tenant(
        parts.engine, principal.tenant_id, str(impersonation_id)
    )
    if running is None:
        raise ImpersonationNotFound("There is no such impersonation that is still running.")
    await parts.impersonations.end(running, principal.name, principal.address)
    return Response(status_code=204)


def _require_outside(operator: Session) -> None:
    """Other tenants are not looked at while acting in one: what is done then belongs to that one."""
    if operator.acting is not None:
        raise NotWhileActing("Stop acting in the tenant first.")


async def _used(parts: Parts, tenant_id: str, today: date) -> TenantUse:
    days = await usage.load_usage(parts.engine, tenant_id, today - timedelta(days=_USAGE_DAYS - 1), today)
    return TenantUse(
        events=sum(day.events for day in days),
        calls=sum(day.calls for day in days),
        bytes=sum(day.bytes for day in days),
    )


def _act(request: Request, action: str, teammate_id: str) -> Entry:
    """What was done with the installation's key."""
    return Entry(PLATFORM, "installation", action, f"teammate:{teammate_id}", address=address_of(request))


def _list(kind: str, found: list[Impersonation], limit: int) -> ImpersonationList:
    following = None
    if len(found) > limit:
        found = found[:limit]
        following = cursor_of(kind, found[-1].started_at.isoformat(), found[-1].impersonation_id)
    return ImpersonationList(impersonations=[_answer(each) for each in found], next_cursor=following)


def _answer(which: Impersonation) -> ImpersonationAnswer:
    return ImpersonationAnswer(
        id=which.impersonation_id,
        tenant_id=which.tenant_id,
        operator_id=which.teammate_id,
        role=which.role,
        reason=which.reason,
        started_at=which.started_at,
        ends_at=which.ends_at,
        ended_at=which.ended_at,
        ended_by=which.ended_by,
    )
