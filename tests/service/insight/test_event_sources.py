"""What arrives from where, through insight's own door."""

from datetime import UTC, datetime, timedelta

from contracts.insight.v1 import event_sources_service_pb2 as pb
from contracts.insight.v1 import event_sources_service_pb2_grpc as pb_grpc

from tests.service.insight.installation import BROWSER, SERVER, Sent, Shop


async def sources(shop: Shop) -> dict[str, pb.EventSource]:
    stub = pb_grpc.EventSourcesServiceStub(shop.client.rpc.channel)
    request = pb.ListEventSourcesRequest()
    answer = await shop.client.rpc.call(stub.ListEventSources, request, tenant_id=shop.tenant_id)
    return {one.key_id: one for one in answer.sources}


async def test_each_source_tells_what_came_lately_and_what_is_usual_at_this_hour(shop: Shop) -> None:
    now = datetime.now(UTC)

    def received(ago: timedelta, late: timedelta = timedelta(), source: int = BROWSER) -> Sent:
        return Sent(1, at=now - ago - late, received_at=now - ago, source=source)

    week, minute = timedelta(days=7), timedelta(minutes=1)
    before = [received(2 * week + 30 * minute)] * 3 + [received(week + 30 * minute)] * 5
    lately = [received(20 * minute, timedelta(seconds=4))] * 2 + [
        received(5 * minute),
        received(3 * 60 * minute),
    ]
    # Of another hour, and before the four weeks.
    other = [received(week + 3 * 60 * minute), received(timedelta(days=30))]
    server = [received(minute, timedelta(hours=2), source=SERVER)]
    await shop.counted(await shop.send(*before, *lately, *other, *server))
    found = await sources(shop)
    browser = found["pk"]
    assert (browser.ten_minutes, browser.hour, browser.day, browser.usual_hour) == (1, 3, 4, 5.0)
    assert browser.delay_p95_seconds == 4
    assert browser.last_received_at.ToMilliseconds() == int((now - 5 * minute).timestamp() * 1000)
    assert (found["sk"].day, found["sk"].HasField("usual_hour")) == (1, False)
    assert found["sk"].delay_p95_seconds == 7200
    assert await sources(shop.client.shop()) == {}
