"""The demo shops' events say what their files say."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from demo.clothing_shop import synthetic_time
from demo.dates import instant, weeks_until
from demo.sender import BATCH_BYTES, ENCODER, batches
from demo.shops import SHOPS, Shop
from demo.totals import day_totals

EVENT_LIMIT = 32 * 1024


@pytest.fixture(scope="module", params=SHOPS, ids=[shop.key for shop in SHOPS])
def shop(request: pytest.FixtureRequest) -> Shop:
    found: Shop = request.param
    return found


@pytest.fixture(scope="module")
def history(shop: Shop) -> list[dict[str, Any]]:
    return list(shop.events(shop.data, 0, shop.zone))


def local_day(event: dict[str, Any], zone: ZoneInfo) -> date:
    return datetime.fromisoformat(event["timestamp"]).astimezone(zone).date()


def test_events_a_day_equal_the_files_count(shop: Shop, history: list[dict[str, Any]]) -> None:
    counts = Counter(local_day(event, shop.zone) for event in history)
    assert counts == {day.on: day.events for day in day_totals(shop, 0)}


def test_revenue_a_day_equals_the_files_sum_to_the_cent(shop: Shop, history: list[dict[str, Any]]) -> None:
    revenue: dict[date, Decimal] = defaultdict(Decimal)
    for event in history:
        amount = event.get("properties", {}).get("revenue", Decimal(0))
        revenue[local_day(event, shop.zone)] += -amount if event.get("event") == "Order Cancelled" else amount
    assert revenue == {day.on: day.revenue for day in day_totals(shop, 0)}


def test_an_orders_lines_add_up_to_its_revenue(history: list[dict[str, Any]]) -> None:
    for event in history:
        properties = event.get("properties", {})
        if "revenue" in properties:
            lines = sum(line["price"] * line["quantity"] for line in properties["products"])
            assert lines == properties["revenue"] >= 0


def test_every_event_has_its_own_message_id_and_fits_the_api(history: list[dict[str, Any]]) -> None:
    assert len({event["messageId"] for event in history}) == len(history)
    assert max(len(ENCODER.encode(event)) for event in history) < EVENT_LIMIT


def test_every_product_is_named_in_some_event_when_the_file_names_it(history: list[dict[str, Any]]) -> None:
    bought, named = set(), set()
    for event in history:
        for line in event.get("properties", {}).get("products", []):
            item = line.get("product_id") or line["sku"]
            bought.add(item)
            if "name" in line:
                named.add(item)
    assert bought == named


def test_moving_by_weeks_keeps_local_day_and_hour_across_clock_changes() -> None:
    london = ZoneInfo("Europe/London")
    winter = datetime(2011, 1, 10, 9, 30)  # noqa: DTZ001
    assert instant(winter, 0, london) == "2011-01-10T09:30:00.000Z"
    assert instant(winter, 26, london) == "2011-07-11T08:30:00.000Z"


def test_the_last_week_becomes_the_current_one_and_nothing_lies_ahead() -> None:
    for days in range(14):
        now = datetime(2026, 11, 22, 12) + timedelta(days=days)  # noqa: DTZ001
        for shop in SHOPS:
            moved = shop.last_at + timedelta(weeks=weeks_until(now, shop.last_at))
            assert now - timedelta(weeks=1) < moved <= now


def test_the_newest_row_is_the_one_the_shop_names(shop: Shop, history: list[dict[str, Any]]) -> None:
    newest = max(datetime.fromisoformat(event["timestamp"]) for event in history)
    assert newest.astimezone(shop.zone).date() == shop.last_at.date()
    assert newest.astimezone(shop.zone).replace(tzinfo=None) <= shop.last_at


def test_a_session_of_synthetic_times_stays_within_its_day_in_the_order_of_its_clicks() -> None:
    for session in range(1, 24_027):
        first, last = (synthetic_time(2008, 4, 1, session, order) for order in (1, 195))
        assert first.date() == last.date() == date(2008, 4, 1)
        assert first < last


def test_batches_hold_every_event_once_below_the_apis_limit() -> None:
    import gzip

    events = [{"messageId": str(number), "text": "x" * 5000} for number in range(200)]
    sent = []
    for count, body in batches(events):
        raw = gzip.decompress(body)
        assert len(raw) < BATCH_BYTES + 100
        batch = msgspec.json.decode(raw)["batch"]
        assert len(batch) == count
        sent += batch
    assert sent == events
