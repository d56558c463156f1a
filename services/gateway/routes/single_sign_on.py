"""Single sign-on by OpenID Connect: a tenant's provider, and signing in through it."""

import uuid
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field
from starlette.responses import RedirectResponse

from chassis.database import open_transaction
from chassis.errors import ExpectedError
from services.gateway.domain.attempts import neighbourhood
from services.gateway.domain.single_sign_on import is_domain, unproven
from services.gateway.errors.requests import RequestNotValid
from services.gateway.errors.sign_in import DomainNotProven, SingleSignOnOff
from services.gateway.routes.parts import Body, Caller, Parts, PartsOf, Storable
from services.gateway.single_sign_on import CALLBACK, TRIP_SECONDS, Arrival
from services.gateway.store import single_sign_on as store
from services.gateway.store.single_sign_on import Configuration, DefaultRole

router = APIRouter()


def _domain(text: str) -> str:
    plain = text.strip().lower()
    if not is_domain(plain):
        raise ValueError("must be a domain such as shop.example")
    return plain


Domain = Annotated[str, AfterValidator(_domain)]


class ProviderBody(Body):
    issuer: Annotated[str, Field(min_length=8, max_length=500, pattern=r"^https?://[!-~]+$")]
    client_id: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[ -~]+$")]
    client_secret: Annotated[
        str | None,
        Field(min_length=1, max_length=1000, description="Unset: the stored one. 不填則沿用先前的密鑰"),
    ] = None
    email_domains: Annotated[list[Domain], Field(min_length=1, max_length=20)]
    default_role: Annotated[
        DefaultRole | None, Field(description="What somebody new becomes; null: only invited people")
    ] = None


class ProviderAnswer(BaseModel):
    issuer: str
    client_id: str
    email_domains: list[str]
    default_role: DefaultRole | None
    redirect_uri: str = Field(description="To be allowed at the provider")


class RulesBody(Body):
    second_factor_required: bool


class BeginBody(Body):
    """An address, or a tenant."""

    email: Annotated[str, Field(max_length=254), Storable] = ""
    tenant_id: uuid.UUID | None = None
    next: Annotated[str, Field(max_length=500, description="A path of our pages to go on to"), Storable] = "/"


class Brought(BaseModel):
    """What the provider's redirect says; providers add fields of their own."""

    state: Annotated[str, Field(max_length=200)] = ""
    code: Annotated[str, Field(max_length=4000)] = ""
    iss: Annotated[str | None, Field(max_length=500)] = None
    error: Annotated[str, Field(max_length=200)] = ""


class TenantOffer(BaseModel):
    tenant_id: str
    tenant_name: str
    issuer: str


class BegunAnswer(BaseModel):
    url: str | None = Field(None, description="Send the browser there")
    tenants: list[TenantOffer] = Field([], description="Several know this address: choose one and ask again")


@router.get("/v1/tenant/single-sign-on", tags=["tenant"], summary="The tenant's single sign-on 單一登入設定")
async def get_single_sign_on(principal: Caller, parts: PartsOf) -> ProviderAnswer:
    found = await store.load_configuration(parts.engine, principal.tenant_id)
    if found is None:
        raise SingleSignOnOff("This tenant has no single sign-on.")
    return _answer(parts, found)


@router.put("/v1/tenant/single-sign-on", tags=["tenant"], summary="Set up single sign-on 設定單一登入")
async def put_single_sign_on(
    body: ProviderBody, request: Request, principal: Caller, parts: PartsOf
) -> ProviderAnswer:
    """Needs a sign-in of the last ten minutes, by password or passkey.

    A domain can be named by a teammate whose own address is in it. The provider is asked before it is stored.
    """
    session = await parts.door.sessions.load_fresh(request)
    before = await store.load_configuration(parts.engine, principal.tenant_id)
    refused = unproven(body.email_domains, before.email_domains if before else [], session.email)
    if refused:
        raise DomainNotProven("Your own address is in none of these domains.", domains=", ".join(refused))
    if body.client_secret is not None:
        sealed = parts.single_sign_on.sealed(principal.tenant_id, body.client_secret)
    elif before is not None and before.issuer == body.issuer:
        sealed = before.sealed_secret
    else:
        # A secret must not reach another provider than the one that gave it.
        raise RequestNotValid("A new provider needs its client_secret.")
    await parts.single_sign_on.check(body.issuer)
    new = Configuration(
        principal.tenant_id,
        body.issuer,
        body.client_id,
        sealed,
        sorted(set(body.email_domains)),
        body.default_role,
    )
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        await store.save_configuration(connection, new)
        entry = principal.did(
            "single_sign_on.changed",
            f"tenant:{principal.tenant_id}",
            before=_told(before) if before else {},
            after=_told(new),
        )
        await parts.audit.record(connection, entry)
    return _answer(parts, new)


@router.delete(
    "/v1/tenant/single-sign-on", tags=["tenant"], status_code=204, summary="Turn it off 停用單一登入"
)
async def remove_single_sign_on(request: Request, principal: Caller, parts: PartsOf) -> Response:
    """Needs a sign-in of the last ten minutes. Sessions that it opened end."""
    await parts.door.sessions.load_fresh(request)
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        if not await store.delete_configuration(connection, principal.tenant_id):
            raise SingleSignOnOff("This tenant has no single sign-on.")
        await store.end_sessions(connection, principal.tenant_id)
        entry = principal.did("single_sign_on.removed", f"tenant:{principal.tenant_id}")
        await parts.audit.record(connection, entry)
    return Response(status_code=204)


@router.put(
    "/v1/tenant/sign-in-rules", tags=["tenant"], status_code=204, summary="Ask for a second factor 登入規則"
)
async def put_sign_in_rules(body: RulesBody, request: Request, principal: Caller, parts: PartsOf) -> Response:
    """Teammates without one can sign in, and do nothing here but set one up."""
    session = await parts.door.sessions.load_fresh(request)
    if body.second_factor_required and not session.second_factor:
        raise RequestNotValid("Set up your own second factor first, and sign in with it.")
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        await store.require_second_factor(connection, principal.tenant_id, body.second_factor_required)
        entry = principal.did(
            "sign_in_rules.changed",
            f"tenant:{principal.tenant_id}",
            after={"second_factor_required": body.second_factor_required},
        )
        await parts.audit.record(connection, entry)
    return Response(status_code=204)


@router.post(
    "/v1/session/single-sign-on", tags=["session"], status_code=201, summary="Begin single sign-on 單一登入"
)
async def begin_single_sign_on(
    body: BeginBody, request: Request, response: Response, parts: PartsOf
) -> BegunAnswer:
    """Answers where to send the browser, or which tenants know the address's domain."""
    parts.door.require_own_page(request, unknown_is_own=True)
    place = parts.door.sessions.place(request)
    await parts.attempts.require("single sign-on from address", neighbourhood(place.address))
    email, tenant_id = body.email.strip().lower(), str(body.tenant_id or "")
    if not tenant_id:
        offers = await parts.single_sign_on.choices(email)
        if len(offers) > 1:
            return BegunAnswer(
                tenants=[
                    TenantOffer(tenant_id=one.tenant_id, tenant_name=one.tenant_name, issuer=one.issuer)
                    for one in offers
                ]
            )
        tenant_id = offers[0].tenant_id
    departure = await parts.single_sign_on.depart(tenant_id, email, body.next)
    response.set_cookie(
        _trip_cookie(parts),
        departure.binding,
        max_age=TRIP_SECONDS,
        path="/",
        secure=parts.door.sessions.secure,
        httponly=True,
        # The provider's page sends the browser back here: strict would withhold it.
        samesite="lax",
    )
    return BegunAnswer(url=departure.url)


@router.get(
    CALLBACK,
    tags=["session"],
    status_code=303,
    response_class=RedirectResponse,
    summary="Back from the provider 單一登入回呼",
)
async def finish_single_sign_on(
    request: Request, parts: PartsOf, brought: Annotated[Brought, Query()]
) -> Response:
    """Sends the browser on to the page it came for, or to the sign-in page with the failure's code."""
    place = parts.door.sessions.place(request)
    binding = request.cookies.get(_trip_cookie(parts), "")
    arrival = Arrival(brought.state, brought.code, brought.iss, brought.error, binding)
    try:
        started, path = await parts.single_sign_on.arrive(arrival, place)
    except ExpectedError as failure:
        told = urlencode({"code": failure.reason, "detail": failure.message}, quote_via=quote)
        response = RedirectResponse(f"/sign-in#{told}", 303)
    else:
        response = RedirectResponse(path, 303)
        parts.door.sessions.admit(response, started, place)
    response.delete_cookie(
        _trip_cookie(parts), path="/", secure=parts.door.sessions.secure, httponly=True, samesite="lax"
    )
    return response


def _trip_cookie(parts: Parts) -> str:
    return "__Host-nexus_trip" if parts.door.sessions.secure else "nexus_trip"


def _told(configuration: Configuration) -> dict[str, object]:
    """What the audit log keeps."""
    return {
        "issuer": configuration.issuer,
        "client_id": configuration.client_id,
        "email_domains": list(configuration.email_domains),
        "default_role": configuration.default_role,
    }


def _answer(parts: Parts, found: Configuration) -> ProviderAnswer:
    return ProviderAnswer(
        issuer=found.issuer,
        client_id=found.client_id,
        email_domains=list(found.email_domains),
        default_role=found.default_role,
        redirect_uri=parts.single_sign_on.redirect_uri,
    )
