"""The end of a tenant: an owner asks for it, and may take it back for a while."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from chassis.database import open_transaction
from services.gateway.deletions import DELETE_TENANT
from services.gateway.errors.people import DeletionHasBegun, DeletionNotFound, NameNotConfirmed
from services.gateway.errors.requests import TenantNotFound
from services.gateway.routes.parts import Body, Caller, CommandId, PartsOf
from services.gateway.store import deletions, duties, tenants
from services.gateway.store.deletions import Deletion

router = APIRouter(prefix="/v1/tenant/deletion", tags=["tenant"])


class DeletionOrder(Body):
    name_confirmation: Annotated[str, Field(max_length=200, description="The tenant's name, typed")]


class DeletionAnswer(BaseModel):
    id: str
    state: Literal["waiting", "deleting"]
    requested_at: datetime
    requested_by: str
    due_at: datetime = Field(description="Until then it can be taken back")


@router.post("", status_code=202, summary="Delete the tenant 刪除商店")
async def delete_tenant(
    body: DeletionOrder, principal: Caller, command_id: CommandId, parts: PartsOf
) -> DeletionAnswer:
    """Keys stop at once. When the time to take it back is over, everything of the tenant is deleted."""
    tenant_id = principal.tenant_id
    async with open_transaction(parts.engine, tenant_id) as connection:
        tenant = await tenants.lock_tenant(connection)
        if tenant is None:
            raise TenantNotFound("The tenant does not exist any more.")
        if body.name_confirmation != tenant.name:
            raise NameNotConfirmed("This is not the tenant's name.")
        now = datetime.now(UTC)
        due_at = now + timedelta(hours=parts.settings.deletion_grace_hours)
        asked = await deletions.save_deletion(
            connection, tenant_id, Deletion(command_id, principal.name, now, due_at, "waiting")
        )
        if asked.deletion_id == command_id:
            await duties.add_duty(connection, tenant_id, DELETE_TENANT, {}, due_at=due_at, duty_id=command_id)
            await parts.audit.record(
                connection, principal.did("tenant.deletion_asked", f"tenant:{tenant_id}")
            )
    await parts.keys.refresh()
    return _answer(asked)


@router.get("", summary="The tenant's deletion 刪除進度")
async def get_deletion(principal: Caller, parts: PartsOf) -> DeletionAnswer:
    asked = await deletions.load_deletion(parts.engine, principal.tenant_id)
    if asked is None:
        raise DeletionNotFound("Nobody asked for this tenant's deletion.")
    return _answer(asked)


@router.delete("", status_code=204, summary="Take the deletion back 取消刪除")
async def cancel_deletion(principal: Caller, parts: PartsOf) -> Response:
    """Keys work again, at once here and within two seconds everywhere."""
    tenant_id = principal.tenant_id
    async with open_transaction(parts.engine, tenant_id) as connection:
        taken_back = await deletions.cancel_deletion(connection)
        if taken_back is not None:
            await duties.drop_duty(connection, taken_back.deletion_id)
            await parts.audit.record(
                connection, principal.did("tenant.deletion_taken_back", f"tenant:{tenant_id}")
            )
    if taken_back is None:
        if await deletions.load_deletion(parts.engine, tenant_id) is None:
            raise DeletionNotFound("Nobody asked for this tenant's deletion.")
        raise DeletionHasBegun("The tenant is being deleted.")
    await parts.keys.refresh()
    return Response(status_code=204)


def _answer(asked: Deletion) -> DeletionAnswer:
    return DeletionAnswer(
        id=asked.deletion_id,
        state="waiting" if asked.step == "waiting" else "deleting",
        requested_at=asked.requested_at,
        requested_by=asked.requested_by,
        due_at=asked.due_at,
    )
