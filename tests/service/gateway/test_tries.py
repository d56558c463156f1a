"""No try is free: known browsers, links of letters, one code at two doors; ends of sessions are told."""

import asyncio
import time
import uuid

from tests.service.gateway.conftest import Gateway, Shop
from tests.service.gateway.test_accounts import NEW_PASSWORD, a_teammate, half_signed_in, with_app
from tests.service.gateway.test_sign_in import OWN_PAGE, PASSWORD, signed_in


async def test_signing_in_as_oneself_brings_no_new_tries_at_others_of_the_same_browser(
    gateway: Gateway, shop: Shop
) -> None:
    victim, own = await a_teammate(gateway, shop), await a_teammate(gateway, shop)
    shared = await signed_in(gateway, victim)
    codes, began = [], time.monotonic()
    for _ in range(5):
        assert (
            await shared.post("/v1/session", json={"email": own, "password": PASSWORD})
        ).status_code == 201
        for _ in range(6):
            tried = await shared.post("/v1/session", json={"email": victim, "password": "guess"})
            codes.append(tried.status_code)
    await shared.aclose()
    # Ten at once, then one every six seconds.
    assert codes.count(401) <= 10 + (time.monotonic() - began) / 6 + 1


async def test_tokens_of_resets_cannot_be_tried_without_end(gateway: Gateway) -> None:
    async with gateway.client(headers=OWN_PAGE) as client:
        codes = [
            (
                await client.post(
                    "/v1/password-resets/completion",
                    json={"token": uuid.uuid4().hex, "password": NEW_PASSWORD},
                )
            ).status_code
            for _ in range(14)
        ]
    assert codes[0] < 429 and codes[-1] == 429


async def test_every_end_of_a_session_is_in_the_audit_log(gateway: Gateway, shop: Shop) -> None:
    email = await a_teammate(gateway, shop)
    first, second, third = [await signed_in(gateway, email) for _ in range(3)]
    first_id = (await first.get("/v1/session")).json()["id"]
    second_id = (await second.get("/v1/session")).json()["id"]
    assert (await second.delete(f"/v1/account/sessions/{first_id}")).status_code == 204
    assert (await second.delete("/v1/session")).status_code == 204
    log = (await third.get("/v1/audit", params={"action": "session.ended"})).json()["entries"]
    assert [entry["after"] for entry in log] == [{"session_id": second_id}, {"session_id": first_id}]
    for one in (first, second, third):
        await one.aclose()


async def test_of_two_sign_ins_with_one_code_at_once_one_succeeds(gateway: Gateway, shop: Shop) -> None:
    email = await a_teammate(gateway, shop)
    client = await signed_in(gateway, email)
    app, recovery = await with_app(client)
    for code in (app.at(time.time()), recovery[0]):
        halves = [await half_signed_in(gateway, email) for _ in range(3)]
        answers = await asyncio.gather(
            *(
                half.post("/v1/session/second-factor", json={"ticket": ticket, "code": code})
                for half, ticket in halves
            )
        )
        statuses = sorted(answer.status_code for answer in answers)
        # Others were too late, or one too many within half a minute.
        assert statuses.count(201) == 1 and all(status in {201, 401, 429} for status in statuses), statuses
        for half, _ in halves:
            await half.aclose()
    await client.aclose()
