"""Every operation that changes something, called by another site's page with a signed-in browser's cookie."""

import uuid
from typing import Any

import httpx
import pytest

from services.gateway.domain.permissions import OPERATIONS, Access
from tests.service.gateway.conftest import Gateway, Shop
from tests.service.gateway.test_sign_in import PASSWORD, an_address, signed_in

FOREIGN = [
    {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    {"sec-fetch-site": "same-site", "origin": "https://other.localhost"},
    {"sec-fetch-site": "none"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {},
]
# Another credential opens them, which no other site's page has.
_WITHOUT_COOKIES = {Access.OPERATOR, Access.PARTNER}
# The token request of RFC 6749 comes from servers; the callback is a navigation bound by its own cookie.
_NO_PAGES = {"issue_token"}


async def mutating(client: httpx.AsyncClient) -> list[tuple[str, str, str]]:
    """(operation, method, path) with ids filled in, of the whole document."""
    document = (await client.get("/openapi.json")).json()
    found = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name = operation.get("operationId", "")
            who = OPERATIONS.get(name)
            if (
                method not in {"get", "head"}
                and who not in _WITHOUT_COOKIES
                and who
                and name not in _NO_PAGES
            ):
                for parameter in operation.get("parameters", []):
                    if parameter["in"] == "path":
                        path = path.replace("{" + parameter["name"] + "}", str(uuid.uuid4()))
                found.append((name, method.upper(), path))
    return found


@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_sites_page_changes_nothing_anywhere(
    gateway: Gateway, shop: Shop, headers: dict[str, str]
) -> None:
    email = an_address()
    await gateway.add_teammate(shop.id, email, PASSWORD)
    session = await signed_in(gateway, email)
    operations = await mutating(session)
    assert len(operations) >= 40
    passed = []
    async with gateway.client(headers=headers, cookies=dict(session.cookies)) as client:
        for name, method, path in operations:
            answer = await client.request(method, path, json=_body(name))
            anybody = OPERATIONS[name] is Access.ANYBODY
            if anybody and not headers:
                continue  # Programs sign in too; without Origin it is no page, and no cookie is used.
            if answer.status_code not in {400, 401, 403} or answer.json()["code"] not in _REFUSALS:
                passed.append((name, answer.status_code, answer.text[:120]))
    assert passed == []
    assert (await session.get("/v1/session")).status_code == 200
    await session.aclose()


# A body that no operation takes is refused before anybody looks who sends it, and changes as little.
_REFUSALS = {"OTHER_ORIGIN", "REQUEST_NOT_VALID", "KEY_MISSING"}


def _body(name: str) -> dict[str, Any]:
    return {
        "sign_in": {"email": an_address(), "password": "x"},
        "ask_password_reset": {"email": an_address()},
    }.get(name, {})
