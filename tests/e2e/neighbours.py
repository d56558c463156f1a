"""A tenant with something of everything, and what of it another tenant might try to reach."""

import contextlib
import http.client
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bench.system import System, Tenant

PASSWORD = "correct horse battery staple 7"
# So many that their numbers are nobody's in the small tenant.
N_PEOPLE = 60


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whatever it is."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass
class Neighbour:
    """One tenant with its owner's browser; `mark` is in everything that is told to it."""

    system: System
    tenant: Tenant
    mark: str
    cookie: str
    # What names things of this tenant, by the name that paths and bodies give it.
    ids: dict[str, str] = field(default_factory=dict)
    # A cursor of each list, by path.
    cursors: dict[str, str] = field(default_factory=dict)

    def key(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tenant.secret_key}"}

    def browser(self) -> dict[str, str]:
        return {"cookie": self.cookie, "sec-fetch-site": "same-origin"}

    def ask(self, method: str, path: str, body: Any = None, **more: str) -> Reply:
        """As the owner's browser."""
        return ask(self.system, method, path, body, self.browser() | more)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """As the secret key; what must succeed."""
        reply = ask(self.system, method, path, body, self.key())
        assert reply.status < 300, (method, path, reply)
        return reply.json


def ask(
    system: System, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> Reply:
    connection = http.client.HTTPConnection(*system.address, timeout=30)
    content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = {"content-type": "application/octet-stream" if isinstance(body, bytes) else "application/json"}
    try:
        connection.request(method, path, content, kind | dict(headers or {}))
        answer = connection.getresponse()
        return Reply(answer.status, answer.read())
    finally:
        connection.close()


def move_in(system: System, mark: str) -> Neighbour:
    """A new tenant and its owner, signed in."""
    tenant = system.create_tenant(f"shop of {mark}")
    email = f"{mark}@owner.example"
    body = {"email": email, "password": PASSWORD, "name": f"owner {mark}", "role": "owner"}
    system.call("POST", f"/v1/operator/tenants/{tenant.id}/teammates", system.operator_key, body)
    connection = http.client.HTTPConnection(*system.address, timeout=30)
    with contextlib.closing(connection):
        connection.request(
            "POST",
            "/v1/session",
            json.dumps({"email": email, "password": PASSWORD}),
            {"content-type": "application/json", "sec-fetch-site": "same-origin"},
        )
        answer = connection.getresponse()
        assert answer.status == 201, answer.read()
        cookie = str(answer.getheader("set-cookie")).partition(";")[0]
    return Neighbour(system, tenant, mark, cookie)


def furnish(one: Neighbour, n_people: int = N_PEOPLE) -> None:
    """People, bad rows, jobs, keys, an import, a list, a segment and all else that a tenant may have."""
    mark = one.mark
    people = [
        {
            "type": "identify",
            "userId": f"{mark}-{number}",
            "anonymousId": f"{mark}-a{number}",
            "messageId": f"{mark}-i{number}",
            "traits": {"name": f"{mark} {number}", "email": f"{mark}{number}@people.example"},
        }
        for number in range(n_people)
    ]
    bad = [{"type": "track", "event": f"{mark} without anybody {number}"} for number in range(3)]
    one.call("POST", "/v1/batch", {"batch": people + bad})
    _wait(lambda: len(one.call("GET", "/v1/profiles?limit=200")["profiles"]) >= n_people)
    _wait(lambda: len(one.call("GET", "/v1/bad-rows")["bad_rows"]) >= 3)
    newest = one.call("GET", f"/v1/profiles?q={mark}-{n_people - 1}")["profiles"][0]
    erased = one.call("GET", f"/v1/profiles?q={mark}-{n_people - 2}")["profiles"][0]
    ids = one.ids
    ids["profile_id"] = str(newest["id"])
    ids["row_id"] = one.call("GET", "/v1/bad-rows")["bad_rows"][0]["id"]
    ids["job_id"] = one.call("POST", "/v1/bad-rows/replay", {"q": "nothing like it"})["id"]
    ids["key_id"] = one.call("POST", "/v1/keys", {"kind": "browser", "name": mark})["id"]
    ids["export_id"] = one.call("POST", f"/v1/profiles/{newest['id']}/export")["id"]
    ids["erasure_id"] = one.call("POST", "/v1/erasures", {"profile_id": erased["id"], "suppress": True})["id"]
    invited = one.ask("POST", "/v1/invitations", {"email": f"{mark}@invited.example", "role": "viewer"})
    assert invited.status == 201, invited
    ids["invitation_id"] = invited.json["id"]
    made = one.call("POST", "/v1/imports", {"kind": "members", "file_name": f"{mark}.csv"})
    ids["import_id"] = made["id"]
    uploaded = ask(
        one.system,
        "PUT",
        f"/v1/imports/{made['id']}/file",
        f"userId,name\n{mark}-imported,{mark}\n".encode(),
        one.key(),
    )
    assert uploaded.status < 300, uploaded
    ids["list_id"] = one.call("POST", "/v1/lists", {"name": f"{mark} list"})["id"]
    ids["goal_id"] = one.call("POST", "/v1/goals", {"name": f"{mark} goal", "event": "page"})["id"]
    brought = {"name": {"zh_tw": f"{mark} gene", "en": mark}, "type": "number"}
    ids["gene_id"] = one.call("POST", "/v1/external-genes", brought)["id"]
    everybody = {"not": {"gene": "orders", "in": {"last_days": 30}, "is": {"op": ">", "value": 0}}}
    segment = one.call("POST", "/v1/segments", {"name": f"{mark} segment", "tree": everybody})
    ids["segment_id"] = segment["id"]
    ids["snapshot_id"] = one.call("POST", f"/v1/segments/{segment['id']}/snapshots", {"note": mark})["id"]
    export = one.call("POST", f"/v1/segments/{segment['id']}/exports", {"genes": ["orders:30"]})
    ids["segment_export_id"] = export["id"]
    again = {"timing": {"every": "week", "hour": 3, "weekday": 1}}
    path = f"/v1/segments/{segment['id']}/export-schedules"
    ids["export_schedule_id"] = one.call("POST", path, again)["id"]
    ids["teammate_id"] = one.ask("GET", "/v1/teammates").json["teammates"][0]["id"]
    ids["session_id"] = one.ask("GET", "/v1/account/sessions").json["sessions"][0]["id"]
    ids["tenant_id"] = one.tenant.id
    one.call(
        "POST", "/v1/suppressions", {"identifiers": [{"kind": "email", "value": f"{mark}@gone.example"}]}
    )
    for path in ("/v1/profiles", "/v1/bad-rows", "/v1/keys", "/v1/audit"):
        page = one.ask("GET", f"{path}?{urlencode({'limit': 1})}").json
        if page.get("next_cursor"):
            one.cursors[path] = page["next_cursor"]


def _wait(seen: Any) -> None:
    deadline = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def nobodys(name: str) -> str:
    """An id of the same form that is no tenant's."""
    match name:
        case "profile_id" | "nid" | "a_nid" | "b_nid" | "entry" | "ledger_entry":
            return "1999999999"
        case "row_id":
            return "999999999999999-7"
        case "client_id":
            return "client_" + "0" * 24
    return str(uuid.uuid4())
