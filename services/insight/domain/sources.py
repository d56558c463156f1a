"""Where a visit came from, as its event tells: a campaign, or a page of another host."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

NO_CAMPAIGN = _ABSENT = msgspec.Raw(b"")
_AFTER_SCHEME = len("https://")

# A host belongs to a class when one of its labels, or its last labels, are named here.
_SEARCH_LABELS = frozenset(
    {"google", "bing", "yahoo", "duckduckgo", "baidu", "yandex", "ecosia", "naver", "sogou", "startpage"}
)
_SEARCH_APPS = frozenset({"com.google.android.googlequicksearchbox"})
_SOCIAL_LABELS = frozenset(
    {"facebook", "instagram", "threads", "twitter", "youtube", "linkedin", "pinterest", "reddit", "tiktok"}
    | {"dcard", "ptt", "plurk", "weibo", "whatsapp", "telegram", "messenger", "mobile01"}
)
_SOCIAL_HOSTS = ("t.co", "x.com", "line.me", "t.me", "fb.me", "lin.ee", "youtu.be")


class Page(msgspec.Struct):
    """context.page: where the visitor is, and where from."""

    url: str | None = None
    referrer: str | None = None


class _Elsewhere(msgspec.Struct):
    url: msgspec.Raw = _ABSENT
    referrer: msgspec.Raw = _ABSENT
    page_location: msgspec.Raw = _ABSENT
    page_referrer: msgspec.Raw = _ABSENT


class _Properties(msgspec.Struct):
    properties: _Elsewhere | None = None


class _Campaign(msgspec.Struct):
    source: msgspec.Raw = _ABSENT
    medium: msgspec.Raw = _ABSENT


_campaigns = msgspec.json.Decoder(_Campaign)
_elsewhere = msgspec.json.Decoder(_Properties)
_texts = msgspec.json.Decoder(str)


@dataclass(frozen=True, slots=True)
class Source:
    """`value`: "google / cpc" or "google" of a campaign; search, social or referral of a referrer."""

    value: str
    utm: bool


def source(payload: bytes, campaign: msgspec.Raw, page: Page | None) -> Source | None:
    """None for a visit that came from nowhere else.

    `campaign` and `page` are what the context says; without a page the properties may name the referrer.
    """
    # One comparison for almost every event: this is called for each page view.
    if campaign is not NO_CAMPAIGN and (named := _utm(campaign)):
        return Source(named, utm=True)
    if page is None:
        return _told_elsewhere(payload) if b"referrer" in payload else None
    return _referred(page.referrer, page.url or "") if page.referrer else None


def _utm(campaign: msgspec.Raw) -> str:
    try:
        said = _campaigns.decode(campaign)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    name, medium = _text(said.source), _text(said.medium)
    return f"{name} / {medium}" if name and medium else name


def _told_elsewhere(payload: bytes) -> Source | None:
    """Of events whose properties carry it: GA4's page_referrer, a page call without a context."""
    try:
        said = _elsewhere.decode(payload).properties
    except msgspec.ValidationError:
        said = None
    if said is None:
        return None
    referrer = _text(said.referrer) or _text(said.page_referrer)
    return _referred(referrer, _text(said.url) or _text(said.page_location)) if referrer else None


def _referred(referrer: str, url: str) -> Source | None:
    # Almost every referrer is a page of the same shop.
    end = url.find("/", _AFTER_SCHEME) + 1
    if end and referrer[:end] == url[:end]:
        return None
    host = _host(referrer)
    if not host or host == _host(url):
        return None
    return Source(_class(host), utm=False)


def _class(host: str) -> str:
    labels = frozenset(host.split("."))
    if labels & _SEARCH_LABELS and not host.startswith(("mail.", "accounts.", "docs.")):
        return "search"
    if host in _SEARCH_APPS:
        return "search"
    if labels & _SOCIAL_LABELS or any(host == one or host.endswith(f".{one}") for one in _SOCIAL_HOSTS):
        return "social"
    return "referral"


def _host(url: str) -> str:
    """ "" for what is no address of a page; "www." tells no two hosts apart."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _text(raw: msgspec.Raw) -> str:
    """ "" for anything but a JSON text."""
    sent = bytes(raw)
    if not sent.startswith(b'"'):
        return ""
    try:
        return _texts.decode(sent).strip()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
