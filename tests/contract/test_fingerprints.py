"""One fingerprint for one identifier, whichever service computes it."""

import hashlib
from collections.abc import Callable

import pytest

from services.gateway.domain import fingerprints as of_gateway
from services.identity.domain import fingerprints as of_identity
from services.identity.domain.identifiers import Kind

TENANT = "0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f0001"
OTHER = "0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f0002"

# Computed with `printf '<tenant>\0<kind>\0<value>' | sha256sum`.
VECTORS = [
    (TENANT, 1, "amy", "5126bfb61dc4114a8e8804696f25e942ffd2683a94e167f5a720f2cfacf54931"),
    (OTHER, 1, "amy", "4dc88f5adc2951d2e4e114dd0123f331e59b2bc671a58ab7c3347b3dec7959c2"),
    (TENANT, 6, "amy", "32f7f6ae14026fe36ebe255008bd180e8b90952dccc22058e475a60c97b246f2"),
    (TENANT, 2, "amy@example.com", "5dae5f8b153f03dab40f3081005f748cb275a4c5412084fd4b2c1b5a467cbd7d"),
    (TENANT, 3, "+886912345678", "787e10b482fbd73ac77b54827a43b8d18e0baadfb22e4702f28336c291570447"),
    (TENANT, 4, "shop:U1234", "12df66a39b17b51cfa2b7628e548d8a72396bf74c2a91f259a0ca516056d2003"),
    (TENANT, 5, "loyalty:王小明", "b18cbf84c55cf70cd16777f74cfe7fa545c58ec002f90a0d0c9ce13de299f6b9"),
    (TENANT, 6, "", "f5c3e24919b8ceb3fd3dde1e5a75eb64e9c3b390d3cb4204455eef2ede0586ce"),
]


def identity(tenant_id: str, kind: int, value: str) -> bytes:
    return of_identity.fingerprint(tenant_id, (Kind(kind), value))


EVERYWHERE = [identity, of_gateway.fingerprint]


@pytest.mark.parametrize("fingerprint", EVERYWHERE)
@pytest.mark.parametrize(("tenant_id", "kind", "value", "expected"), VECTORS)
def test_every_service_computes_what_the_tool_computes(
    fingerprint: Callable[[str, int, str], bytes], tenant_id: str, kind: int, value: str, expected: str
) -> None:
    assert fingerprint(tenant_id, kind, value).hex() == expected


def test_no_two_of_the_vectors_are_alike() -> None:
    assert len({expected for *_, expected in VECTORS}) == len(VECTORS)


@pytest.mark.parametrize("fingerprint", EVERYWHERE)
def test_it_is_sha_256_of_three_parts_between_zeros(fingerprint: Callable[[str, int, str], bytes]) -> None:
    parts = TENANT.encode("ascii") + b"\0" + b"2" + b"\0" + "王@example.com".encode()
    assert fingerprint(TENANT, 2, "王@example.com") == hashlib.sha256(parts).digest()
