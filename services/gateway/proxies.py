"""Believes what our own proxies say about where a request comes from, and nobody else."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.domain.addresses import Network, client_address


def behind_proxies(app: ASGIApp, trusted: Sequence[Network]) -> ASGIApp:
    """`app`, told the client's address instead of a trusted proxy's."""
    if not trusted:
        return app

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("client"):
            peer, port = scope["client"]
            lines = [
                value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"
            ]
            forwarded = [part.strip() for line in lines for part in line.split(",") if part.strip()]
            scope["client"] = (client_address(peer, forwarded, trusted), port)
        await app(scope, receive, send)

    return told
