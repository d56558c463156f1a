"""The whole system, started by its one command on free ports and temporary data; nothing is left."""

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from bench.system import System, Tenant, own_system

T = TypeVar("T")
# Long: a busy machine is slow, and no test is about that.
PATIENCE_SECONDS = 120.0


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """Every service and engine, without the demo tenants."""
    with own_system() as running:
        yield running


@pytest.fixture
def tenant(system: System, request: pytest.FixtureRequest) -> Tenant:
    """A tenant nobody else uses."""
    return system.create_tenant(request.node.name[:100])


def eventually(question: Callable[[], T | None], what: str) -> T:
    """The first answer that is not None."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (answer := question()) is None:
        assert time.monotonic() < deadline, f"not seen within {PATIENCE_SECONDS:.0f} s: {what}"
        time.sleep(0.1)
    return answer


class Shop:
    """What a tenant's teammate would ask the open API."""

    def __init__(self, system: System, tenant: Tenant) -> None:
        self.system = system
        self.tenant = tenant

    def get(self, path: str, **query: str | int | None) -> dict[str, Any]:
        return self.system.call("GET", path, self.tenant.secret_key, **query)

    def post(self, path: str, body: object, key: str | None = None) -> dict[str, Any]:
        return self.system.call("POST", path, key or self.tenant.secret_key, body)

    def profile(self, identifier: str) -> dict[str, Any] | None:
        """The profile with exactly this identifier, and its events."""
        for found in self.get("/v1/profiles", q=identifier)["profiles"]:
            if any(each["value"] == identifier for each in found["identifiers"]):
                return self.get(f"/v1/profiles/{found['id']}", limit=200)
        return None

    def profile_with(self, identifier: str, n_events: int) -> dict[str, Any]:
        """That profile once it has so many events or more."""

        def seen() -> dict[str, Any] | None:
            answer = self.profile(identifier)
            return answer if answer and len(answer["events"]) >= n_events else None

        return eventually(seen, f"{n_events} events of {identifier}")

    def message_ids(self, identifier: str) -> list[str]:
        answer = self.profile(identifier)
        return [event["message_id"] for event in answer["events"]] if answer else []

    def settle(self) -> None:
        """Wait until everything this tenant was answered for is counted: a marker sent now is behind it."""
        marker = f"marker-{time.monotonic_ns()}"
        self.post("/v1/track", {"event": "Marker", "userId": marker, "messageId": marker})
        self.profile_with(marker, 1)


@pytest.fixture
def shop(system: System, tenant: Tenant) -> Shop:
    return Shop(system, tenant)


def names_of(profile: dict[str, Any]) -> list[str]:
    """Canonical event names, newest first."""
    return [event["name"] for event in profile["events"]]
