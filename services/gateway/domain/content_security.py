"""Content Security Policies as a browser reads them (CSP3): may a page load a script, run one, ask a host."""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")
_HOST = re.compile(
    r"(?:([a-z][a-z0-9+.-]*)://)?(\*|(?:\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::(\d+|\*))?(/.*)?",
    re.IGNORECASE,
)
_TRUSTED = re.compile(r"'(?:nonce-.+|sha(?:256|384|512)-.+)'", re.I)

Policy = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Element:
    """A script element: what of it a policy judges."""

    url: str = ""
    nonce: str = ""
    integrity: str = ""
    text: str = ""


def policies(texts: Iterable[str]) -> list[Policy]:
    """Those of headers and meta elements, which may hold several with commas; all of them are in force."""
    found: list[Policy] = []
    for text in (part for header in texts for part in header.split(",")):
        directives: dict[str, Sequence[str]] = {}
        for words in (directive.split() for directive in text.split(";")):
            # The first of a name counts.
            if words:
                directives.setdefault(words[0].lower(), words[1:])
        if directives:
            found.append(directives)
    return found


def refuses_script(policy: Policy, page: str, script: Element) -> str | None:
    """The directive that keeps the page at the URL `page` from loading a script's file; None: it may."""
    name, sources = _of(policy, "script-src-elem", "script-src", "default-src")
    if sources is None or _is_trusted(sources, script) or (script.integrity and _hashed(sources, script)):
        return None
    # Who trusts by nonce and its descendants lists hosts for old browsers only.
    listed = "'strict-dynamic'" not in map(str.lower, sources)
    return None if listed and _matches(sources, page, script.url) else name


def refuses_inline(policy: Policy, script: Element) -> str | None:
    """The same for a script that is written in the page."""
    name, sources = _of(policy, "script-src-elem", "script-src", "default-src")
    if sources is None or _is_trusted(sources, script):
        return None
    for kind in ("sha256", "sha384", "sha512"):
        digest = base64.b64encode(hashlib.new(kind, script.text.encode()).digest()).decode()
        if f"'{kind}-{digest}'" in sources:
            return None
    strict = any(_TRUSTED.fullmatch(source) for source in sources)
    return None if "'unsafe-inline'" in map(str.lower, sources) and not strict else name


def refuses_connection(policy: Policy, page: str, url: str) -> str | None:
    """The same for a request that a script sends."""
    name, sources = _of(policy, "connect-src", "default-src")
    return None if sources is None or _matches(sources, page, url) else name


def _of(policy: Policy, *names: str) -> tuple[str, Sequence[str] | None]:
    name = next((name for name in names if name in policy), names[-1])
    return name, policy.get(name)


def _is_trusted(sources: Sequence[str], script: Element) -> bool:
    return bool(script.nonce) and f"'nonce-{script.nonce}'" in sources


def _hashed(sources: Sequence[str], script: Element) -> bool:
    return all(f"'{digest}'" in sources for digest in script.integrity.split())


def _matches(sources: Sequence[str], page: str, url: str) -> bool:
    asked, own = urlsplit(url), urlsplit(page)
    return any(_match(source, own, asked) for source in sources)


def _match(source: str, own: SplitResult, asked: SplitResult) -> bool:
    """CSP3 §6.7.2: what is https where http was written is allowed too."""
    text = source.lower()
    if text == "*":
        return asked.scheme in {"http", "https", "ws", "wss", own.scheme}
    if text == "'self'":
        same = asked.hostname == own.hostname and _same_scheme(own.scheme, asked.scheme)
        return same and (_port(asked) == _port(own) or (_port(own) == 80 and _port(asked) == 443))
    if _SCHEME.fullmatch(text):
        return _same_scheme(text[:-1], asked.scheme)
    parts = _HOST.fullmatch(source)
    if parts is None:
        return False
    scheme, host, port, path = parts.groups()
    return (
        _same_scheme((scheme or own.scheme).lower(), asked.scheme)
        and _same_host(host.lower(), (asked.hostname or "").lower())
        and _same_port(port, asked)
        and _same_path(path or "", asked.path)
    )


def _same_scheme(told: str, asked: str) -> bool:
    return asked == told or (told, asked) in {("http", "https"), ("ws", "wss")}


def _same_host(told: str, asked: str) -> bool:
    if told == "*":
        return True
    return asked.endswith(told[1:]) if told.startswith("*.") else asked == told.strip("[]")


def _same_port(told: str | None, asked: SplitResult) -> bool:
    if told is None:
        return _port(asked) == _PORTS.get(asked.scheme)
    return told == "*" or int(told) == _port(asked) or (int(told), _port(asked)) == (80, 443)


def _same_path(told: str, asked: str) -> bool:
    if told in ("", "/"):
        return True
    return asked.startswith(told) if told.endswith("/") else asked == told


def _port(url: SplitResult) -> int | None:
    try:
        return url.port or _PORTS.get(url.scheme)
    except ValueError:
        return None
