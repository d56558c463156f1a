"""Every operation as every role, key and operator: what domain/permissions.py says, and nothing else."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from chassis.database import open_engine, open_transaction
from services.gateway.domain.permissions import OPERATIONS, ROLES, SCOPES, Access, Permission, Role, allowed
from tests.open_api import Operation, nothing_of_ours, operations
from tests.service.gateway.conftest import Gateway, Shop
from tests.service.gateway.teammates_door import operator, teammate

# What an allowed caller may be told 403 for all the same, with a request as empty as these.
OTHER_REASONS = {"FRESH_SIGN_IN_NEEDED", "OWN_SIGN_IN_NEEDED"}
# These would end the very session that asks next.
ENDS_THE_SESSION = {"leave_tenant"}
FEWEST_PAIRS = 500


@dataclass
class Callers:
    """Everybody who may come to a tenant's door."""

    shop: Shop
    roles: Mapping[Role, httpx.AsyncClient]
    # A restricted key for each scope, and one with all the others.
    only: dict[str, httpx.AsyncClient]
    all_but: dict[str, httpx.AsyncClient]
    acting: httpx.AsyncClient
    nobody: httpx.AsyncClient


@pytest.fixture(scope="module")
async def callers(gateway: Gateway, engines: Any) -> AsyncIterator[Callers]:
    shop = await gateway.make_tenant("roles")
    await unlimited(engines, shop.id)
    async with AsyncExitStack() as stack:
        roles = {role: await stack.enter_async_context(teammate(shop, role)) for role in ROLES}
        only: dict[str, httpx.AsyncClient] = {}
        all_but: dict[str, httpx.AsyncClient] = {}
        for scope in SCOPES:
            for kept, scopes in ((only, [scope]), (all_but, [each for each in SCOPES if each != scope])):
                made = await roles["owner"].post("/v1/keys", json={"kind": "restricted", "scopes": scopes})
                assert made.status_code == 201, made.text
                kept[scope] = await stack.enter_async_context(gateway.client(made.json()["key"]))
        acting = await stack.enter_async_context(operator(gateway))
        body = {"tenant_id": shop.id, "reason": "checking every role", "role": "admin", "minutes": 60}
        begun = await acting.post("/v1/operator/impersonations", json=body)
        assert begun.status_code == 201, begun.text
        nobody = await stack.enter_async_context(gateway.client())
        yield Callers(shop, roles, only, all_but, acting, nobody)


async def unlimited(engines: Any, tenant_id: str) -> None:
    """A tenant that may call as often as it likes."""
    async with (
        open_engine(engines.postgres_url("gateway")) as engine,
        open_transaction(engine, tenant_id) as connection,
    ):
        await connection.execute(sa.text("update tenants set calls_per_second = 1000000, changed_at = now()"))


@pytest.fixture(scope="module")
async def document(gateway: Gateway) -> Mapping[str, Any]:
    async with gateway.client() as client:
        answer: Mapping[str, Any] = (await client.get("/openapi.json")).json()
    return answer


async def answered(client: httpx.AsyncClient, operation: Operation, filled: Any = None) -> tuple[int, str]:
    """Status and code of the answer to an empty request; a feed is not waited for."""
    url = operation.url(nothing_of_ours)
    # An empty body is refused after the caller is.
    body = (filled or {}) if operation.changes and operation.method != "DELETE" else None
    try:
        async with client.stream(operation.method, url, json=body, timeout=3) as answer:
            if answer.status_code < 400:
                return answer.status_code, ""
            await answer.aread()
            return answer.status_code, answer.json().get("code", "")
    except httpx.ReadTimeout:
        # Let in, and waiting for a service that does not run here.
        return 503, ""


def refused(answer: tuple[int, str]) -> bool:
    return answer == (403, "NOT_ALLOWED")


def let_in(answer: tuple[int, str]) -> bool:
    status, code = answer
    return status not in {401, 403} or code in OTHER_REASONS


async def test_every_operation_is_in_the_table_and_the_table_has_nothing_else(
    document: Mapping[str, Any],
) -> None:
    known = {operation.name for operation in operations(document)}
    assert known - set(OPERATIONS) == set()
    assert set(OPERATIONS) - known == {"send_events"}


async def test_every_role_may_what_the_table_says(callers: Callers, document: Mapping[str, Any]) -> None:
    wrong, pairs = [], 0
    for operation in operations(document):
        if not isinstance(OPERATIONS[operation.name], Permission) or operation.name in ENDS_THE_SESSION:
            continue
        for role, client in callers.roles.items():
            answer = await answered(client, operation)
            may = allowed(operation.name, role=role, scopes=frozenset())
            if not (let_in(answer) if may else refused(answer)):
                wrong.append((operation.name, role, may, answer))
            pairs += 1
    assert wrong == []
    assert pairs >= FEWEST_PAIRS * 5 // 9


async def test_a_key_may_what_its_scope_says_and_no_other_key_may(
    callers: Callers, document: Mapping[str, Any]
) -> None:
    wrong, pairs = [], 0
    for operation in operations(document):
        permission = OPERATIONS[operation.name]
        if not isinstance(permission, Permission):
            continue
        if permission.scope:
            cases = [(callers.only[permission.scope], True), (callers.all_but[permission.scope], False)]
        else:
            cases = [(callers.all_but["events:write"], False), (callers.shop.client(), False)]
        for client, may in cases:
            answer = await answered(client, operation)
            if not (let_in(answer) if may else refused(answer)):
                wrong.append((operation.name, permission.scope, may, answer))
            pairs += 1
    assert wrong == []
    assert pairs >= FEWEST_PAIRS * 2 // 9


async def test_an_operator_acting_as_admin_may_less_than_an_admin(
    callers: Callers, document: Mapping[str, Any]
) -> None:
    wrong, kept = [], set()
    for operation in operations(document):
        permission = OPERATIONS[operation.name]
        if not isinstance(permission, Permission):
            continue
        status, code = await answered(callers.acting, operation)
        if "admin" in permission.roles and not permission.acting:
            kept.add(operation.name)
            right = (status, code) == (403, "NOT_WHILE_ACTING")
        elif "admin" in permission.roles:
            right = let_in((status, code))
        else:
            right = (status, code) == (403, "NOT_ALLOWED")
        if not right:
            wrong.append((operation.name, status, code))
    assert wrong == []
    assert {"make_key", "revoke_key", "invite_teammate", "change_role", "remove_teammate"} <= kept


async def test_nobody_unknown_is_let_in(callers: Callers, document: Mapping[str, Any]) -> None:
    for operation in operations(document):
        if OPERATIONS[operation.name] is not Access.ANYBODY:
            # Who only speaks for themselves is asked for their session after the request was understood.
            status, _ = await answered(callers.nobody, operation, operation.body(nothing_of_ours))
            assert status == 401, operation.name


async def test_an_owner_and_a_key_of_a_tenant_are_no_operators(
    callers: Callers, document: Mapping[str, Any]
) -> None:
    async with callers.shop.client() as key:
        for operation in operations(document):
            access = OPERATIONS[operation.name]
            if access is Access.OPERATOR:
                for client in (callers.roles["owner"], key, callers.acting):
                    assert (await answered(client, operation))[0] == 401, operation.name
            if access is Access.OPERATOR_IN_PERSON:
                assert await answered(callers.roles["owner"], operation) == (403, "OPERATOR_ONLY")
                assert (await answered(key, operation))[0] == 401, operation.name


async def test_the_page_of_roles_shows_every_operation(gateway: Gateway) -> None:
    async with gateway.client() as client:
        page = (await client.get("/docs/roles")).text
    missing = [name for name in OPERATIONS if f'id="{name}"' not in page and name != "send_events"]
    assert missing == []
    assert "擁有者" in page and "Operator acting" in page
    # A worked example: keys are made by owners and admins or keys:write, and by no operator.
    row = page.partition('id="make_key"')[2].partition("</tr>")[0]
    assert row.count("✓") == 2 and "keys:write" in row


async def test_request_models_refuse_unknown_fields(document: Mapping[str, Any]) -> None:
    lax = []
    for operation in operations(document):
        for name in models_of(operation.told.get("requestBody", {}), document):
            schema = document["components"]["schemas"][name]
            if schema.get("type") == "object" and schema.get("additionalProperties", True) is True:
                lax.append((operation.name, name))
    assert lax == []


def models_of(told: Any, document: Mapping[str, Any]) -> set[str]:
    """Names of all schemas that a part of the document leads to."""
    found: set[str] = set()
    waiting = [told]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                waiting.append(document["components"]["schemas"][name])
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return found
