"""A tenant to which things are done, and how to wait until they are."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.neighbours import Neighbour, Reply, ask
from tests.e2e.worlds import PATIENCE_SECONDS, Telling, patiently

Said = Mapping[str, Any]
# So that pauses do not use up the tenant's calls.
_PAUSE_SECONDS = 0.03


@dataclass
class Party:
    """A tenant to which things are done; `level`: each has come to rest before the next."""

    one: Neighbour
    level: bool
    telling: Telling
    made_keys: list[dict[str, Any]] = field(default_factory=list)
    withdrawn: list[dict[str, int]] = field(default_factory=list)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """With the secret key."""
        named = self.one.key() | {name.replace("_", "-"): value for name, value in headers.items()}
        return patiently(lambda: ask(self.one.system, method, path, body, named))

    def get(self, path: str) -> Any:
        reply = self.call("GET", path)
        assert reply.status == 200, (path, reply)
        return reply.json

    def until(self, seen: Callable[[], Any], what: object) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not seen():
            assert time.monotonic() < deadline, (self.one.mark, what)
            time.sleep(_PAUSE_SECONDS)

    def received(self) -> int:
        return int(self.get("/v1/reports/intake")["received"])

    def send(self, events: Sequence[Said], credential: str) -> list[Reply]:
        """Events in one request, and none after it before they are counted, dropped or set aside."""
        before = self.received() if self.level else 0
        headers = {"authorization": f"Bearer {credential}"}
        reply = ask(self.one.system, "POST", "/v1/batch", {"batch": list(events)}, headers)
        if self.level and reply.status == 200:
            self.until(lambda: self.received() == before + len(events), (before, events))
        return [reply]

    def finish(self, job_id: str) -> None:
        ended = ("succeeded", "failed", "cancelled")
        self.until(lambda: self.get(f"/v1/jobs/{job_id}")["state"] in ended, job_id)
