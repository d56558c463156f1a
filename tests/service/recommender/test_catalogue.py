"""The catalogue: putting products again changes nothing, prices stay exact, pages miss nobody."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from contracts.recommender.v1 import recommender_service_pb2 as pb
from contracts.recommender.v1.recommender_service_pb2_grpc import RecommenderServiceStub

from chassis.errors import RemoteError
from chassis.rpc import RpcClient
from tests.service_process import running


class Shop:
    """One tenant's calls."""

    def __init__(self, client: RpcClient) -> None:
        self._client = client
        self._stub = RecommenderServiceStub(client.channel)
        self.tenant_id = str(uuid.uuid4())

    async def put(self, *products: pb.Product, only_check: bool = False) -> pb.PutProductsResponse:
        request = pb.PutProductsRequest(products=products, only_check=only_check)
        return await self._call(self._stub.PutProducts, request)

    async def page(self, query: str = "", size: int = 0, token: str = "") -> pb.ListProductsResponse:
        request = pb.ListProductsRequest(query=query, page_size=size, page_token=token)
        return await self._call(self._stub.ListProducts, request)

    async def some(self, *product_ids: str) -> list[pb.Product]:
        request = pb.BatchGetProductsRequest(product_ids=product_ids)
        return list((await self._call(self._stub.BatchGetProducts, request)).products)

    async def ids(self, query: str = "") -> list[str]:
        return [product.product_id for product in (await self.page(query)).products]

    async def _call(self, method: Any, request: Any) -> Any:
        return await self._client.call(method, request, tenant_id=self.tenant_id, timeout_seconds=120)


@pytest.fixture(scope="module")
async def client(engines: Any) -> AsyncIterator[RpcClient]:
    async with running(engines, "recommender") as process, process.client() as client:
        yield client


@pytest.fixture
def shop(client: RpcClient) -> Shop:
    return Shop(client)


def counts(answer: pb.PutProductsResponse) -> tuple[int, int, int]:
    return answer.added, answer.changed, answer.unchanged


async def test_putting_the_same_again_changes_nothing(shop: Shop) -> None:
    tea = pb.Product(
        product_id="p1", name="烏龍茶", price="290", attributes_json='{"size": "L", "tea": true}'
    )
    same = pb.Product(
        product_id="p1", name="烏龍茶", price="290.00", attributes_json='{"tea":true,"size":"L"}'
    )
    assert counts(await shop.put(tea)) == (1, 0, 0)
    before = (await shop.page()).products[0].changed_at
    assert counts(await shop.put(same)) == (0, 0, 1)
    assert (await shop.page()).products[0].changed_at == before
    assert counts(await shop.put(pb.Product(product_id="p1", name="烏龍茶", price="291"))) == (0, 1, 0)


async def test_a_price_is_kept_to_the_last_digit(shop: Shop) -> None:
    await shop.put(pb.Product(product_id="p1", price="99999999999999.0000000001"))
    assert (await shop.page()).products[0].price == "99999999999999.0000000001"


async def test_of_products_with_one_id_the_last_counts(shop: Shop) -> None:
    answer = await shop.put(pb.Product(product_id="p1", name="old"), pb.Product(product_id="p1", name="new"))
    assert counts(answer) == (1, 1, 0)
    assert (await shop.page()).products[0].name == "new"


async def test_a_product_that_cannot_be_kept_stops_no_other(shop: Shop) -> None:
    bad = {
        "MISSING_PRODUCT_ID": pb.Product(product_id=" "),
        "INVALID_PRICE": pb.Product(product_id="p", price="12,5O"),
        "INVALID_CURRENCY": pb.Product(product_id="p", currency="twd"),
        "INVALID_URL": pb.Product(product_id="p", url="javascript:alert(1)"),
        "INVALID_ATTRIBUTES": pb.Product(product_id="p", attributes_json="[1]"),
        "NUL_CHARACTER": pb.Product(product_id="p", attributes_json='{"a": "\\u0000"}'),
        "TEXT_TOO_LONG": pb.Product(product_id="p", name="x" * 501),
        "CATEGORY_TOO_DEEP": pb.Product(product_id="p", category=["x"] * 11),
    }
    answer = await shop.put(pb.Product(product_id="good"), *bad.values())
    assert counts(answer) == (1, 0, 0)
    assert [(fault.row, fault.reason) for fault in answer.refused] == list(enumerate(bad, start=1))
    assert await shop.ids() == ["good"]


async def test_a_check_says_what_would_happen_and_changes_nothing(shop: Shop) -> None:
    await shop.put(pb.Product(product_id="p1", name="a"), pb.Product(product_id="p2"))
    batch = [pb.Product(product_id=number, name="b") for number in ("p1", "p3")] + [
        pb.Product(product_id="p2")
    ]
    assert counts(await shop.put(*batch, only_check=True)) == (1, 1, 1)
    assert await shop.ids() == ["p1", "p2"]
    assert counts(await shop.put(*batch)) == (1, 1, 1)


async def test_pages_come_by_rising_id_and_miss_nobody(shop: Shop) -> None:
    expected = sorted(f"p{number}" for number in range(23))
    await shop.put(*(pb.Product(product_id=product_id) for product_id in expected))
    found, token = [], ""
    while True:
        page = await shop.page(size=5, token=token)
        found += [product.product_id for product in page.products]
        token = page.next_page_token
        if not token:
            break
    assert found == expected


async def test_a_search_finds_the_beginning_of_an_id_and_any_part_of_a_name(shop: Shop) -> None:
    await shop.put(
        pb.Product(product_id="TEA-1", name="高山烏龍"), pb.Product(product_id="CUP-1", name="Tea cup")
    )
    assert await shop.ids("TEA") == ["CUP-1", "TEA-1"]
    assert await shop.ids("烏龍") == ["TEA-1"]
    assert await shop.ids("%") == []
    assert await shop.ids("1") == []


async def test_another_tenants_products_are_not_there(client: RpcClient) -> None:
    mine, theirs = Shop(client), Shop(client)
    await mine.put(pb.Product(product_id="p1", name="mine"))
    assert await theirs.ids() == []
    assert counts(await theirs.put(pb.Product(product_id="p1", name="mine"))) == (1, 0, 0)


async def test_what_cannot_be_asked_is_refused_with_the_limit(shop: Shop) -> None:
    with pytest.raises(RemoteError) as too_many:
        await shop.put(*[pb.Product(product_id="p")] * 5_001)
    assert (too_many.value.reason, too_many.value.facts) == ("TOO_MANY_PRODUCTS", {"limit": "5000"})
    for request, reason in (({"size": 201}, "PAGE_SIZE_NOT_VALID"), ({"token": "?"}, "PAGE_TOKEN_NOT_VALID")):
        with pytest.raises(RemoteError) as refused:
            await shop.page(**request)
        assert refused.value.reason == reason


async def test_products_are_got_by_their_ids_and_unknown_ones_are_left_out(shop: Shop) -> None:
    await shop.put(*(pb.Product(product_id=one, name=f"name of {one}") for one in ("b", "a", "c")))
    assert [(one.product_id, one.name) for one in await shop.some("c", "a", "x", "a\0")] == [
        ("a", "name of a"),
        ("c", "name of c"),
    ]
    assert await shop.some() == []
    with pytest.raises(RemoteError) as refused:
        await shop.some(*(str(number) for number in range(201)))
    assert refused.value.reason == "TOO_MANY_PRODUCTS"
