"""An erased person is in no file of the data folder once every store's age has passed."""

import json
import secrets
import time
import uuid
from typing import Any

import pytest

from bench.system import own_system
from tests.e2e.conftest import Shop, eventually
from tests.e2e.marks import files_with

# Every age that is hours or days otherwise.
SHORT = {
    "IDENTITY_CLEAN_AFTER_SECONDS": "1",
    "IDENTITY_KEEP_DAYS": "0.00002",
    "GATEWAY_CLEAN_AFTER_SECONDS": "1",
    "INSIGHT_CLEAN_AFTER_SECONDS": "1",
    "NEXUS_OLD_PARTS_SECONDS": "1",
    "NEXUS_SEGMENTS_SECONDS": "1",
    "NEXUS_LOG_DAYS": "0.00005",
}
# What the receipt can only promise by the calendar; the engines' own ages are shortened above.
BY_AGE = {"import_files", "repeated_requests", "bus", "logs", "backups"}


def send_person(shop: Shop, mark: str) -> None:
    """Everything that may carry somebody's data: identifiers, traits, words, an order, a bad row."""
    user = f"member-{mark}"
    traits = {"email": f"{mark}@example.com", "name": f"Name {mark}", "phone": "+886912345678"}
    shop.post("/v1/identify", {"userId": user, "anonymousId": f"anon-{mark}", "traits": traits})
    page = {"url": f"https://shop.example/?who={mark}"}
    shop.post(
        "/v1/track",
        {"event": "Feedback Given", "userId": user, "properties": {"text": mark}, "context": {"page": page}},
    )
    # Long enough to be packed on its way.
    long = {"note": " ".join(f"{mark} {number}" for number in range(200))}
    shop.post("/v1/track", {"event": "Form Submitted", "userId": user, "properties": long})
    shop.post("/v1/track", {"event": "Products Searched", "userId": user, "properties": {"query": mark}})
    line = {"product_id": f"made-for-{mark}", "quantity": 1}
    order = {"order_id": f"order-{mark}", "total": 120, "currency": "TWD", "products": [line]}
    shop.post("/v1/track", {"event": "Order Completed", "userId": user, "properties": order})
    shop.post("/v1/track", {"userId": user, "properties": {"why": "no event name", "text": mark}})


def stores_of(shop: Shop, erasure_id: str) -> dict[str, str]:
    receipt = shop.get(f"/v1/erasures/{erasure_id}")
    return {each["store"]: each["state"] for each in receipt["stores"]}


@pytest.mark.timeout(280)
def test_no_file_holds_an_erased_person() -> None:
    with own_system(**SHORT) as system:
        tenant = system.create_tenant("erasure")
        shop = Shop(system, tenant)
        mark, neighbour = (secrets.token_hex(12) for _ in range(2))
        send_person(shop, mark)
        # The search can find what is there, in every engine; on the bus it is not for long.
        eventually(lambda: files_with(mark, system.folder / "nats") or None, "the person on the bus")
        send_person(shop, neighbour)
        for identity in (mark, neighbour):
            shop.profile_with(f"member-{identity}", 5)
        eventually(lambda: bad_rows_with(shop, mark) or None, "the bad row")

        before = files_with(mark, system.folder)
        assert {path.split("/")[0] for path in before} >= {"postgres", "clickhouse"}

        erasure_id = erase(shop, f"member-{mark}")
        done = wait_for_stores(shop, erasure_id)
        assert shop.profile(f"member-{mark}") is None
        assert bad_rows_with(shop, mark) == []
        # Streams and logs lose what is old when something newer passes.
        for _ in range(6):
            shop.post("/v1/track", {"event": "Product Viewed", "anonymousId": uuid.uuid4().hex})
            time.sleep(1)
        system.stop()

        assert files_with(mark, system.folder) == [], done
        assert files_with(neighbour, system.folder) != []


def bad_rows_with(shop: Shop, mark: str) -> list[Any]:
    return [row for row in shop.get("/v1/bad-rows", limit=100)["bad_rows"] if mark in json.dumps(row)]


def erase(shop: Shop, user_id: str) -> str:
    order = {"identifier": {"kind": "user_id", "value": user_id}}
    return str(shop.post("/v1/erasures", order)["id"])


def wait_for_stores(shop: Shop, erasure_id: str) -> dict[str, str]:
    """Until all stores are done that do not go by the calendar."""
    deadline = time.monotonic() + 90
    while True:
        states = stores_of(shop, erasure_id)
        due = {store for store, state in states.items() if state == "due"}
        if due <= BY_AGE:
            return states
        assert time.monotonic() < deadline, f"still due: {sorted(due - BY_AGE)}"
        time.sleep(0.5)
