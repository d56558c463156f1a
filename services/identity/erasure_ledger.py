"""The ledger of erasures outside the database, so that a restored one learns what it must forget again.

One small file an erasure, `<tenant>/<erasure>.json`, and `<tenant>/forgotten.json` for a tenant that was
deleted. There are numbers and fingerprints in it, and no value of anybody.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from services.identity.errors import LedgerUnavailable
from services.identity.store.queries.erasure_work import OpenErasure

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_FORGOTTEN = "forgotten"


class ErasureLedger:
    """At `file:///folder` or `s3://bucket/prefix`; methods raise LedgerUnavailable."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme == "file":
            folder = Path(unquote(parts.path))
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store: ObjectStore = LocalStore(folder)
        elif parts.scheme == "s3":
            # Address and credentials from AWS_*, or from the pod's identity.
            self._store = from_url(url)
        else:
            raise ValueError("the ledger is kept at file:///folder or s3://bucket/prefix")

    async def write(self, erasure: OpenErasure) -> None:
        """Keep an erasure; again is harmless."""
        entry = {
            "tenant_id": erasure.tenant_id,
            "erasure_id": erasure.erasure_id,
            "profile_id": erasure.profile_id,
            "nids": list(erasure.nids),
            "fingerprints": [each.hex() for each in erasure.fingerprints],
            "kinds": list(erasure.kinds),
            "requested_at_ms": int(erasure.requested_at.timestamp() * 1000),
            "actor": erasure.actor,
            "suppressed": erasure.suppressed,
        }
        await self._put(f"{erasure.tenant_id}/{erasure.erasure_id}.json", entry)

    async def write_forgotten(self, tenant_id: str, deletion_id: str) -> None:
        """Keep that a tenant is to be forgotten, and no more than that; again is harmless."""
        with _answering():
            keys = [
                str(entry["path"])
                async for entries in obstore.list(self._store, tenant_id)
                for entry in entries
            ]
            await obstore.delete_async(self._store, keys)
        await self._put(
            f"{tenant_id}/{_FORGOTTEN}.json", {"tenant_id": tenant_id, "deletion_id": deletion_id}
        )

    async def tenants(self) -> AsyncIterator[tuple[str, str | None, set[str]]]:
        """(tenant, its deletion's id if it was deleted, the ids of its erasures)."""
        with _answering():
            found = (await obstore.list_with_delimiter_async(self._store))["common_prefixes"]
        for tenant_id in sorted(found):
            with _answering():
                names = {
                    Path(str(entry["path"])).stem
                    async for entries in obstore.list(self._store, tenant_id)
                    for entry in entries
                }
            deletion_id = None
            if _FORGOTTEN in names:
                deletion_id = (await self._get(f"{tenant_id}/{_FORGOTTEN}.json"))["deletion_id"]
            yield tenant_id, deletion_id, names - {_FORGOTTEN}

    async def load(self, tenant_id: str, erasure_id: str) -> dict[str, Any]:
        """One entry as it was written."""
        return await self._get(f"{tenant_id}/{erasure_id}.json")

    async def _put(self, key: str, entry: dict[str, Any]) -> None:
        with _answering():
            await obstore.put_async(self._store, key, json.dumps(entry).encode())

    async def _get(self, key: str) -> dict[str, Any]:
        with _answering():
            found = await obstore.get_async(self._store, key)
            entry: dict[str, Any] = json.loads(bytes(await found.bytes_async()))
        return entry


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise LedgerUnavailable("The ledger of erasures does not answer.") from error
