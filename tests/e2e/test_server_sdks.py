"""Official server SDKs, unchanged but for their host: each event arrives once, devices join members."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
import rudderstack.analytics.client
import segment.analytics.client

from tests.e2e.conftest import Shop, names_of

SDKS = Path(__file__).parent / "sdks"
NAMES = ["page", "product_viewed", "identify", "order_completed", "screen", "group"]

# The SDKs' own threads and time-outs are not ours to judge.
pytestmark = pytest.mark.filterwarnings("ignore")


class PythonSdk(Protocol):
    """What both Python SDKs have in common."""

    def track(self, *arguments: object, **named: object) -> Any: ...
    def page(self, *arguments: object, **named: object) -> Any: ...
    def screen(self, *arguments: object, **named: object) -> Any: ...
    def identify(self, *arguments: object, **named: object) -> Any: ...
    def group(self, *arguments: object, **named: object) -> Any: ...
    def shutdown(self) -> None: ...


CLIENTS = {
    "segment": segment.analytics.client.Client,
    "rudderstack": rudderstack.analytics.client.Client,
}


def use(sdk: PythonSdk, name: str) -> tuple[list[str], str, str]:
    """Six calls of a person who becomes a member; their message ids, the member and the device."""
    member, device = f"{name}-member", f"{name}-device"
    ids = [f"{name}-{number}" for number in range(6)]
    order = {"order_id": f"{name}-1", "revenue": 99.9}
    sdk.page(anonymous_id=device, name="Home", message_id=ids[0])
    sdk.track(anonymous_id=device, event="Product Viewed", properties={"price": 12.5}, message_id=ids[1])
    sdk.identify(member, {"city": "臺北市"}, anonymous_id=device, message_id=ids[2])
    sdk.track(member, "Order Completed", order, message_id=ids[3])
    sdk.screen(member, name="Cart", message_id=ids[4])
    sdk.group(member, "vip", message_id=ids[5])
    sdk.shutdown()
    return ids, member, device


def expect(shop: Shop, ids: list[str], member: str, device: str) -> None:
    profile = shop.profile_with(member, len(ids))
    assert sorted(event["message_id"] for event in profile["events"]) == sorted(ids)
    assert sorted(names_of(profile)) == sorted(NAMES)
    assert {each["value"] for each in profile["profile"]["identifiers"]} == {member, device}
    assert {trait["name"]: trait["value"] for trait in profile["profile"]["traits"]} == {"city": "臺北市"}
    assert profile["profile"]["totals"]["revenue"]["amount"] == "99.90"
    assert shop.get("/v1/reports/intake")["bad"] == 0


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", CLIENTS)
def test_a_python_sdk_tells_every_event_once(shop: Shop, name: str, gzip: bool) -> None:
    failures: list[object] = []
    on_error: Callable[[object, object], None] = lambda error, _: failures.append(error)  # noqa: E731
    sdk = CLIENTS[name](shop.tenant.secret_key, host=shop.system.gateway, gzip=gzip, on_error=on_error)
    ids, member, device = use(sdk, name)
    assert failures == []
    expect(shop, ids, member, device)


def test_the_node_sdk_tells_every_event_once(shop: Shop) -> None:
    command = ["node", str(SDKS / "node_sdk.mjs"), shop.system.gateway, shop.tenant.write_key]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert ran.returncode == 0, ran.stderr
    expect(shop, json.loads(ran.stdout), "node-member", "node-device")
