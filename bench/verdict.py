"""Compares what a system counts with what it acknowledged."""

import time
import urllib.request
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bench.households import FIRST_AT, SPAN_SECONDS
from bench.people import Fact, Person, people
from bench.system import Answer, System, Tenant

LEVEL_PATIENCE_SECONDS = 180
PAGE = 200
PREFIXES = {"user_id": "u:", "anonymous_id": "a:"}


@dataclass(slots=True)
class Verdict:
    """Everything that is wrong; all zero is right."""

    # Acknowledged, but not in the event store.
    lost: int = 0
    # Rows too many in the event store.
    double_counted: int = 0
    # In the event store, but never acknowledged.
    invented: int = 0
    # Persons of the reference that the system does not know as such, or the other way round.
    people_wrong: int = 0
    # Events that belong to another identifier than they name.
    owners_wrong: int = 0
    # Difference between counted and acknowledged revenue, in hundredths.
    revenue_wrong_cents: int = 0
    bad_rows: int = 0

    def add(self, other: "Verdict") -> None:
        """Sum up over tenants."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def right(self) -> bool:
        """Nothing is wrong."""
        return not any(getattr(self, each.name) for each in fields(self))


def judge(system: System, tenant: Tenant, facts: Mapping[str, Fact]) -> Verdict:
    """Read everything of one tenant back; the system has to be level."""
    verdict = Verdict()
    known, owners = _people(system, tenant)
    verdict.people_wrong = len(known ^ people(facts.values()))
    rows = system.clickhouse().query(
        "select message_id, nid, count() from events where tenant_id = {tenant:UUID} group by 1, 2",
        parameters={"tenant": tenant.id},
    )
    counted: Counter[str] = Counter()
    for message_id, nid, count in rows.result_rows:
        counted[message_id] += count
        fact = facts.get(message_id)
        verdict.owners_wrong += fact is not None and owners.get(nid) != fact.owner
    verdict.lost = sum(message_id not in counted for message_id in facts)
    verdict.invented = sum(message_id not in facts for message_id in counted)
    verdict.double_counted = sum(count - 1 for count in counted.values())
    expected = sum((fact.revenue for fact in facts.values()), Decimal(0))
    verdict.revenue_wrong_cents = int(
        abs(Decimal(overview_total(system, tenant)["revenue"]) - expected) * 100
    )
    verdict.bad_rows = int(system.call("GET", "/v1/reports/intake", tenant.secret_key)["bad"])
    return verdict


def _people(system: System, tenant: Tenant) -> tuple[set[Person], dict[int, str]]:
    """Every profile as its identifiers, and the identifier of each nid."""
    persons: set[Person] = set()
    owners: dict[int, str] = {}
    cursor = ""
    while True:
        page = system.call("GET", "/v1/profiles", tenant.secret_key, limit=PAGE, cursor=cursor)
        for profile in page["profiles"]:
            named = {
                identifier["nid"]: PREFIXES[identifier["kind"]] + identifier["value"]
                for identifier in profile["identifiers"]
            }
            owners |= named
            persons.add(frozenset(named.values()))
        cursor = page["next_cursor"]
        if not cursor:
            return persons, owners


def overview_total(system: System, tenant: Tenant) -> dict[str, str]:
    """The overview's total over all the days that households' events lie on."""
    first = datetime.fromtimestamp(FIRST_AT, UTC).date()
    last = first + timedelta(seconds=SPAN_SECONDS) + timedelta(days=1)
    answer = system.call(
        "GET", "/v1/reports/overview", tenant.secret_key, **{"from": str(first), "to": str(last)}
    )
    total: dict[str, str] = answer["total"]
    return total


def wait_level(system: System, tenant: Tenant, expected: int) -> bool:
    """Wait until the overview counts `expected` events; False when it never does, or counts more."""
    deadline = time.monotonic() + LEVEL_PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            counted = int(overview_total(system, tenant)["events"])
        except (Answer, OSError):
            counted = 0  # something is still starting
        if counted >= expected:
            return counted == expected
        time.sleep(0.3)
    return False


def wait_back(system: System, patience_seconds: float) -> list[str]:
    """Wait until every part answers; the names of those that do not."""
    deadline = time.monotonic() + patience_seconds
    while True:
        away = []
        for offset, name in enumerate(("gateway", "identity", "insight", "recommender", "campaign")):
            url = f"http://127.0.0.1:{system.port_base + 10 + offset}/readyz"
            try:
                urllib.request.urlopen(url, timeout=2).close()
            except OSError:
                away.append(name)
        if not away or time.monotonic() > deadline:
            return away
        time.sleep(0.2)
