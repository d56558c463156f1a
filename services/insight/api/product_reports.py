"""gRPC in: reports on products and searches."""

import time
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

import grpc
from contracts.insight.v1 import product_reports_service_pb2 as pb
from contracts.insight.v1 import product_reports_service_pb2_grpc as pb_grpc
from contracts.insight.v1 import report_pb2

from chassis.rpc import tenant
from services.insight.api.answers import watermark_message
from services.insight.api.report_messages import people_number
from services.insight.domain.details import searched
from services.insight.domain.money import as_text
from services.insight.domain.product_reports.ranking import Choice, Price
from services.insight.errors import PageTokenNotValid, ProductReportNotValid
from services.insight.evaluation import Moment
from services.insight.paging import page_size, text_place, text_token
from services.insight.product_reports import (
    Page,
    ProductQuery,
    ProductReport,
    ProductReports,
    Reported,
    SearchQuery,
    SearchReports,
)
from services.insight.product_reports.products import CARTED, VIEWED
from services.insight.product_reports.searches import ReportedTerm
from services.insight.reporting.number import PeopleNumber
from services.insight.store.events import Watermark

_DEFAULT_DAYS = 14
_DEFAULT_SEARCH_DAYS = 30
_MAX_TEXT = 500
_SORTS: Mapping[int, str] = {
    pb.PRODUCT_SORT_UNSPECIFIED: "people",
    pb.PRODUCT_SORT_PEOPLE: "people",
    pb.PRODUCT_SORT_AMOUNT: "amount",
    pb.PRODUCT_SORT_PRICE: "price",
    pb.PRODUCT_SORT_AGAINST_CATEGORY: "against_category",
    pb.PRODUCT_SORT_VALUE: "value",
}
_SEARCH_SORTS: Mapping[int, str] = {
    pb.SEARCH_SORT_UNSPECIFIED: "searches",
    pb.SEARCH_SORT_SEARCHES: "searches",
    pb.SEARCH_SORT_PEOPLE: "people",
    pb.SEARCH_SORT_WITHOUT_RESULT: "without_result",
    pb.SEARCH_SORT_NOT_ORDERED: "not_ordered",
}

Context = grpc.aio.ServicerContext[Any, Any]


class ProductReportsApi(pb_grpc.ProductReportsServiceServicer):
    """contracts.insight.v1.ProductReportsService."""

    service_name = pb.DESCRIPTOR.services_by_name["ProductReportsService"].full_name

    def __init__(
        self,
        products: ProductReports,
        searches: SearchReports,
        watermark: Callable[[], Watermark],
        reached: Callable[[int], Watermark],
    ) -> None:
        self._products = products
        self._searches = searches
        self._watermark = watermark
        self._reached = reached

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_ProductReportsServiceServicer_to_server(self, server)

    async def ListViewedNotBought(
        self, request: pb.ListViewedNotBoughtRequest, context: Context
    ) -> pb.ListViewedNotBoughtResponse:
        report, page = await self._listed(VIEWED, request.query)
        return pb.ListViewedNotBoughtResponse(
            products=[_viewed(one, report.names) for one in report.rows], page=page
        )

    async def ListAbandonedCarts(
        self, request: pb.ListAbandonedCartsRequest, context: Context
    ) -> pb.ListAbandonedCartsResponse:
        report, page = await self._listed(CARTED, request.query)
        return pb.ListAbandonedCartsResponse(
            products=[_carted(one, report.names) for one in report.rows],
            page=page,
            value=as_text(report.value),
            unconverted=[
                pb.ReportedMoney(amount=as_text(amount), currency=code)
                for code, amount in sorted(report.unconverted.items())
            ],
        )

    async def ListSearches(
        self, request: pb.ListSearchesRequest, context: Context
    ) -> pb.ListSearchesResponse:
        sort = _SEARCH_SORTS.get(request.sort)
        if sort is None:
            raise ProductReportNotValid("This is no order of terms.")
        query = SearchQuery(
            request.days or _DEFAULT_SEARCH_DAYS,
            request.segment_id if request.HasField("segment_id") else None,
            request.without_result,
            searched(_text("part", request.part)),
            max(request.min_people, 1),
            sort,
        )
        page = self._page(query, request.page_size, request.page_token)
        report = await self._searches.report(tenant(), query, page.moment, page.begin, page.size)
        return pb.ListSearchesResponse(
            terms=[_term(one) for one in report.rows],
            next_page_token=_next(query, page, report.n_terms),
            n_terms=report.n_terms,
            as_of=self._as_of(page.moment, report.by),
        )

    async def _listed(self, gene: str, asked: pb.ProductQuery) -> tuple[ProductReport, pb.ProductPage]:
        sort = _SORTS.get(asked.sort)
        if sort is None:
            raise ProductReportNotValid("This is no order of products.")
        choice = Choice(
            _text("category", asked.category), _text("brand", asked.brand), max(asked.min_people, 1), sort
        )
        segment_id = asked.segment_id if asked.HasField("segment_id") else None
        query = ProductQuery(gene, asked.days or _DEFAULT_DAYS, segment_id, choice)
        page = self._page(query, asked.page_size, asked.page_token)
        report = await self._products.report(tenant(), query, page)
        return report, pb.ProductPage(
            next_page_token=_next(query, page, report.n_products),
            products=report.n_products,
            people=people_number(report.people),
            currency=report.currency,
            as_of=self._as_of(page.moment, report.by),
        )

    def _page(self, query: ProductQuery | SearchQuery, size: int, token: str) -> Page:
        size = page_size(size)
        if not token:
            return Page(0, size, Moment(self._watermark().position, time.time_ns() // 1_000_000))
        of, *numbers = text_place("products", token, 4)
        try:
            begin, position, now_ms = map(int, numbers)
        except ValueError as error:
            raise PageTokenNotValid("This page token is not one of ours.") from error
        fits = 0 <= begin < 2**31 and 0 <= position < 2**63 and 0 <= now_ms < 2**43
        if of != _digest(query) or not fits:
            raise PageTokenNotValid("This page token belongs to another list.")
        return Page(begin, size, Moment(position, now_ms))

    def _as_of(self, moment: Moment, by: str) -> report_pb2.ReportAsOf:
        reached = watermark_message(self._reached(moment.position))
        answer = report_pb2.ReportAsOf(watermark=reached, answered_by=by)
        answer.now.FromMilliseconds(moment.now_ms)
        return answer


def _next(query: ProductQuery | SearchQuery, page: Page, rows: int) -> str:
    """ "" behind the last page."""
    end, moment = page.begin + page.size, page.moment
    if end >= rows:
        return ""
    return text_token("products", _digest(query), str(end), str(moment.position), str(moment.now_ms))


def _digest(query: ProductQuery | SearchQuery) -> str:
    """A page token goes on with what was asked first."""
    return blake2b(repr(query).encode(), digest_size=8).hexdigest()


def _text(name: str, sent: str) -> str:
    if len(sent) > _MAX_TEXT:
        raise ProductReportNotValid(f"Send at most {_MAX_TEXT} characters.", field=name, limit=_MAX_TEXT)
    return sent.strip()


def _product(one: Reported, names: Mapping[str, str]) -> pb.ReportedProduct:
    row = one.row
    return pb.ReportedProduct(
        product=row.product,
        name=names.get(row.product, ""),
        category=row.known.category,
        brand=row.known.brand,
        people=people_number(one.people),
        price=_money(row.price),
        category_price=None if row.category_price is None else as_text(row.category_price),
        against_category=None if row.against_category is None else f"{row.against_category.normalize():f}",
    )


def _viewed(one: Reported, names: Mapping[str, str]) -> pb.ViewedProduct:
    return pb.ViewedProduct(
        product=_product(one, names),
        views=one.row.tally.amount,
        instead=[
            pb.OrderedInstead(
                product=product,
                name=names.get(product, ""),
                people=people_number(PeopleNumber(None, people)),
            )
            for product, people in one.instead
        ],
    )


def _carted(one: Reported, names: Mapping[str, str]) -> pb.CartedProduct:
    quantity = f"{one.row.quantity.normalize():f}"
    return pb.CartedProduct(product=_product(one, names), quantity=quantity, value=_money(one.row.value))


def _money(price: Price | None) -> pb.ReportedMoney | None:
    if price is None:
        return None
    home = None if price.home is None else as_text(price.home)
    return pb.ReportedMoney(amount=as_text(price.amount), currency=price.currency, home_amount=home)


def _term(one: ReportedTerm) -> pb.SearchedTerm:
    term = one.term
    return pb.SearchedTerm(
        term=term.term,
        searches=term.searches,
        without_result=term.without_result,
        results=term.results,
        people=people_number(one.people),
        ordered=people_number(one.ordered),
        not_ordered=people_number(one.not_ordered),
        ordered_soon=people_number(PeopleNumber(None, term.ordered_soon)),
        similar=one.similar,
    )
