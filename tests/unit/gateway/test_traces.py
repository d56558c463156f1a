"""Whom a raw event names, readable or not."""

import pytest

from services.gateway.domain.fingerprints import fingerprint
from services.gateway.domain.traces import traces

TENANT = "0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f0001"
USER, EMAIL, PHONE, LINE, EXTERNAL, ANONYMOUS = range(1, 7)


@pytest.mark.parametrize(
    ("payload", "kind", "value"),
    [
        (b'{"userId": " amy "}', USER, "amy"),
        (b'{"userId": 4711}', USER, "4711"),
        (b'{"anonymousId": "b1"}', ANONYMOUS, "b1"),
        (b'{"type": "alias", "previousId": "old"}', ANONYMOUS, "old"),
        (b'{"type": "alias", "previousId": "old"}', USER, "old"),
        (b'{"traits": {"email": " Amy@Example.com"}}', EMAIL, "amy@example.com"),
        (b'{"context": {"traits": {"phone": "0912-345-678"}}}', PHONE, "+886912345678"),
        (b'{"context": {"traits": {"phone": "02 2345 6789"}}}', PHONE, "+886223456789"),
        (b'{"traits": {"line_id": "U1", "line_provider": "shop"}}', LINE, "shop:U1"),
        (b'{"context": {"externalIds": [{"type": "line_id", "id": "U1", "provider": "p"}]}}', LINE, "p:U1"),
        (b'{"context": {"externalIds": [{"type": "card", "id": "77"}]}}', EXTERNAL, "card:77"),
        (b'{"context": {"externalIds": [{"type": "email", "id": "A@b.tw"}]}}', EMAIL, "a@b.tw"),
        ('{"properties": {"note": "寫信給 amy@example.com 即可"}}'.encode(), EMAIL, "amy@example.com"),
        (b'{"userId": "amy", "event": broken', USER, "amy"),
        (b'{"userId": "amy", "event": "\xff"}', USER, "amy"),
        (b"mail=amy@example.com&x=1", EMAIL, "amy@example.com"),
    ],
)
def test_everybody_it_names_is_found(payload: bytes, kind: int, value: str) -> None:
    assert fingerprint(TENANT, kind, value) in traces(TENANT, payload)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b"null",
        b'{"userId": null, "anonymousId": true}',
        b'{"context": {"externalIds": 7}}',
    ],
)
def test_an_event_that_names_nobody_has_no_traces(payload: bytes) -> None:
    assert traces(TENANT, payload) == set()


def test_a_hostile_event_costs_no_more_than_a_large_one() -> None:
    deep = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
    many = b'{"x": [' + b",".join(b'{"email": "a%d@b.tw"}' % number for number in range(5_000)) + b"]}"
    assert len(traces(TENANT, deep)) <= 60
    assert len(traces(TENANT, many)) <= 60
