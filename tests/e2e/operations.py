"""What is done to a tenant at random: drawn once, it can be done to several, whose names are the same."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.e2e.neighbours import Reply
from tests.e2e.parties import Party, Said
from tests.e2e.worlds import LONG_AGO, person_of

_PICK = st.integers(0, 99)
# Numbers of identifiers, which are a tenant's own from 1 on; the highest may be nobody's yet.
_NID = st.integers(1, 20)
_USER = st.integers(1, 6).map(lambda n: f"member-{n}")
_EMAIL = st.integers(1, 5).map(lambda n: f"person{n}@people.example")
_PHONE = st.integers(1, 3).map(lambda n: f"+88691200000{n}")
_DEVICE = st.integers(1, 6).map(lambda n: f"device-{n}")
_MINUTE = st.integers(0, 40_000)
_STATE = st.sampled_from(["granted", "denied"])
_PURPOSE = st.sampled_from(["email", "sms", "advertising", "newsletter"])
_IDENTIFIER = st.one_of(
    st.fixed_dictionaries({"kind": st.just("user_id"), "value": _USER}),
    st.fixed_dictionaries({"kind": st.just("email"), "value": _EMAIL}),
    st.fixed_dictionaries({"kind": st.just("anonymous_id"), "value": _DEVICE}),
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One act; `number` is the step it is done in."""

    sort: str
    said: Said
    number: int


@st.composite
def _events(draw: st.DrawFn) -> Said:
    """One to four events of whoever, of which some were told before under the same message id."""
    events = draw(st.lists(_event(), min_size=1, max_size=4))
    return {"events": events, "server": draw(st.booleans())}


@st.composite
def _event(draw: st.DrawFn) -> dict[str, Any]:
    event: dict[str, Any] = {"minute": draw(_MINUTE), "messageId": f"message-{draw(st.integers(1, 200))}"}
    people = draw(st.sampled_from(["member", "device", "both"]))
    if people != "device":
        event["userId"] = draw(_USER)
    if people != "member":
        event["anonymousId"] = draw(_DEVICE)
    match draw(st.sampled_from(["identify", "view", "order", "refund", "consent"])):
        case "identify":
            traits = {"name": draw(st.sampled_from(["Mei", "Lin", "Chen"])), "email": draw(_EMAIL)}
            if draw(st.booleans()):
                traits["phone"] = draw(_PHONE)
            event |= {"type": "identify", "traits": traits}
        case "view":
            product = f"product-{draw(st.integers(1, 5))}"
            event |= {"type": "track", "event": "Product Viewed", "properties": {"product_id": product}}
        case "order" | "refund" as what:
            facts = {
                "order_id": f"order-{draw(st.integers(1, 8))}",
                "total": draw(st.integers(1, 9_999)) / 4,
                "currency": draw(st.sampled_from(["TWD", "TWD", "USD"])),
            }
            name = "Order Completed" if what == "order" else "Order Refunded"
            event |= {"type": "track", "event": name, "properties": facts}
        case _:
            said = draw(st.dictionaries(_PURPOSE, st.booleans(), min_size=1))
            event |= {"type": "page", "context": {"consent": {"categoryPreferences": said}}}
    return event


def _timed(event: Said, number: int, row: int) -> dict[str, Any]:
    """At its minute, and never at the same moment as another event."""
    at = LONG_AGO + timedelta(minutes=event["minute"], seconds=number % 60, milliseconds=row)
    at += timedelta(milliseconds=10 * (number // 60))
    rest = {name: value for name, value in event.items() if name != "minute"}
    return {"timestamp": at.isoformat(), **rest}


def _send(party: Party, said: Said, number: int) -> list[Reply]:
    tenant = party.one.tenant
    events = [_timed(event, number, row) for row, event in enumerate(said["events"])]
    return party.send(events, tenant.secret_key if said["server"] else tenant.write_key)


_BAD: tuple[dict[str, Any], ...] = (
    {"type": "track", "event": "of nobody"},
    {"type": "track", "event": "of no usable name", "userId": "null"},
    {"type": "track", "userId": "member-1"},
    {"type": "page", "userId": "member-2", "timestamp": "yesterday"},
    {"type": "identify", "anonymousId": "device-1", "traits": "none"},
)


def _send_bad(party: Party, said: Said, number: int) -> list[Reply]:
    events = [
        {"timestamp": LONG_AGO.isoformat(), **_BAD[one], "messageId": f"bad-{number}-{row}"}
        for row, one in enumerate(said["bad"])
    ]
    return party.send(events, party.one.tenant.secret_key)


def _replay(party: Party, said: Said, number: int) -> list[Reply]:
    rows = party.get("/v1/bad-rows?limit=200")["bad_rows"]
    if not rows:
        return []
    before = party.received() if party.level else 0
    replayed = party.call("POST", f"/v1/bad-rows/{rows[said['pick'] % len(rows)]['id']}/replay")
    if party.level:
        party.until(lambda: party.received() == before, "replayed")
    return [replayed]


def _replay_all(party: Party, said: Said, number: int) -> list[Reply]:
    before = party.received() if party.level else 0
    started = party.call("POST", "/v1/bad-rows/replay", {"reason": said["reason"]})
    if party.level:
        party.finish(started.json["id"])
        party.until(lambda: party.received() == before, "replayed")
    return [started]


def _link(party: Party, said: Said, number: int) -> list[Reply]:
    nid, other = said["ends"]
    return [party.call("POST", f"/v1/profiles/{nid}/links", {"nid": nid, "other_nid": other})]


def _unlink(party: Party, said: Said, number: int) -> list[Reply]:
    """By a link of somebody, or by what the ledger tells of a change."""
    if said["by_ledger"]:
        entries = [entry for entry in party.get("/v1/ledger?limit=200")["entries"] if entry["moves"]]
        if not entries:
            return []
        entry = entries[said["pick"] % len(entries)]
        ends = [{"a": link["a"], "b": link["b"]} for link in entry["links"]]
        profile, order = entry["moves"][0]["to_profile"], {"ledger_entry": entry["entry"]}
    else:
        profile = said["nid"]
        found = party.call("GET", f"/v1/profiles/{profile}/links?state=joining")
        if found.status != 200 or not found.json["links"]:
            return [found]
        link = found.json["links"][said["pick"] % len(found.json["links"])]
        ends = [{"a": link["a"]["nid"], "b": link["b"]["nid"]}]
        order = {"links": ends}
    reply = party.call("POST", f"/v1/profiles/{profile}/links/withdraw", order)
    if reply.status == 200:
        party.withdrawn.extend(ends)
    return [reply]


def _restore(party: Party, said: Said, number: int) -> list[Reply]:
    if not party.withdrawn:
        return []
    link = party.withdrawn.pop(said["pick"] % len(party.withdrawn))
    return [party.call("POST", f"/v1/profiles/{link['a']}/links/restore", {"links": [link]})]


def _rules(party: Party, said: Said, number: int) -> list[Reply]:
    version = party.get("/v1/identity/rules")["version"] + (7 if said["stale"] else 0)
    body = {"limits": said["limits"], "blocked_values": said["blocked"], "version": version}
    reply = party.call("PUT", "/v1/identity/rules", body)
    if party.level:
        party.until(lambda: party.get("/v1/identity/rules")["groups_to_judge"] == 0, "judged")
    return [reply]


def _consents(party: Party, said: Said, number: int) -> list[Reply]:
    at = LONG_AGO + timedelta(minutes=said["minute"], seconds=number % 60)
    stated = [
        {"purpose": purpose, "state": state, "stated_at": at.isoformat()}
        for purpose, state in said["consents"].items()
    ]
    body = {"consents": stated, "evidence": {"form": f"form {number}"}}
    return [party.call("PUT", f"/v1/profiles/{said['nid']}/consents", body)]


def _suppress(party: Party, said: Said, number: int) -> list[Reply]:
    body = {"identifiers": said["identifiers"], "reason": f"because of {number}"}
    return [party.call("POST", "/v1/suppressions", body)]


def _lift(party: Party, said: Said, number: int) -> list[Reply]:
    return [party.call("DELETE", "/v1/suppressions", {"identifiers": said["identifiers"]})]


def _make_key(party: Party, said: Said, number: int) -> list[Reply]:
    scopes = ["events:write"] if said["kind"] == "restricted" else []
    body = {"kind": said["kind"], "name": f"key {number}", "scopes": scopes}
    made = party.call("POST", "/v1/keys", body)
    party.made_keys.append(made.json)
    return [made]


def _end_key(party: Party, said: Said, number: int) -> list[Reply]:
    """Rotate or revoke a made key, and use the old one."""
    if not party.made_keys:
        return []
    key = party.made_keys[said["pick"] % len(party.made_keys)]
    path = f"/v1/keys/{key['id']}"
    if said["rotate"]:
        ended = party.call("POST", f"{path}/rotation", {"overlap_hours": said["overlap"]})
        if ended.status == 201:
            party.made_keys.append(ended.json)
    else:
        ended = party.call("DELETE", path)
    event = {"minute": number, "type": "track", "event": "by a key", "userId": "member-1"}
    return [ended, *party.send([_timed(event, number, 0) | {"messageId": f"key-{number}"}], key["key"])]


def _settings(party: Party, said: Said, number: int) -> list[Reply]:
    return [party.call("PATCH", "/v1/tenant", said["changes"])]


def _products(party: Party, said: Said, number: int) -> list[Reply]:
    products = [
        {
            "id": f"product-{one}",
            "name": f"named in {number}",
            "price": f"{price}.50",
            "attributes": {"n": number},
        }
        for one, price in said["prices"].items()
    ]
    return [party.call("PUT", "/v1/products", {"products": products})]


def _erase(party: Party, said: Said, number: int) -> list[Reply]:
    whom = {"profile_id": said["nid"]} if said["by_number"] else {"identifier": said["identifier"]}
    erased = party.call("POST", "/v1/erasures", whom | {"suppress": said["suppress"]})
    if party.level and erased.status == 202:
        path = f"/v1/erasures/{erased.json['id']}"
        prompt = ("gateway", "insight")
        party.until(
            lambda: (
                not [s for s in party.get(path)["stores"] if s["store"] in prompt and s["state"] == "due"]
            ),
            path,
        )
    return [erased]


_FILES = {
    "members": "user_id,email,name,timestamp\n{0},{1},Imported,2025-03-01T02:03:04Z\n"
    "member-9,nine@people.example,Nine,2025-03-01T02:03:05Z\n,,Nobody,2025-03-01T02:03:06Z\n",
    "products": "product_id,name,price\nproduct-1,From a file,{2}\nproduct-8,Another,5\n,Without id,6\n",
    "events": "message_id,event,user_id,timestamp\nrow-{2},Product Viewed,{0},2025-03-02T03:04:05Z\n"
    "row-7,Store Visited,member-9,2025-03-03T03:04:05Z\nrow-8,Store Visited,member-9,never\n",
}


def _import(party: Party, said: Said, number: int) -> list[Reply]:
    """The whole way of a file. Only who waits can go it, so both kinds of party do."""
    before = party.received()
    content = _FILES[said["kind"]].format(said["user"], said["email"], said["price"]).encode()
    made = party.call("POST", "/v1/imports", {"kind": said["kind"], "file_name": f"{number}.csv"})
    path = f"/v1/imports/{made.json['id']}"
    party.call("PUT", f"{path}/file", content)
    party.until(lambda: party.get(path)["state"] in ("ready", "unreadable"), path)
    mapped = party.call("PUT", f"{path}/mapping", party.get(path)["suggested"])
    started = party.call("POST", f"{path}/start")
    if party.level and started.status == 202:
        party.until(lambda: party.get(path)["state"] == "succeeded", path)
        events = int(party.get(path)["progress"]["events"])
        party.until(lambda: party.received() == before + events, (path, before, events))
    return [made, mapped, started]


def _export(party: Party, said: Said, number: int) -> list[Reply]:
    """Somebody's file, with everything in it."""
    made = party.call("POST", f"/v1/profiles/{said['nid']}/export")
    if not party.level or made.status != 202:
        return [made]
    path = f"/v1/exports/{made.json['id']}"
    party.until(lambda: party.get(path)["size_bytes"] is not None, path)
    file = party.call("GET", f"{path}/file")
    told = json.dumps(person_of(file.body)).encode()
    return [made, Reply(file.status, told)]


def _invite(party: Party, said: Said, number: int) -> list[Reply]:
    """An address that is invited already is invited no more: its invitation is taken back."""
    email = f"colleague{said['pick'] % 3}@work.example"
    listed = party.one.ask("GET", "/v1/invitations?limit=200").json["invitations"]
    if said["revoke"] and (found := [each["id"] for each in listed if each["email"] == email]):
        return [party.one.ask("DELETE", f"/v1/invitations/{found[0]}")]
    return [party.one.ask("POST", "/v1/invitations", {"email": email, "role": said["role"]})]


def _repeat(party: Party, said: Said, number: int) -> list[Reply]:
    """One of few Idempotency-Keys, which may have been used for this, for another request, or by another."""
    key = f"order {said['key']}"
    if said["what"] == "key":
        body: Any = {"kind": "browser", "name": f"repeated {said['variant']}"}
        return [party.call("POST", "/v1/keys", body, idempotency_key=key)]
    body = {"identifiers": [{"kind": "user_id", "value": f"member-{said['variant']}0"}], "reason": key}
    return [party.call("POST", "/v1/suppressions", body, idempotency_key=key)]


def _named(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Said]:
    return st.fixed_dictionaries(parts)


_SOME = st.lists(_IDENTIFIER, min_size=1, max_size=2)
_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.integers(1, 9).map(lambda n: f"Shop {n}"),
        "time_zone": st.sampled_from(["Asia/Taipei", "Europe/Berlin", "America/Lima"]),
        "locale": st.sampled_from(["en", "zh-TW"]),
        "keep_orders": st.booleans(),
        "retention_days": st.sampled_from([None, 36_500]),
    },
)
_ROLE = st.sampled_from(["viewer", "admin"])
_WHAT = st.sampled_from(["key", "suppression"])
_PRICE = st.integers(1, 99)
_PRICES = st.dictionaries(st.integers(1, 6), _PRICE, min_size=1)
_LIMITS = st.dictionaries(st.sampled_from(["email", "anonymous_id"]), st.integers(1, 3), max_size=2)

# Each sort of operation: how it is done, what is drawn for it, and how often it is drawn.
_SORTS: Mapping[str, tuple[Callable[[Party, Said, int], list[Reply]], st.SearchStrategy[Said], int]] = {
    "send": (_send, _events(), 16),
    "send bad": (_send_bad, _named(bad=st.lists(st.integers(0, 4), min_size=1, max_size=3)), 4),
    "replay": (_replay, _named(pick=_PICK), 3),
    "link": (_link, _named(ends=st.tuples(_NID, _NID)), 6),
    "unlink": (_unlink, _named(by_ledger=st.booleans(), nid=_NID, pick=_PICK), 4),
    "restore": (_restore, _named(pick=_PICK), 3),
    "rules": (
        _rules,
        _named(limits=_LIMITS, blocked=st.lists(_EMAIL, max_size=1), stale=st.booleans()),
        3,
    ),
    "consents": (
        _consents,
        _named(consents=st.dictionaries(_PURPOSE, _STATE, min_size=1), minute=_MINUTE, nid=_NID),
        4,
    ),
    "suppress": (_suppress, _named(identifiers=_SOME), 2),
    "lift": (_lift, _named(identifiers=_SOME), 4),
    "make key": (_make_key, _named(kind=st.sampled_from(["browser", "server", "restricted"])), 2),
    "end key": (_end_key, _named(rotate=st.booleans(), overlap=st.sampled_from([0, 24]), pick=_PICK), 3),
    "settings": (_settings, _named(changes=_CHANGES), 3),
    "products": (_products, _named(prices=_PRICES), 2),
    "erase": (
        _erase,
        _named(by_number=st.booleans(), nid=_NID, identifier=_IDENTIFIER, suppress=st.booleans()),
        2,
    ),
    "invite": (_invite, _named(pick=_PICK, revoke=st.booleans(), role=_ROLE), 3),
    "repeat": (_repeat, _named(key=st.integers(1, 3), what=_WHAT, variant=st.integers(1, 2)), 4),
    # Jobs, each a process of its own, take seconds.
    "replay all": (_replay_all, _named(reason=st.sampled_from(["", "MISSING_PERSON"])), 1),
    "import": (
        _import,
        _named(kind=st.sampled_from(sorted(_FILES)), user=_USER, email=_EMAIL, price=_PRICE),
        1,
    ),
    "export": (_export, _named(nid=_NID), 1),
}
_ACTS = {sort: act for sort, (act, _, _) in _SORTS.items()}
SORTS = frozenset(_SORTS)
LONG = frozenset({"replay all", "import", "export"})


def do(party: Party, operation: Operation) -> list[Any]:
    """What each call of it was answered, told as `Telling` tells."""
    told = []
    for reply in _ACTS[operation.sort](party, operation.said, operation.number):
        assert reply.status < 500, (operation, reply)
        told.append([reply.status, party.telling.of(reply.json)])
    return told


# Well mixed, and always in the same order.
_IN_TURN = [sort for sort, (_, _, often) in _SORTS.items() for _ in range(often)]
random.Random(3).shuffle(_IN_TURN)


@st.composite
def operations(draw: st.DrawFn, turn: int, spent: frozenset[str]) -> Operation:
    """Any, the frequent ones more often; the simplest choice of each turn is another sort.

    `spent`: long ones that were done; another takes their turn.
    """
    first = turn % len(_IN_TURN)
    sort = draw(st.sampled_from(_IN_TURN[first:] + _IN_TURN[:first]))
    sort = "send" if sort in spent else sort
    return Operation(sort, draw(_SORTS[sort][1]), turn)
