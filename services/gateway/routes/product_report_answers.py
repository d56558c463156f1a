"""What the API tells of products that were not ordered, and of searches."""

from collections.abc import Mapping

from contracts.insight.v1 import product_reports_service_pb2 as pb
from contracts.recommender.v1 import recommender_service_pb2 as recommender_pb
from pydantic import BaseModel, Field

from services.gateway.routes.report_answers import PeopleNumber, ReportAsOf, people_number, report_as_of

_NOT_HOME = "In the tenant's currency at today's rate; null without a rate 無匯率時為 null，不併入合計"
# What the shop said of its products, by id.
Catalogue = Mapping[str, recommender_pb.Product]


class ReportedMoney(BaseModel):
    amount: str = Field(description="Exact decimal text")
    currency: str
    home_amount: str | None = Field(description=_NOT_HOME)


class NamedProduct(BaseModel):
    id: str
    name: str | None = Field(description="The catalogue's, else the newest event's; null: neither says it")


class ReportedProduct(NamedProduct):
    """Category, brand and price are the newest that events named, else the catalogue's."""

    category: str = Field(description="A path a > b; empty where nobody says it")
    brand: str
    url: str | None
    image_url: str | None
    in_stock: bool | None = Field(description="From the catalogue; null is unknown 未知")
    people: PeopleNumber
    price: ReportedMoney | None = Field(description="Newest price that a view or a cart event named")
    category_price: str | None = Field(
        description="Median price of exactly this category, in the tenant's currency 同分類價格中位數"
    )
    against_category: str | None = Field(description="0.1: ten per cent dearer than that 與同分類相比")


class OrderedInstead(NamedProduct):
    people: PeopleNumber


class ViewedProduct(ReportedProduct):
    views: int = Field(description="How often these people viewed it in the window")
    instead: list[OrderedInstead] = Field(
        description="At most three of the same category that these people ordered after viewing it 改買了什麼"
    )


class CartedProduct(ReportedProduct):
    quantity: str = Field(description="How much of it lies in these carts, exact decimal text")
    value: ReportedMoney | None = Field(description="That at the newest price; null where none is known")


class ProductPage(ReportAsOf):
    """All pages are of the first one's moment."""

    n_products: int = Field(description="On all pages")
    people: PeopleNumber = Field(description="Who has any such product at all, whatever the filters say")
    currency: str = Field(description="The tenant's")
    next_cursor: str | None


class ViewedProducts(ProductPage):
    products: list[ViewedProduct]


class CartedProducts(ProductPage):
    products: list[CartedProduct]
    value: str = Field(description="What lies in all these carts, in the tenant's currency 購物車總值")
    unconverted: list[ReportedMoney] = Field(description="In no figure above: there is no rate")


class SearchedTerm(BaseModel):
    term: str = Field(description="Without case or width, spaces collapsed")
    searches: int
    without_result: int = Field(description="Searches whose event says that nothing was found 無結果次數")
    results: int | None = Field(description="What the newest search that says it found; null: none says it")
    people: PeopleNumber
    ordered: PeopleNumber = Field(description="Those of them who ordered in the same window")
    not_ordered: PeopleNumber = Field(description="Those who did not 搜尋未購")
    ordered_soon: PeopleNumber = Field(
        description="Who ordered within 7 days after searching 搜尋後 7 天內下單"
    )
    similar: list[str] = Field(description="Terms of the window that found something 相近字詞")


class SearchedTerms(ReportAsOf):
    """All pages are of the first one's moment."""

    terms: list[SearchedTerm]
    n_terms: int = Field(description="On all pages")
    next_cursor: str | None


def page_fields(page: pb.ProductPage, next_cursor: str | None) -> dict[str, object]:
    """The fields of ProductPage."""
    return {
        "n_products": page.products,
        "people": people_number(page.people),
        "currency": page.currency,
        "next_cursor": next_cursor,
        **report_as_of(page.as_of),
    }


def viewed_product(one: pb.ViewedProduct, catalogue: Catalogue) -> ViewedProduct:
    instead = [
        OrderedInstead(
            id=other.product,
            name=_name(catalogue, other.product, other.name),
            people=people_number(other.people),
        )
        for other in one.instead
    ]
    return ViewedProduct.model_validate(
        {**_product_fields(one.product, catalogue), "views": one.views, "instead": instead}
    )


def carted_product(one: pb.CartedProduct, catalogue: Catalogue) -> CartedProduct:
    value = money(one.value) if one.HasField("value") else None
    return CartedProduct.model_validate(
        {**_product_fields(one.product, catalogue), "quantity": one.quantity, "value": value}
    )


def searched_term(one: pb.SearchedTerm) -> SearchedTerm:
    return SearchedTerm(
        term=one.term,
        searches=one.searches,
        without_result=one.without_result,
        results=one.results if one.HasField("results") else None,
        people=people_number(one.people),
        ordered=people_number(one.ordered),
        not_ordered=people_number(one.not_ordered),
        ordered_soon=people_number(one.ordered_soon),
        similar=list(one.similar),
    )


def money(told: pb.ReportedMoney) -> ReportedMoney:
    home = told.home_amount if told.HasField("home_amount") else None
    return ReportedMoney(amount=told.amount, currency=told.currency, home_amount=home)


def _product_fields(one: pb.ReportedProduct, catalogue: Catalogue) -> dict[str, object]:
    known = catalogue.get(one.product)
    stocked = known is not None and known.HasField("in_stock")
    return {
        "id": one.product,
        "name": _name(catalogue, one.product, one.name),
        "category": one.category or (" > ".join(known.category) if known else ""),
        "brand": one.brand or (known.brand if known else ""),
        "url": known.url if known else None,
        "image_url": known.image_url if known else None,
        "in_stock": known.in_stock if known and stocked else None,
        "people": people_number(one.people),
        "price": money(one.price) if one.HasField("price") else None,
        "category_price": one.category_price if one.HasField("category_price") else None,
        "against_category": one.against_category if one.HasField("against_category") else None,
    }


def _name(catalogue: Catalogue, product: str, told: str) -> str | None:
    known = catalogue.get(product)
    return (known.name if known else "") or told or None
