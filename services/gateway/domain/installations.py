"""What a shop's page shows of the snippet: whether it is there, complete, and allowed to work."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Literal
from urllib.parse import urljoin, urlsplit

from services.gateway.domain.content_security import (
    Element,
    policies,
    refuses_connection,
    refuses_inline,
    refuses_script,
)

Level = Literal["good", "note", "warning", "bad"]
# Whose the snippet's file is: this gateway's, directly or through a host that hands requests on to it.
Source = Literal["ours", "handed on", "missing", "elsewhere"]
# Ours, whatever host hands it on: /nx/v1.js, or a version with its digest.
_FILE = re.compile(r"(?P<base>.*)/nx/(?P<name>(?:v1|\d+\.\d+\.\d+-[0-9a-f]+)\.js)")
_SECRET = re.compile(r"sk_live_[A-Za-z0-9]{32}")
_CONTAINER = re.compile(r"\bGTM-[A-Z0-9]{4,10}\b")
_TAG_MANAGER = "googletagmanager.com"
_STUB = re.compile(r"\bnx\b.{0,80}\bconsent\b", re.S)
_CLASSIC = frozenset({"", "text/javascript", "application/javascript"})
_MOST_CHARS_TOLD = 300


@dataclass(frozen=True, slots=True)
class Script:
    """A script element with the attributes that matter here."""

    attributes: Mapping[str, str]
    text: str = ""

    @property
    def src(self) -> str:
        return self.attributes.get("src", "").strip()


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it was fetched: where redirects ended, its status, and what it says."""

    url: str
    status: int
    content_type: str
    policies: Sequence[str]
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is right, or is to be mended; `facts` are what its sentence names."""

    code: str
    level: Level
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key of the shop, as far as a page is concerned."""

    name: str
    sends: bool
    in_force: bool
    allowed_origins: Sequence[str]


@dataclass(frozen=True, slots=True)
class Installed:
    """The snippet as it stands in a page."""

    file: str
    name: str
    base: str
    script: Script

    @property
    def floating(self) -> bool:
        """Whether its content follows our fixes."""
        return self.name == "v1.js"

    @property
    def key(self) -> str:
        return self.script.attributes.get("data-key", "").strip()


class Reading(HTMLParser):
    """The scripts of a page, and the policies that it names itself."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[Script] = []
        self.policies: list[str] = []
        self._inside: Script | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in reversed(attrs)}
        if tag == "script":
            self._inside = Script(told)
            self.scripts.append(self._inside)
        elif tag == "meta" and told.get("http-equiv", "").lower() == "content-security-policy":
            self.policies.append(told.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self.scripts[-1] = self._inside = Script(self._inside.attributes, self._inside.text + data)


def installed(page: Seen, reading: Reading) -> list[Installed]:
    """Every script element that loads the snippet, in the page's order."""
    found = []
    for script in reading.scripts:
        try:
            url = urljoin(page.url, script.src) if script.src else ""
        except ValueError:
            # A broken address of somebody else's script is not our matter.
            continue
        file = _FILE.fullmatch(url.split("?")[0])
        if file is not None:
            found.append(Installed(url, file["name"], file["base"], script))
    return found


def of_page(page: Seen) -> list[Finding]:
    """What is to be said of the page itself."""
    found = []
    if page.status >= 400:
        found.append(Finding("PAGE_FAILED", "bad", {"status": str(page.status)}))
    elif "html" not in page.content_type.lower():
        found.append(Finding("NO_HTML", "bad", {"content_type": page.content_type[:_MOST_CHARS_TOLD] or "–"}))
    if _SECRET.search(page.text):
        found.append(Finding("SECRET_KEY_SHOWN", "bad"))
    return found


def of_absence(reading: Reading) -> Finding:
    """Why a page may have no snippet: somebody else may put it there, whom only a browser runs."""
    texts = [script.src + script.text for script in reading.scripts]
    managed = next((text for text in texts if _TAG_MANAGER in text), None)
    if managed is None:
        return Finding("SNIPPET_MISSING", "bad")
    container = _CONTAINER.search(" ".join(texts))
    return Finding("SNIPPET_BY_TAG_MANAGER", "warning", {"container": container[0] if container else "GTM"})


def of_snippet(page: Seen, found: Sequence[Installed], source: Source, gateway: str) -> list[Finding]:
    """How it is written: where its file comes from, and its attributes."""
    one = found[0]
    facts = {"file": one.file[:_MOST_CHARS_TOLD]}
    told = [Finding("SNIPPET_FOUND", "good", facts)]
    if len(found) > 1:
        told.append(Finding("SNIPPET_TWICE", "warning", {"times": str(len(found))}))
    if urlsplit(one.file).scheme == "http" and urlsplit(page.url).scheme == "https":
        told.append(Finding("FILE_NOT_SECURE", "bad", facts))
    elif source == "handed on":
        told.append(Finding("FILE_HANDED_ON", "good", {"host": urlsplit(one.file).netloc}))
    elif source == "elsewhere":
        told.append(Finding("FILE_FROM_ELSEWHERE", "bad", {**facts, "host": gateway}))
    elif source == "missing":
        told.append(Finding("FILE_MISSING", "bad", facts))
    foreign = urlsplit(one.file).netloc != urlsplit(page.url).netloc
    return told + _of_attributes(one.script.attributes, floating=one.floating, foreign=foreign)


def _of_attributes(said: Mapping[str, str], *, floating: bool, foreign: bool) -> list[Finding]:
    told = []
    kind = said.get("type", "").strip().lower()
    if kind == "module":
        told.append(Finding("SNIPPET_AS_MODULE", "bad"))
    elif kind not in _CLASSIC:
        told.append(Finding("SNIPPET_HELD_BACK", "note", {"type": kind[:_MOST_CHARS_TOLD]}))
    if said.get("integrity") and floating:
        told.append(Finding("INTEGRITY_OF_WHAT_CHANGES", "bad"))
    elif said.get("integrity") and foreign and "crossorigin" not in said:
        told.append(Finding("INTEGRITY_NOT_READABLE", "bad"))
    if said.get("data-consent") == "pending":
        told.append(Finding("CONSENT_PENDING", "note"))
    if said.get("data-pages") == "off":
        told.append(Finding("PAGES_OFF", "note"))
    if said.get("data-robots") == "allow":
        told.append(Finding("ROBOTS_COUNTED", "warning"))
    return told


def of_key(page: Seen, text: str, known: KnownKey | None) -> Finding:
    """Whether the page's key sends, for this shop, from this page; `known`: the shop's key of that text."""
    if not text:
        return Finding("KEY_MISSING", "bad")
    if _SECRET.fullmatch(text):
        return Finding("KEY_SECRET", "bad")
    if known is None or not known.sends:
        return Finding(
            "KEY_NOT_OF_SHOP", "bad", {"key": f"{text[:8]}…{text[-4:]}" if len(text) > 16 else "…"}
        )
    if not known.in_force:
        return Finding("KEY_ENDED", "bad", {"name": known.name})
    parts = urlsplit(page.url)
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    if known.allowed_origins and origin not in known.allowed_origins:
        return Finding("KEY_FOR_OTHER_ORIGINS", "bad", {"name": known.name, "origin": origin})
    return Finding("KEY_GOOD", "good", {"name": known.name})


def of_policies(page: Seen, reading: Reading, one: Installed) -> list[Finding]:
    """What the page's own Content Security Policy forbids of it; nothing where there is none."""
    in_force = policies([*page.policies, *reading.policies])
    if not in_force:
        return []
    said = one.script.attributes
    script = Element(one.file, said.get("nonce", ""), said.get("integrity", ""))
    stubs = [each for each in reading.scripts if not each.src and _STUB.search(each.text)]
    host = f"{urlsplit(one.file).scheme}://{urlsplit(one.file).netloc}"
    told: dict[str, Finding] = {}
    for policy in in_force:
        refused = refuses_script(policy, page.url, script)
        if refused:
            told["CSP_SCRIPT"] = Finding("CSP_SCRIPT", "bad", {"directive": refused, "host": host})
        refused = refuses_connection(policy, page.url, f"{one.base}/v1/batch")
        if refused:
            told["CSP_CONNECT"] = Finding("CSP_CONNECT", "bad", {"directive": refused, "host": host})
        for stub in stubs:
            inline = Element(nonce=stub.attributes.get("nonce", ""), text=stub.text)
            if refuses_inline(policy, inline):
                told["CSP_STUB"] = Finding("CSP_STUB", "warning")
    return list(told.values()) or [Finding("CSP_GOOD", "good")]
