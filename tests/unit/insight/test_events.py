"""Names, channels and visits as EVENTS and the genes define them."""

import pytest

from services.insight.domain.events import canonical_name, channel, is_visit


@pytest.mark.parametrize(
    ("sent", "canonical"),
    [
        ("Product Viewed", "product_viewed"),
        ("product viewed", "product_viewed"),
        ("view_item", "product_viewed"),
        ("view", "product_viewed"),
        ("  ORDER   completed ", "order_completed"),
        ("purchase", "order_completed"),
        ("Order Canceled", "order_cancelled"),
        ("refund", "order_refunded"),
        ("Product Added to Wishlist", "wishlist_added"),
        ("login", "signed_in"),
        ("page_view", "page"),
        ("Email Link Clicked", "message_clicked"),
        ("test drive booked", "test drive booked"),
        (" 試乘 ", "試乘"),
    ],
)
def test_every_spelling_of_an_event_has_one_name_and_others_keep_their_own(sent: str, canonical: str) -> None:
    assert canonical_name("track", sent) == canonical


def test_a_page_is_a_page_whatever_it_is_called() -> None:
    assert canonical_name("page", "Order Completed") == "page"


@pytest.mark.parametrize(
    ("said", "library", "device", "kind", "where"),
    [
        ("", "analytics.js", False, "track", "web"),
        ("", "@segment/analytics-next", False, "page", "web"),
        ("", "RudderLabs JavaScript SDK", False, "track", "web"),
        ("", "analytics-ios", False, "track", "app"),
        ("", "@segment/analytics-react-native", False, "track", "app"),
        ("", "", False, "screen", "app"),
        ("", "", True, "track", "app"),
        ("", "analytics-python", False, "track", "unknown"),
        ("", "", False, "track", "unknown"),
        (" Store ", "analytics.js", False, "track", "store"),
        ("mobile", "", False, "track", "app"),
    ],
)
def test_the_channel_is_what_is_said_else_what_the_library_tells(
    said: str, library: str, device: bool, kind: str, where: str
) -> None:
    assert channel(said=said, library=library, device=device, kind=kind) == where


@pytest.mark.parametrize(
    ("name", "where", "visit"),
    [
        ("page", "web", True),
        ("product_viewed", "unknown", True),
        ("test drive booked", "app", True),
        ("order_completed", "web", True),
        ("order_completed", "unknown", False),
        ("order_updated", "web", False),
        ("order_refunded", "web", False),
        ("order_cancelled", "web", False),
        ("message_opened", "email", False),
        ("message_clicked", "email", True),
        ("recommendation_shown", "web", False),
        ("recommendation_clicked", "web", True),
        ("identify", "web", False),
        ("group", "web", False),
        ("alias", "web", False),
        ("product_viewed", "server", False),
        ("product_viewed", "store", False),
        ("message_clicked", "call", False),
    ],
)
def test_a_visit_is_a_persons_own_act_online(name: str, where: str, visit: bool) -> None:
    assert is_visit(name, where) is visit
