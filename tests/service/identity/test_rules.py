"""A tenant's own rules: previewed, put, judged group by group, and the same map as a fresh tenant's."""

import random
import uuid

import pytest
from contracts.gateway.v1 import events_pb2 as gateway_events
from contracts.identity.v1 import identity_service_pb2 as messages

from chassis.errors import ExpectedError
from services.identity import rules as rules_module
from services.identity.domain.identifiers import Identifier, Kind, Rules, normalised
from services.identity.domain.tenant_rules import tenant_rules
from services.identity.main import service
from tests.service.identity.cell import NOW_MS, SERVER, Cell, Event, Gateway, gateway_side
from tests.service.identity.map_calls import MapCalls
from tests.unit.identity import tables

EMAIL = gateway_events.IDENTIFIER_KIND_EMAIL
PHONE = gateway_events.IDENTIFIER_KIND_PHONE
LINE_ID = gateway_events.IDENTIFIER_KIND_LINE_ID
EXTERNAL_ID = gateway_events.IDENTIFIER_KIND_EXTERNAL_ID
ANONYMOUS = gateway_events.IDENTIFIER_KIND_ANONYMOUS_ID
USER_ID = gateway_events.IDENTIFIER_KIND_USER_ID


@pytest.fixture
def calls(gateway: Gateway) -> MapCalls:
    return MapCalls(gateway)


async def test_a_tenant_without_rules_has_those_of_everybody(calls: MapCalls) -> None:
    answer = await calls.rules()
    assert answer.rules.version == 0
    assert {limit.kind: limit.limit for limit in answer.rules.limits} == {
        USER_ID: 1,
        EMAIL: 5,
        PHONE: 5,
        LINE_ID: 5,
        EXTERNAL_ID: 5,
        ANONYMOUS: 100,
    }
    assert answer.rules.phone_country_code == "886"
    assert "undefined" in answer.always_blocked
    assert answer.groups_to_judge == 0


async def test_a_lower_limit_splits_and_the_old_one_joins_again(calls: MapCalls) -> None:
    gateway = calls.gateway
    for number, name in enumerate(("amy@a.tw", "amy@b.tw", "amy@c.tw")):
        await gateway.accept(
            Event(f"m{name}", user_id="amy", source=SERVER, claims=[(EMAIL, name)], at_ms=NOW_MS + number)
        )
    await gateway.accept(Event("other", user_id="ben", anonymous_id="web"))
    await gateway.received(4)
    seen = await calls.preview({EMAIL: 2})
    assert (seen.profiles_split, seen.profiles_joined, seen.links_refused, seen.links_accepted) == (
        1,
        0,
        1,
        0,
    )
    assert (seen.complete, seen.judged_share, len(seen.example_profile_ids)) == (True, 1, 1)
    assert await calls.people() == {"amy amy@a.tw amy@b.tw amy@c.tw", "ben web"}
    assert (await calls.put({EMAIL: 2})).version == 1
    assert await calls.people() == {"amy amy@a.tw amy@b.tw", "amy@c.tw", "ben web"}
    [link] = (await calls.links(await calls.nid("amy"), state=messages.LINK_STATE_REFUSED)).links
    assert link.refused_reason == "EMAIL_LIMIT"
    people = await gateway.people()
    assert people["mamy@a.tw"] == people["mamy@c.tw"]
    [entry] = [one for one in (await calls.ledger()).entries if one.cause == "rules"]
    assert entry.actor == "teammate:chen"
    back = await calls.preview({})
    assert (back.profiles_split, back.profiles_joined, back.links_accepted) == (0, 2, 1)
    assert (await calls.put({})).version == 2
    assert await calls.people() == {"amy amy@a.tw amy@b.tw amy@c.tw", "ben web"}


async def test_a_value_that_is_blocked_later_lets_go_of_everybody_until_it_is_lifted(calls: MapCalls) -> None:
    gateway = calls.gateway
    store = "02-2345-6789"
    for name in ("amy", "ben", "cat"):
        await gateway.accept(
            Event(f"order of {name}", source=SERVER, claims=[(EMAIL, f"{name}@a.tw"), (PHONE, store)]),
            Event(f"visit of {name}", anonymous_id=name, source=SERVER, claims=[(EMAIL, f"{name}@a.tw")]),
        )
    await gateway.received(6)
    crowd = "+886223456789 amy amy@a.tw ben ben@a.tw cat cat@a.tw"
    assert await calls.people() == {crowd}
    seen = await calls.preview(blocked=[store])
    assert (seen.profiles_split, seen.profiles_joined, seen.links_refused) == (1, 0, 3)
    await calls.put(blocked=[store])
    apart = {"+886223456789", "amy amy@a.tw", "ben ben@a.tw", "cat cat@a.tw"}
    assert await calls.people() == apart
    phone = await calls.nid("+886223456789")
    assert {link.refused_reason for link in (await calls.links(phone)).links} == {"BLOCKED_VALUE"}
    # From now on it names nobody, in whatever form it comes.
    await gateway.accept(
        Event("again", source=SERVER, claims=[(EMAIL, "dan@a.tw"), (PHONE, "+886 2 2345 6789")])
    )
    await gateway.received(7)
    assert await calls.people() == apart | {"dan@a.tw"}
    linked = await calls.link(phone, await calls.nid("dan@a.tw"))
    assert (linked.link.refused, linked.link.refused_reason) == (True, "BLOCKED_VALUE")
    lifted = await calls.preview()
    assert (lifted.profiles_split, lifted.profiles_joined, lifted.links_accepted) == (0, 5, 4)
    await calls.put()
    assert await calls.people() == {f"{crowd} dan@a.tw"}


async def test_an_anonymous_id_that_browsers_share_is_blocked_for_events_to_come(calls: MapCalls) -> None:
    """It was known by heart before; rules are asked first all the same."""
    gateway = calls.gateway
    await gateway.accept(Event("m1", anonymous_id="demo-device"), Event("m2", anonymous_id="demo-device"))
    await gateway.received(2)
    await calls.put(blocked=["DEMO-device"])
    await gateway.accept(
        Event("m3", anonymous_id="demo-device"), Event("m4", user_id="amy", anonymous_id="demo-device")
    )
    intake = await gateway.received(4)
    assert (intake.counted, intake.set_aside) == (3, 1)
    assert [event.reason for event in await gateway.set_aside()] == ["NO_USABLE_IDENTIFIER"]
    assert await calls.people() == {"demo-device", "amy"}


async def test_another_country_writes_its_phones_otherwise(calls: MapCalls) -> None:
    await calls.put(phone_country_code="81")
    await calls.gateway.accept(Event("m1", source=SERVER, claims=[(PHONE, "090-1234-5678")]))
    await calls.gateway.received(1)
    assert await calls.people() == {"+819012345678"}


async def test_two_who_change_the_rules_at_once_are_told(calls: MapCalls) -> None:
    await calls.put({EMAIL: 3}, version=0)
    with pytest.raises(ExpectedError) as caught:
        await calls.put({EMAIL: 4}, version=0)
    assert caught.value.reason == "RULES_CHANGED"
    assert {one.kind: one.limit for one in (await calls.rules()).rules.limits}[EMAIL] == 3


@pytest.mark.parametrize(
    ("limits", "blocked", "code"),
    [
        ({USER_ID: 2}, [], ""),
        ({EMAIL: 0}, [], ""),
        ({ANONYMOUS: 1_001}, [], ""),
        ({0: 3}, [], ""),
        ({}, [" "], ""),
        ({}, ["a\0b"], ""),
        ({}, ["x" * 513], ""),
        ({}, [str(number) for number in range(1_001)], ""),
        ({}, [], "+886"),
        ({}, [], "0"),
    ],
)
async def test_rules_that_break_their_bounds_are_refused(
    calls: MapCalls, limits: dict[gateway_events.IdentifierKind, int], blocked: list[str], code: str
) -> None:
    with pytest.raises(ExpectedError) as caught:
        await calls.put(limits, blocked, phone_country_code=code)
    assert caught.value.reason == "INVALID_RULES"


def _random_events(seed: int, count: int) -> list[Event]:
    chance = random.Random(seed)
    kinds = (EMAIL, PHONE, LINE_ID, EXTERNAL_ID, ANONYMOUS)
    forms = {
        EMAIL: "p{}@a.tw",
        PHONE: "+88690000000{}",
        LINE_ID: "line:c{}",
        EXTERNAL_ID: "crm:c{}",
        ANONYMOUS: "b{}",
    }
    events = []
    for number in range(count):
        claims = [(kind, forms[kind].format(chance.randrange(6))) for kind in chance.sample(kinds, 2)]
        user = f"u{chance.randrange(6)}" if chance.random() < 0.5 else ""
        browser = f"b{chance.randrange(9)}" if chance.random() < 0.7 else ""
        source = SERVER if chance.random() < 0.6 else gateway_events.SOURCE_KIND_BROWSER
        if source != SERVER and not (user or browser):
            browser = "b1"
        at_ms = NOW_MS + chance.randrange(40)
        events.append(Event(f"s{seed}-{number}", browser, user, at_ms, source, claims))
    return events


def _as_domain(event: Event) -> tables.Event:
    named: list[Identifier] = []
    if event.user_id:
        named.append((Kind.USER_ID, event.user_id))
    if event.anonymous_id:
        named.append((Kind.ANONYMOUS_ID, event.anonymous_id))
    for kind, value in event.claims:
        if event.source == SERVER or kind == ANONYMOUS:
            named.append((Kind(kind), value))
    ordered = dict.fromkeys(sorted(named, key=lambda one: one[0]))
    for kind, value in ordered:
        assert normalised(kind, value, Rules()) == value
    return tables.Event(tuple(ordered), event.source == SERVER, event.at_ms, event.message_id)


def _lines(people: tables.People) -> set[str]:
    return {" ".join(sorted(value for _, value in person)) for person in people}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_writers_map_is_the_reference_whatever_happens(
    calls: MapCalls, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events in any order, corrections and other rules in between, judged three identifiers at a time."""
    monkeypatch.setattr(rules_module, "_AT_ONCE", 3)
    gateway, chance = calls.gateway, random.Random(seed)
    events = _random_events(seed, 60)
    order = [*events, *chance.sample(events, 10)]
    chance.shuffle(order)
    withdrawn: set[tables.Ends] = set()
    limits: dict[gateway_events.IdentifierKind, int] = {}
    sent = 0
    for part in range(0, len(order), 14):
        batch = order[part : part + 14]
        half = len(batch) // 2
        await gateway.accept(*batch[:half])
        if part in (14, 42):
            limits = {
                EMAIL: chance.randint(1, 3),
                PHONE: chance.randint(1, 3),
                ANONYMOUS: chance.randint(2, 5),
            }
            await calls.put(limits)
        await gateway.accept(*batch[half:])
        sent += len(batch)
        await gateway.received(sent)
        links = (
            await calls.links(chance.choice(sorted((await gateway.people()).values())), page_size=200)
        ).links
        for link in chance.sample(list(links), min(2, len(links))):
            pair, ends = (link.a_nid, link.b_nid), frozenset({_named(link.a), _named(link.b)})
            if link.HasField("withdrawn_at"):
                await calls.restore(pair)
                withdrawn.discard(ends)
            else:
                await calls.unlink(pair)
                withdrawn.add(ends)
    in_force = tenant_rules([(int(kind), limit) for kind, limit in limits.items()], [], "", 0)
    expected = tables.reference([_as_domain(one) for one in events], in_force.complete(Rules()), withdrawn)
    assert await calls.people() == _lines(expected)
    consumers = await gateway.map()
    for line in await calls.people():
        nids = {await calls.nid(value) for value in line.split()}
        assert len({consumers.get(nid, nid) for nid in nids}) == 1


def _named(identifier: messages.Identifier) -> Identifier:
    return Kind(identifier.kind), identifier.value


async def test_judging_goes_on_after_a_restart_and_events_go_on_meanwhile(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules_module, "_AT_ONCE", 1)
    async with gateway_side(cell) as side:
        calls = MapCalls(side)
        async with service(cell.settings()):
            for number in range(40):
                claims = [(EMAIL, f"first{number}@a.tw"), (EMAIL, f"second{number}@a.tw")]
                await side.accept(Event(f"m{number}", user_id=f"u{number}", source=SERVER, claims=claims))
            await side.received(40)
            request = messages.PutRulesRequest(
                command_id=str(uuid.uuid4()),
                rules=messages.Rules(limits=[messages.KindLimit(kind=EMAIL, limit=1)]),
            )
            await side.client.call(side.stub.PutRules, request, tenant_id=side.tenant_id)
        async with service(cell.settings()):
            await side.accept(Event("late", user_id="u39", anonymous_id="late"))
            await calls.judged()
            await side.received(41)
            people = await calls.people()
    assert {f"first{number}@a.tw u{number}" for number in range(39)} <= people
    assert "first39@a.tw late u39" in people
    assert len(people) == 80


async def test_a_preview_that_runs_out_of_time_says_how_much_it_has_seen(
    calls: MapCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.identity.api.rules._PREVIEW_SECONDS", 0.0)
    await calls.gateway.accept(Event("m1", user_id="amy", anonymous_id="web"))
    await calls.gateway.received(1)
    seen = await calls.preview({EMAIL: 1})
    assert (seen.complete, seen.judged_share) == (False, 0)
