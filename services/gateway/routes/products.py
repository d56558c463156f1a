"""The tenant's products."""

import json
from datetime import datetime
from typing import Any

from contracts.recommender.v1 import recommender_service_pb2 as pb
from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.errors import CursorNotValid
from services.gateway.routes.answers import moment
from services.gateway.routes.parts import Caller, Cursor, Limit, PartsOf, Search

router = APIRouter(tags=["products"])


class ProductAnswer(BaseModel):
    id: str
    name: str
    brand: str
    category: list[str] = Field(description="From the widest to the narrowest")
    price: str | None = Field(description="Exact decimal text; null: not known")
    currency: str = Field(description="Empty: the tenant's own")
    url: str
    image_url: str
    in_stock: bool | None
    attributes: dict[str, Any]
    changed_at: datetime | None


class ProductList(BaseModel):
    products: list[ProductAnswer]
    next_cursor: str | None


@router.get("/v1/products", summary="Products by rising id 商品清單")
async def list_products(
    principal: Caller, parts: PartsOf, *, q: Search = "", cursor: Cursor = "", limit: Limit = 50
) -> ProductList:
    """`q` is the beginning of an id or any part of a name. Put products by importing a file of them."""
    place = place_of("products", cursor, str) if cursor else ("",)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    request = pb.ListProductsRequest(query=q, page_size=limit, page_token=str(place[0]))
    found = await parts.clients.recommender.list_products(principal.tenant_id, request)
    following = cursor_of("products", found.next_page_token) if found.next_page_token else None
    return ProductList(products=[_answer(product) for product in found.products], next_cursor=following)


def _answer(product: pb.Product) -> ProductAnswer:
    return ProductAnswer(
        id=product.product_id,
        name=product.name,
        brand=product.brand,
        category=list(product.category),
        price=product.price or None,
        currency=product.currency,
        url=product.url,
        image_url=product.image_url,
        in_stock=product.in_stock if product.HasField("in_stock") else None,
        attributes=json.loads(product.attributes_json),
        changed_at=moment(product.changed_at),
    )
