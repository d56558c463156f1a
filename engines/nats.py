"""NATS with JetStream from a wheel: its configuration, and who may say and hear what."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engines.credentials import write_private
from engines.processes import Part, accepts

_SERVER = Path(sys.executable).parent / "nats-server"


@dataclass(frozen=True)
class Grant:
    """What one service may do on the bus."""

    publishes: Sequence[str]
    creates: Sequence[str] = ()
    reads: Sequence[str] = ()
    hears: Sequence[str] = ()


# Each service speaks in its own name. Any of them may set an event aside, so that it is seen and replayed.
_SET_ASIDE = "gateway.events.rejected.v1.*"
GRANTS = {
    "gateway": Grant(
        ["gateway.>"],
        creates=["ACCEPTED", "IMPORTED", "REJECTED"],
        reads=["REJECTED"],
        # The live feed shows what identity has resolved, as it passes. All else is read from streams.
        hears=["identity.events.resolved.v1.*"],
    ),
    "identity": Grant(
        ["identity.>", _SET_ASIDE],
        creates=["IDENTITY", "MARKS"],
        reads=["ACCEPTED", "IMPORTED", "IDENTITY", "MARKS"],
    ),
    "insight": Grant(["insight.>", _SET_ASIDE], creates=["INSIGHT"], reads=["IDENTITY", "INSIGHT"]),
    "recommender": Grant(["recommender.>", _SET_ASIDE], reads=["IDENTITY", "INSIGHT"]),
    "campaign": Grant(["campaign.>", _SET_ASIDE], reads=["IDENTITY", "INSIGHT"]),
}


class Nats:
    """One server over one store; `sync` other than "always" is for showing that services refuse it."""

    def __init__(
        self, data: Path, port: int, passwords: Mapping[str, str], *, sync: str = "always", store_gb: int = 16
    ) -> None:
        self._data = data
        self._port = port
        self._passwords = passwords
        self._sync = sync
        self._store_gb = store_gb

    def part(self) -> Part:
        """The server as a child of ours."""
        return Part(
            "nats",
            [str(_SERVER), "-c", str(self._data / "nats.conf")],
            lambda: accepts(self._port),
            # Its collector would otherwise let garbage grow to the size of what is alive.
            environment={"GOMEMLIMIT": "256MiB"},
        )

    def create(self) -> None:
        """Write the configuration; it follows the code, so it is written at every start."""
        self._data.mkdir(parents=True, exist_ok=True)
        write_private(self._data / "nats.conf", json.dumps(self._configuration(), indent=2).encode())

    def url(self, user: str) -> str:
        """For a service, or for `system`."""
        return f"nats://{user}:{self._passwords[user]}@127.0.0.1:{self._port}"

    def _configuration(self) -> dict[str, object]:
        users = [
            {"user": name, "password": self._passwords[name], "permissions": permissions(name, grant)}
            for name, grant in GRANTS.items()
        ]
        return {
            "server_name": "nexus-laptop",
            "listen": f"127.0.0.1:{self._port}",
            "max_payload": 8 * 1024 * 1024 + 64 * 1024,
            "max_connections": 200,
            "jetstream": {
                "store_dir": str((self._data / "store").resolve()),
                # fsync before the acknowledgement: an accepted event survives power loss.
                "sync_interval": self._sync,
                "max_memory_store": 256 * 1024 * 1024,
                "max_file_store": self._store_gb * 1024**3,
            },
            "accounts": {
                "SYSTEM": {"users": [{"user": "system", "password": self._passwords["system"]}]},
                "NEXUS": {"jetstream": "enabled", "users": users},
            },
            "system_account": "SYSTEM",
        }


def permissions(service: str, grant: Grant) -> dict[str, dict[str, list[str]]]:
    """The subjects a service may publish and subscribe to; all others are refused."""
    publish = [
        *grant.publishes,
        # Where it has read to; the bucket is made by whoever comes first.
        f"$KV.positions.*.{service}",
        "$JS.API.STREAM.CREATE.KV_positions",
        "$JS.API.INFO",
        "$JS.API.STREAM.INFO.*",
        "$JS.API.STREAM.MSG.GET.KV_positions",
        "$JS.API.DIRECT.GET.KV_positions.>",
    ]
    for stream in grant.creates:
        publish += [f"$JS.API.STREAM.{act}.{stream}" for act in ("CREATE", "UPDATE", "PURGE", "MSG.DELETE")]
    for stream in grant.reads:
        publish += [
            f"$JS.API.CONSUMER.CREATE.{stream}",
            f"$JS.API.CONSUMER.CREATE.{stream}.>",
            f"$JS.API.CONSUMER.INFO.{stream}.*",
            f"$JS.API.CONSUMER.DELETE.{stream}.*",
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.*",
            f"$JS.API.STREAM.MSG.GET.{stream}",
            f"$JS.API.DIRECT.GET.{stream}",
            f"$JS.API.DIRECT.GET.{stream}.>",
        ]
    return {
        "publish": {"allow": publish},
        "subscribe": {"allow": [f"_INBOX_{service}.>", *grant.hears]},
    }
