"""One event counts once: in another batch, with another sentAt, after a merge, thirty days later."""

import os
import signal
from datetime import UTC, datetime, timedelta

from bench.system import Answer
from tests.e2e.conftest import Shop, eventually

NOW = datetime.now(UTC)


def event(message_id: str, **fields: object) -> dict[str, object]:
    return {"type": "track", "event": "Product Viewed", "messageId": message_id, **fields}


def test_in_the_same_batch_and_in_another_one(shop: Shop) -> None:
    first, other = event("m-1", userId="ann"), event("m-2", userId="ann")
    shop.post("/v1/batch", {"batch": [first, first, other]})
    shop.post("/v1/batch", {"batch": [event("m-3", userId="ann"), first]})
    shop.post("/v1/track", first)
    shop.settle()
    assert sorted(shop.message_ids("ann")) == ["m-1", "m-2", "m-3"]
    intake = shop.get("/v1/reports/intake")
    assert intake["received"] == intake["counted"] + intake["duplicates"] + intake["bad"]
    assert intake["duplicates"] == 3


def test_with_another_sent_at(shop: Shop) -> None:
    sent = event("m-1", userId="ann", timestamp=(NOW - timedelta(minutes=5)).isoformat())
    for hours in (0, 1, 30):
        shop.post("/v1/batch", {"batch": [sent], "sentAt": (NOW - timedelta(hours=hours)).isoformat()})
    shop.settle()
    assert shop.message_ids("ann") == ["m-1"]


def test_after_the_visitor_became_a_member(shop: Shop) -> None:
    before = event("m-1", anonymousId="browser")
    shop.post("/v1/track", before)
    shop.post("/v1/identify", {"userId": "ann", "anonymousId": "browser", "messageId": "m-2"})
    shop.profile_with("ann", 2)
    shop.post("/v1/track", before)
    shop.post("/v1/track", {**before, "userId": "ann"})
    shop.settle()
    assert sorted(shop.message_ids("ann")) == ["m-1", "m-2"]


def test_thirty_days_later_by_its_timestamp(shop: Shop) -> None:
    old = event("m-1", userId="ann", timestamp=(NOW - timedelta(days=30)).isoformat())
    shop.post("/v1/track", old)
    shop.profile_with("ann", 1)
    shop.post("/v1/track", {**old, "timestamp": NOW.isoformat()})
    shop.settle()
    assert shop.message_ids("ann") == ["m-1"]


def test_without_a_message_id_when_it_has_a_timestamp(shop: Shop) -> None:
    nameless = {"type": "track", "event": "Look", "userId": "ann", "timestamp": NOW.isoformat()}
    shop.post("/v1/batch", {"batch": [nameless], "sentAt": NOW.isoformat()})
    shop.post("/v1/batch", {"batch": [nameless], "sentAt": (NOW + timedelta(seconds=3)).isoformat()})
    shop.settle()
    assert len(shop.message_ids("ann")) == 1


def test_after_both_services_that_count_were_killed(shop: Shop) -> None:
    shop.post("/v1/track", event("m-1", userId="ann"))
    shop.profile_with("ann", 1)
    for part in ("identity", "insight"):
        os.kill(shop.system.parts()[part], signal.SIGKILL)
    shop.post("/v1/track", event("m-1", userId="ann"))
    eventually(lambda: settled(shop), "both services again")
    assert shop.message_ids("ann") == ["m-1"]


def settled(shop: Shop) -> bool | None:
    try:
        shop.settle()
    except Answer as away:
        assert "SERVICE_AWAY" in str(away)
        return None
    return True


def test_a_browser_and_a_server_may_use_the_same_message_id(shop: Shop) -> None:
    shop.post("/v1/track", event("m-1", userId="ann"))
    shop.post("/v1/track", event("m-1", userId="ann"), key=shop.tenant.write_key)
    shop.settle()
    assert shop.message_ids("ann") == ["m-1", "m-1"]
