"""One visitor's request: session, language, and the page that answers, with what it tells the snippet."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from demo.storefront.catalogue import Catalogue
from demo.storefront.memory import ENCODER, Memory, Session
from demo.storefront.telling import Line, total
from demo.storefront.words import LANGUAGES, Language, Tongue, language_of

SESSION_COOKIE = "shop_session"
LANGUAGE_COOKIE = "shop_language"
_COOKIE_SECONDS = 30 * 86_400
_MOST_FORM_BYTES = 10_000
_BROWSER_ID = re.compile(r"\w{1,64}")
_FOLDER = Path(__file__).parent


@dataclass(slots=True)
class Snippet:
    """What a page needs to load the snippet; `stub` is None until the gateway has told it."""

    gateway: str
    write_key: str
    stub: str | None = None


@dataclass(slots=True)
class Pages:
    """Everything that pages are made from."""

    catalogue: Catalogue
    memory: Memory
    snippet: Snippet
    tongues: dict[Language, Tongue] = field(
        default_factory=lambda: {language: Tongue(language) for language in LANGUAGES}
    )
    templates: Environment = field(
        default_factory=lambda: Environment(
            loader=FileSystemLoader(_FOLDER / "templates"), autoescape=True, undefined=StrictUndefined
        )
    )

    def visit(self, request: Request) -> "Visit":
        """Who asks, and in which language."""
        language = language_of(
            request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", "")
        )
        session = self.memory.session(request.cookies.get(SESSION_COOKIE))
        return Visit(self, request, session, self.tongues[language])


@dataclass(slots=True)
class Visit:
    """`tell` collects calls of the snippet that the answered page makes, each a method and its words."""

    pages: Pages
    request: Request
    session: Session
    tongue: Tongue
    tells: list[list[Any]] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        """The cart; a product that is no longer sold has left it."""
        products = self.pages.catalogue.products
        return [Line(products[code], n) for code, n in self.session.cart.items() if code in products]

    @property
    def browser_id(self) -> str | None:
        """The snippet's id, which is there only with consent."""
        told = self.request.cookies.get("nx_id", "")
        return told if _BROWSER_ID.fullmatch(told) else None

    def tell(self, method: str, *words: object) -> None:
        """The page that answers now makes this call."""
        self.tells.append([method, *words])

    def tell_next(self, method: str, *words: object) -> None:
        """The page after the redirect makes it: what a form did is known when it is done."""
        self.session.to_tell.append([method, *words])

    async def form(self) -> Callable[[str], str]:
        """The fields of a posted form, trimmed; "" for one that is missing."""
        body = b""
        async for part in self.request.stream():
            body += part
            if len(body) > _MOST_FORM_BYTES:
                break
        fields = parse_qs(body[:_MOST_FORM_BYTES].decode(errors="replace"))
        return lambda name: fields.get(name, [""])[0].strip()[:200]

    def page(self, template: str, status: int = 200, **values: object) -> Response:
        """A whole page. What waited to be told goes before what it tells itself."""
        pages, nonce = self.pages, secrets.token_urlsafe(12)
        tells = [*self.session.to_tell, *self.tells]
        if self.session.to_tell:
            self.session.to_tell = []
            pages.memory.keep(self.session)
        content = pages.templates.get_template(template).render(
            visit=self,
            tongue=self.tongue,
            say=self.tongue.say,
            name=self.tongue.name,
            money=self.tongue.money,
            categories=pages.catalogue.categories.values(),
            products=pages.catalogue.products,
            total=total,
            snippet=pages.snippet,
            nonce=nonce,
            tells=_json(tells),
            json=_json,
            n_cart=sum(self.session.cart.values()),
            **values,
        )
        answer = HTMLResponse(content, status)
        answer.headers["content-security-policy"] = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
            f"connect-src {pages.snippet.gateway}; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )
        # What a page tells, it tells once: not again out of a cache.
        answer.headers["cache-control"] = "no-store"
        return answer

    def go(self, path: str) -> Response:
        """After a form: the session is kept, and the browser asks for `path`."""
        self.pages.memory.keep(self.session)
        answer = RedirectResponse(path, 303)
        answer.set_cookie(
            SESSION_COOKIE, self.session.id, max_age=_COOKIE_SECONDS, httponly=True, samesite="lax"
        )
        return answer


def _json(value: object) -> str:
    return ENCODER.encode(value).decode()


def own_path(path: str) -> str:
    """A path of ours to go back to; anything else is the front page."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
