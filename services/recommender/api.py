"""gRPC in."""

import base64
import binascii
from typing import Any

import grpc
from contracts.recommender.v1 import recommender_service_pb2 as pb
from contracts.recommender.v1 import recommender_service_pb2_grpc as pb_grpc

from chassis.rpc import tenant
from services.recommender.domain.products import Product, ProductNotValid, checked
from services.recommender.errors import (
    PageSizeNotValid,
    PageTokenNotValid,
    QueryNotValid,
    TooManyProducts,
)
from services.recommender.store import Store
from services.recommender.store.catalogue import Catalogue, Listed
from services.recommender.subscriptions import STREAM

_MAX_PRODUCTS = 5_000
_PAGE_SIZE = 50
_MAX_PAGE_SIZE = 200
_MAX_QUERY_CHARS = 200
_TOKEN_FORM = b"p1:"


class RecommenderApi(pb_grpc.RecommenderServiceServicer):
    """contracts.recommender.v1.RecommenderService."""

    service_name = pb.DESCRIPTOR.services_by_name["RecommenderService"].full_name

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_RecommenderServiceServicer_to_server(self, server)

    async def GetWatermark(
        self, request: pb.GetWatermarkRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.GetWatermarkResponse:
        progress = await self._store.load_progress(tenant())
        answer = pb.GetWatermarkResponse(
            # Not the tenant's last event: all up to here is known, whosever it was.
            position=await self._store.load_position(STREAM),
            events=progress.events,
        )
        if progress.newest_received_at is not None:
            answer.as_of.FromDatetime(progress.newest_received_at)
        return answer

    async def PutProducts(
        self, request: pb.PutProductsRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.PutProductsResponse:
        if len(request.products) > _MAX_PRODUCTS:
            raise TooManyProducts(f"At most {_MAX_PRODUCTS} products at once.", limit=_MAX_PRODUCTS)
        products, refused = [], []
        for row, product in enumerate(request.products):
            try:
                products.append(_product(product))
            except ProductNotValid as fault:
                refused.append(pb.RefusedProduct(row=row, reason=fault.reason, detail=fault.detail))
        put = await self._catalogue.put(tenant(), products, only_check=request.only_check)
        return pb.PutProductsResponse(
            added=put.added, changed=put.changed, unchanged=put.unchanged, refused=refused
        )

    async def ListProducts(
        self, request: pb.ListProductsRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.ListProductsResponse:
        if request.page_size > _MAX_PAGE_SIZE:
            raise PageSizeNotValid("Ask for fewer products a page.", limit=_MAX_PAGE_SIZE)
        if len(request.query) > _MAX_QUERY_CHARS or "\0" in request.query:
            raise QueryNotValid("No product is called like this.", limit=_MAX_QUERY_CHARS)
        size = request.page_size or _PAGE_SIZE
        after = _place(request.page_token) if request.page_token else ""
        found = await self._catalogue.page(tenant(), request.query, after=after, size=size + 1)
        answer = pb.ListProductsResponse(products=[_told(listed) for listed in found[:size]])
        if len(found) > size:
            answer.next_page_token = _token(found[size - 1].product.product_id)
        return answer

    async def BatchGetProducts(
        self, request: pb.BatchGetProductsRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.BatchGetProductsResponse:
        if len(request.product_ids) > _MAX_PAGE_SIZE:
            raise TooManyProducts(f"At most {_MAX_PAGE_SIZE} products at once.", limit=_MAX_PAGE_SIZE)
        found = await self._catalogue.some(tenant(), request.product_ids)
        return pb.BatchGetProductsResponse(products=[_told(listed) for listed in found])


def _product(sent: pb.Product) -> Product:
    product = Product(
        product_id=sent.product_id,
        name=sent.name,
        brand=sent.brand,
        category=tuple(sent.category),
        currency=sent.currency,
        url=sent.url,
        image_url=sent.image_url,
        in_stock=sent.in_stock if sent.HasField("in_stock") else None,
        attributes=sent.attributes_json or "{}",
    )
    return checked(product, sent.price)


def _told(listed: Listed) -> pb.Product:
    product = listed.product
    told = pb.Product(
        product_id=product.product_id,
        name=product.name,
        brand=product.brand,
        category=product.category,
        price="" if product.price is None else f"{product.price:f}",
        currency=product.currency,
        url=product.url,
        image_url=product.image_url,
        in_stock=product.in_stock,
        attributes_json=product.attributes,
    )
    told.changed_at.FromDatetime(listed.changed_at)
    return told


def _token(product_id: str) -> str:
    return base64.urlsafe_b64encode(_TOKEN_FORM + product_id.encode()).decode()


def _place(token: str) -> str:
    try:
        read = base64.b64decode(token, altchars=b"-_", validate=True)
        if not read.startswith(_TOKEN_FORM) or b"\0" in read:
            raise ValueError("not the form of a token")
        return read.removeprefix(_TOKEN_FORM).decode()
    except (ValueError, binascii.Error) as error:
        raise PageTokenNotValid("This page token is not one of ours.") from error
