"""A tenant's teammates: who they are, what they may, and how they leave."""

import uuid
from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel

from chassis.database import Connection, open_transaction
from chassis.errors import ExpectedError
from services.gateway.auth import Principal
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.permissions import Role
from services.gateway.domain.teammates import Refusal, leaving_refused, refused
from services.gateway.errors.requests import CursorNotValid, NotAllowed
from services.gateway.errors.teammates import LastOwner, OwnersOnly, TeammateNotFound
from services.gateway.routes.parts import Body, Caller, Cursor, Limit, PartsOf
from services.gateway.store import memberships
from services.gateway.store.memberships import Locked, Member

router = APIRouter(tags=["teammates"])

_PROBLEMS: dict[Refusal, tuple[type[ExpectedError], str]] = {
    "owners_only": (OwnersOnly, "Only an owner does this."),
    "not_allowed": (NotAllowed, "This needs a role the caller does not have any more."),
    "last_owner": (LastOwner, "The last owner of a tenant stays its owner."),
}


class TeammateAnswer(BaseModel):
    id: str
    email: str
    name: str
    role: Role
    since: datetime


class TeammateList(BaseModel):
    teammates: list[TeammateAnswer]
    next_cursor: str | None


class RoleBody(Body):
    role: Role


@router.get("/v1/teammates", summary="Teammates of the tenant 後台成員清單")
async def list_teammates(
    principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> TeammateList:
    """Longest-serving first."""
    after = place_in("teammates", cursor) if cursor else None
    found = await memberships.load_members(parts.engine, principal.tenant_id, after=after, limit=limit + 1)
    following = None
    if len(found) > limit:
        found = found[:limit]
        following = cursor_of("teammates", found[-1].since.isoformat(), found[-1].teammate_id)
    return TeammateList(teammates=[_answer(member) for member in found], next_cursor=following)


@router.patch("/v1/teammates/{teammate_id}", summary="Change a role 變更角色")
async def change_role(
    teammate_id: uuid.UUID, body: RoleBody, principal: Caller, parts: PartsOf
) -> TeammateAnswer:
    """Only owners make and unmake owners; one always remains. In force with the teammate's next request."""
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        target = await _target(connection, principal, str(teammate_id), body.role)
        if target.role != body.role:
            await memberships.save_role(connection, target.teammate_id, body.role)
            entry = principal.did(
                "teammate.role_changed",
                f"teammate:{target.teammate_id}",
                before={"role": target.role},
                after={"role": body.role},
            )
            await parts.audit.record(connection, entry)
    return _answer(target).model_copy(update={"role": body.role})


@router.delete("/v1/teammates/{teammate_id}", status_code=204, summary="Remove a teammate 移除成員")
async def remove_teammate(teammate_id: uuid.UUID, principal: Caller, parts: PartsOf) -> Response:
    """They are signed out of this tenant at once, and keep their account and other tenants."""
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        target = await _target(connection, principal, str(teammate_id), None)
        await memberships.delete_membership(connection, principal.tenant_id, target.teammate_id)
        subject = f"teammate:{target.teammate_id}"
        entry = principal.did("teammate.removed", subject, before=_told(target))
        await parts.audit.record(connection, entry)
    return Response(status_code=204)


@router.delete("/v1/membership", status_code=204, summary="Leave the tenant 離開商店")
async def leave_tenant(principal: Caller, parts: PartsOf) -> Response:
    """The teammate who asks gives up their own place; the last owner stays."""
    assert principal.session is not None  # The table gives it to no key.
    own_id = principal.session.teammate_id
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        locked = await memberships.lock_roles(connection, principal.tenant_id, own_id, own_id)
        own = _found(locked)
        raise_refusal(leaving_refused(own.role, n_owners=locked.n_owners))
        await memberships.delete_membership(connection, principal.tenant_id, own_id)
        entry = principal.did("teammate.left", f"teammate:{own_id}", before=_told(own))
        await parts.audit.record(connection, entry)
    return Response(status_code=204)


async def _target(
    connection: Connection, principal: Principal, teammate_id: str, wanted: Role | None
) -> Member:
    """The teammate whom the caller may change like that, as things stand when it is the caller's turn."""
    assert principal.session is not None  # The table gives it to no key.
    locked = await memberships.lock_roles(
        connection, principal.tenant_id, principal.session.teammate_id, teammate_id
    )
    target = _found(locked)
    raise_refusal(refused(locked.actor, target.role, wanted, n_owners=locked.n_owners))
    return target


def _found(locked: Locked) -> Member:
    if locked.target is None:
        raise TeammateNotFound("There is no such teammate in this tenant.")
    return locked.target


def raise_refusal(refusal: Refusal | None) -> None:
    """What domain/teammates.py refuses, as a problem."""
    if refusal is not None:
        kind, text = _PROBLEMS[refusal]
        raise kind(text)


def place_in(kind: str, cursor: str) -> tuple[datetime, str]:
    """The (time, id) a cursor of this list stands for."""
    place = place_of(kind, cursor, str, str)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    try:
        at = datetime.fromisoformat(str(place[0]))
        number = str(uuid.UUID(str(place[1])))
    except ValueError:
        raise CursorNotValid("The cursor belongs to another list.") from None
    if at.tzinfo is None:
        raise CursorNotValid("The cursor belongs to another list.")
    return at, number


def _told(member: Member) -> dict[str, object]:
    return {"teammate_email": member.email, "role": member.role}


def _answer(member: Member) -> TeammateAnswer:
    return TeammateAnswer(
        id=member.teammate_id, email=member.email, name=member.name, role=member.role, since=member.since
    )
