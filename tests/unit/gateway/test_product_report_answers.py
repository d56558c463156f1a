"""Products of a report are shown with what the catalogue says of them, and unknown where it does not."""

from contracts.insight.v1 import product_reports_service_pb2 as pb
from contracts.insight.v1 import report_pb2
from contracts.recommender.v1 import recommender_service_pb2 as recommender_pb

from services.gateway.routes.product_report_answers import carted_product, viewed_product

PEOPLE = report_pb2.PeopleNumber(profiles=2)
CATALOGUE = {
    "p1": recommender_pb.Product(
        product_id="p1",
        name="Runner",
        brand="Acme",
        category=["wear", "shoes"],
        url="https://shop.example/p1",
        in_stock=False,
    ),
    "p2": recommender_pb.Product(product_id="p2"),
}


def reported(product: str, name: str = "", category: str = "") -> pb.ReportedProduct:
    return pb.ReportedProduct(product=product, people=PEOPLE, name=name, category=category)


def test_the_catalogue_names_a_product_and_says_whether_it_is_there() -> None:
    shown = viewed_product(pb.ViewedProduct(product=reported("p1", name="run", category="sale")), CATALOGUE)
    assert (shown.name, shown.in_stock, shown.url) == ("Runner", False, "https://shop.example/p1")
    # What events say of its place among others comes first, for the price is compared there.
    assert (shown.category, shown.brand) == ("sale", "Acme")
    assert viewed_product(pb.ViewedProduct(product=reported("p1")), CATALOGUE).category == "wear > shoes"


def test_what_nobody_says_is_unknown_and_not_no() -> None:
    for product in ("p2", "p3"):
        shown = carted_product(pb.CartedProduct(product=reported(product), quantity="1"), CATALOGUE)
        assert (shown.name, shown.in_stock, shown.price, shown.value) == (None, None, None, None)
    assert shown.people.tree is None


def test_an_event_names_what_the_catalogue_does_not() -> None:
    instead = pb.OrderedInstead(product="p3", name="Boot", people=PEOPLE)
    shown = viewed_product(
        pb.ViewedProduct(product=reported("p2", name="Sock"), instead=[instead]), CATALOGUE
    )
    assert (shown.name, [one.name for one in shown.instead]) == ("Sock", ["Boot"])
