"""What goes on beside the live load of a fault test: files are imported, links undone and redone."""

import asyncio
import json
import random
import time
import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec
from contracts.gateway.v1 import events_pb2

from bench.households import Event, Households
from bench.system import Answer, System, Tenant
from chassis.bus import BusUnavailable, connect_bus

ROWS_A_MESSAGE = 200
NATS_PORT = 21
RELINK_EVERY_SECONDS = 0.5
PATIENCE_SECONDS = 120


async def import_beside(
    system: System, tenants: Sequence[Tenant], households: Households, rate: float, seconds: float
) -> int:
    """Rows of files on their own stream, as an import's job puts them there; how many."""
    password = json.loads((system.folder / "secrets.json").read_text())["nats"]["gateway"]
    url = f"nats://gateway:{password}@127.0.0.1:{system.port_base + NATS_PORT}"
    deadline = time.monotonic() + seconds
    rows = 0
    async with connect_bus(url, name="gateway") as bus:
        while time.monotonic() < deadline:
            index = rows // ROWS_A_MESSAGE % len(tenants)
            events = households.history(index, ROWS_A_MESSAGE)
            subject = f"gateway.events.imported.v1.{tenants[index].id}"
            message_id = uuid.uuid4().hex
            while True:
                try:
                    await bus.publish(subject, _message(events), message_id=message_id)
                    break
                except BusUnavailable:
                    await asyncio.sleep(0.2)
            households.remember(index, events)
            rows += len(events)
            await asyncio.sleep(ROWS_A_MESSAGE / rate)
    return rows


def _message(events: Sequence[Event]) -> bytes:
    now_ms = time.time_ns() // 1_000_000
    message = events_pb2.AcceptedEvents(
        sources=[events_pb2.Source(key_id="import", kind=events_pb2.SOURCE_KIND_SERVER)]
    )
    for event in events:
        message.source_rows.append(0)
        message.kinds.append(events_pb2.EVENT_KIND_TRACK)
        message.names.append(event["event"])
        message.timestamps_ms.append(int(datetime.fromisoformat(event["timestamp"]).timestamp() * 1000))
        message.received_at_ms.append(now_ms)
        message.message_ids.append(event["messageId"])
        message.user_ids.append(event.get("userId", ""))
        message.anonymous_ids.append(event["anonymousId"])
        message.payloads.append(msgspec.json.encode(event))
    return message.SerializeToString()


async def relink_beside(system: System, tenants: Sequence[Tenant], seconds: float, rng: random.Random) -> int:
    """Links withdrawn and restored, so that everybody ends as if nobody had touched them; how many."""
    deadline = time.monotonic() + seconds
    n_links = 0
    while time.monotonic() < deadline:
        await asyncio.sleep(RELINK_EVERY_SECONDS)
        tenant = rng.choice(tenants)
        try:
            pair = await asyncio.to_thread(_some_link, system, tenant, rng)
        except (Answer, OSError):
            continue
        if pair is None:
            continue
        for act in ("withdraw", "restore"):
            await _insist(system, tenant, f"/v1/profiles/{pair['a']}/links/{act}", {"links": [pair]})
        n_links += 1
    return n_links


def _some_link(system: System, tenant: Tenant, rng: random.Random) -> dict[str, int] | None:
    profiles = system.call("GET", "/v1/profiles", tenant.secret_key, limit=50)["profiles"]
    joined = [profile for profile in profiles if len(profile["identifiers"]) > 1]
    if not joined:
        return None
    profile_id = rng.choice(joined)["id"]
    found = system.call("GET", f"/v1/profiles/{profile_id}/links", tenant.secret_key, state="joining")
    if not found["links"]:
        return None
    link = rng.choice(found["links"])
    return {"a": link["a"]["nid"], "b": link["b"]["nid"]}


async def _insist(system: System, tenant: Tenant, path: str, body: object) -> None:
    """Ask until it is done: parts are being killed, and doing it twice changes nothing more."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            await asyncio.to_thread(system.call, "POST", path, tenant.secret_key, body)
            return
        except (Answer, OSError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)
