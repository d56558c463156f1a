"""All that a tenant can see of its world, told so that two tenants with the same history tell the same."""

import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from tests.e2e.neighbours import Neighbour, Reply

# When everything that is drawn happens: long ago, so that no moment of the run itself is like it.
LONG_AGO = datetime(2025, 3, 1, tzinfo=UTC)
PATIENCE_SECONDS = 60.0
_RECENT = "2025-05"
# Of a run, a process or a file, and not of what a tenant did.
_VOLATILE = {
    "position",
    "last_used_at",
    "anchored",
    "calls",
    "rows_per_second",
    "eta_seconds",
    "seconds",
    "instance",
    "request_id",
    "attempts",
    "key",
    "hint",
    "secret",
}
_LISTS = (
    "/v1/profiles",
    "/v1/ledger",
    "/v1/suppressions",
    "/v1/bad-rows?status=",
    "/v1/products",
    "/v1/keys",
    "/v1/erasures",
    "/v1/imports",
    "/v1/lists",
    "/v1/goals",
    "/v1/external-genes",
    "/v1/segments",
    "/v1/exports",
    "/v1/jobs",
    "/v1/invitations",
    "/v1/teammates",
    "/v1/audit",
)
_SINGLE = (
    "/v1/tenant",
    "/v1/identity/rules",
    "/v1/reports/intake",
    "/v1/reports/overview?from=2025-02-20&to=2025-04-10",
    "/v1/usage",
    "/v1/audit/verification",
)
# What is done at once when somebody is erased; the files and the backups follow with time.
_PROMPT = {"identity", "gateway", "insight", "recommender", "campaign"}
_NAMES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids
    r"|\b[0-9a-f]{64}\b"  # hashes, the tenant in each
    r"|(?:^|(?<=bad_row:))[0-9]{1,18}-[0-9]{1,9}$"  # places of bad rows
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?")


class Telling:
    """Tells values of one tenant: each id by the order in which it came up, each moment of the run as now."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._named: dict[str, str] = {}

    def again(self) -> "Telling":
        """One that knows what this one knows, and keeps what it hears to itself."""
        other = Telling(self._mark)
        other._named = dict(self._named)
        return other

    def of(self, value: Any) -> Any:
        match value:
            case dict():
                return {
                    self._text(name): self.of(inner) for name, inner in value.items() if name not in _VOLATILE
                }
            case list():
                return [self.of(inner) for inner in value]
            case str():
                return self._text(value)
        return value

    def _text(self, text: str) -> str:
        text = text.replace(self._mark, "<mark>")
        text = _NAMES.sub(lambda found: self._named.setdefault(found[0], f"<{len(self._named) + 1}>"), text)
        return _TIME.sub(lambda found: found[0] if found[0] < _RECENT else "<now>", text)


def world(one: Neighbour, telling: Telling) -> dict[str, Any]:
    """What every list, report and person of the tenant answers, by path."""
    told = telling.again()
    answers: dict[str, Any] = {}
    for path in _SINGLE:
        answers[path] = told.of(_get(one, path))
    answers["/v1/usage"] = answers["/v1/usage"]["total"]
    for path in _LISTS:
        items = list(_items(one, path))
        if path == "/v1/keys":
            # The first two are made at one moment, and in no order.
            items.sort(key=lambda key: (key["created_at"], key["name"]))
        if path == "/v1/segments":
            # As of the last tick, and each tick tells what came together in it.
            for segment in items:
                del segment["state"]
        if path == "/v1/ledger":
            # An entry's moves are a set.
            for entry in items:
                entry["moves"].sort(key=lambda move: int(move["nid"]))
        answers[path] = [told.of(item) for item in items]
    for profile in _items(one, "/v1/profiles"):
        at = f"/v1/profiles/{profile['id']}"
        answers[f"{at}/consents"] = told.of(_get(one, f"{at}/consents"))
        for listed in ("events", "links", "consents/statements"):
            answers[f"{at}/{listed}"] = [told.of(item) for item in _items(one, f"{at}/{listed}")]
    for number, erasure in enumerate(_items(one, "/v1/erasures")):
        stores = _get(one, f"/v1/erasures/{erasure['id']}")["stores"]
        answers[f"receipt {number}"] = {
            each["store"]: each["state"] for each in stores if each["store"] in _PROMPT
        }
    for number, imported in enumerate(_items(one, "/v1/imports")):
        rejected = _items(one, f"/v1/imports/{imported['id']}/rejected")
        answers[f"rejected {number}"] = [told.of(item) for item in rejected]
    return answers


def person_of(archive: bytes) -> Mapping[str, Any]:
    """What the file of an exported person says."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        found: Mapping[str, Any] = json.loads(opened.read("person.json"))
    return found


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Where two worlds are not the same, and what each says there."""
    return list(_differences("", one, other))


def _differences(place: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted({*one, *other}):
            yield from _differences(f"{place} {name}", one.get(name), other.get(name))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from _differences(f"{place} [{number}]", mine, theirs)
    elif one != other:
        yield f"{place}: {json.dumps(one)[:600]} is {json.dumps(other)[:600]}"


def patiently(asked: Callable[[], Reply]) -> Reply:
    """An answer; asked again while a service is busy, or the tenant's calls of this second are used up."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (reply := asked()).status in (429, 503) and time.monotonic() < deadline:
        time.sleep(0.2)
    return reply


# Lists that a page holds beside its items.
_BESIDE_ITEMS = frozenset({"identifiers", "folders"})


def _items(one: Neighbour, path: str) -> Iterator[Any]:
    cursor: str | None = ""
    while cursor is not None:
        query = urlencode({"limit": 200} | ({"cursor": cursor} if cursor else {}))
        page = _get(one, f"{path}{'&' if '?' in path else '?'}{query}")
        [items] = [
            value for name, value in page.items() if isinstance(value, list) and name not in _BESIDE_ITEMS
        ]
        yield from items
        cursor = page["next_cursor"]


def _get(one: Neighbour, path: str) -> Any:
    reply = patiently(lambda: one.ask("GET", path))
    assert reply.status == 200, (path, reply)
    return reply.json
