"""The one way to fetch from an address that a tenant named: https, public, every hop judged, bounded.

The name is resolved here, every answer is judged, and the connection goes to the judged address, so that a
name which resolves to something else a moment later leads nowhere.
"""

import asyncio
import ipaddress
import socket
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import httpx

from services.gateway.errors.sign_in import AddressNotReachable

_SECONDS = 10.0
_MAX_BYTES = 1024 * 1024
_CONNECT_SECONDS = 4.0
_MOST_REDIRECTS = 5
# Cloud machines tell their secrets there: never, not on a laptop either. Link-local, and those that are not.
_METADATA = tuple(map(ipaddress.ip_network, ("169.254.0.0/16", "fd00:ec2::/32", "168.63.129.16/32")))
# What networks had before fd00::/8; Python takes it for global.
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: httpx.Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser is shown: `url` is where redirects ended, `body` the beginning of what is long."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes


class Outbound:
    """`private` allows http:// and addresses of this machine and its network: laptops and tests only."""

    def __init__(self, *, private: bool) -> None:
        self._private = private

    async def fetch(
        self,
        method: Literal["GET", "POST"],
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """Whatever it answers but a redirect; raises AddressNotReachable."""
        with _told_as_not_reachable(url):
            async with asyncio.timeout(_SECONDS):
                answer = await self._fetch(method, self._judged(url), dict(headers or {}), form)
            if _target(answer):
                raise AddressNotReachable("Redirects are not followed.", host=httpx.URL(url).host)
            return answer

    async def read_page(self, url: str, *, agent: str) -> Page:
        """A page as a browser gets it: redirects are followed, each judged as the first was.

        Raises AddressNotReachable.
        """
        headers = {"accept": "text/html,*/*;q=0.8", "user-agent": agent}
        with _told_as_not_reachable(url):
            async with asyncio.timeout(_SECONDS):
                for _ in range(1 + _MOST_REDIRECTS):
                    asked = self._judged(url)
                    answer = await self._fetch("GET", asked, headers, None, whole=False)
                    target = _target(answer)
                    if not target:
                        return Page(str(asked), answer.status, answer.headers, _unpacked(answer))
                    url = str(asked.join(target).copy_with(fragment=None))
        raise AddressNotReachable("It redirects too often.", host=httpx.URL(url).host)

    def require_allowed(self, url: str) -> None:
        """Raise AddressNotReachable for a URL that is never fetched, whatever its name resolves to."""
        self._judged(url)

    def _judged(self, url: str) -> httpx.URL:
        if not _is_url(url):
            raise AddressNotReachable("This is no URL.")
        parsed = httpx.URL(url)
        if parsed.scheme != "https" and not (self._private and parsed.scheme == "http"):
            raise AddressNotReachable("Only https:// addresses are fetched.", host=parsed.host)
        if parsed.userinfo or not parsed.host:
            raise AddressNotReachable("Write the address without user and password.", host=parsed.host)
        return parsed

    async def _fetch(
        self,
        method: str,
        url: httpx.URL,
        headers: dict[str, str],
        form: Mapping[str, str] | None,
        *,
        whole: bool = True,
    ) -> Answer:
        port = url.port or (443 if url.scheme == "https" else 80)
        addresses = await self._resolved(url.host, port)
        failure: httpx.HTTPError | None = None
        for address in addresses:
            try:
                return await _ask(method, url, address, headers, form, whole=whole)
            except httpx.ConnectError as error:
                failure = error
        assert failure is not None
        raise failure

    async def _resolved(self, host: str, port: int) -> Sequence[Address]:
        """Every address of a name; raises AddressNotReachable when one of them is not for us."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))
        if not addresses or not all(self._allows(address) for address in addresses):
            raise AddressNotReachable("This address is not a public one.", host=host)
        return addresses

    def _allows(self, address: Address) -> bool:
        plain = _unwrapped(address)
        if any(plain.version == network.version and plain in network for network in _METADATA):
            return False
        if plain.is_multicast or plain.is_unspecified or plain.is_reserved:
            return False
        public = plain.is_global and not (plain.version == 6 and plain in _SITE_LOCAL)
        return public or self._private


async def _ask(
    method: str,
    url: httpx.URL,
    address: Address,
    headers: dict[str, str],
    form: Mapping[str, str] | None,
    *,
    whole: bool,
) -> Answer:
    """The name stays in Host, in TLS and in the check of the certificate; only the address is fixed."""
    fixed = url.copy_with(host=str(address))
    async with httpx.AsyncClient(
        trust_env=False, follow_redirects=False, timeout=httpx.Timeout(_SECONDS, connect=_CONNECT_SECONDS)
    ) as client:
        request = client.build_request(
            method,
            fixed,
            headers={"accept-encoding": "identity", **headers, "host": url.netloc.decode("ascii")},
            data=form,
            extensions={"sni_hostname": url.host},
        )
        answer = await client.send(request, stream=True)
        try:
            body = b"" if answer.is_redirect else await _bounded(answer, url.host, whole=whole)
            return Answer(answer.status_code, answer.headers, body)
        finally:
            await answer.aclose()


async def _bounded(answer: httpx.Response, host: str, *, whole: bool) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > _MAX_BYTES and whole:
            raise AddressNotReachable("The answer is too large.", host=host, limit=_MAX_BYTES)
        if len(body) > _MAX_BYTES:
            break
    return bytes(body[:_MAX_BYTES])


def _target(answer: Answer) -> str:
    """Where it sends us; "" when it does not."""
    return answer.headers.get("location", "") if 300 <= answer.status < 400 else ""


def _unpacked(answer: Answer) -> bytes:
    """Some servers pack whatever we ask; what it unpacks to is bounded too."""
    if answer.headers.get("content-encoding", "").strip().lower() != "gzip":
        return answer.body
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(answer.body, _MAX_BYTES)
    except zlib.error as error:
        raise ValueError("not gzip") from error


@contextmanager
def _told_as_not_reachable(url: str) -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, ValueError) as error:
        host = httpx.URL(url).host if _is_url(url) else ""
        raise AddressNotReachable("The address cannot be reached.", host=host) from error


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only wraps it: mapped, 6to4, NAT64, Teredo."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in ipaddress.ip_network("64:ff9b::/96"):
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        teredo = address.teredo[1] if address.teredo else None
        return address.ipv4_mapped or address.sixtofour or teredo or address
    return address


def _is_url(url: str) -> bool:
    try:
        return bool(httpx.URL(url).host) and url.isprintable()
    except httpx.InvalidURL:
        return False
