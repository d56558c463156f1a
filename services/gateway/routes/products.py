"""The tenant's products."""

import json
from datetime import datetime
from typing import Annotated, Any

from contracts.recommender.v1 import recommender_service_pb2 as pb
from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.errors.requests import CursorNotValid
from services.gateway.routes.answers import moment
from services.gateway.routes.parts import Body, Caller, Cursor, Limit, PartsOf, Search, Storable

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


class ProductBody(Body):
    id: Annotated[str, Field(min_length=1, max_length=200), Storable]
    name: Annotated[str, Field(max_length=500), Storable] = ""
    brand: Annotated[str, Field(max_length=500), Storable] = ""
    category: list[Annotated[str, Field(max_length=200), Storable]] = Field([], max_length=10)
    price: str | None = Field(None, max_length=40, description="Exact decimal text, such as 1290.50")
    currency: str = Field("", pattern="^([A-Z]{3})?$", description="Empty: the tenant's own")
    url: Annotated[str, Field(max_length=2000), Storable] = ""
    image_url: Annotated[str, Field(max_length=2000), Storable] = ""
    in_stock: bool | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)


class ProductsBody(Body):
    products: list[ProductBody] = Field(min_length=1, max_length=200)


class RefusedProduct(BaseModel):
    row: int = Field(description="Its place in the request, the first being 0")
    reason: str
    detail: str


class PutAnswer(BaseModel):
    """Those refused changed nothing, and stopped no other."""

    added: int
    changed: int
    unchanged: int
    refused: list[RefusedProduct]


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


@router.put("/v1/products", summary="Add and change products 新增或更新商品")
async def put_products(body: ProductsBody, principal: Caller, parts: PartsOf) -> PutAnswer:
    """A few at once; a whole catalogue is imported as a file. What says the same stays untouched."""
    request = pb.PutProductsRequest(products=[_sent(product) for product in body.products])
    put = await parts.clients.recommender.put_products(principal.tenant_id, request)
    told = {"added": put.added, "changed": put.changed, "refused": len(put.refused)}
    await parts.audit.write(principal.did("products.put", "products", after=told))
    refused = [RefusedProduct(row=one.row, reason=one.reason, detail=one.detail) for one in put.refused]
    return PutAnswer(added=put.added, changed=put.changed, unchanged=put.unchanged, refused=refused)


def _sent(product: ProductBody) -> pb.Product:
    return pb.Product(
        **product.model_dump(exclude={"id", "price", "attributes", "in_stock"}),
        product_id=product.id,
        price="" if product.price is None else product.price,
        in_stock=product.in_stock,
        attributes_json=json.dumps(product.attributes, ensure_ascii=False),
    )


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
