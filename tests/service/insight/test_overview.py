"""Visitors, members, orders and revenue by day, through the real door on real engines."""

from datetime import UTC, datetime

import pytest
from contracts.insight.v1 import insight_service_pb2 as pb

from chassis.errors import ExpectedError
from tests.service.insight.installation import SERVER, USER_ID, Client, Sent, Shop


def order(nid: int, order_id: str, name: str = "Order Completed", **properties: object) -> Sent:
    return Sent(nid, name, properties={"order_id": order_id, **properties})


async def test_a_shop_without_events_has_empty_days_and_a_watermark(shop: Shop) -> None:
    answer = await shop.overview("2026-11-01", "2026-11-03")
    assert [day.on for day in answer.days] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert (answer.total.visitors, answer.total.revenue) == (0, "0.00")
    assert (answer.currency, answer.time_zone) == ("TWD", "Asia/Taipei")


async def test_a_person_is_one_visitor_a_day_and_one_in_the_total(shop: Shop) -> None:
    day = datetime(2026, 11, 20, 3, tzinfo=UTC)
    await shop.counted(
        await shop.send(Sent(1, at=day), Sent(1, at=day), Sent(1, at=day.replace(day=21)), Sent(2, at=day))
    )
    answer = await shop.overview()
    visitors = {day.on: day.visitors for day in answer.days if day.visitors}
    assert visitors == {"2026-11-20": 2, "2026-11-21": 1}
    assert (answer.total.visitors, answer.total.events) == (2, 4)


async def test_a_merge_moves_numbers_without_rewriting_events(shop: Shop) -> None:
    await shop.counted(await shop.send(Sent(1), Sent(2)))
    assert (await shop.overview()).total.visitors == 2
    await shop.counted(await shop.move((2, USER_ID, 1)))
    merged = (await shop.overview()).total
    assert (merged.visitors, merged.members) == (1, 1)
    await shop.counted(await shop.move((2, USER_ID, 2)))
    unmerged = (await shop.overview()).total
    assert (unmerged.visitors, unmerged.members) == (2, 1)


async def test_mail_refunds_and_the_shops_own_reports_make_nobody_a_visitor(shop: Shop) -> None:
    await shop.counted(
        await shop.send(
            Sent(1, "Email Delivered"),
            Sent(2, "Email Opened"),
            Sent(3, "Order Refunded", properties={"order_id": "X", "revenue": 1}),
            Sent(4, "Product Viewed", channel="server"),
            Sent(5, "", kind="identify"),
            Sent(6, "recommendation_shown"),
            Sent(7, "Email Link Clicked", channel="email"),
        )
    )
    total = (await shop.overview()).total
    assert (total.visitors, total.events) == (1, 7)


async def test_a_days_orders_follow_its_server_its_refunds_and_its_late_reports(shop: Shop) -> None:
    await shop.counted(
        await shop.send(
            order(1, "A", revenue=100.1),
            Sent(2, "Order Completed", source=SERVER, properties={"order_id": "A", "revenue": "90.10"}),
            order(1, "B", revenue=50),
            order(1, "B", "Order Refunded", revenue=20.25),
            order(1, "C", revenue=10),
            order(1, "C", "Order Cancelled"),
            order(1, "Z", "Order Refunded", revenue="3.30"),
        )
    )
    total = (await shop.overview()).total
    assert (total.orders, total.refunds, total.revenue) == (2, 3, "116.55")
    await shop.counted(await shop.send(order(1, "Z", revenue=5)))
    total = (await shop.overview()).total
    assert (total.orders, total.refunds, total.revenue) == (3, 3, "121.55")


async def test_a_refund_reduces_the_day_of_its_order(shop: Shop) -> None:
    later = datetime(2026, 11, 25, 3, tzinfo=UTC)
    refund = Sent(1, "Order Refunded", at=later, properties={"order_id": "A", "revenue": 30})
    await shop.counted(await shop.send(order(1, "A", revenue=100), refund))
    days = {day.on: day for day in (await shop.overview()).days}
    assert (days["2026-11-20"].revenue, days["2026-11-20"].refunds) == ("70.00", 0)
    assert (days["2026-11-25"].revenue, days["2026-11-25"].refunds) == ("0.00", 1)


async def test_an_order_is_found_by_its_day_even_when_only_its_refund_lies_outside(shop: Shop) -> None:
    before = datetime(2026, 10, 1, 3, tzinfo=UTC)
    sold = Sent(1, "Order Completed", at=before, properties={"order_id": "A", "revenue": 100})
    await shop.counted(await shop.send(sold, order(1, "A", "Order Refunded", revenue=40)))
    assert (await shop.overview("2026-10-01", "2026-10-01")).total.revenue == "60.00"
    november = (await shop.overview()).total
    assert (november.orders, november.revenue, november.refunds) == (0, "0.00", 1)


async def test_many_cents_add_up_to_the_cent(shop: Shop) -> None:
    events = [order(1, str(number), revenue=0.1) for number in range(1000)]
    await shop.counted(await shop.send(*events))
    assert (await shop.overview()).total.revenue == "100.00"


async def test_absurd_money_keeps_the_event_and_is_reported(shop: Shop) -> None:
    await shop.counted(
        await shop.send(
            order(1, "A", revenue="NaN"),
            Sent(1, payload=b'{"properties":{"order_id":"B","revenue":1e400}}', name="Order Completed"),
            order(1, "C", revenue="12,50"),
            order(1, "D", revenue={"amount": 3}),
            order(1, "E", revenue="1,234.5"),
        )
    )
    answer = await shop.overview()
    assert (answer.total.orders, answer.total.revenue, answer.unpriced_orders) == (5, "1234.50", 4)
    assert answer.total.events == 5


async def test_money_without_a_rate_is_kept_apart(shop: Shop) -> None:
    await shop.counted(
        await shop.send(order(1, "A", revenue=100), order(1, "B", revenue=7.5, currency="usd"))
    )
    answer = await shop.overview()
    assert (answer.total.orders, answer.total.revenue) == (2, "100.00")
    [unconverted] = answer.unconverted
    assert (unconverted.revenue.amount, unconverted.revenue.currency) == ("7.50", "USD")
    assert unconverted.orders == 1


@pytest.mark.parametrize(("on", "hours"), [("2026-03-08", 23), ("2026-11-01", 25)], ids=["spring", "autumn"])
async def test_a_local_day_is_whole_when_the_clocks_change(shop: Shop, on: str, hours: int) -> None:
    # New York, 2026: clocks go forward on 8 March and back on 1 November at 02:00 local time.
    await shop.settings("America/New_York", "USD")
    month, day = int(on[5:7]), int(on[8:])
    midnight = datetime(2026, month, day, 5 if month == 3 else 4, tzinfo=UTC)
    events = [
        Sent(1, at=datetime.fromtimestamp(midnight.timestamp() + hour * 3600 + minute, UTC))
        for hour in range(-1, hours + 1)
        for minute in (0, 3599.999)
    ]
    await shop.counted(await shop.send(*events))
    assert (await shop.overview(on, on)).total.events == hours * 2


async def test_two_shops_never_see_each_other(insight: Client) -> None:
    one, other = insight.shop(), insight.shop()
    await one.send(Sent(1), order(1, "A", revenue=5))
    await other.counted(await other.send(Sent(1, "", kind="identify", traits={"city": "Tainan"})))
    assert ((await one.overview()).total.orders, (await other.overview()).total.orders) == (1, 0)
    assert [summary.events for summary in await other.summaries(1)] == [1]
    search = pb.SearchTraitsRequest(text="tainan")
    assert list((await one.ask("SearchTraits", search)).profile_ids) == []
    assert list((await other.ask("SearchTraits", search)).profile_ids) == [1]


@pytest.mark.parametrize(
    ("from_on", "to_on"),
    [("2026-13-01", ""), ("2026-02-01", "2026-01-01"), ("2020-01-01", "2026-01-01"), ("x", "y")],
)
async def test_a_range_nobody_can_mean_is_refused(shop: Shop, from_on: str, to_on: str) -> None:
    with pytest.raises(ExpectedError) as refused:
        await shop.overview(from_on, to_on)
    assert refused.value.reason == "RANGE_NOT_VALID"


async def test_a_zone_or_currency_that_does_not_exist_is_refused(shop: Shop) -> None:
    for zone, currency, reason in [
        ("Mars/Olympus", "TWD", "TIME_ZONE_NOT_KNOWN"),
        ("Asia/Taipei", "NT$", "CURRENCY_NOT_VALID"),
    ]:
        with pytest.raises(ExpectedError) as refused:
            await shop.settings(zone, currency)
        assert refused.value.reason == reason


async def test_rules_of_genes_nobody_can_mean_are_refused(shop: Shop) -> None:
    meant = pb.GeneRules(session_minutes=30, slowing_days=7, dormant_days=30, lost_days=90)
    meant.loyal_orders, meant.loyal_days = 5, 365
    for name, value, why in (
        ("session_minutes", 0, "session_minutes must be 1 to 1440"),
        ("loyal_days", 4_000, "loyal_days must be 1 to 3650"),
        ("return_days", 366, "return_days must be 1 to 365"),
        ("dormant_days", 7, "slowing_days must be less than dormant_days"),
    ):
        request = pb.PutTenantRequest(time_zone="Asia/Taipei", currency="TWD", genes=meant)
        setattr(request.genes, name, value)
        with pytest.raises(ExpectedError, match=why):
            await shop.ask("PutTenant", request)
