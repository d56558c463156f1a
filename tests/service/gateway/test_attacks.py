"""Attacks made from the OpenAPI document: fields nobody asked for, keys in URLs, headers that claim more."""

import json
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from services.gateway.domain.permissions import OPERATIONS, Access, Permission
from tests.open_api import Operation, nothing_of_ours, operations
from tests.service.gateway.conftest import OPERATOR_KEY, Gateway
from tests.service.gateway.teammates_door import operator, teammate
from tests.service.gateway.test_roles import unlimited

# What a request could make itself bigger with.
INJECTED = (
    "tenant_id",
    "role",
    "roles",
    "operator",
    "is_admin",
    "scopes",
    "id",
    "teammate_id",
    "created_by",
    "invited_by",
    "actor",
    "only_tenant",
    "second_factor",
    "email_verified",
    "password_hash",
    "events_per_second",
    "calls_per_second",
    "closing_at",
    "__proto__",
)
FEWEST_BODIES = 35
FEWEST_READINGS = 30


@pytest.fixture(scope="module")
async def clients(gateway: Gateway, engines: Any) -> AsyncIterator[Mapping[str, httpx.AsyncClient]]:
    """An owner, an operator, and the installation's key; each may call as often as it likes."""
    shop = await gateway.make_tenant("attacked")
    await unlimited(engines, shop.id)
    async with AsyncExitStack() as stack:
        yield {
            "owner": await stack.enter_async_context(teammate(shop, "owner")),
            "operator": await stack.enter_async_context(operator(gateway)),
            "installation": await stack.enter_async_context(gateway.client(OPERATOR_KEY)),
        }


@pytest.fixture(scope="module")
async def document(gateway: Gateway) -> Mapping[str, Any]:
    async with gateway.client() as client:
        answer: Mapping[str, Any] = (await client.get("/openapi.json")).json()
    return answer


def objects_of(
    body: Any, schema: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterator[tuple[Any, Any]]:
    """Every object with fixed fields inside a body, and the names it has."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for choice in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(choice, ()):
            if each.get("type") != "null":
                yield from objects_of(body, each, document)
                break
    properties = schema.get("properties")
    if isinstance(body, dict) and properties:
        yield body, set(properties)
        for name, inner in properties.items():
            if name in body:
                yield from objects_of(body[name], inner, document)
    if isinstance(body, list) and body:
        yield from objects_of(body[0], schema.get("items", {}), document)


def attacked_bodies(operation: Operation) -> Iterator[tuple[str, Any, set[str]]]:
    """The body with fields that are not its own, once in each of its objects."""
    whole = operation.body(nothing_of_ours)
    content = operation.told.get("requestBody", {}).get("content", {})
    if whole is None or not isinstance(whole, dict):
        return
    schema = content["application/json"]["schema"]
    for number in range(sum(1 for _ in objects_of(whole, schema, operation.document))):
        body = json.loads(json.dumps(whole))
        for place, (target, names) in enumerate(objects_of(body, schema, operation.document)):
            if place == number:
                added = {name for name in INJECTED if name not in names}
                target |= dict.fromkeys(added, "owner")
                yield operation.name, body, added
                break


async def test_a_field_that_is_not_asked_for_is_refused_everywhere(
    clients: Mapping[str, httpx.AsyncClient], document: Mapping[str, Any]
) -> None:
    taken, bodies = [], 0
    for operation in operations(document):
        access = OPERATIONS[operation.name]
        caller = {Access.OPERATOR: "installation", Access.OPERATOR_IN_PERSON: "operator"}.get(
            access if isinstance(access, Access) else Access.ANYBODY, "owner"
        )
        for name, body, added in attacked_bodies(operation):
            bodies += 1
            headers = {"idempotency-key": "attack"} if name == "make_tenant" else {}
            url = operation.url(nothing_of_ours)
            answer = await clients[caller].request(operation.method, url, json=body, headers=headers)
            told = answer.json()
            named = {fault["pointer"].rpartition("/")[2] for fault in told.get("errors", ())}
            if answer.status_code != 400 or not added <= named:
                taken.append((name, answer.status_code, sorted(added - named), answer.text[:150]))
    assert taken == []
    assert bodies >= FEWEST_BODIES


async def test_a_key_in_a_url_opens_nothing_and_is_not_written_down(
    gateway: Gateway, document: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    shop = await gateway.make_tenant()
    caplog.set_level(logging.DEBUG)
    names = ("key", "api_key", "access_token", "token", "authorization", "secret_key", "writeKey")
    opened, readings = [], 0
    async with gateway.client() as client:
        for operation in operations(document):
            if operation.changes or not isinstance(OPERATIONS[operation.name], Permission):
                continue
            url = operation.url(nothing_of_ours)
            answer = await client.get(url, params=dict.fromkeys(names, shop.secret_key))
            readings += 1
            if answer.status_code != 401 or shop.secret_key in answer.text:
                opened.append((operation.name, answer.status_code))
        for path in (f"/v1/{shop.secret_key}/tenant", f"/{shop.secret_key}@/v1/tenant"):
            assert (await client.get(path)).status_code == 404
        sent = await client.post(f"/v1/track?writeKey={shop.write_key}", json={"event": "x", "userId": "u"})
        assert sent.status_code == 401
    assert opened == [] and readings >= FEWEST_READINGS
    # httpx tells its own requests; that is the caller's log.
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    assert shop.secret_key not in ours and shop.write_key not in ours


async def test_headers_that_claim_another_tenant_method_or_host_change_nothing(gateway: Gateway) -> None:
    shop, other = await gateway.make_tenant("mine"), await gateway.make_tenant("other")
    claims = {
        "x-tenant": other.id,
        "x-tenant-id": other.id,
        "x-http-method-override": "DELETE",
        "x-original-url": "/v1/operator/tenants",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        "x-forwarded-user": "operator",
    }
    async with shop.client(headers=claims) as client:
        answer = await client.get("/v1/tenant")
        assert (answer.status_code, answer.json()["id"]) == (200, shop.id)
        for host in ("evil.example/v1/keys?", "[", "evil.example:99999"):
            told = await client.get("/v1/profiles/0/x", headers={"host": host})
            assert told.status_code in {400, 404} and "evil" not in told.text
        tokens = (await client.get("/.well-known/oauth-authorization-server")).json()
    assert tokens["issuer"] == gateway.settings.public_url
    async with gateway.client(headers=claims) as nobody:
        assert (await nobody.get("/v1/tenant")).status_code == 401
