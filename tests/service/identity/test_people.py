"""Who is who, through the bus and the API."""

import pytest
from contracts.gateway.v1 import events_pb2 as gateway_events
from contracts.identity.v1 import identity_service_pb2 as messages

from chassis.errors import ExpectedError
from tests.service.identity.cell import BROWSER, NOW_MS, SERVER, Event, Gateway

EMAIL = gateway_events.IDENTIFIER_KIND_EMAIL
ANONYMOUS = gateway_events.IDENTIFIER_KIND_ANONYMOUS_ID


async def test_an_anonymous_browser_becomes_a_member_with_its_past(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", anonymous_id="browser"))
    await gateway.received(1)
    assert await gateway.map() == {}
    await gateway.accept(Event("m2", user_id="amy", anonymous_id="browser", at_ms=NOW_MS + 1))
    await gateway.received(2)
    people = await gateway.people()
    assert people["m1"] == people["m2"]
    [remapped] = await gateway.remaps()
    assert {(each.nid, each.kind, each.profile_id) for each in remapped.remaps} == {
        (2, gateway_events.IDENTIFIER_KIND_USER_ID, 1)
    }
    found = await gateway.profile(2)
    assert found.profile.profile_id == 1
    assert found.profile.member
    assert [identifier.value for identifier in found.profile.identifiers] == ["amy", "browser"]
    assert [(link.a_nid, link.b_nid, link.message_id) for link in found.links] == [(1, 2, "m2")]


async def test_the_map_change_is_on_the_bus_before_the_event_that_caused_it(gateway: Gateway) -> None:
    place = await gateway.accept(Event("m1", user_id="amy", anonymous_id="browser"))
    await gateway.received(1)
    [remapped], [resolved] = await gateway.remaps(), await gateway.resolved()
    assert remapped.accepted_to == resolved.accepted_to == place
    stored = []
    for topic in ("identity.profile.remapped.v1", "identity.events.resolved.v1"):
        last = await gateway.reader.last_message("IDENTITY", f"{topic}.{gateway.tenant_id}")
        assert last is not None
        stored.append(last.seq)
    assert stored == sorted(stored)


async def test_every_new_member_is_announced_even_alone(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", user_id="amy"))
    await gateway.received(1)
    assert await gateway.map() == {1: 1}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_two_members_on_one_browser_stay_two_in_every_order(
    gateway: Gateway, order: tuple[int, ...]
) -> None:
    story = [
        Event("m1", anonymous_id="tablet", at_ms=NOW_MS),
        Event("m2", user_id="anna", anonymous_id="tablet", at_ms=NOW_MS + 1),
        Event("m3", user_id="ben", anonymous_id="tablet", at_ms=NOW_MS + 2),
    ]
    for number, index in enumerate(order, 1):
        await gateway.accept(story[index])
        await gateway.received(number)
    people = await gateway.people()
    assert people["m1"] == people["m2"] != people["m3"]
    refused = [link for link in (await gateway.profile(people["m3"])).links if link.refused]
    assert [link.refused_reason for link in refused] == ["USER_ID_LIMIT"]


async def test_only_a_secret_key_joins_by_e_mail(gateway: Gateway) -> None:
    def claim(name: str, user: str, source: gateway_events.SourceKind) -> Event:
        return Event(name, user_id=user, source=source, claims=[(EMAIL, f"{source}@example.com")])

    await gateway.accept(claim("m1", "amy", BROWSER), Event("m2", anonymous_id="x"))
    await gateway.accept(claim("m3", "ann", SERVER))
    await gateway.accept(Event("m4", source=SERVER, claims=[(EMAIL, f"{SERVER}@EXAMPLE.com")]))
    await gateway.received(4)
    people = await gateway.people()
    assert people["m3"] == people["m4"]
    assert len((await gateway.profile(people["m1"])).profile.identifiers) == 1


async def test_an_alias_joins_two_anonymous_ids(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", anonymous_id="old"))
    await gateway.accept(Event("m2", anonymous_id="new", claims=[(ANONYMOUS, "old")]))
    await gateway.received(2)
    people = await gateway.people()
    assert people["m1"] == people["m2"]


async def test_a_crowd_on_one_device_is_many_people_with_its_bounds(gateway: Gateway) -> None:
    crowd = [Event(f"m{n}", user_id=f"u{n}", anonymous_id="kiosk", at_ms=NOW_MS + n) for n in range(1_200)]
    await gateway.accept(*crowd)
    await gateway.received(1_200)
    people = await gateway.people()
    assert len(set(people.values())) == 1_200
    last = await gateway.profile(people["m1199"])
    assert [link.refused_reason for link in last.links] == ["CLUSTER_TOO_LARGE"]


async def test_profiles_come_newest_first_page_by_page(gateway: Gateway) -> None:
    await gateway.accept(*(Event(f"m{n}", anonymous_id=f"b{n:03}") for n in range(25)))
    await gateway.received(25)
    pages, token = [], ""
    while True:
        page = await gateway.search(page_size=10, page_token=token)
        pages.append([profile.profile_id for profile in page.profiles])
        token = page.next_page_token
        if not token:
            break
    assert pages == [list(range(25, 15, -1)), list(range(15, 5, -1)), list(range(5, 0, -1))]


async def test_a_search_finds_beginnings_of_any_identifier_and_filters(gateway: Gateway) -> None:
    await gateway.accept(
        Event("m1", anonymous_id="王小明"),
        Event("m2", user_id="王大同", anonymous_id="b2"),
        Event("m3", anonymous_id="other"),
    )
    await gateway.received(3)

    async def values(**request: object) -> list[list[str]]:
        page = await gateway.search(**request)
        return [[each.value for each in profile.identifiers] for profile in page.profiles]

    assert await values(query="王") == [["王大同", "b2"], ["王小明"]]
    assert await values(query="b2") == [["王大同", "b2"]]
    assert await values(query="%") == []
    members, visitors = messages.PROFILE_FILTER_MEMBERS, messages.PROFILE_FILTER_VISITORS
    assert await values(query="王", filter=visitors) == [["王小明"]]
    assert await values(query="王", filter=members) == [["王大同", "b2"]]
    assert await values(filter=members) == [["王大同", "b2"]]
    assert await values(filter=visitors) == [["other"], ["王小明"]]


@pytest.mark.parametrize(
    ("request_fields", "reason"),
    [
        ({"page_token": "nonsense"}, "INVALID_PAGE_TOKEN"),
        ({"page_token": "éé"}, "INVALID_PAGE_TOKEN"),
        ({"page_token": "cDE6/////w=="}, "INVALID_PAGE_TOKEN"),
        ({"page_size": 201}, "INVALID_PAGE_SIZE"),
        ({"query": "a\0b"}, "INVALID_QUERY"),
        ({"query": "x" * 2_000}, "INVALID_QUERY"),
        ({"filter": 77}, "INVALID_QUERY"),
    ],
)
async def test_a_wrong_search_is_told_what_is_wrong(
    gateway: Gateway, request_fields: dict[str, object], reason: str
) -> None:
    with pytest.raises(ExpectedError) as caught:
        await gateway.search(**request_fields)
    assert (caught.value.reason, caught.value.status.name) == (reason, "INVALID_ARGUMENT")


@pytest.mark.parametrize("profile_id", [0, 1, 2**32 - 1])
async def test_a_profile_of_nobody_is_not_found(gateway: Gateway, profile_id: int) -> None:
    with pytest.raises(ExpectedError) as caught:
        await gateway.profile(profile_id)
    assert caught.value.reason == "PROFILE_NOT_FOUND"


async def test_tenants_do_not_see_each_other(gateway: Gateway) -> None:
    await gateway.accept(Event("m1", user_id="amy"))
    await gateway.received(1)
    gateway.tenant_id = "00000000-0000-4000-8000-000000000001"
    assert list((await gateway.search()).profiles) == []
    assert (await gateway.intake()).received == 0
    with pytest.raises(ExpectedError):
        await gateway.profile(1)
