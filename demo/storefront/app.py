"""The demonstration shop: its addresses, and what happens at each."""

import asyncio
import contextlib
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from demo.rows import rows
from demo.shops import DATA
from demo.storefront.carts import left_carts
from demo.storefront.catalogue import Catalogue, Product
from demo.storefront.memory import EmailTaken, Member, Memory
from demo.storefront.pictures import picture
from demo.storefront.telling import (
    Reports,
    cart_facts,
    joined_report,
    order_facts,
    order_message,
    order_report,
    product_facts,
)
from demo.storefront.visits import LANGUAGE_COOKIE, Pages, Snippet, Visit, own_path

HISTORY = DATA / "online_retail.parquet"
# Members of the history with most orders, one of whom a visitor can play.
REGULARS = ("12748", "17841", "13089", "14606")
FAVOURITES = ("22423", "85123A", "47566", "20725", "22720", "84879", "22457", "22699")
_MOST_QUANTITY = 99
_MOST_LISTED = 24
_REPORT_EVENTS = 200
_CARTS = "left carts"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_FOLDER = Path(__file__).parent

Handler = Callable[[Visit], Awaitable[Response]]


class Storefront:
    """Every page of the shop."""

    def __init__(self, pages: Pages, reports: Reports, history_members: frozenset[str]) -> None:
        self._pages = pages
        self._catalogue = pages.catalogue
        self._memory = pages.memory
        self._reports = reports
        self._history_members = history_members

    def routes(self) -> list[Route | Mount]:
        """All addresses; whatever else is asked for, there is no page."""
        return [
            self._at("/", self.home),
            self._at("/category/{key}", self.category),
            self._at("/search", self.search),
            self._at("/product/{code}", self.product),
            self._at("/cart", self.cart),
            self._at("/cart", self.change_cart, "POST"),
            self._at("/checkout", self.checkout),
            self._at("/checkout", self.place_order, "POST"),
            self._at("/thanks", self.thanks),
            self._at("/sign-in", self.sign_in_page),
            self._at("/sign-in", self.sign_in, "POST"),
            self._at("/sign-up", self.sign_up, "POST"),
            self._at("/sign-out", self.sign_out, "POST"),
            self._at("/account", self.account),
            self._at("/journal", self.journal),
            self._at("/journal/{slug}", self.article),
            self._at("/language", self.language, "POST"),
            Route("/picture/{code}.svg", self.picture),
            Route("/healthz", lambda _: PlainTextResponse("ok")),
            Mount("/static", StaticFiles(directory=_FOLDER / "static")),
            self._at("/{rest:path}", self.missing),
        ]

    def _at(self, path: str, handler: Handler, method: str = "GET") -> Route:
        async def answer(request: Request) -> Response:
            return await handler(self._pages.visit(request))

        return Route(path, answer, methods=[method])

    async def home(self, visit: Visit) -> Response:
        """The front page."""
        favourites = [self._catalogue.products[code] for code in FAVOURITES]
        return visit.page("home.html", favourites=favourites)

    async def category(self, visit: Visit) -> Response:
        """A whole shelf."""
        category = self._catalogue.categories.get(visit.request.path_params["key"])
        if category is None:
            return await self.missing(visit)
        found = self._catalogue.of_category(category.key)
        listed = [product_facts(product) for product in found[:_MOST_LISTED]]
        visit.tell(
            "track",
            "Product List Viewed",
            {"list_id": category.key, "category": category.en, "products": listed},
        )
        return visit.page(
            "list.html", title=visit.tongue.name(category), found=found, query="", here=category
        )

    async def search(self, visit: Visit) -> Response:
        """What a visitor looks for."""
        query = visit.request.query_params.get("q", "").strip()[:100]
        if not query:
            return visit.go("/")
        found = self._catalogue.search(query)
        visit.tell("track", "Products Searched", {"query": query, "results": len(found)})
        title = visit.tongue.say("results" if found else "results_none", query=query)
        others = [self._catalogue.products[code] for code in FAVOURITES[:4]]
        return visit.page("list.html", title=title, found=found or others, query=query, here=None)

    async def product(self, visit: Visit) -> Response:
        """One product."""
        product = self._catalogue.products.get(visit.request.path_params["code"])
        if product is None:
            return await self.missing(visit)
        visit.tell("track", "Product Viewed", product_facts(product))
        like = self._catalogue.like(product, 4)
        shared = [["track", "Product Shared", {**product_facts(product), "share_via": "link"}]]
        return visit.page("product.html", product=product, like=like, shared=shared)

    async def cart(self, visit: Visit) -> Response:
        """What is in the cart."""
        if visit.lines:
            visit.tell("track", "Cart Viewed", cart_facts(visit.lines))
        added = self._catalogue.products.get(visit.request.query_params.get("added", ""))
        return visit.page("cart.html", lines=visit.lines, added=added)

    async def change_cart(self, visit: Visit) -> Response:
        """Put something in (`by`), or say how many there shall be (`quantity`)."""
        told = await visit.form()
        product = self._catalogue.products.get(told("code"))
        amount = told("by") or told("quantity")
        if product is None or not amount.isascii() or not amount.isdecimal():
            return visit.go("/cart")
        before = visit.session.cart.get(product.code, 0)
        after = min(int(amount[:4]) + (before if told("by") else 0), _MOST_QUANTITY)
        if after:
            visit.session.cart[product.code] = after
        else:
            visit.session.cart.pop(product.code, None)
        if after != before:
            name = "Product Added" if after > before else "Product Removed"
            visit.tell_next("track", name, product_facts(product, abs(after - before)))
        return visit.go(f"/cart?added={product.code}" if told("by") else "/cart")

    async def checkout(self, visit: Visit) -> Response:
        """The last look before an order."""
        if not visit.lines:
            return visit.go("/cart")
        visit.tell("track", "Checkout Started", cart_facts(visit.lines))
        return visit.page("checkout.html", lines=visit.lines)

    async def place_order(self, visit: Visit) -> Response:
        """The browser tells the order on the next page, and our server tells it in any case."""
        told = await visit.form()
        if not visit.lines:
            return visit.go("/cart")
        order_id = f"S{secrets.randbelow(900_000_000) + 100_000_000}"
        delivery = "store" if told("delivery") == "store" else "home"
        facts = order_facts(order_id, visit.lines, delivery)
        self._report(visit.session.member, order_id, order_report(order_id, facts, _who(visit, order_id)))
        visit.tell_next("track", "Order Completed", facts, {"messageId": order_message(order_id)})
        visit.session.cart = {}
        visit.session.order = order_id
        return visit.go("/thanks")

    async def thanks(self, visit: Visit) -> Response:
        """After the order."""
        if visit.session.order is None:
            return await self.missing(visit)
        return visit.page("thanks.html", order_id=visit.session.order)

    async def sign_in_page(self, visit: Visit, problem: str | None = None, who: str = "") -> Response:
        """Signing in and joining, beside each other."""
        onward = own_path(visit.request.query_params.get("next", "/account"))
        status = 200 if problem is None else 422
        return visit.page("sign_in.html", status, problem=problem, who=who, onward=onward, regulars=REGULARS)

    async def sign_in(self, visit: Visit) -> Response:
        """As a member of the shop or of the history."""
        told = await visit.form()
        who = told("who")
        member = self._memory.member(who.lower()) or self._memory.member(who.upper())
        if member is None and who in self._history_members:
            member = Member(who)
        if member is None:
            return await self.sign_in_page(visit, visit.tongue.say("sign_in_unknown", who=who), who)
        self._enter(visit, member, "Signed In")
        return visit.go(own_path(told("next")))

    async def sign_up(self, visit: Visit) -> Response:
        """A new member."""
        told = await visit.form()
        if not _EMAIL.fullmatch(told("email")) or not told("name"):
            return await self.sign_in_page(visit, visit.tongue.say("email_wrong"))
        try:
            member = self._memory.join(told("email").lower(), told("name"))
        except EmailTaken:
            return await self.sign_in_page(visit, visit.tongue.say("email_taken"), told("email"))
        self._report(member.number, None, joined_report(member, told("letters") == "yes"))
        self._enter(visit, member, "Signed Up")
        return visit.go(own_path(told("next")))

    async def sign_out(self, visit: Visit) -> Response:
        """The next visitor of this browser is somebody else."""
        if visit.session.member is not None:
            visit.session.member = None
            visit.tell_next("track", "Signed Out", {})
            visit.tell_next("reset")
        return visit.go("/")

    async def account(self, visit: Visit) -> Response:
        """A member's own page."""
        if visit.session.member is None:
            return visit.go("/sign-in")
        member = self._memory.member(visit.session.member) or Member(visit.session.member)
        return visit.page("account.html", member=member, orders=self._memory.orders(member.number))

    async def journal(self, visit: Visit) -> Response:
        """All articles."""
        return visit.page("journal.html")

    async def article(self, visit: Visit) -> Response:
        """One article; its end tells that it was read."""
        article = visit.tongue.articles.get(visit.request.path_params["slug"])
        if article is None:
            return await self.missing(visit)
        read = {"content_id": article.slug, "title": article.title, "topics": article.topics, "progress": 100}
        goods = [self._catalogue.products[code] for code in article.products]
        return visit.page(
            "article.html", article=article, read=[["track", "Article Read", read]], goods=goods
        )

    async def language(self, visit: Visit) -> Response:
        """The visitor chooses."""
        told = await visit.form()
        answer = visit.go(own_path(told("back")))
        answer.set_cookie(LANGUAGE_COOKIE, told("to"), max_age=365 * 86_400, samesite="lax")
        return answer

    async def picture(self, request: Request) -> Response:
        """A product's picture."""
        product: Product | None = self._catalogue.products.get(request.path_params["code"])
        if product is None:
            return PlainTextResponse("no such product", 404)
        headers = {"cache-control": "public, max-age=3600"}
        return Response(picture(product), media_type="image/svg+xml", headers=headers)

    async def missing(self, visit: Visit) -> Response:
        """There is no such page."""
        return visit.page("missing.html", 404)

    def _enter(self, visit: Visit, member: Member, event: str) -> None:
        visit.session.member = member.number
        visit.tell_next("identify", member.number, {"name": member.name} if member.name else {})
        visit.tell_next("track", event, {"method": "email" if member.email else "number"})

    def _report(self, member: str | None, order_id: str | None, events: list[dict[str, object]]) -> None:
        self._memory.report(member, order_id, events)
        self._reports.wake()


def _who(visit: Visit, order_id: str) -> dict[str, str]:
    """Whose order it is; without consent a guest's is nobody else's."""
    if visit.session.member is not None:
        return {"userId": visit.session.member}
    return {"anonymousId": visit.browser_id or f"order-{order_id}"}


@dataclass(frozen=True, slots=True)
class Place:
    """Its tenant's keys, the gateway, the same as browsers see it, and the shop's own file."""

    write_key: str
    secret_key: str
    gateway: str
    public_gateway: str
    memory: Path


def storefront(place: Place, *, leave_carts: bool) -> Starlette:
    """The whole shop; with `leave_carts` it begins with carts that members of the history left behind."""
    memory = Memory(place.memory)
    pages = Pages(Catalogue(), memory, Snippet(place.public_gateway, place.write_key))
    reports = Reports(memory, place.gateway, place.secret_key)
    customers = {str(number) for (number,) in rows(HISTORY, ("CustomerID",)) if number is not None}
    shop = Storefront(pages, reports, frozenset(customers))

    @contextlib.asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        works = [reports.run(), _learn(pages.snippet, place.gateway)]
        if leave_carts:
            works.append(_leave_carts(pages, reports))
        tasks = [asyncio.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        memory.close()

    return Starlette(routes=shop.routes(), lifespan=living)


async def _learn(snippet: Snippet, gateway: str) -> None:
    """Ask the gateway for the snippet's stub until it answers."""
    async with httpx.AsyncClient(base_url=gateway) as client:
        while snippet.stub is None:
            with contextlib.suppress(httpx.HTTPError):
                answer = await client.get("/nx/v1.json")
                snippet.stub = answer.raise_for_status().json()["stub"]
                return
            await asyncio.sleep(1)


async def _leave_carts(pages: Pages, reports: Reports) -> None:
    """Once: what members of the history left behind. Interrupted and done again, it counts once."""
    if pages.memory.has_seeded(_CARTS):
        return
    now = datetime.now(UTC)
    events = await asyncio.to_thread(lambda: list(left_carts(HISTORY, pages.catalogue, now)))
    for first in range(0, len(events), _REPORT_EVENTS):
        pages.memory.report(None, None, events[first : first + _REPORT_EVENTS])
    pages.memory.seeded(_CARTS)
    reports.wake()
