"""Reports on products that were not ordered and on searches, as pages and as files."""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from contracts.insight.v1 import product_reports_service_pb2 as pb
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import StreamingResponse

from services.gateway.auth import Principal
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.spreadsheets import MARK, csv_line
from services.gateway.errors.requests import CursorNotValid, ServiceAway
from services.gateway.routes.parts import Caller, Cursor, Limit, Parts, PartsOf, Storable
from services.gateway.routes.presence import while_there
from services.gateway.routes.product_report_answers import (
    CartedProduct,
    CartedProducts,
    Catalogue,
    ReportedMoney,
    SearchedTerm,
    SearchedTerms,
    ViewedProduct,
    ViewedProducts,
    carted_product,
    money,
    page_fields,
    searched_term,
    viewed_product,
)
from services.gateway.routes.report_answers import report_as_of

router = APIRouter(tags=["reports"])

_MOST_DAYS = 90
_VIEWED, _CARTED, _SEARCHED = "viewed products", "carted products", "searches"
# Of a file's page; so many products the catalogue tells at once.
_ROWS = 200
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
_Sort = Literal["people", "amount", "price", "against_category", "value"]
_SORTS: Mapping[str, pb.ProductSort.ValueType] = {
    "people": pb.PRODUCT_SORT_PEOPLE,
    "amount": pb.PRODUCT_SORT_AMOUNT,
    "price": pb.PRODUCT_SORT_PRICE,
    "against_category": pb.PRODUCT_SORT_AGAINST_CATEGORY,
    "value": pb.PRODUCT_SORT_VALUE,
}
_SearchSort = Literal["searches", "people", "without_result", "not_ordered"]
_SEARCH_SORTS: Mapping[str, pb.SearchSort.ValueType] = {
    "searches": pb.SEARCH_SORT_SEARCHES,
    "people": pb.SEARCH_SORT_PEOPLE,
    "without_result": pb.SEARCH_SORT_WITHOUT_RESULT,
    "not_ordered": pb.SEARCH_SORT_NOT_ORDERED,
}
_Text = Annotated[str, Query(max_length=500), Storable]
_Days = Annotated[int, Query(ge=1, le=_MOST_DAYS, description="Local days up to today 回看天數")]
_Segment = Annotated[uuid.UUID | None, Query(description="Only people in this saved segment 客群篩選")]
_MinPeople = Annotated[int, Query(ge=1, le=2**31, description="Leave out what fewer people have")]


# --- products ----------------------------------------------------------------------------------------------


def _asked(  # noqa: PLR0917 - FastAPI reads the query from here
    days: _Days = 14,
    segment: _Segment = None,
    category: Annotated[_Text, Query(description="A path a > b with all below it 分類")] = "",
    brand: _Text = "",
    min_people: _MinPeople = 1,
    sort: Annotated[_Sort, Query(description="The largest first; amount: views or quantity")] = "people",
) -> pb.ProductQuery:
    return pb.ProductQuery(
        days=days,
        segment_id=str(segment) if segment else None,
        category=category,
        brand=brand,
        min_people=min_people,
        sort=_SORTS[sort],
    )


ProductQuery = Annotated[pb.ProductQuery, Depends(_asked)]


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who asks, and what the answer is made with."""

    principal: Principal
    parts: Parts

    async def viewed(self, query: pb.ProductQuery) -> ViewedProducts:
        found = await self.parts.clients.product_reports.viewed(self.principal.tenant_id, query)
        ids = [one.product.product for one in found.products]
        ids += [other.product for one in found.products for other in one.instead]
        catalogue = await self._catalogue(ids)
        products = [viewed_product(one, catalogue) for one in found.products]
        return ViewedProducts.model_validate(
            {**page_fields(found.page, _next(_VIEWED, found.page.next_page_token)), "products": products}
        )

    async def carted(self, query: pb.ProductQuery) -> CartedProducts:
        found = await self.parts.clients.product_reports.carted(self.principal.tenant_id, query)
        catalogue = await self._catalogue([one.product.product for one in found.products])
        return CartedProducts.model_validate(
            {
                **page_fields(found.page, _next(_CARTED, found.page.next_page_token)),
                "products": [carted_product(one, catalogue) for one in found.products],
                "value": found.value,
                "unconverted": [money(one) for one in found.unconverted],
            }
        )

    async def searched(self, request: pb.ListSearchesRequest) -> SearchedTerms:
        found = await self.parts.clients.product_reports.searches(self.principal.tenant_id, request)
        return SearchedTerms.model_validate(
            {
                "terms": [searched_term(one) for one in found.terms],
                "n_terms": found.n_terms,
                "next_cursor": _next(_SEARCHED, found.next_page_token),
                **report_as_of(found.as_of),
            }
        )

    async def _catalogue(self, ids: Sequence[str]) -> Catalogue:
        """What the shop said of these products; nothing while nobody can be asked."""
        found: Catalogue = {}
        some = list(dict.fromkeys(ids))
        try:
            for start in range(0, len(some), _ROWS):
                asked = some[start : start + _ROWS]
                found = {**found, **await self._known(asked)}
        except ServiceAway:
            # The numbers are right without names; the report says that these are unknown.
            return found
        return found

    async def _known(self, ids: Sequence[str]) -> Catalogue:
        return await self.parts.clients.recommender.get_products(self.principal.tenant_id, ids)


@router.get("/v1/reports/products/viewed", summary="Viewed and not ordered 瀏覽未購商品")
async def list_viewed_not_bought(
    request: Request,
    principal: Caller,
    parts: PartsOf,
    query: ProductQuery,
    *,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> ViewedProducts:
    """Products that people viewed and have not ordered since, with what they ordered instead.

    Price against its category, stock from the catalogue. 人數可直接開啟為客群。
    """
    return await while_there(request, _Asker(principal, parts).viewed(_paged(query, _VIEWED, cursor, limit)))


@router.get(
    "/v1/reports/products/viewed/file",
    summary="The same as CSV 下載瀏覽未購商品",
    response_class=StreamingResponse,
    responses=_CSV,
)
async def download_viewed_not_bought(
    principal: Caller, parts: PartsOf, query: ProductQuery
) -> StreamingResponse:
    """UTF-8 with a mark; cells that a spreadsheet would compute begin with '."""
    asker = _Asker(principal, parts)

    async def lines() -> AsyncIterator[str]:
        async for page in _pages(query, asker.viewed, _VIEWED):
            for one in page.products:
                instead = "; ".join(f"{other.id} ({other.people.profiles})" for other in one.instead)
                yield csv_line([*_product_cells(one), one.views, instead])

    return await _file("viewed-not-ordered", [*_PRODUCT_COLUMNS, "views", "instead"], lines())


@router.get("/v1/reports/products/carted", summary="Left in carts 購物車未結帳商品")
async def list_abandoned_carts(
    request: Request,
    principal: Caller,
    parts: PartsOf,
    query: ProductQuery,
    *,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> CartedProducts:
    """Products that people put into their carts and have not ordered since, with quantity and value.

    購物車中的數量與金額；無匯率的金額另列。
    """
    return await while_there(request, _Asker(principal, parts).carted(_paged(query, _CARTED, cursor, limit)))


@router.get(
    "/v1/reports/products/carted/file",
    summary="The same as CSV 下載購物車未結帳商品",
    response_class=StreamingResponse,
    responses=_CSV,
)
async def download_abandoned_carts(
    principal: Caller, parts: PartsOf, query: ProductQuery
) -> StreamingResponse:
    """UTF-8 with a mark; cells that a spreadsheet would compute begin with '."""
    asker = _Asker(principal, parts)

    async def lines() -> AsyncIterator[str]:
        async for page in _pages(query, asker.carted, _CARTED):
            for one in page.products:
                yield csv_line([*_product_cells(one), one.quantity, *_money_cells(one.value)])

    return await _file(
        "left-in-carts", [*_PRODUCT_COLUMNS, "quantity", "value", "value_currency", "home_value"], lines()
    )


# --- searches ----------------------------------------------------------------------------------------------


def _searched(  # noqa: PLR0917 - FastAPI reads the query from here
    days: _Days = 30,
    segment: _Segment = None,
    without_result: Annotated[
        bool, Query(description="Only terms whose newest search found nothing 僅無結果字詞")
    ] = False,
    q: Annotated[_Text, Query(description="A part of the term 字詞的一部分")] = "",
    min_people: _MinPeople = 1,
    sort: _SearchSort = "searches",
) -> pb.ListSearchesRequest:
    return pb.ListSearchesRequest(
        days=days,
        segment_id=str(segment) if segment else None,
        without_result=without_result,
        part=q,
        min_people=min_people,
        sort=_SEARCH_SORTS[sort],
    )


SearchQuery = Annotated[pb.ListSearchesRequest, Depends(_searched)]


@router.get("/v1/reports/searches", summary="What people search for 站內搜尋字詞")
async def list_searches(
    request: Request,
    principal: Caller,
    parts: PartsOf,
    query: SearchQuery,
    *,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> SearchedTerms:
    """How often, how often without a result, and who ordered; a term's people open as a segment.

    搜尋次數、無結果次數，以及搜尋後是否下單。
    """
    return await while_there(
        request, _Asker(principal, parts).searched(_paged(query, _SEARCHED, cursor, limit))
    )


@router.get(
    "/v1/reports/searches/file",
    summary="The same as CSV 下載搜尋字詞",
    response_class=StreamingResponse,
    responses=_CSV,
)
async def download_searches(principal: Caller, parts: PartsOf, query: SearchQuery) -> StreamingResponse:
    """UTF-8 with a mark; cells that a spreadsheet would compute begin with '."""
    asker = _Asker(principal, parts)

    async def lines() -> AsyncIterator[str]:
        async for page in _pages(query, asker.searched, _SEARCHED):
            for one in page.terms:
                yield csv_line(_term_cells(one))

    return await _file("searches", _TERM_COLUMNS, lines())


# --- pages and files ---------------------------------------------------------------------------------------


def _paged(query: Any, name: str, cursor: str, limit: int) -> Any:
    """The request of a page: the query's own message, copied."""
    asked = type(query)()
    asked.CopyFrom(query)
    asked.page_size = limit
    if cursor:
        place = place_of(name, cursor, str)
        if place is None:
            raise CursorNotValid("The cursor belongs to another list.")
        asked.page_token = str(place[0])
    return asked


def _next(name: str, token: str) -> str | None:
    return cursor_of(name, token) if token else None


async def _pages(query: Any, ask: Any, name: str) -> AsyncIterator[Any]:
    cursor = ""
    while True:
        page = await ask(_paged(query, name, cursor, _ROWS))
        yield page
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


async def _file(name: str, columns: Sequence[str], lines: AsyncIterator[str]) -> StreamingResponse:
    """What is wrong with the question is said before the file begins."""
    first = await anext(lines, "")

    async def whole() -> AsyncIterator[str]:
        yield MARK + csv_line(columns)
        yield first
        async for line in lines:
            yield line

    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(whole(), media_type="text/csv; charset=utf-8", headers=headers)


_PRODUCT_COLUMNS = (
    "product",
    "name",
    "category",
    "brand",
    "in_stock",
    "people",
    "price",
    "currency",
    "home_price",
    "category_price",
    "against_category",
)
_TERM_COLUMNS = (
    "term",
    "searches",
    "without_result",
    "results",
    "people",
    "ordered",
    "not_ordered",
    "ordered_within_7_days",
    "similar",
)


def _product_cells(one: ViewedProduct | CartedProduct) -> list[object]:
    stock = None if one.in_stock is None else "yes" if one.in_stock else "no"
    price = _money_cells(one.price)
    known = (one.id, one.name, one.category, one.brand, stock, one.people.profiles)
    return [*known, *price, one.category_price, one.against_category]


def _money_cells(told: ReportedMoney | None) -> list[str | None]:
    return [told.amount, told.currency, told.home_amount] if told else [None, None, None]


def _term_cells(one: SearchedTerm) -> list[object]:
    people = (one.people, one.ordered, one.not_ordered, one.ordered_soon)
    told = (one.term, one.searches, one.without_result, one.results)
    return [*told, *(number.profiles for number in people), "; ".join(one.similar)]
