"""Profiles: totals, traits and events, folded by the map of identity."""

from datetime import UTC, datetime, timedelta

import pytest
from contracts.gateway.v1 import events_pb2 as gateway_pb
from contracts.insight.v1 import insight_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.errors import ExpectedError
from tests.service.insight.installation import NOW, SERVER, USER_ID, Sent, Shop


async def events_of(shop: Shop, profile_id: int, **paging: object) -> pb.ListProfileEventsResponse:
    request = pb.ListProfileEventsRequest(profile_id=profile_id, **paging)
    answer: pb.ListProfileEventsResponse = await shop.ask("ListProfileEvents", request)
    return answer


async def search(shop: Shop, text: str, **paging: object) -> pb.SearchTraitsResponse:
    answer: pb.SearchTraitsResponse = await shop.ask(
        "SearchTraits", pb.SearchTraitsRequest(text=text, **paging)
    )
    return answer


async def test_summaries_add_up_all_identifiers_of_a_profile(shop: Shop) -> None:
    bought = {"order_id": "A", "revenue": "80.5"}
    await shop.send(Sent(1), Sent(2, "purchase", at=NOW + timedelta(days=1), properties=bought), Sent(3))
    await shop.counted(await shop.move((2, USER_ID, 1)))
    one, two, nobody = await shop.summaries(1, 2, 99)
    assert (one.events, one.orders, one.revenue.amount, one.revenue.currency) == (2, 1, "80.50", "TWD")
    assert one.first_seen_at.ToDatetime(UTC) == NOW
    assert one.last_seen_at.ToDatetime(UTC) == NOW + timedelta(days=1)
    # 2 is an identifier of 1 now and no profile of its own.
    assert (two.profile_id, two.events, nobody.events) == (2, 0, 0)
    assert not nobody.HasField("first_seen_at")


async def test_an_order_belongs_to_the_person_of_its_winning_report(shop: Shop) -> None:
    bought = {"order_id": "A", "revenue": 10}
    await shop.counted(
        await shop.send(
            Sent(1, "Order Completed", properties=bought),
            Sent(2, "Order Completed", properties=bought, source=SERVER),
        )
    )
    browser, server = await shop.summaries(1, 2)
    assert (browser.orders, server.orders) == (0, 1)


async def test_the_latest_value_of_each_trait_wins_whatever_arrives_last(shop: Shop) -> None:
    def identify(nid: int, days: int, **traits: object) -> Sent:
        return Sent(nid, kind="identify", at=NOW + timedelta(days=days), traits=traits)

    await shop.send(identify(1, 2, city="臺南", tier="gold"), identify(1, 1, city="Taipei", points=7))
    await shop.move((2, USER_ID, 1))
    await shop.counted(await shop.send(identify(2, 3, tier={"name": "black"})))
    [summary] = await shop.summaries(1)
    assert {trait.name: trait.value_json for trait in summary.traits} == {
        "city": '"臺南"',
        "points": "7",
        "tier": '{"name": "black"}',
    }


async def test_events_are_paged_newest_first_each_once(shop: Shop) -> None:
    events = [Sent(1 + number % 2, at=NOW + timedelta(seconds=number // 3)) for number in range(20)]
    await shop.move((2, USER_ID, 1))
    await shop.counted(await shop.send(*events))
    seen, token, pages = [], "", 0
    while True:
        page = await events_of(shop, 1, page_size=6, page_token=token)
        seen += [(event.occurred_at.ToDatetime(UTC), event.message_id) for event in page.events]
        pages, token = pages + 1, page.next_page_token
        if not token:
            break
    assert pages == 4
    assert len({message for _, message in seen}) == 20
    assert [at for at, _ in seen] == sorted((event.at for event in events), reverse=True)


async def test_a_timeline_shows_only_the_kinds_names_and_days_asked_for(shop: Shop) -> None:
    await shop.counted(
        await shop.send(
            Sent(1, "product_viewed", at=NOW),
            Sent(1, "product_added", at=NOW + timedelta(hours=1)),
            Sent(1, kind="identify", at=NOW + timedelta(hours=2), traits={"name": "Ann"}),
        )
    )
    viewed = await events_of(shop, 1, names=["product_viewed"], kinds=[gateway_pb.EVENT_KIND_IDENTIFY])
    assert [one.kind for one in viewed.events] == [
        gateway_pb.EVENT_KIND_IDENTIFY,
        gateway_pb.EVENT_KIND_TRACK,
    ]
    began, ended = Timestamp(), Timestamp()
    began.FromDatetime(NOW + timedelta(hours=1))
    ended.FromDatetime(NOW + timedelta(hours=2))
    some = await events_of(shop, 1, not_before=began, before=ended)
    assert [one.name for one in some.events] == ["product_added"]


async def test_an_event_is_answered_as_it_was_sent(shop: Shop) -> None:
    payload = '{"event":"view_item","context":{"library":{"name":"analytics.js"}},"x":[1.10,"ü"]}'.encode()
    await shop.counted(await shop.send(Sent(1, "view_item", payload=payload)))
    [event] = (await events_of(shop, 1)).events
    assert (event.name, event.channel, event.nid) == ("product_viewed", "web", 1)
    assert event.payload_json.encode() == payload


async def test_events_before_1970_are_kept(shop: Shop) -> None:
    long_ago = datetime(1931, 5, 1, tzinfo=UTC)
    await shop.counted(await shop.send(Sent(1, at=long_ago, received_at=NOW)))
    [event] = (await events_of(shop, 1)).events
    assert event.occurred_at.ToDatetime(UTC) == long_ago
    assert (await shop.overview("1931-05-01", "1931-05-01")).total.visitors == 1


async def test_traits_are_found_by_their_present_text_only(shop: Shop) -> None:
    await shop.send(
        Sent(1, kind="identify", traits={"email": "Ann@Example.com"}),
        Sent(2, kind="identify", traits={"email": "bob@example.com"}),
        Sent(3, kind="identify", traits={"email": "cy@example.com"}),
        Sent(4, kind="identify", traits={"email": "old@example.com"}),
    )
    await shop.move((3, USER_ID, 2))
    later = Sent(4, kind="identify", at=NOW + timedelta(1), traits={"email": "new@elsewhere.tw"})
    await shop.counted(await shop.send(later))
    assert list((await search(shop, "EXAMPLE")).profile_ids) == [1, 2]
    first = await search(shop, "ex", page_size=1)
    assert list(first.profile_ids) == [1]
    assert list((await search(shop, "ex", page_token=first.next_page_token)).profile_ids) == [2]
    assert list((await search(shop, "old@")).profile_ids) == []


@pytest.mark.parametrize(
    ("name", "request_", "reason"),
    [
        ("SearchTraits", pb.SearchTraitsRequest(text="x"), "SEARCH_TOO_SHORT"),
        ("SearchTraits", pb.SearchTraitsRequest(text="xx", page_size=201), "PAGE_SIZE_NOT_VALID"),
        ("ListProfileEvents", pb.ListProfileEventsRequest(page_token="!"), "PAGE_TOKEN_NOT_VALID"),
        (
            "BatchGetProfileSummaries",
            pb.BatchGetProfileSummariesRequest(profile_ids=range(201)),
            "TOO_MANY_PROFILES",
        ),
    ],
)
async def test_a_request_that_cannot_be_answered_says_why(
    shop: Shop, name: str, request_: object, reason: str
) -> None:
    with pytest.raises(ExpectedError) as refused:
        await shop.ask(name, request_)
    assert refused.value.reason == reason
