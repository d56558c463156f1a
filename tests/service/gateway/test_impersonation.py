"""Operators who act in a tenant: with a reason, in the open, for a while, and never too far."""

import itertools
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.database import SET_TENANT, async_url
from services.gateway.audit import AuditLog
from services.gateway.impersonations import Impersonations
from services.gateway.mail import Mail
from services.gateway.routes.operators import may_operate
from services.gateway.sealing import Sealer
from services.gateway.store import impersonations as store
from services.gateway.store.sessions import Session
from tests.service.gateway.conftest import ENCRYPTION_KEY, OPERATOR_KEY, Gateway, Shop, running_gateway
from tests.service.gateway.teammates_door import (
    PASSWORD,
    actions,
    an_address,
    operator,
    own_id,
    signed_in,
    teammate,
)
from tests.smtp_server import Letters, running_smtp_server, text_of

REASON = "the shop asked why its orders are late"


@pytest.fixture(scope="module")
async def letters() -> AsyncIterator[Letters]:
    async with running_smtp_server() as running:
        yield running


@pytest.fixture(scope="module")
async def gateway(engines: Any, letters: Letters) -> AsyncIterator[Gateway]:
    """One that sends its letters."""
    async with running_gateway(engines, smtp_url=letters.url, trusted_proxies="127.0.0.0/8") as running:
        yield running


@pytest.fixture
async def shop(gateway: Gateway) -> Shop:
    return await gateway.make_tenant("Moon & Sons")


async def letter_about(letters: Letters, email: str, subject: str) -> EmailMessage:
    """The first one with this subject; others tell of sign-ins."""
    for number in itertools.count():
        letter = await letters.next_to(email, number)
        if letter["Subject"] == subject:
            return letter
    raise AssertionError


def an_order(shop: Shop, **more: Any) -> dict[str, Any]:
    return {"tenant_id": shop.id, "reason": REASON, "role": "admin", "minutes": 5, **more}


async def test_an_operator_acts_in_the_open_until_they_stop(
    gateway: Gateway, shop: Shop, letters: Letters
) -> None:
    email = an_address()
    async with teammate(shop, "owner", email) as owner, operator(gateway) as acting:
        assert (await acting.get("/v1/session")).json()["operator"] is True
        begun = await acting.post("/v1/operator/impersonations", json=an_order(shop))
        assert begun.status_code == 201
        session = (await acting.get("/v1/session")).json()
        assert session["acting"]["tenant_id"] == session["tenant_id"] == shop.id
        assert session["acting"]["ends_at"] == begun.json()["ends_at"]
        letter = await letter_about(letters, email, "平台人員正在操作 Moon & Sons")
        assert REASON in text_of(letter)
        assert (await acting.get("/v1/tenant")).json()["id"] == shop.id
        seen = (await owner.get("/v1/impersonations")).json()["impersonations"]
        assert [(each["reason"], each["ended_at"]) for each in seen] == [(REASON, None)]
        refused = await acting.post("/v1/keys", json={"kind": "browser"})
        assert (refused.status_code, refused.json()["code"]) == (403, "NOT_WHILE_ACTING")
        replayed = await acting.post("/v1/bad-rows/replay", json={})
        assert replayed.status_code == 202
        stop = f"/v1/operator/impersonations/{begun.json()['id']}"
        assert (await acting.delete(stop)).status_code == 204
        assert (await acting.get("/v1/tenant")).json()["id"] != shop.id
        entries = (await owner.get("/v1/audit")).json()["entries"]
        told = [(entry["action"], entry["actor"]) for entry in entries[:3]]
        actor = f"operator:{await own_id(acting)}"
        assert told == [
            ("impersonation.ended", actor),
            ("bad_rows.replay_started", actor),
            ("impersonation.started", actor),
        ]
        platform = (await acting.get("/v1/operator/audit")).json()["entries"]
        assert {"impersonation.started", "impersonation.ended"} <= {entry["action"] for entry in platform}


async def test_the_owner_ends_it_and_the_next_request_is_refused(gateway: Gateway, shop: Shop) -> None:
    async with teammate(shop, "owner") as owner, operator(gateway) as acting:
        begun = (await acting.post("/v1/operator/impersonations", json=an_order(shop))).json()
        assert (await owner.delete(f"/v1/impersonations/{begun['id']}")).status_code == 204
        refused = await acting.get("/v1/teammates", headers={"x-tenant": shop.id})
        assert refused.json()["code"] == "TENANT_NOT_FOUND"
        again = await owner.delete(f"/v1/impersonations/{begun['id']}")
        assert (again.status_code, again.json()["code"]) == (404, "IMPERSONATION_NOT_FOUND")


async def test_it_ends_by_itself_and_the_end_is_written_down(
    gateway: Gateway, shop: Shop, engines: Any
) -> None:
    async with teammate(shop, "owner") as owner, operator(gateway) as acting:
        await acting.post("/v1/operator/impersonations", json=an_order(shop))
        engine = create_async_engine(async_url(engines.postgres_url("gateway")))
        async with engine.begin() as connection:
            await connection.execute(SET_TENANT, {"tenant_id": shop.id})
            await connection.execute(sa.text("update impersonations set ends_at = now()"))
        refused = await acting.get("/v1/teammates", headers={"x-tenant": shop.id})
        assert refused.json()["code"] == "TENANT_NOT_FOUND"
        mail = Mail(engine, Sealer(ENCRYPTION_KEY), None, "nexus@shop.example")
        overdue = [each for each in await store.load_overdue(engine, limit=500) if each.tenant_id == shop.id]
        for running in overdue:
            await Impersonations(engine, AuditLog(engine), mail).end(running, "system")
        await engine.dispose()
        assert (await actions(owner, action="impersonation."))[0] == "impersonation.ended"


async def test_acting_ends_with_the_session_and_with_being_an_operator(gateway: Gateway, shop: Shop) -> None:
    async with operator(gateway) as acting, gateway.client(OPERATOR_KEY) as key:
        await acting.post("/v1/operator/impersonations", json=an_order(shop))
        removed = await key.delete(f"/v1/operator/operators/{await own_id(acting)}")
        assert removed.status_code == 204
        assert (await acting.get("/v1/tenant")).json()["id"] != shop.id
        refused = await acting.get("/v1/operator/tenants")
        assert (refused.status_code, refused.json()["code"]) == (403, "OPERATOR_ONLY")


async def test_one_session_acts_in_one_tenant_and_looks_at_no_other_meanwhile(
    gateway: Gateway, shop: Shop
) -> None:
    other = await gateway.make_tenant("other")
    async with operator(gateway) as acting:
        await acting.post("/v1/operator/impersonations", json=an_order(shop))
        twice = await acting.post("/v1/operator/impersonations", json=an_order(other))
        assert (twice.status_code, twice.json()["code"]) == (409, "ALREADY_ACTING")
        elsewhere = await acting.get("/v1/tenant", headers={"x-tenant": other.id})
        assert elsewhere.json()["code"] == "TENANT_NOT_FOUND"
        listed = await acting.get("/v1/operator/tenants")
        assert listed.json()["code"] == "NOT_WHILE_ACTING"


@pytest.mark.parametrize(
    "more",
    [{"minutes": 61}, {"minutes": 0}, {"role": "owner"}, {"reason": "short"}, {"as": "owner"}],
)
async def test_acting_has_its_bounds(gateway: Gateway, shop: Shop, more: dict[str, Any]) -> None:
    async with operator(gateway) as acting:
        refused = await acting.post("/v1/operator/impersonations", json=an_order(shop, **more))
    assert refused.json()["code"] == "REQUEST_NOT_VALID"


async def test_a_reason_with_somebodys_address_is_refused_because_it_is_kept(
    gateway: Gateway, shop: Shop
) -> None:
    async with operator(gateway) as acting:
        order = an_order(shop, reason="bob@shop.example cannot see his order")
        refused = await acting.post("/v1/operator/impersonations", json=order)
        assert (refused.status_code, refused.json()["code"]) == (400, "LOOKS_PERSONAL")
        assert (await acting.get("/v1/session")).json()["acting"] is None


async def test_tenants_are_listed_page_by_page_and_found_by_name_or_id(gateway: Gateway) -> None:
    name = f"Harbour {uuid.uuid4().hex}"
    shops = [await gateway.make_tenant(f"{name} {n}") for n in range(3)]
    async with operator(gateway) as client:
        seen, cursor = [], ""
        while cursor is not None:
            page = await client.get("/v1/operator/tenants", params={"q": name, "limit": 2, "cursor": cursor})
            seen += [each["id"] for each in page.json()["tenants"]]
            cursor = page.json()["next_cursor"]
        assert seen == [shop.id for shop in shops]
        by_id = (await client.get("/v1/operator/tenants", params={"q": shops[1].id})).json()["tenants"]
        assert [each["name"] for each in by_id] == [f"{name} 1"]
        assert by_id[0]["used"] == {"events": 0, "calls": 0, "bytes": 0}


async def test_an_operator_without_any_tenant_signs_in(gateway: Gateway) -> None:
    shop, email = await gateway.make_tenant(), an_address()
    await gateway.add_teammate(shop.id, email, PASSWORD, "viewer")
    async with gateway.client(OPERATOR_KEY) as key:
        await key.post("/v1/operator/operators", json={"email": email})
    client = await signed_in(gateway, email)
    assert (await client.delete("/v1/membership")).status_code == 204
    await client.aclose()
    again = await signed_in(gateway, email)
    session = (await again.get("/v1/session")).json()
    assert (session["tenant_id"], session["tenants"], session["operator"]) == ("", [], True)
    assert (await again.get("/v1/operator/tenants")).status_code == 200
    assert (await again.get("/v1/tenant")).json()["code"] == "TENANT_NOT_FOUND"
    await again.aclose()


@pytest.mark.parametrize(
    ("facts", "production", "may"),
    [
        ({"operator": True, "second_factor": True}, True, True),
        ({"operator": True, "second_factor": False}, True, False),
        ({"operator": True, "second_factor": False}, False, True),
        ({"operator": False, "second_factor": True}, False, False),
        ({"operator": True, "second_factor": True, "only_tenant": "t"}, False, False),
    ],
)
def test_in_production_an_operator_needs_a_second_factor(
    facts: dict[str, Any], production: bool, may: bool
) -> None:
    session = Session(
        **{
            "session_id": "s",
            "teammate_id": "o",
            "name": "Olga",
            "email": "olga@platform.example",
            "language": "en",
            "tenant_id": "",
            "memberships": (),
            "method": "password",
            "authenticated_at": datetime.now(UTC),
            "only_tenant": None,
            **facts,
        }
    )
    assert may_operate(session, production=production) is may
