"""The open API as one application, and its OpenAPI document."""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from services.gateway.domain.permissions import OPERATIONS, ROLES, SCOPES, Access
from services.gateway.routes import (
    account,
    attributes,
    audit,
    bad_rows,
    consents,
    console,
    deletion,
    erasures,
    event_sources,
    export_schedules,
    exports,
    external_genes,
    gene_checks,
    genes,
    goals,
    identity_links,
    identity_rules,
    imports,
    installation,
    invitations,
    jobs,
    keys,
    lists,
    live,
    oauth,
    operator,
    operators,
    own_tenants,
    pages,
    partners,
    password,
    people_reports,
    product_reports,
    products,
    profiles,
    rejected_rows,
    reports,
    segment_exports,
    segment_history,
    segment_overlaps,
    segment_previews,
    segments,
    session,
    single_sign_on,
    snippet,
    states,
    teammates,
    tenant,
    traffic_sources,
    usage,
    verification,
)
from services.gateway.routes.parts import Parts
from services.gateway.routes.problems import MEDIA_TYPE, Envelope, answer_problems
from services.gateway.routes.tracking_document import TRACKING_PATHS, TRACKING_SCHEMAS

_DESCRIPTION = """
People, their events and your numbers, for servers and for the pages of this gateway.

**Keys.** Send a secret key: `Authorization: Bearer sk_live_…`, or as the user name of HTTP Basic. Your
tenant follows from it. Browser keys (`pk_live_…`) only send events, to the tracking API, which speaks
Segment's protocol: point any Segment SDK at this host.

**Lists** have `next_cursor`: send it back as `cursor` for the next page; null on the last one.

**Failures** are `application/problem+json` (RFC 9457); `code` says which, and [all of them](/docs/errors) say
what to do. Quote `request_id` when you ask us.

**Numbers** carry `as_of` and `position`: answers with equal positions have equal numbers.

金鑰以 `Authorization: Bearer sk_live_…` 傳送，商店由金鑰決定；清單以 `next_cursor` 換頁；錯誤皆為
problem+json，處理方式見[錯誤清單](/docs/errors)；數字皆附 `as_of`。
"""
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "Where this failure is explained"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Never renamed, never reused"},
        "facts": {"type": "object", "additionalProperties": {"type": "string"}},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "in": {"type": "string"},
                    "pointer": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "instance": {"type": "string"},
        "request_id": {"type": "string", "description": "Not from the tracking API"},
    },
}
_FAILURE = {
    "description": "A problem 錯誤",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SECURITY_SCHEMES = {
    "secretKey": {"type": "http", "scheme": "bearer", "description": "A secret key, sk_live_…"},
    "basic": {"type": "http", "scheme": "basic", "description": "A key as user name, no password"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-nexus_session",
        "description": "A signed-in teammate's browser",
    },
    "partnerToken": {
        "type": "oauth2",
        "description": "A partner's token, for one tenant that granted it something",
        "flows": {
            "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {scope: "" for scope in SCOPES}}
        },
    },
    "operatorKey": {"type": "http", "scheme": "bearer", "description": "The installation's operator key"},
}
_SECURITY = {
    Access.OPERATOR: ["operatorKey"],
    Access.OPERATOR_IN_PERSON: ["session"],
    Access.PARTNER: ["partnerToken"],
    Access.SIGNED_IN: ["session"],
    Access.ANYBODY: [],
}


_MODULES = (
    tenant,
    own_tenants,
    deletion,
    keys,
    partners,
    oauth,
    usage,
    installation,
    profiles,
    identity_links,
    identity_rules,
    consents,
    erasures,
    exports,
    verification,
    reports,
    event_sources,
    people_reports,
    traffic_sources,
    gene_checks,
    genes,
    product_reports,
    segment_previews,
    segment_overlaps,
    bad_rows,
    imports,
    rejected_rows,
    goals,
    states,
    external_genes,
    segments,
    segment_exports,
    export_schedules,
    segment_history,
    lists,
    attributes,
    products,
    jobs,
    live,
    session,
    account,
    password,
    single_sign_on,
    teammates,
    invitations,
    audit,
    operators,
    operator,
)


def open_api(parts: Parts) -> ASGIApp:
    """Everything but the tracking API."""
    return Envelope(application(parts))


def application(parts: Parts) -> FastAPI:
    """The routes and their document, without what is around every answer."""
    app = FastAPI(
        title="Nexus",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        telemetry={"tracing": False},
        responses={"4XX": _FAILURE, "5XX": _FAILURE},
        redirect_slashes=False,
        # The name that domain/permissions.py lists.
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.parts = parts
    for module in _MODULES:
        app.include_router(module.router)
    app.include_router(partners.operators)
    app.include_router(pages.pages(parts.settings))
    app.include_router(console.console(parts.settings.console_folder))
    app.include_router(snippet.snippet(parts.settings.snippet_folder))
    answer_problems(app)
    generate = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(generate())
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
    return app


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    """With the tracking API, what a failure looks like, and which key each path takes."""
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(TRACKING_SCHEMAS, Problem=_PROBLEM)
    components["securitySchemes"] = _SECURITY_SCHEMES
    for operations in document["paths"].values():
        for operation in operations.values():
            _tell_who_may(operation)
    for path, operation in TRACKING_PATHS.items():
        document["paths"][path] = {"post": operation | {"security": [{"basic": []}, {"secretKey": []}]}}
        document["paths"][path]["post"]["responses"] |= {"4XX": _FAILURE, "5XX": _FAILURE}
    return document


def _tell_who_may(operation: dict[str, Any]) -> None:
    """The credentials an operation takes, and the roles and scope that allow it."""
    permission = OPERATIONS[operation["operationId"]]
    if isinstance(permission, Access):
        operation["security"] = [{scheme: []} for scheme in _SECURITY[permission]]
        return
    operation["security"] = [{"session": []}]
    if permission.scope:
        operation["security"] += [{"secretKey": []}, {"partnerToken": [permission.scope]}]
    operation["x-while-acting"] = permission.acting
    operation["x-roles"] = [role for role in ROLES if role in permission.roles]
    if permission.scope:
        operation["x-scope"] = permission.scope
