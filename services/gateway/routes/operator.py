"""The operator's door: new tenants and their first teammates."""

import hashlib
import hmac
import re
import secrets
import uuid
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Header, Request
from pydantic import AfterValidator, BaseModel, Field

from chassis.database import open_transaction
from services.gateway.audit import PLATFORM, Entry
from services.gateway.auth import address_of, key_of
from services.gateway.domain.keys import CALLS_PER_SECOND, KeyKind, key_from
from services.gateway.domain.mail_addresses import mail_address
from services.gateway.domain.permissions import Role
from services.gateway.domain.teammates import leaving_refused
from services.gateway.errors.requests import (
    IdempotencyKeyExpired,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    OperatorKeyNotValid,
    TenantNotFound,
)
from services.gateway.routes.parts import Body, Parts, PartsOf, Storable
from services.gateway.routes.teammates import raise_refusal
from services.gateway.store import keys, memberships, tenants
from services.gateway.store import requests as repeatable
from services.gateway.store.keys import NewKey
from services.gateway.store.requests import Request as Repeatable
from services.gateway.store.teammates import Teammate


async def require_operator(request: Request, parts: PartsOf) -> None:
    """Raise OperatorKeyNotValid unless the request has the installation's operator key."""
    given = key_of(request.headers.get("authorization", "")) or ""
    expected = parts.settings.operator_key.get_secret_value()
    if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise OperatorKeyNotValid("This needs the operator key of the installation.")


router = APIRouter(tags=["operator"], dependencies=[Depends(require_operator)])

# Whoever holds the operator key; in the audit log.
_INSTALLATION = "installation"
_CURRENCY = re.compile(r"[A-Z]{3}")


def time_zone_name(name: str) -> str:
    """The name as it is; ValueError for one that nobody knows."""
    if name not in available_timezones():
        raise ValueError("must be an IANA time zone such as Asia/Taipei")
    return name


class NewTenant(Body):
    name: Annotated[str, Field(min_length=1, max_length=200), Storable]
    time_zone: Annotated[str, Field(max_length=64), AfterValidator(time_zone_name)] = "Asia/Taipei"
    currency: Annotated[str, Field(pattern=_CURRENCY.pattern, min_length=3, max_length=3)] = "TWD"
    locale: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "zh-TW"
    events_per_second: Annotated[
        float | None, Field(gt=0, le=1e9, allow_inf_nan=False, description="Quota; unset: the installation's")
    ] = None
    calls_per_second: Annotated[
        float, Field(gt=0, le=1e9, allow_inf_nan=False, description="Quota of the open API")
    ] = CALLS_PER_SECOND
    demo: bool = False


class NewTenantAnswer(BaseModel):
    id: str
    name: str
    write_key: str = Field(description="For browsers. Shown once")
    secret_key: str = Field(description="For servers and the API. Shown once")


class NewTeammate(Body):
    email: Annotated[str, Field(min_length=3, max_length=254), AfterValidator(mail_address)]
    name: Annotated[str, Field(max_length=100), Storable] = ""
    password: Annotated[str, Field(min_length=8, max_length=1024)]
    role: Role = "owner"


class NewTeammateAnswer(BaseModel):
    id: str
    email: str
    created: bool = Field(description="false: was known already, and keeps name and password")


@router.post("/v1/operator/tenants", status_code=201, summary="Make a tenant 建立商店")
async def make_tenant(
    body: NewTenant,
    request: Request,
    parts: PartsOf,
    idempotency_key: Annotated[str, Header(max_length=255)] = "",
) -> NewTenantAnswer:
    """Repeated with the same Idempotency-Key within a day it answers the same, keys included."""
    if not idempotency_key or not idempotency_key.isascii():
        raise IdempotencyKeyMissing("Making a tenant needs an Idempotency-Key.")
    fingerprint = hashlib.sha256(body.model_dump_json().encode()).digest()
    first = Repeatable(fingerprint, str(uuid.uuid4()), secrets.token_bytes(32))
    address = address_of(request)
    async with open_transaction(parts.engine, first.subject) as connection:
        claimed = await repeatable.claim_request(connection, idempotency_key, first)
        if claimed == first:
            answer = _answer(parts, body, claimed.subject, first.salt or b"")
            await tenants.save_tenant(connection, _row(parts, body, claimed.subject))
            for key in _first_keys(answer):
                await keys.save_key(connection, claimed.subject, key)
            for tenant_id in (claimed.subject, PLATFORM):
                subject = f"tenant:{claimed.subject}"
                entry = Entry(tenant_id, _INSTALLATION, "tenant.made", subject, address=address)
                await parts.audit.record(connection, entry)
    if claimed.fingerprint != fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key made another tenant.", tenant_id=claimed.subject)
    if claimed.salt is None:
        raise IdempotencyKeyExpired("This tenant was made more than a day ago.", tenant_id=claimed.subject)
    await parts.keys.refresh()
    # Repeated until it succeeds: only then has the caller an answer.
    await parts.clients.insight.put_tenant(claimed.subject, body.time_zone, body.currency)
    return _answer(parts, body, claimed.subject, claimed.salt)


@router.post(
    "/v1/operator/tenants/{tenant_id}/teammates", status_code=201, summary="Add a teammate 新增後台成員"
)
async def add_teammate(
    tenant_id: uuid.UUID, body: NewTeammate, request: Request, parts: PartsOf
) -> NewTeammateAnswer:
    """One who belongs to the tenant already gets the role; its last owner stays owner."""
    if await tenants.load_tenant(parts.engine, str(tenant_id)) is None:
        raise TenantNotFound("There is no such tenant.")
    teammate = Teammate(
        str(uuid.uuid4()), body.email, body.name or body.email, await parts.passwords.hashed(body.password)
    )
    async with open_transaction(parts.engine, str(tenant_id)) as connection:
        created = await memberships.save_teammate(connection, teammate)
        teammate_id = await memberships.load_id(connection, body.email)
        locked = await memberships.lock_roles(connection, str(tenant_id), teammate_id, teammate_id)
        raise_refusal(leaving_refused(locked.actor, body.role, n_owners=locked.n_owners))
        await memberships.put_role(connection, str(tenant_id), teammate_id, body.role)
        entry = Entry(
            str(tenant_id),
            _INSTALLATION,
            "teammate.added",
            f"teammate:{teammate_id}",
            before={"role": locked.actor},
            after={"role": body.role, "teammate_email": body.email},
            address=address_of(request),
        )
        await parts.audit.record(connection, entry)
    return NewTeammateAnswer(id=teammate_id, email=body.email, created=created)


def _row(parts: Parts, body: NewTenant, tenant_id: str) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "name": body.name,
        "time_zone": body.time_zone,
        "currency": body.currency,
        "locale": body.locale,
        "events_per_second": body.events_per_second or parts.settings.events_per_second,
        "calls_per_second": body.calls_per_second,
        "demo": body.demo,
    }


def _answer(parts: Parts, body: NewTenant, tenant_id: str, salt: bytes) -> NewTenantAnswer:
    return NewTenantAnswer(
        id=tenant_id,
        name=body.name,
        write_key=_derived(parts, "browser", salt),
        secret_key=_derived(parts, "server", salt),
    )


def _derived(parts: Parts, kind: KeyKind, salt: bytes) -> str:
    """A key that this request can be answered with again, though only its hash is stored.

    It takes the operator key and the salt, which is forgotten after a day, to derive it.
    """
    secret = parts.settings.operator_key.get_secret_value().encode()
    return key_from(kind, hmac.digest(secret, salt + kind.encode(), "sha256"))


def _first_keys(answer: NewTenantAnswer) -> list[NewKey]:
    return [
        NewKey(str(uuid.uuid4()), "browser", "website", answer.write_key),
        NewKey(str(uuid.uuid4()), "server", "server", answer.secret_key, scopes=("manage",)),
    ]
