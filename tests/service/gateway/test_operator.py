"""The operator's door."""

import uuid

from tests.service.gateway.conftest import OPERATOR_KEY, Gateway


async def test_a_repeated_request_makes_one_tenant_and_answers_the_same_keys(gateway: Gateway) -> None:
    headers = {"idempotency-key": str(uuid.uuid4())}
    body = {"name": "gift shop", "time_zone": "Europe/London", "currency": "GBP"}
    async with gateway.client(OPERATOR_KEY, headers=headers) as client:
        first = await client.post("/v1/operator/tenants", json=body)
        again = await client.post("/v1/operator/tenants", json=body)
        other = await client.post("/v1/operator/tenants", json=body | {"name": "another"})
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.json()["write_key"].startswith("pk_live_")
    assert first.json()["secret_key"].startswith("sk_live_")
    assert other.status_code == 409
    assert other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    told = gateway.people.settings[first.json()["id"]]
    assert (told.time_zone, told.currency) == ("Europe/London", "GBP")


async def test_only_the_operator_key_opens_the_operators_door(gateway: Gateway) -> None:
    shop = await gateway.make_tenant()
    for key in ("", "wrong", shop.secret_key):
        async with gateway.client(key) as client:
            refused = await client.post(
                "/v1/operator/tenants", json={"name": "x"}, headers={"idempotency-key": "a"}
            )
        assert refused.status_code == 401
        assert refused.json()["code"] == "OPERATOR_KEY_NOT_VALID"
