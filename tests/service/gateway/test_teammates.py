"""Inviting, accepting, changing roles, removing, leaving: and that a tenant always keeps an owner."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.database import SET_TENANT, async_url
from tests.service.gateway.conftest import Gateway, Shop, running_gateway
from tests.service.gateway.teammates_door import (
    OWN_PAGE,
    PASSWORD,
    actions,
    an_address,
    invite,
    own_id,
    signed_in,
    teammate,
    token_to,
)
from tests.smtp_server import Letters, link_of, running_smtp_server, text_of


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


async def test_an_invited_person_makes_an_account_and_is_in(shop: Shop, letters: Letters) -> None:
    email = an_address()
    async with teammate(shop, "owner") as owner, shop.gateway.client() as newcomer:
        await invite(owner, email.upper(), "analyst", language="en")
        letter = await letters.next_to(email)
        assert letter["Subject"] == "Invitation to Moon & Sons"
        assert "as analyst" in text_of(letter)
        url, _, token = link_of(letter).partition("#")
        assert url == f"{shop.gateway.settings.public_url}/invitation"
        opened = (await newcomer.post("/v1/invitation/opening", json={"token": token})).json()
        assert (opened["tenant_name"], opened["email"], opened["role"]) == ("Moon & Sons", email, "analyst")
        assert opened["next"] == "make_account"
        weak = {"token": token, "name": "Lin", "password": "password1"}
        refused = await newcomer.post("/v1/invitation/acceptance", json=weak)
        assert refused.json()["code"] == "PASSWORD_NOT_GOOD"
        accepted = await newcomer.post(
            "/v1/invitation/acceptance", json={"token": token, "name": "Lin", "password": PASSWORD}
        )
        assert accepted.json() == {"tenant_id": shop.id, "role": "analyst", "made_account": True}
        lin = await signed_in(shop.gateway, email)
        assert (await lin.get("/v1/tenant")).json()["id"] == shop.id
        assert (await lin.get("/v1/keys")).json()["code"] == "NOT_ALLOWED"
        team = (await lin.get("/v1/teammates")).json()["teammates"]
        assert [(each["name"], each["role"]) for each in team] == [("Lin", "owner"), ("Lin", "analyst")]
        assert await actions(owner, action="invitation.") == ["invitation.accepted", "invitation.sent"]
        assert (await owner.get("/v1/invitations")).json()["invitations"] == []
        await lin.aclose()


async def test_a_chinese_letter_names_shop_and_role(shop: Shop, letters: Letters) -> None:
    email = an_address()
    async with teammate(shop, "owner") as owner:
        await invite(owner, email, "marketer")
    letter = await letters.next_to(email)
    assert letter["Subject"] == "邀請您加入 Moon & Sons"
    assert "「行銷」" in text_of(letter)


async def test_somebody_with_an_account_accepts_only_signed_in_with_that_address(
    shop: Shop, letters: Letters
) -> None:
    other_shop, email = await shop.gateway.make_tenant("other"), an_address()
    async with teammate(shop, "owner") as owner, teammate(other_shop, "viewer", email) as invited:
        await invite(owner, email, "admin")
        token = await token_to(letters, email)
        async with shop.gateway.client() as stranger:
            opened = await stranger.post("/v1/invitation/opening", json={"token": token})
            assert opened.json()["next"] == "sign_in"
            body = {"token": token, "name": "Thief", "password": PASSWORD}
            refused = await stranger.post("/v1/invitation/acceptance", json=body)
            assert (refused.status_code, refused.json()["code"]) == (409, "SIGN_IN_FIRST")
        wrong = await owner.post("/v1/invitation/acceptance", json={"token": token})
        assert (wrong.status_code, wrong.json()["code"]) == (403, "INVITATION_OF_ANOTHER")
        accepted = await invited.post("/v1/invitation/acceptance", json={"token": token})
        assert accepted.json() == {"tenant_id": shop.id, "role": "admin", "made_account": False}
        session = (await invited.get("/v1/session")).json()
        assert {each["id"]: each["role"] for each in session["tenants"]} == {
            shop.id: "admin",
            other_shop.id: "viewer",
        }


async def test_an_invitation_accepted_twice_at_once_is_accepted_once(shop: Shop, letters: Letters) -> None:
    email = an_address()
    async with teammate(shop, "owner") as owner:
        await invite(owner, email, "viewer")
    token = await token_to(letters, email)
    async with shop.gateway.client() as client:
        body = {"token": token, "name": "Lin", "password": PASSWORD}
        answers = await asyncio.gather(
            *(client.post("/v1/invitation/acceptance", json=body) for _ in range(4))
        )
        assert sorted(answer.status_code for answer in answers)[0] == 201
        refusals = {answer.json()["code"] for answer in answers if answer.status_code != 201}
        assert len([answer for answer in answers if answer.status_code == 201]) == 1
        assert refusals <= {"INVITATION_NOT_VALID", "SIGN_IN_FIRST"}
        again = await client.post("/v1/invitation/opening", json={"token": token})
        assert (again.status_code, again.json()["code"]) == (404, "INVITATION_NOT_VALID")


async def test_a_letter_sent_again_has_a_new_link_and_a_revoked_one_leads_nowhere(
    shop: Shop, letters: Letters, engines: Any
) -> None:
    email = an_address()
    async with teammate(shop, "owner") as owner, shop.gateway.client() as client:
        invitation = await invite(owner, email, "viewer")
        first = await token_to(letters, email)
        soon = await owner.post(f"/v1/invitations/{invitation['id']}/letter")
        assert (soon.status_code, soon.json()["code"]) == (429, "TOO_MANY_INVITATIONS")
        await an_hour_passes(engines, shop.id)
        assert (await owner.post(f"/v1/invitations/{invitation['id']}/letter")).status_code == 200
        second = await token_to(letters, email, 1)
        opened = [
            (await client.post("/v1/invitation/opening", json={"token": token})).status_code
            for token in (first, second)
        ]
        assert opened == [404, 200]
        assert (await owner.delete(f"/v1/invitations/{invitation['id']}")).status_code == 204
        after = await client.post("/v1/invitation/opening", json={"token": second})
        assert after.json()["code"] == "INVITATION_NOT_VALID"
        gone = await owner.delete(f"/v1/invitations/{invitation['id']}")
        assert gone.json()["code"] == "INVITATION_NOT_FOUND"


async def test_after_seven_days_a_link_is_dead_and_the_address_can_be_invited_anew(
    shop: Shop, letters: Letters, engines: Any
) -> None:
    email = an_address()
    async with teammate(shop, "owner") as owner, shop.gateway.client() as client:
        await invite(owner, email, "viewer")
        token = await token_to(letters, email)
        twice = await owner.post("/v1/invitations", json={"email": email, "role": "admin"})
        assert (twice.status_code, twice.json()["code"]) == (409, "ALREADY_INVITED")
        await an_hour_passes(engines, shop.id, hours=7 * 24 + 1)
        dead = await client.post("/v1/invitation/opening", json={"token": token})
        assert dead.json()["code"] == "INVITATION_NOT_VALID"
        await invite(owner, email, "admin")


async def test_admins_neither_make_nor_touch_owners_and_nobody_raises_themselves(shop: Shop) -> None:
    async with teammate(shop, "owner") as owner, teammate(shop, "admin") as admin:
        owner_id, admin_id = await own_id(owner), await own_id(admin)
        refused = [
            await admin.post("/v1/invitations", json={"email": an_address(), "role": "owner"}),
            await admin.patch(f"/v1/teammates/{owner_id}", json={"role": "viewer"}),
            await admin.delete(f"/v1/teammates/{owner_id}"),
            await admin.patch(f"/v1/teammates/{admin_id}", json={"role": "owner"}),
        ]
        assert [answer.json()["code"] for answer in refused] == ["OWNERS_ONLY"] * 4
        assert (await owner.patch(f"/v1/teammates/{admin_id}", json={"role": "owner"})).status_code == 200
        assert (await admin.patch(f"/v1/teammates/{owner_id}", json={"role": "admin"})).status_code == 200
        assert (await owner.patch(f"/v1/teammates/{admin_id}", json={"role": "viewer"})).status_code == 403


@pytest.mark.parametrize("role", ["marketer", "analyst", "viewer"])
async def test_other_roles_change_nobody(shop: Shop, role: str) -> None:
    async with teammate(shop, "owner") as owner, teammate(shop, role) as other:
        owner_id = await own_id(owner)
        refused = [
            await other.post("/v1/invitations", json={"email": an_address(), "role": "viewer"}),
            await other.patch(f"/v1/teammates/{owner_id}", json={"role": "viewer"}),
            await other.delete(f"/v1/teammates/{owner_id}"),
            await other.patch(f"/v1/teammates/{await own_id(other)}", json={"role": "admin"}),
        ]
    assert [answer.json()["code"] for answer in refused] == ["NOT_ALLOWED"] * 4


async def test_the_last_owner_neither_leaves_nor_is_demoted(shop: Shop) -> None:
    email = an_address()
    async with teammate(shop, "owner", email) as owner:
        own = await own_id(owner)
        refused = [
            await owner.delete("/v1/membership"),
            await owner.delete(f"/v1/teammates/{own}"),
            await owner.patch(f"/v1/teammates/{own}", json={"role": "admin"}),
        ]
        assert [answer.json()["code"] for answer in refused] == ["LAST_OWNER"] * 3
        async with teammate(shop, "owner") as second:
            assert (await owner.delete("/v1/membership")).status_code == 204
            assert (await actions(second))[0] == "teammate.left"


@pytest.mark.parametrize("how", ["demote", "leave", "remove"])
async def test_two_owners_at_once_leave_one_owner(shop: Shop, how: str) -> None:
    async with teammate(shop, "viewer") as watcher:
        for _ in range(5):
            async with teammate(shop, "owner") as a, teammate(shop, "owner") as b:
                ids = await own_id(a), await own_id(b)
                # Those of the round before step back first.
                for each in (await a.get("/v1/teammates")).json()["teammates"]:
                    if each["role"] == "owner" and each["id"] not in ids:
                        await a.delete(f"/v1/teammates/{each['id']}")
                if how == "demote":
                    pair = [
                        a.patch(f"/v1/teammates/{ids[1]}", json={"role": "viewer"}),
                        b.patch(f"/v1/teammates/{ids[0]}", json={"role": "viewer"}),
                    ]
                elif how == "remove":
                    pair = [a.delete(f"/v1/teammates/{ids[1]}"), b.delete(f"/v1/teammates/{ids[0]}")]
                else:
                    pair = [a.delete("/v1/membership"), b.delete("/v1/membership")]
                await asyncio.gather(*pair)
                team = (await watcher.get("/v1/teammates")).json()["teammates"]
                assert [each["role"] for each in team].count("owner") == 1


async def test_who_is_removed_is_out_with_the_next_request_and_keeps_other_tenants(shop: Shop) -> None:
    elsewhere, email = await shop.gateway.make_tenant("elsewhere"), an_address()
    await shop.gateway.add_teammate(elsewhere.id, email, PASSWORD, "viewer")
    async with teammate(shop, "owner") as owner, teammate(shop, "analyst", email) as analyst:
        await analyst.put("/v1/session/tenant", json={"tenant_id": shop.id})
        assert (await owner.delete(f"/v1/teammates/{await own_id(analyst)}")).status_code == 204
        assert (await analyst.get("/v1/tenant")).json()["code"] == "NOT_SIGNED_IN"
        again = await signed_in(shop.gateway, email)
        assert (await again.get("/v1/tenant")).json()["id"] == elsewhere.id
        assert (await again.get("/v1/tenant", headers={"x-tenant": shop.id})).status_code == 404
        await again.aclose()


async def test_another_tenants_teammates_do_not_exist(shop: Shop) -> None:
    other = await shop.gateway.make_tenant("other")
    async with teammate(shop, "owner") as owner, teammate(other, "viewer") as foreigner:
        foreign_id = await own_id(foreigner)
        for answer in (
            await owner.patch(f"/v1/teammates/{foreign_id}", json={"role": "admin"}),
            await owner.delete(f"/v1/teammates/{foreign_id}"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "TEAMMATE_NOT_FOUND")


async def test_teammates_and_invitations_come_page_by_page(shop: Shop) -> None:
    async with teammate(shop, "owner") as owner:
        for _ in range(4):
            await shop.gateway.add_teammate(shop.id, an_address(), PASSWORD, "viewer")
            await invite(owner, an_address(), "viewer")
        for path, name, n_all in (("/v1/teammates", "teammates", 5), ("/v1/invitations", "invitations", 4)):
            seen, cursor = [], ""
            while cursor is not None:
                page = (await owner.get(path, params={"limit": 2, "cursor": cursor})).json()
                seen += [each["id"] for each in page[name]]
                cursor = page["next_cursor"]
            assert len(seen) == len(set(seen)) == n_all


async def test_a_field_that_nobody_reads_is_refused_with_its_place(shop: Shop) -> None:
    async with teammate(shop, "owner") as owner:
        body = {"email": an_address(), "role": "viewer", "tenant_id": "x"}
        refused = await owner.post("/v1/invitations", json=body)
    assert refused.status_code == 400
    fault = refused.json()["errors"][0]
    assert fault["pointer"] == "/tenant_id" and "leave it out" in fault["detail"]


async def test_another_sites_page_neither_opens_nor_accepts_an_invitation(shop: Shop) -> None:
    async with shop.gateway.client(headers={**OWN_PAGE, "sec-fetch-site": "cross-site"}) as client:
        for path in ("/v1/invitation/opening", "/v1/invitation/acceptance"):
            assert (await client.post(path, json={"token": "x" * 43})).json()["code"] == "OTHER_ORIGIN"


async def an_hour_passes(engines: Any, tenant_id: str, *, hours: int = 1) -> None:
    """For a tenant's invitations, as the database sees them."""
    engine = create_async_engine(async_url(engines.postgres_url("gateway")))
    async with engine.begin() as connection:
        await connection.execute(SET_TENANT, {"tenant_id": tenant_id})
        ago = f"interval '{hours} hours'"
        await connection.execute(
            sa.text(f"update invitations set sent_at = sent_at - {ago}, expires_at = expires_at - {ago}")
        )
    await engine.dispose()
