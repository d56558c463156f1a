"""Brings the services' databases to the newest version, and knows quickly when they are there already."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from engines.laptop import Laptop
from engines.settings import ROOT
from engines.supervisor import Supervisor

_RECORD = "migrated.json"


async def migrate_services(
    laptop: Laptop, supervisor: Supervisor, services: Sequence[str], say: Callable[[str], None]
) -> None:
    """Migrate the services whose migrations changed since last time."""
    record = laptop.folder / _RECORD
    done: dict[str, str] = json.loads(record.read_text()) if record.exists() else {}
    wanted = {service: _fingerprint(service, laptop.folder) for service in services}
    stale = [service for service in services if done.get(service) != wanted[service]]
    if not stale:
        return
    say("migrating    " + ", ".join(stale))
    for service in stale:
        await asyncio.to_thread(laptop.postgres.ensure_database, service)
    await asyncio.gather(*(supervisor.run_once(laptop.migration(service)) for service in stale))
    record.write_text(json.dumps(wanted, indent=2) + "\n")


def _fingerprint(service: str, folder: Path) -> str:
    """Of the migrations and of the data folders they ran on: a new folder has seen none of them."""
    digest = hashlib.sha256()
    for engine in ("postgres", "clickhouse"):
        digest.update(f"{(folder / engine).stat().st_ino} ".encode())
    for path in sorted((ROOT / "services" / service / "migrations").rglob("*")):
        if path.suffix in {".py", ".sql"}:
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()
