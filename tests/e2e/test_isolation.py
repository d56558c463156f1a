"""No door shows one tenant anything of another: not a row, not a count, not even that it is there.

Made from the OpenAPI document and the gRPC descriptors, so that a new operation is asked by itself.
"""

import contextlib
import http.client
import json
import re
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from bench.system import System
from chassis.errors import RemoteError
from chassis.rpc import rpc_client
from chassis.tenancy import TokenSigner
from services.gateway.domain.permissions import OPERATIONS, Access
from tests.e2e.conftest import eventually
from tests.e2e.neighbours import Neighbour, Reply, ask, furnish, move_in, nobodys
from tests.open_api import Operation, nothing_of_ours, operations

CONTRACTS = Path(__file__).parents[2] / "proto" / "contracts"
SERVICES = {"identity": 1, "insight": 2, "recommender": 3, "campaign": 4}
FEWEST_REFERENCES = 60
FEWEST_LISTS = 25
FEWEST_RPCS = 25
# What names no tenant's thing: a partner is the platform's, and the others are of sign-ins alone.
OF_NO_TENANT = {"client_id", "passkey_id", "impersonation_id"}
# Different at every asking, or of the asking itself.
VOLATILE = {"instance", "request_id", "as_of", "position", "last_used_at", "calls", "at", "current"}
# Memory answers what the store answered a moment ago, and they say the same.
VOLATILE |= {"answered_by", "age_seconds", "yardstick_age_seconds"}
# Would forget, or change, the tenant that asks; they take no id of anybody.
ABOUT_THE_CALLER = {"ForgetTenant", "PutTenant", "PutRules", "PutProducts", "RefreshYardsticks"}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")


@pytest.fixture(scope="module")
def neighbours(system: System) -> tuple[Neighbour, Neighbour]:
    """A small tenant that asks, and one that has everything."""
    run = uuid.uuid4().hex[:6]
    mine, theirs = move_in(system, f"mine{run}"), move_in(system, f"theirs{run}")
    furnish(theirs)
    furnish(mine, 3)
    return mine, theirs


@pytest.fixture(scope="module")
def document(system: System) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = ask(system, "GET", "/openapi.json").json
    return answer


def plain(reply: Reply, *named: str) -> tuple[int, str]:
    """An answer without what differs from one asking to the next, nor the ids that were asked for."""
    text = reply.body.decode(errors="replace")
    for name in sorted(named, key=len, reverse=True):
        text = re.sub(rf"(?<![\w]){re.escape(name)}(?![\w])", "<id>", text)
    text = _TIME.sub("<time>", _ID.sub("<id>", text))
    with contextlib.suppress(ValueError):
        text = json.dumps(without_volatile(json.loads(text)), sort_keys=True)
    return reply.status, text


def without_volatile(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_volatile(inner) for name, inner in value.items() if name not in VOLATILE}
    if isinstance(value, list):
        return [without_volatile(inner) for inner in value]
    return value


# Operations that name things in their body.
NAMING = frozenset({"make_erasure", "preview_segment", "explain_segment", "overlap_segments"})


def bodies(operation: Operation, profile_id: int, mark: str, ids: Mapping[str, str]) -> list[Any]:
    """What to send: what names things of the owner of `mark` and `ids`, where the operation takes some."""
    trees = [{name: ids[f"{name}_id"]} for name in ("segment", "snapshot", "list")]
    match operation.name:
        case "preview_segment":
            return [{"tree": tree} for tree in trees]
        case "overlap_segments":
            return [{"sets": [tree]} for tree in trees]
        case "explain_segment":
            everybody = {"tree": {"attribute": "name", "is": {"known": True}}}
            asked = [everybody, {"segment_id": ids["segment_id"]}]
            return [{"profile_id": profile_id} | one for one in asked]
        case "make_erasure":
            return [
                {"profile_id": profile_id},
                {"identifier": {"kind": "user_id", "value": f"{mark}-7"}},
            ]
        case "put_consents":
            return [{"consents": [{"purpose": "email", "state": "granted"}], "evidence": {"form": "x"}}]
    return [operation.body(nothing_of_ours) if operation.method != "GET" else None]


def referring(document: Mapping[str, Any]) -> Iterator[tuple[Operation, list[str]]]:
    """Operations of a tenant or teammate that name something, and the names."""
    for operation in operations(document):
        if OPERATIONS[operation.name] in (Access.ANYBODY, Access.OPERATOR, Access.PARTNER):
            continue
        names = [each["name"] for each in operation.told.get("parameters", ()) if each["in"] == "path"]
        if (set(names) - OF_NO_TENANT) or operation.name in NAMING:
            yield operation, names


def url(operation: Operation, ids: Mapping[str, str]) -> str:
    path = operation.path
    for name, value in ids.items():
        path = path.replace("{" + name + "}", value)
    return path


def test_what_names_something_of_another_tenant_is_answered_as_if_it_were_nowhere(
    system: System, neighbours: tuple[Neighbour, Neighbour], document: Mapping[str, Any]
) -> None:
    mine, theirs = neighbours
    eventually(lambda: counted(theirs), "every segment is counted")
    before = world(theirs, document)
    wrong, asked = [], 0
    for operation, names in referring(document):
        there = {name: theirs.ids.get(name, nobodys(name)) for name in names}
        nowhere = {name: nobodys(name) for name in names}
        pairs = zip(
            bodies(operation, int(theirs.ids["profile_id"]), theirs.mark, theirs.ids),
            bodies(operation, 1_999_999_999, "nobody", {name: nobodys(name) for name in theirs.ids}),
            strict=True,
        )
        for their_body, no_body in pairs:
            for headers in (mine.key(), mine.browser(), mine.key() | {"x-tenant": theirs.tenant.id}):
                asked += 1
                found = ask(system, operation.method, url(operation, there), their_body, headers)
                missing = ask(system, operation.method, url(operation, nowhere), no_body, headers)
                ids = [*there.values(), *nowhere.values(), theirs.ids["profile_id"], "1999999999"]
                ids += [f"{theirs.mark}-7", "nobody-7"]
                if plain(found, *ids) != plain(missing, *ids) or theirs.mark.encode() in found.body:
                    wrong.append((operation.name, found, missing))
    assert wrong == []
    assert asked >= FEWEST_REFERENCES
    assert world(theirs, document) == before


def counted(one: Neighbour) -> bool | None:
    """Whether the tenant's segments are live, so that looking again says the same; else None."""
    listed = one.ask("GET", "/v1/segments?limit=200").json["segments"]
    return all(segment["state"]["refresh"] == "live" for segment in listed) or None


def world(one: Neighbour, document: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    """Every list and report of a tenant, as its owner sees it."""
    return {
        operation.path: plain(one.ask("GET", operation.path))
        for operation in lists(document)
        if operation.name not in ("get_usage", "verify_audit")
    }


def lists(document: Mapping[str, Any]) -> Iterator[Operation]:
    for operation in operations(document):
        outside = OPERATIONS[operation.name] in (Access.ANYBODY, Access.OPERATOR, Access.PARTNER)
        listed = operation.method == "GET" and "{" not in operation.path and not outside
        if listed and operation.name != "watch_events":
            yield operation


def test_no_list_count_export_or_cursor_holds_anything_of_another_tenant(
    system: System, neighbours: tuple[Neighbour, Neighbour], document: Mapping[str, Any]
) -> None:
    mine, theirs = neighbours
    seen = 0
    strange = [theirs.mark, theirs.tenant.id, *(value for name, value in theirs.ids.items() if "-" in value)]
    strange.remove(theirs.ids["row_id"])
    for operation in lists(document):
        queries = [{}, {"q": theirs.mark}, {"limit": "200"}]
        if operation.path in theirs.cursors:
            queries.append({"cursor": theirs.cursors[operation.path]})
        for query in queries:
            reply = mine.ask("GET", f"{operation.path}?{urlencode(query)}" if query else operation.path)
            # What was looked for may be told back.
            told = reply.body.decode(errors="replace")
            assert not [text for text in strange if text in told], (operation.name, query, told[:500])
        seen += 1
    assert seen >= FEWEST_LISTS
    # The same search by its own tenant finds it, so that finding nothing above says something.
    assert theirs.mark.encode() in theirs.ask("GET", f"/v1/profiles?q={theirs.mark}").body


def test_the_live_feed_is_silent_about_others(
    system: System, neighbours: tuple[Neighbour, Neighbour]
) -> None:
    mine, theirs = neighbours
    heard: list[bytes] = []
    connection = http.client.HTTPConnection(*system.address, timeout=90)
    connection.request("GET", "/v1/events/live", headers=mine.key())
    answer = connection.getresponse()

    def listen() -> None:
        try:
            while line := answer.readline():
                heard.append(line)
        except (OSError, ValueError, AttributeError):
            return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    theirs.call("POST", "/v1/track", {"event": "theirs", "userId": "somebody"})
    time.sleep(3)
    assert not any(line.startswith(b"data:") for line in heard)
    mine.call("POST", "/v1/track", {"event": "mine", "userId": "somebody"})
    deadline = time.monotonic() + 60
    while not any(line.startswith(b"data:") for line in heard):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    connection.close()


def test_a_browser_chooses_only_tenants_it_belongs_to(neighbours: tuple[Neighbour, Neighbour]) -> None:
    mine, theirs = neighbours
    for wanted in (theirs.tenant.id, str(uuid.uuid4())):
        refused = mine.ask("GET", "/v1/tenant", **{"x-tenant": wanted})
        chosen = mine.ask("PUT", "/v1/session/tenant", {"tenant_id": wanted})
        assert (refused.status, refused.json["code"]) == (404, "TENANT_NOT_FOUND")
        assert (chosen.status, chosen.json["code"]) == (404, "TENANT_NOT_FOUND")


def rpcs() -> Iterator[tuple[str, Any]]:
    for path in sorted(CONTRACTS.glob("*/v1/*_service.proto")):
        owner = path.parts[-3]
        module = import_module(f"contracts.{owner}.v1.{path.stem}_pb2")
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                yield owner, method


def filled(request: Message, values: Mapping[str, Any], around: frozenset[str] = frozenset()) -> Message:
    """The request with every field that `values` names set, in its messages too, none of them in its like."""
    around |= {request.DESCRIPTOR.full_name}
    for one in request.DESCRIPTOR.fields:
        if one.message_type is not None and not one.message_type.full_name.startswith("google."):
            if one.message_type.full_name in around or one.message_type.GetOptions().map_entry:
                continue
            inner = getattr(request, one.name).add() if one.is_repeated else getattr(request, one.name)
            filled(inner, values, around)
            if not one.is_repeated:
                inner.SetInParent()
        elif one.name in values and not one.is_repeated:
            number = one.type not in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES)
            setattr(request, one.name, int(values[one.name]) if number else str(values[one.name]))
        elif one.name + "s" in values and one.is_repeated:
            getattr(request, one.name).append(values[one.name + "s"])
    return request


async def answer(client: Any, owner: str, method: Any, request: Message, tenant_id: str) -> tuple[str, str]:
    reply = GetMessageClass(method.output_type)
    call = client.channel.unary_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=reply.FromString,
    )
    try:
        got = await client.call(call, request, tenant_id=tenant_id, timeout_seconds=10)
    except RemoteError as error:
        return error.reason, str(error)
    return "OK", json.dumps(MessageToDict(got), sort_keys=True)


async def test_no_rpc_tells_what_is_another_tenants_from_what_is_nowhere(
    system: System, neighbours: tuple[Neighbour, Neighbour]
) -> None:
    mine, theirs = neighbours
    secrets = json.loads((system.folder / "secrets.json").read_text())
    signer = TokenSigner("gateway", secrets["signing"]["gateway"]["private"])
    theirs_named = {
        "profile_id": theirs.ids["profile_id"],
        "profile_ids": int(theirs.ids["profile_id"]),
        "nid": theirs.ids["profile_id"],
        "a_nid": theirs.ids["profile_id"],
        "b_nid": str(int(theirs.ids["profile_id"]) - 1),
        # Beyond the few of the small tenant: each numbers its own.
        "ledger_entry": "50",
        "erasure_id": theirs.ids["erasure_id"],
        "list_id": theirs.ids["list_id"],
        "goal_id": theirs.ids["goal_id"],
        "gene_id": theirs.ids["gene_id"],
        "segment_id": theirs.ids["segment_id"],
        "snapshot_id": theirs.ids["snapshot_id"],
        "query": theirs.mark,
        "text": theirs.mark,
    }
    nowhere_named = theirs_named | {
        "profile_id": "1999999999",
        "profile_ids": 1_999_999_999,
        "nid": "1999999999",
        "a_nid": "1999999999",
        "b_nid": "1999999998",
        "ledger_entry": "999999999",
        "erasure_id": str(uuid.uuid4()),
        "list_id": str(uuid.uuid4()),
        "goal_id": str(uuid.uuid4()),
        "gene_id": str(uuid.uuid4()),
        "segment_id": str(uuid.uuid4()),
        "snapshot_id": str(uuid.uuid4()),
        "query": "nobody is called so",
        "text": "nobody is called so",
    }
    wrong, asked = [], 0
    for owner, method in rpcs():
        if method.name in ABOUT_THE_CALLER:
            continue
        address = f"127.0.0.1:{system.port_base + SERVICES[owner]}"
        replies: list[tuple[str, str]] = []
        async with rpc_client(address, owner, signer) as client:
            for named in (theirs_named, nowhere_named):
                values = named | {"command_id": str(uuid.uuid4())}
                request = filled(GetMessageClass(method.input_type)(), values)
                reason, text = await answer(client, owner, method, request, mine.tenant.id)
                replies.append((reason, _without_names(text, named)))
        asked += 1
        if replies[0] != replies[1] or theirs.mark in replies[0][1]:
            wrong.append((method.name, replies))
    assert wrong == []
    assert asked >= FEWEST_RPCS


def _without_names(text: str, named: Mapping[str, Any]) -> str:
    # Only what was asked for by its name; a small number may be anything.
    values = {str(value) for name, value in named.items() if name != "ledger_entry"}
    for value in sorted(values, key=len, reverse=True):
        text = re.sub(rf"(?<![\w]){re.escape(value)}(?![\w])", "<id>", text)
    text = re.sub(r'"(position|acceptedTo|messagesBehind)": "\d+"', r'"\1"', text)
    return _TIME.sub("<time>", _ID.sub("<id>", text))
