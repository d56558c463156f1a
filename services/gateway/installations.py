"""Looks at a page of a shop, as its visitors get it, for the snippet and what keeps it from working."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chassis.database import Engine
from services.gateway.domain.installations import (
    Finding,
    Installed,
    KnownKey,
    Reading,
    Seen,
    Source,
    installed,
    of_absence,
    of_key,
    of_page,
    of_policies,
    of_snippet,
)
from services.gateway.errors.sign_in import AddressNotReachable
from services.gateway.outbound import Outbound
from services.gateway.store.keys import KeyRow, load_key_of_text

# A shop's own log shows who asked; some hosts refuse agents without a name.
_AGENT = "Mozilla/5.0 (compatible; Nexus installation check)"
_ABOUT = "v1.json"
_CHARS_OF_KEY = 100


@dataclass(frozen=True, slots=True)
class Looked:
    """Where the page was found in the end, and what there is to say."""

    url: str
    findings: Sequence[Finding]


class Installations:
    """`gateways` are this gateway's own addresses, the public one first; `folder` has the built snippet."""

    def __init__(self, engine: Engine, outbound: Outbound, gateways: Sequence[str], folder: Path) -> None:
        self._engine = engine
        self._outbound = outbound
        self._gateways = gateways
        self._folder = folder

    async def look(self, tenant_id: str, url: str) -> Looked:
        """Raises AddressNotReachable when there is no page to look at."""
        page = await self._read(url)
        reading = Reading(page.text)
        found = installed(page, reading)
        told = of_page(page)
        if not found:
            return Looked(page.url, [*told, of_absence(reading)])
        one = found[0]
        source = await self._source(one)
        told += of_snippet(page, found, source, self._gateways[0])
        told.append(of_key(page, one.key, await self._known(tenant_id, one.key)))
        return Looked(page.url, [*told, *of_policies(page, reading, one)])

    async def _read(self, url: str) -> Seen:
        page = await self._outbound.read_page(url, agent=_AGENT)
        return Seen(
            url=page.url,
            status=page.status,
            content_type=page.headers.get("content-type", ""),
            policies=page.headers.get_list("content-security-policy"),
            # Tags and keys are ASCII, whatever else the page is written in.
            text=page.body.decode("utf-8", "replace"),
        )

    async def _source(self, one: Installed) -> Source:
        if one.base in self._gateways:
            return "ours" if (self._folder / one.name).is_file() else "missing"
        try:
            about = await self._outbound.read_page(f"{one.base}/nx/{_ABOUT}", agent=_AGENT)
        except AddressNotReachable:
            return "elsewhere"
        return "handed on" if about.body == (self._folder / _ABOUT).read_bytes() else "elsewhere"

    async def _known(self, tenant_id: str, text: str) -> KnownKey | None:
        row = await load_key_of_text(self._engine, tenant_id, text) if 0 < len(text) < _CHARS_OF_KEY else None
        return _known_key(row) if row else None


def _known_key(row: KeyRow) -> KnownKey:
    ended = row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= datetime.now(UTC))
    return KnownKey(
        name=row.name, sends=row.kind == "browser", in_force=not ended, allowed_origins=row.allowed_origins
    )
