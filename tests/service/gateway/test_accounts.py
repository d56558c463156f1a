"""Accounts under attack: stuffing, fixation, reused codes and links, enumeration, poisoned hosts."""

import asyncio
import statistics
import time
from typing import Any

import httpx
import pyotp
import pytest
import sqlalchemy as sa

from chassis.database import open_engine, open_untenanted
from services.gateway.store.tables import sessions
from tests.service.gateway.conftest import PATIENCE_SECONDS, Gateway, Shop, running_gateway
from tests.service.gateway.test_sign_in import OWN_PAGE, PASSWORD, an_address, signed_in
from tests.smtp_server import link_of, text_of

NEW_PASSWORD = "eleven quiet herons"


async def a_teammate(gateway: Gateway, shop: Shop) -> str:
    email = an_address()
    await gateway.add_teammate(shop.id, email, PASSWORD)
    return email


async def with_app(client: httpx.AsyncClient) -> tuple[pyotp.TOTP, list[str]]:
    """An authenticator app and the recovery codes; a code of the step before is used up."""
    begun = (await client.post("/v1/account/authenticator")).json()
    app = pyotp.TOTP(begun["secret"])
    code = app.at(time.time() - 30)
    done = await client.post("/v1/account/authenticator/confirmation", json={"code": code})
    assert done.status_code == 201, done.text
    return app, done.json()["recovery_codes"]


async def half_signed_in(gateway: Gateway, email: str) -> tuple[httpx.AsyncClient, str]:
    client = gateway.client(headers=OWN_PAGE)
    answer = await client.post("/v1/session", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 202, answer.text
    assert not client.cookies
    return client, answer.json()["ticket"]


async def make_stale(gateway: Gateway, session_id: str, **columns: Any) -> None:
    async with (
        open_engine(gateway.engines.postgres_url("gateway")) as engine,
        open_untenanted(engine) as connection,
    ):
        await connection.execute(
            sa.update(sessions).where(sessions.c.session_id == session_id).values(**columns)
        )


async def guess(gateway: Gateway, address: str) -> int:
    async with gateway.client(headers={**OWN_PAGE, "x-forwarded-for": address}) as client:
        tried = await client.post("/v1/session", json={"email": an_address(), "password": "x"})
    return tried.status_code


async def test_stuffing_many_accounts_from_one_address_is_slowed_down(gateway: Gateway) -> None:
    # Refills by one every two seconds meanwhile.
    codes = [await guess(gateway, "203.0.113.7") for _ in range(60)]
    assert codes[:30] == [401] * 30 and 429 in codes[30:]
    # What a client writes itself stands left of what the proxy saw, and does not count.
    tries = [await guess(gateway, f"198.51.100.{number}, 203.0.113.7") for number in range(4)]
    assert 429 in tries
    assert await guess(gateway, "203.0.113.8") == 401


async def test_nobody_believes_a_header_without_a_trusted_proxy(gateway: Gateway, shop: Shop) -> None:
    email = await a_teammate(gateway, shop)
    async with running_gateway(gateway.engines, trusted_proxies="") as bare:
        client = bare.client(headers=OWN_PAGE | {"x-forwarded-for": "203.0.113.99"})
        await client.post("/v1/session", json={"email": email, "password": PASSWORD})
        listed = (await client.get("/v1/account/sessions")).json()["sessions"]
        await client.aclose()
    assert [one["address"] for one in listed] == ["127.0.0.1"]


async def test_guessing_at_an_account_does_not_lock_its_owner_out(gateway: Gateway, shop: Shop) -> None:
    email = await a_teammate(gateway, shop)
    owner = await signed_in(gateway, email)
    assert (await owner.delete("/v1/session")).status_code == 204
    async with gateway.client(headers=OWN_PAGE) as attacker:
        for _ in range(12):
            refused = await attacker.post("/v1/session", json={"email": email, "password": "guess"})
        assert refused.status_code == 429
        right_but_late = await attacker.post("/v1/session", json={"email": email, "password": PASSWORD})
        assert right_but_late.status_code == 429
    # Their browser is known, so it is counted by itself.
    again = await owner.post("/v1/session", json={"email": email, "password": PASSWORD})
    assert again.status_code == 201
    await owner.aclose()


async def test_tries_are_counted_for_all_gateways_together(gateway: Gateway) -> None:
    email = an_address()
    async with running_gateway(gateway.engines) as second:
        codes, began = [], time.monotonic()
        for number in range(24):
            async with (gateway, second)[number % 2].client(headers=OWN_PAGE) as client:
                tried = await client.post("/v1/session", json={"email": email, "password": "guess"})
                codes.append(tried.status_code)
    # Ten at once, then one every six seconds: each gateway alone would have let twice as many through.
    assert codes.count(401) <= 10 + (time.monotonic() - began) / 6 + 1
    assert 429 in codes


async def test_a_session_named_beforehand_is_never_used(gateway: Gateway, shop: Shop) -> None:
    email = await a_teammate(gateway, shop)
    planted = {"nexus_session": "chosen-by-somebody-else-0123456789abcdef"}
    client = gateway.client(headers=OWN_PAGE, cookies=planted)
    answer = await client.post("/v1/session", json={"email": email, "password": PASSWORD})
    token = answer.cookies["nexus_session"]
    assert token != planted["nexus_session"] and len(token) >= 43
    assert (await gateway.client(cookies=planted).get("/v1/session")).status_code == 401
    holder = gateway.client(headers=OWN_PAGE, cookies={"nexus_session": token})
    renewed = await holder.post("/v1/session/renewal", json={"password": PASSWORD})
    assert renewed.status_code == 200
    assert renewed.cookies["nexus_session"] != token
    old = await gateway.client(cookies={"nexus_session": token}).get("/v1/session")
    assert old.json()["code"] == "NOT_SIGNED_IN"
    for one in (client, holder):
        await one.aclose()


async def test_a_code_of_the_app_is_good_once(gateway: Gateway, shop: Shop) -> None:
    email = await a_teammate(gateway, shop)
    client = await signed_in(gateway, email)
    app, _ = await with_app(client)
    code = app.at(time.time())
    first, ticket = await half_signed_in(gateway, email)
    done = await first.post("/v1/session/second-factor", json={"ticket": ticket, "code": code})
    assert done.status_code == 201
    second, other_ticket = await half_signed_in(gateway, email)
    again = await second.post("/v1/session/second-factor", json={"ticket": other_ticket, "code": code})
    assert again.json()["code"] == "CODE_NOT_VALID"
    used_ticket = await second.post("/v1/session/second-factor", json={"ticket": ticket, "code": code})
    assert used_ticket.json()["code"] == "TICKET_NOT_VALID"
    for one in (client, first, second):
        await one.aclose()


async def test_a_ticket_takes_five_codes(gateway: Gateway, shop: Shop) -> None:
    email = await a_teammate(gateway, shop)
    client = await signed_in(gateway, email)
    app, _ = await with_app(client)
    guesser, ticket = await half_signed_in(gateway, email)
    wrong = "000000" if app.now() != "000000" else "000001"
    answers = [
        (await guesser.post("/v1/session/second-factor", json={"ticket": ticket, "code": wrong})).json()[
            "code"
        ]
        for _ in range(6)
    ]
    assert answers[0] == "CODE_NOT_VALID"
    assert answers[-1] in {"TICKET_NOT_VALID", "SIGN_IN_TOO_OFTEN"}
    await client.aclose()
    await guesser.aclose()


async def test_a_recovery_code_opens_once_and_is_told(gateway: Gateway, shop: Shop) -> None:
    email = await a_teammate(gateway, shop)
    client = await signed_in(gateway, email)
    _, codes = await with_app(client)
    answers = []
    for _ in range(2):
        visitor, ticket = await half_signed_in(gateway, email)
        tried = await visitor.post("/v1/session/second-factor", json={"ticket": ticket, "code": codes[0]})
        answers.append(tried.status_code)
        await visitor.aclose()
    assert answers == [201, 401]
    subjects = await subjects_to(gateway, email, "有人使用備用碼登入")
    assert "已啟用驗證器應用程式" in subjects
    await client.aclose()


async def subjects_to(gateway: Gateway, email: str, wanted: str) -> list[str]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while wanted not in (found := [str(one["Subject"]) for one in gateway.letters.to(email)]):
            await asyncio.sleep(0.1)
    return found


async def test_a_reset_link_works_once_and_ends_every_session(gateway: Gateway, shop: Shop) -> None:
    email = await a_teammate(gateway, shop)
    before = await signed_in(gateway, email)
    already = len(gateway.letters.to(email))
    async with gateway.client(headers=OWN_PAGE | {"host": "evil.example"}) as client:
        asked = await client.post("/v1/password-resets", json={"email": email.upper()})
    assert asked.status_code == 202
    link = await reset_link(gateway, email, already)
    # Wherever the request said it went.
    assert link.startswith(f"{gateway.settings.public_url}/reset#")
    token = link.partition("#")[2]
    async with gateway.client(headers=OWN_PAGE) as client:
        weak = {"token": token, "password": "password1"}
        refused = await client.post("/v1/password-resets/completion", json=weak)
        assert refused.json()["code"] == "PASSWORD_NOT_GOOD"
        body = {"token": token, "password": NEW_PASSWORD}
        assert (await client.post("/v1/password-resets/completion", json=body)).status_code == 204
        again = await client.post("/v1/password-resets/completion", json=body)
        assert again.json()["code"] == "TICKET_NOT_VALID"
        old = await client.post("/v1/session", json={"email": email, "password": PASSWORD})
        assert old.status_code == 401
        new = await client.post("/v1/session", json={"email": email, "password": NEW_PASSWORD})
        assert new.status_code == 201
    assert (await before.get("/v1/session")).json()["code"] == "NOT_SIGNED_IN"
    await before.aclose()


async def reset_link(gateway: Gateway, email: str, already: int) -> str:
    """The newest letter with a link to a new password."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            for letter in gateway.letters.to(email)[already:]:
                if "/reset#" in text_of(letter):
                    return link_of(letter)
            await asyncio.sleep(0.1)


async def test_asking_for_a_reset_tells_nothing_about_who_is_here(gateway: Gateway, shop: Shop) -> None:
    email = await a_teammate(gateway, shop)
    nobody = an_address()
    async with gateway.client(headers=OWN_PAGE) as client:
        answers = [await client.post("/v1/password-resets", json={"email": one}) for one in (email, nobody)]
    assert [one.status_code for one in answers] == [202, 202]
    assert answers[0].content == answers[1].content == b""
    await reset_link(gateway, email, 0)
    assert gateway.letters.to(nobody) == []


async def test_a_wrong_password_takes_as_long_for_nobody_as_for_somebody(gateway: Gateway) -> None:
    shop = await gateway.make_tenant()
    known = [await a_teammate(gateway, shop) for _ in range(8)]
    seconds: dict[bool, list[float]] = {True: [], False: []}
    async with gateway.client(headers=OWN_PAGE) as client:
        for number in range(64):
            exists = number % 2 == 0
            email = known[number % 8] if exists else an_address()
            began = time.perf_counter()
            answer = await client.post(
                "/v1/session",
                json={"email": email, "password": "guess"},
                headers={"x-forwarded-for": f"203.0.113.{100 + number}"},
            )
            seconds[exists].append(time.perf_counter() - began)
            assert answer.status_code == 401
    # Medians closer than the spread of either: no absolute time is meant to hold on a busy machine.
    spread = max(
        statistics.quantiles(values, n=4)[2] - statistics.quantiles(values, n=4)[0]
        for values in seconds.values()
    )
    difference = abs(statistics.median(seconds[True]) - statistics.median(seconds[False]))
    assert difference < max(spread, 0.25 * statistics.median(seconds[False]))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/account/email", {"email": "new@shop.example"}),
        ("POST", "/v1/account/authenticator", None),
        ("DELETE", "/v1/account/authenticator", None),
        ("POST", "/v1/account/recovery-codes", None),
        ("POST", "/v1/account/passkey-challenge", None),
        ("DELETE", "/v1/account/passkeys/3f6c2a9e-5b1d-4c8e-9a70-d2f4b1c6e85a", None),
        ("PUT", "/v1/tenant/sign-in-rules", {"second_factor_required": False}),
        ("DELETE", "/v1/tenant/single-sign-on", None),
    ],
)
async def test_what_opens_an_account_needs_a_fresh_sign_in(
    gateway: Gateway, shop: Shop, method: str, path: str, body: Any
) -> None:
    client = await signed_in(gateway, await a_teammate(gateway, shop))
    session_id = (await client.get("/v1/session")).json()["id"]
    hour_ago = sa.func.now() - sa.text("interval '11 minutes'")
    await make_stale(gateway, session_id, authenticated_at=hour_ago)
    refused = await client.request(method, path, json=body)
    assert refused.json()["code"] == "FRESH_SIGN_IN_NEEDED"
    wrong = await client.post("/v1/session/renewal", json={"password": "wrong password"})
    assert wrong.json()["code"] == "SIGN_IN_FAILED"
    assert (await client.post("/v1/session/renewal", json={"password": PASSWORD})).status_code == 200
    again = await client.request(method, path, json=body)
    assert again.status_code != 403, again.text
    await client.aclose()


@pytest.mark.parametrize("column", ["last_used_at", "expires_at"])
async def test_a_session_ends_unused_and_at_its_end(gateway: Gateway, shop: Shop, column: str) -> None:
    client = await signed_in(gateway, await a_teammate(gateway, shop))
    session_id = (await client.get("/v1/session")).json()["id"]
    ago = "2 hours 1 minute" if column == "last_used_at" else "1 second"
    await make_stale(gateway, session_id, **{column: sa.func.now() - sa.text(f"interval '{ago}'")})
    assert (await client.get("/v1/session")).json()["code"] == "NOT_SIGNED_IN"
    await client.aclose()


async def test_sessions_are_listed_and_ended_by_their_owner_only(gateway: Gateway, shop: Shop) -> None:
    email = await a_teammate(gateway, shop)
    mine = [await signed_in(gateway, email) for _ in range(3)]
    stranger = await signed_in(gateway, await a_teammate(gateway, shop))
    first = (await mine[0].get("/v1/account/sessions", params={"limit": 2})).json()
    rest = (await mine[0].get("/v1/account/sessions", params={"cursor": first["next_cursor"]})).json()
    listed = first["sessions"] + rest["sessions"]
    assert len({one["id"] for one in listed}) == 3 and rest["next_cursor"] is None
    assert [one["current"] for one in listed] == [False, False, True]
    target = listed[0]["id"]
    assert (await stranger.delete(f"/v1/account/sessions/{target}")).json()["code"] == "SESSION_NOT_FOUND"
    assert (await mine[0].delete(f"/v1/account/sessions/{target}")).status_code == 204
    assert (await mine[2].get("/v1/session")).status_code == 401
    assert (await mine[0].delete("/v1/account/sessions")).status_code == 204
    for one in mine:
        assert (await one.get("/v1/session")).status_code == 401
        await one.aclose()
    assert (await stranger.get("/v1/session")).status_code == 200
    await stranger.aclose()


async def test_a_changed_password_needs_the_old_one_and_ends_other_sessions(
    gateway: Gateway, shop: Shop
) -> None:
    email = await a_teammate(gateway, shop)
    here, elsewhere = [await signed_in(gateway, email) for _ in range(2)]
    body = {"current": "not this one", "password": NEW_PASSWORD}
    assert (await here.put("/v1/account/password", json=body)).json()["code"] == "SIGN_IN_FAILED"
    body["current"] = PASSWORD
    assert (await here.put("/v1/account/password", json=body)).status_code == 204
    assert (await here.get("/v1/session")).status_code == 200
    assert (await elsewhere.get("/v1/session")).status_code == 401
    for one in (here, elsewhere):
        await one.aclose()


async def test_an_address_counts_once_its_letter_was_read(gateway: Gateway, shop: Shop) -> None:
    email, new = await a_teammate(gateway, shop), an_address()
    client = await signed_in(gateway, email)
    assert (await client.post("/v1/account/email", json={"email": new})).status_code == 202
    assert (await client.get("/v1/account")).json()["email"] == email
    token = link_of(await gateway.letters.next_to(new)).partition("confirm=")[2]
    stranger = await signed_in(gateway, await a_teammate(gateway, shop))
    stolen = await stranger.post("/v1/account/email/confirmation", json={"token": token})
    assert stolen.json()["code"] == "TICKET_NOT_VALID"
    # The stranger's try has used it up.
    assert (await client.post("/v1/account/email", json={"email": new})).status_code == 202
    token = link_of(await gateway.letters.next_to(new, after=1)).partition("confirm=")[2]
    assert (await client.post("/v1/account/email/confirmation", json={"token": token})).status_code == 204
    assert (await client.get("/v1/account")).json()["email"] == new
    assert "登入用的電子郵件地址已變更" in await subjects_to(gateway, email, "登入用的電子郵件地址已變更")
    for one in (client, stranger):
        await one.aclose()


async def test_a_tenant_may_ask_for_a_second_factor(gateway: Gateway, shop: Shop) -> None:
    owner = await signed_in(gateway, await a_teammate(gateway, shop))
    rule = {"second_factor_required": True}
    assert (await owner.put("/v1/tenant/sign-in-rules", json=rule)).status_code == 400
    await with_app(owner)
    assert (await owner.put("/v1/tenant/sign-in-rules", json=rule)).status_code == 204
    assert (await owner.get("/v1/tenant")).status_code == 200
    other = await signed_in(gateway, await a_teammate(gateway, shop))
    assert (await other.get("/v1/tenant")).json()["code"] == "SECOND_FACTOR_REQUIRED"
    assert (await other.get("/v1/session")).json()["tenants"][0]["second_factor_missing"] is True
    await with_app(other)
    assert (await other.get("/v1/tenant")).status_code == 200
    for one in (owner, other):
        await one.aclose()
