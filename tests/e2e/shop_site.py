"""A shop's own site: one page at every address, under a strict policy, with the snippet as the guide says."""

import http.client
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.system import System
from tests.e2e.test_browser_sdk import QUIET

CHROMIUM = "/usr/bin/chromium"
# The snippet takes no events of robots, which Chromium says it is when it is driven.
AS_A_PERSON = "--disable-blink-features=AutomationControlled"
USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
)
_NONCE = "n0nce"
# Where the shop's own server hands requests on to the gateway.
PROXY = "/t"


@dataclass(slots=True)
class Site:
    """`attributes` and `early` belong to the page as it is asked for next."""

    system: System
    write_key: str
    port: int = 0
    attributes: str = ""
    early: str = ""
    body: str = ""
    proxied: bool = False
    # What the proxy passed on: method and path.
    passed: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def other_url(self) -> str:
        """The same server under another host, whose cookies are others."""
        return f"http://localhost:{self.port}"

    def about(self) -> dict[str, str]:
        """What the gateway says of the snippet."""
        connection = http.client.HTTPConnection(*self.system.address, timeout=60)
        connection.request("GET", "/nx/v1.json")
        told: dict[str, str] = json.loads(connection.getresponse().read())
        connection.close()
        return told

    def html(self) -> str:
        about = self.about()
        base = PROXY if self.proxied else self.system.gateway
        return (
            '<!doctype html><html lang="zh-TW"><meta charset="utf-8"><title>小店</title>'
            f'<link rel="icon" href="data:,"><script nonce="{_NONCE}">window.before = Object.keys(window);'
            f"window.own = [];{about['stub']}{self.early}</script>"
            f'<script nonce="{_NONCE}" async src="{base}{about["pinned"]}" integrity="{about["integrity"]}" '
            f'crossorigin="anonymous" data-key="{self.write_key}" {self.attributes}></script>{self.body}'
        )

    def policy(self) -> str:
        gateway = self.system.gateway
        return (
            f"default-src 'none'; script-src 'nonce-{_NONCE}'; connect-src 'self' {gateway}; img-src data:; "
            "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        )


def _handler(site: Site) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            del format, arguments

        def do_GET(self) -> None:
            if self.path.startswith(f"{PROXY}/"):
                self._hand_on()
                return
            content = site.html().encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-security-policy", site.policy())
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self._hand_on()

        def _hand_on(self) -> None:
            path = self.path.removeprefix(PROXY)
            site.passed.append(f"{self.command} {path}")
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            connection = http.client.HTTPConnection(*site.system.address, timeout=30)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            connection.request(self.command, path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"connection", "transfer-encoding", "date", "server"}:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            connection.close()

    return Handler


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """The site on a free port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    site.port = server.server_port
    running = threading.Thread(target=server.serve_forever)
    running.start()
    try:
        yield site
    finally:
        server.shutdown()
        running.join()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that does not look driven."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, AS_A_PERSON])
        yield browser
        browser.close()


@contextmanager
def robot(browser: Browser) -> Iterator[Browser]:
    """Another one of its kind, which does."""
    driven = browser.browser_type.launch(executable_path=CHROMIUM, args=QUIET)
    yield driven
    driven.close()


def visitor(browser: Browser, problems: list[str] | None = None) -> BrowserContext:
    """Somebody who was never here; what their browser complains about goes into `problems`."""
    context = browser.new_context(user_agent=USER_AGENT)

    def listen(page: Page) -> None:
        if problems is None:
            return
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda told: problems.append(told.text) if told.type == "error" else None)

    context.on("page", listen)
    return context


def id_of(context: BrowserContext, host: str = "127.0.0.1") -> str:
    """The id in the snippet's cookie; "" without one."""
    found = [
        each["value"] for each in context.cookies() if each["name"] == "nx_id" and each["domain"] == host
    ]
    return found[0] if found else ""
