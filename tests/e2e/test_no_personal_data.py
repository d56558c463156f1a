"""No address, phone or trait of anybody reaches the audit log, a log file or a metric, whatever is asked."""

import http.client
import json
import uuid
from collections.abc import Mapping
from typing import Any

from bench.system import PORTS, Answer, System
from tests.e2e.conftest import Shop, eventually
from tests.e2e.test_team_pages import PASSWORD, add
from tests.open_api import Operation, operations

# They would end what the next requests need.
ENDING = {
    *("sign_out", "sign_out_everywhere", "leave_tenant", "delete_tenant"),
    *("renew_session", "change_password", "put_sign_in_rules"),
}
TEAMMATES_OWN = ("invit", "teammate", "session", "email", "password", "operator", "sso", "single_sign_on")
FEWEST_REQUESTS = 60


class Canary:
    """Marked personal data: a customer's, and a teammate's, whose address the audit log alone may keep."""

    def __init__(self) -> None:
        self.customer = f"canary{uuid.uuid4().hex[:16]}"
        self.teammate = f"starling{uuid.uuid4().hex[:16]}"
        digits = str(uuid.uuid4().int)[:8]
        self.phone = f"09{digits}"
        self.international = f"8869{digits}"
        self._teammates_own = False

    def fill_for(self, operation: Operation) -> "Canary":
        self._teammates_own = any(part in operation.name for part in TEAMMATES_OWN)
        return self

    def __call__(self, name: str, schema: Mapping[str, Any]) -> str:
        who = self.teammate if self._teammates_own else self.customer
        if schema.get("format") == "uuid" or (name.endswith("_id") and "profile" not in name):
            return str(uuid.uuid4())
        if "phone" in name:
            return self.phone
        if "password" in name:
            return PASSWORD
        if "email" in name or name in {"value", "subject", "identifier"}:
            return f"{who}@nowhere.example"
        return who

    def marks(self) -> list[str]:
        return [self.customer, self.teammate, self.phone, self.international]


def ask(
    system: System, method: str, url: str, headers: Mapping[str, str], body: object = None
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Status, headers and body; of a feed nothing but the beginning."""
    connection = http.client.HTTPConnection(*system.address, timeout=30)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, url, content, {"content-type": "application/json", **headers})
        answer = connection.getresponse()
        kind = answer.getheader("content-type", "")
        return answer.status, answer.headers, b"" if "event-stream" in kind else answer.read()
    finally:
        connection.close()


def signed_in(system: System, email: str) -> dict[str, str]:
    """Headers of an owner's browser."""
    own_page = {"sec-fetch-site": "same-origin"}
    body = {"email": email, "password": PASSWORD}
    status, headers, _ = ask(system, "POST", "/v1/session", own_page, body)
    assert status == 201
    cookie = headers["set-cookie"].partition(";")[0]
    return {**own_page, "cookie": cookie}


def counted(shop: Shop) -> bool | None:
    """True once the good event counts and the bad one is set aside."""
    try:
        intake = shop.get("/v1/reports/intake")
    except Answer:  # A service may still be starting.
        return None
    return True if intake["counted"] >= 1 and intake["bad"] >= 1 else None


def metrics(system: System) -> str:
    """Of whatever answers on one of the system's ports."""
    told = []
    for port in range(system.port_base, system.port_base + PORTS):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/metrics")
            answer = connection.getresponse()
            if answer.status == 200:
                told.append(answer.read().decode(errors="replace"))
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
    # One for each of the five services at least.
    assert len(told) >= 5
    return "\n".join(told)


def test_marked_people_are_in_no_log_and_no_metric(shop: Shop) -> None:
    system, canary = shop.system, Canary()
    owner = f"olivia-{uuid.uuid4().hex[:8]}@shop.example"
    add(system, shop.tenant, owner, "owner")
    traits = {"email": f"{canary.customer}@nowhere.example", "phone": canary.phone, "name": canary.customer}
    marker = {"type": "identify", "userId": canary.customer, "traits": traits, "messageId": canary.customer}
    # Some are counted, some set aside: bad rows have logs of their own.
    bad = {"type": "track", "event": "Ordered", "properties": traits}
    shop.post("/v1/batch", {"batch": [marker, bad]}, shop.tenant.write_key)
    eventually(lambda: counted(shop), "the marked person")
    asked, answered = 0, 0
    _, _, document = ask(system, "GET", "/openapi.json", {})
    browser = signed_in(system, owner)
    key = {"authorization": f"Bearer {shop.tenant.secret_key}"}
    for operation in operations(json.loads(document)):
        if operation.name in ENDING:
            continue
        fill = canary.fill_for(operation)
        body = operation.body(fill) if operation.method != "GET" else None
        for headers in (browser, key, {"authorization": f"Bearer {canary.customer}"}):
            status, _, content = ask(system, operation.method, operation.url(fill), headers, body)
            assert status < 500 or status == 503, (operation.name, content[:300])
            asked += operation.changes
            answered += operation.changes and status < 300
    assert asked >= FEWEST_REQUESTS * 3 and answered >= 10, (asked, answered)
    _, _, log = ask(system, "GET", "/v1/audit.csv", key)
    assert b"teammate.added" in log and log.count(b"\n") > 10
    for mark in (canary.customer, canary.phone, canary.international):
        assert mark not in log.decode(), "in the audit log"
    told = metrics(system)
    assert [mark for mark in canary.marks() if mark in told] == [], "in metrics"
    for path in sorted(system.folder.rglob("*.log")):
        text = path.read_text(errors="replace")
        assert [mark for mark in canary.marks() if mark in text] == [], f"in {path.name}"
