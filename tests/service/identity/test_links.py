"""Joining and parting people by a teammate's word, and why somebody is who they are."""

import uuid

import pytest
from contracts.gateway.v1 import events_pb2 as gateway_events
from contracts.identity.v1 import identity_service_pb2 as messages

from chassis.errors import ExpectedError
from tests.service.identity.cell import NOW_MS, SERVER, Event, Gateway
from tests.service.identity.map_calls import ACTOR, MapCalls

EMAIL = gateway_events.IDENTIFIER_KIND_EMAIL
PHONE = gateway_events.IDENTIFIER_KIND_PHONE


@pytest.fixture
def calls(gateway: Gateway) -> MapCalls:
    return MapCalls(gateway)


async def test_a_teammate_joins_two_profiles_and_every_consumer_is_told(calls: MapCalls) -> None:
    gateway = calls.gateway
    await gateway.accept(Event("m1", user_id="amy", anonymous_id="laptop"), Event("m2", anonymous_id="phone"))
    await gateway.received(2)
    amy, phone = await calls.pair("amy", "phone")
    command_id = str(uuid.uuid4())
    answer = await calls.link(phone, amy, command_id)
    assert not answer.link.refused
    assert answer.link.verified
    assert answer.link.message_id == f"link:{command_id}"
    assert [one.value for one in answer.profile.identifiers] == ["amy", "laptop", "phone"]
    again = await calls.link(phone, amy, command_id)
    assert again.link == answer.link
    people = await gateway.people()
    assert people["m1"] == people["m2"]
    [entry] = [entry for entry in (await calls.ledger(phone)).entries if entry.cause == "link"]
    assert entry.actor == ACTOR
    assert [(link.a_nid, link.b_nid) for link in entry.links] == [tuple(sorted((amy, phone)))]


async def test_two_members_are_never_joined_not_even_by_a_teammate(calls: MapCalls) -> None:
    await calls.gateway.accept(Event("m1", user_id="amy"), Event("m2", user_id="ben"))
    await calls.gateway.received(2)
    answer = await calls.link(*await calls.pair("amy", "ben"))
    assert (answer.link.refused, answer.link.refused_reason) == (True, "USER_ID_LIMIT")
    assert await calls.people() == {"amy", "ben"}


async def test_a_withdrawn_link_stays_withdrawn_until_it_is_restored(calls: MapCalls) -> None:
    gateway = calls.gateway
    said = Event("m1", user_id="amy", anonymous_id="tablet")
    await gateway.accept(said, Event("m2", anonymous_id="tablet"))
    await gateway.received(2)
    pair = await calls.pair("amy", "tablet")
    answer = await calls.unlink(pair)
    assert sorted(len(profile.identifiers) for profile in answer.profiles) == [1, 1]
    assert list(answer.remaining) == []
    await gateway.accept(Event("m3", user_id="amy", anonymous_id="tablet", at_ms=NOW_MS - 1_000))
    await gateway.accept(Event("m4", user_id="amy", anonymous_id="tablet", source=SERVER))
    await gateway.received(4)
    assert await calls.people() == {"amy", "tablet"}
    people = await gateway.people()
    assert people["m1"] != people["m2"]
    with pytest.raises(ExpectedError) as caught:
        await calls.link(*pair)
    assert caught.value.reason == "LINK_WITHDRAWN"
    [link] = (await calls.links(pair[0], state=messages.LINK_STATE_WITHDRAWN)).links
    assert link.withdrawn_by == ACTOR
    assert link.withdrawn_at.seconds > 0
    assert {link.a.value, link.b.value} == {"amy", "tablet"}
    restored = await calls.restore(pair)
    assert [len(profile.identifiers) for profile in restored.profiles] == [2]
    assert await calls.people() == {"amy tablet"}
    people = await gateway.people()
    assert people["m1"] == people["m2"]
    assert [entry.cause for entry in (await calls.ledger(pair[0])).entries] == ["restore", "unlink", "events"]


async def test_where_other_links_still_connect_two_the_answer_shows_them(calls: MapCalls) -> None:
    gateway = calls.gateway
    claims = [(EMAIL, "amy@example.com"), (PHONE, "0912345678")]
    await gateway.accept(
        Event("m1", user_id="amy", source=SERVER, claims=claims),
        Event("m2", anonymous_id="web", source=SERVER, claims=[claims[0]]),
        Event("m3", user_id="amy", anonymous_id="web", source=SERVER),
    )
    await gateway.received(3)
    email = await calls.nid("amy@example.com")
    answer = await calls.unlink(await calls.pair("amy", "web"))
    [person] = answer.profiles
    assert len(person.identifiers) == 4
    assert {frozenset({link.a.value, link.b.value}) for link in answer.remaining} == {
        frozenset({"amy", "amy@example.com"}),
        frozenset({"amy", "+886912345678"}),
        frozenset({"amy@example.com", "web"}),
    }
    answer = await calls.unlink((email, await calls.nid("web")))
    assert len(answer.profiles) == 2
    assert list(answer.remaining) == []
    assert await calls.people() == {"+886912345678 amy amy@example.com", "web"}


async def test_an_entry_of_the_ledger_is_undone_as_a_whole(calls: MapCalls) -> None:
    gateway = calls.gateway
    await gateway.accept(Event("m1", user_id="amy"), Event("m2", anonymous_id="till"))
    await gateway.accept(
        Event("m3", user_id="amy", anonymous_id="till", source=SERVER, claims=[(EMAIL, "shop@example.com")])
    )
    await gateway.received(3)
    assert len(await calls.people()) == 1
    answer = await calls.ledger(await calls.nid("amy"))
    [entry] = answer.entries
    assert (entry.cause, entry.actor) == ("events", "")
    assert {link.message_id for link in entry.links} == {"m3"}
    names = {identifier.nid: identifier.value for identifier in answer.identifiers}
    assert {names[move.nid] for move in entry.moves} == {"till", "shop@example.com"}
    await calls.unlink(entry=entry.entry)
    assert await calls.people() == {"amy", "till", "shop@example.com"}
    # Undoing an undoing is restoring: it names the same links, which are withdrawn already.
    [undone, _] = (await calls.ledger(await calls.nid("amy"))).entries
    await calls.unlink(entry=undone.entry)
    await calls.restore(*((link.a_nid, link.b_nid) for link in undone.links))
    assert len(await calls.people()) == 1


async def test_a_refused_link_shows_both_ends_in_both_profiles(calls: MapCalls) -> None:
    gateway = calls.gateway
    await gateway.accept(Event("m1", user_id="anna", anonymous_id="tablet", at_ms=NOW_MS))
    await gateway.accept(Event("m2", user_id="ben", anonymous_id="tablet", at_ms=NOW_MS + 1))
    await gateway.received(2)
    for member in ("anna", "ben"):
        [link] = (await calls.links(await calls.nid(member), state=messages.LINK_STATE_REFUSED)).links
        assert link.refused_reason == "USER_ID_LIMIT"
        assert {link.a.value, link.b.value} == {"tablet", "ben"}
        assert link.a_profile_id != link.b_profile_id
        assert link.message_id == "m2"
    found = await gateway.profile(await calls.nid("ben"))
    assert (found.joining_links, found.refused_links, found.withdrawn_links) == (0, 1, 0)


async def test_withdrawing_the_winner_lets_the_refused_link_join(calls: MapCalls) -> None:
    gateway = calls.gateway
    await gateway.accept(Event("m1", user_id="anna", anonymous_id="tablet", at_ms=NOW_MS))
    await gateway.accept(Event("m2", user_id="ben", anonymous_id="tablet", at_ms=NOW_MS + 1))
    await gateway.accept(Event("m3", anonymous_id="tablet", at_ms=NOW_MS + 2))
    await gateway.received(3)
    await calls.unlink(await calls.pair("anna", "tablet"))
    assert await calls.people() == {"anna", "ben tablet"}
    people = await gateway.people()
    assert people["m3"] == people["m2"] != people["m1"]


async def test_many_links_and_entries_come_page_by_page(calls: MapCalls) -> None:
    gateway = calls.gateway
    for number in range(60):
        await gateway.accept(Event(f"m{number}", user_id="amy", anonymous_id=f"browser {number}"))
    await gateway.received(60)
    amy = await calls.nid("amy")
    shown, token = [], ""
    while True:
        page = await calls.links(amy, page_size=25, page_token=token)
        shown.append([link.message_id for link in page.links])
        token = page.next_page_token
        if not token:
            break
    assert [len(part) for part in shown] == [25, 25, 10]
    assert len({name for part in shown for name in part}) == 60
    entries, token = [], ""
    while True:
        page_of_entries = await calls.ledger(amy, page_size=7, page_token=token)
        entries += [entry.entry for entry in page_of_entries.entries]
        token = page_of_entries.next_page_token
        if not token:
            break
    assert entries == sorted(set(entries), reverse=True)
    everything = await calls.ledger(page_size=200)
    assert [entry.entry for entry in everything.entries] == entries


@pytest.mark.parametrize(
    ("ends", "reason"),
    [((1, 1), "INVALID_LINK"), ((1, 99), "IDENTIFIER_NOT_FOUND"), ((0, 1), "LINK_NOT_FOUND")],
)
async def test_a_link_of_nobody_is_told_so(calls: MapCalls, ends: tuple[int, int], reason: str) -> None:
    await calls.gateway.accept(Event("m1", anonymous_id="one"))
    await calls.gateway.received(1)
    with pytest.raises(ExpectedError) as caught:
        await calls.link(*ends)
    assert caught.value.reason == reason


async def test_what_was_never_linked_cannot_be_withdrawn(calls: MapCalls) -> None:
    await calls.gateway.accept(Event("m1", anonymous_id="one"), Event("m2", anonymous_id="two"))
    await calls.gateway.received(2)
    for arguments, entry, reason in (
        ([(1, 2)], 0, "LINK_NOT_FOUND"),
        ([], 0, "INVALID_LINK"),
        ([], 12_345_678, "LEDGER_ENTRY_NOT_FOUND"),
    ):
        with pytest.raises(ExpectedError) as caught:
            await calls.unlink(*arguments, entry=entry)
        assert caught.value.reason == reason


async def test_a_page_token_of_another_list_is_refused(calls: MapCalls) -> None:
    for number in range(3):
        await calls.gateway.accept(Event(f"m{number}", user_id="amy", anonymous_id=f"b{number}"))
    await calls.gateway.received(3)
    token = (await calls.links(1, page_size=1)).next_page_token
    assert token
    with pytest.raises(ExpectedError) as caught:
        await calls.ledger(1, page_token=token)
    assert caught.value.reason == "INVALID_PAGE_TOKEN"


async def test_nothing_of_it_is_seen_or_changed_by_another_tenant(calls: MapCalls) -> None:
    gateway = calls.gateway
    await gateway.accept(Event("m1", user_id="amy", anonymous_id="laptop"))
    await gateway.received(1)
    pair, owner = await calls.pair("amy", "laptop"), gateway.tenant_id
    entry = (await calls.ledger()).entries[0].entry
    gateway.tenant_id = str(uuid.uuid4())
    assert list((await calls.ledger()).entries) == []
    for attempt in (calls.unlink(pair), calls.unlink(entry=entry), calls.restore(pair), calls.link(*pair)):
        with pytest.raises(ExpectedError) as caught:
            await attempt
        assert caught.value.reason.endswith("NOT_FOUND")
    with pytest.raises(ExpectedError):
        await calls.links(pair[0])
    gateway.tenant_id = owner
    assert await calls.people() == {"amy laptop"}
