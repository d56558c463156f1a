"""The gateway: where its parts meet."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.background import in_background
from chassis.bus import Bus, connect_bus, require_durable
from chassis.database import Engine, open_engine
from chassis.job_runner import child_process, run_jobs
from chassis.process import run, run_migrations
from services.gateway.audit import AuditLog
from services.gateway.auth import Door
from services.gateway.calls import Calls
from services.gateway.clients import connect_clients
from services.gateway.domain.addresses import networks
from services.gateway.erasures import Receipts
from services.gateway.files import Files
from services.gateway.http_server import serve_http
from services.gateway.impersonations import Impersonations
from services.gateway.keyring import follow_keys
from services.gateway.live import LiveFeed
from services.gateway.mail import Mail
from services.gateway.partners import Partners
from services.gateway.proxies import behind_proxies
from services.gateway.publisher import ACCEPTED_TOPIC, REJECTED_TOPIC, open_publisher
from services.gateway.reception import reception
from services.gateway.replays import Replays
from services.gateway.routes.app import open_api
from services.gateway.routes.parts import Parts
from services.gateway.sealing import Sealer
from services.gateway.settings import Settings
from services.gateway.subscriptions import (
    ACCEPTED,
    IMPORTED,
    IMPORTED_TOPIC,
    REJECTED,
    purge_passed,
    store_rejected,
    tidy,
)
from services.gateway.tracking import TrackingApp, is_tracking_path
from services.gateway.upkeep import keep_up
from services.gateway.usage import run_meter
from services.gateway.verification import follow_verification

NAME = "gateway"
MIGRATIONS = Path(__file__).parent / "migrations"
# A long import holds up nobody else's work, and two of them leave room for what is short.
_JOBS_AT_ONCE = 3


@asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[None]:
    """Entered: events are accepted. Left: nothing that was sent here is lost.

    It needs the bus to start, and nothing else: without the database it knows no keys yet and says so, and
    what identity and insight would answer is answered 503 until they are there.
    """
    if settings.environment == "production":
        await _require_production(settings)
    sealer = Sealer(settings.encryption_key.get_secret_value())
    async with (
        connect_bus(settings.bus_url.get_secret_value(), name=NAME) as bus,
        open_engine(settings.database_url.get_secret_value(), pool_size=10) as engine,
        connect_clients(settings) as clients,
        run_jobs(engine, child_process(NAME), concurrency=_JOBS_AT_ONCE) as jobs,
        follow_keys(engine) as keys,
        run_meter(engine) as meter,
        follow_verification(engine, sealer) as verification,
        open_publisher(bus) as publisher,
    ):
        await _prepare_streams(settings, bus)
        audit, mail = AuditLog(engine), _mail(settings, engine, sealer)
        desk = reception(settings, engine, sealer, mail, audit)
        parts = Parts(
            settings=settings,
            engine=engine,
            bus=bus,
            keys=keys,
            clients=clients,
            door=Door(engine, keys, desk.sessions),
            passwords=desk.passwords,
            attempts=desk.attempts,
            sign_in=desk.sign_in,
            accounts=desk.accounts,
            factors=desk.factors,
            passkeys=desk.passkeys,
            single_sign_on=desk.single_sign_on,
            live=LiveFeed(bus),
            replays=Replays(engine, bus, verification),
            jobs=jobs,
            files=Files(settings.files_url),
            audit=audit,
            impersonations=Impersonations(engine, audit, mail),
            mail=mail,
            meter=meter,
            calls=Calls(),
            partners=Partners(engine),
            receipts=Receipts(engine, clients, settings),
            sealer=sealer,
            verification=verification,
        )
        tracking = TrackingApp(keys, publisher, meter.add_events, verification.of)
        app = _both(tracking, behind_proxies(open_api(parts), networks(settings.trusted_proxies)))
        async with (
            in_background(store_rejected(engine, bus)),
            in_background(purge_passed(bus)),
            in_background(tidy(engine, desk.sessions.lifetimes.idle)),
            in_background(parts.mail.send_letters()),
            in_background(parts.audit.keep_anchored()),
            in_background(parts.impersonations.end_overdue()),
            keep_up(parts),
            serve_http(
                app,
                listen=settings.listen,
                listen_fd=settings.listen_fd,
                drain_seconds=settings.drain_seconds,
            ),
            _watched(parts.live),
        ):
            _collect_garbage_rarely()
            yield


def _mail(settings: Settings, engine: Engine, sealer: Sealer) -> Mail:
    url = settings.smtp_url.get_secret_value() if settings.smtp_url else None
    return Mail(engine, sealer, url, settings.mail_from)


def _collect_garbage_rarely() -> None:
    """What a start leaves behind lives for ever, requests make few cycles: looking was a sixth of each."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def _require_production(settings: Settings) -> None:
    """Refuse what would promise less than it says: a bus that forgets, cookies that travel in clear."""
    if not settings.public_url.startswith("https://"):
        raise SystemExit("GATEWAY_PUBLIC_URL: production needs the https:// address that browsers use")
    if settings.smtp_url is None:
        raise SystemExit("GATEWAY_SMTP_URL: production needs a mail server for invitations and resets")
    if settings.private_outbound:
        raise SystemExit("GATEWAY_PRIVATE_OUTBOUND: production fetches from public https:// addresses only")
    if settings.bus_system_url is None:
        raise SystemExit("GATEWAY_BUS_SYSTEM_URL: production needs it to see that the bus is durable")
    await require_durable(settings.bus_system_url.get_secret_value())


async def _prepare_streams(settings: Settings, bus: Bus) -> None:
    for name, topic, max_bytes in (
        (ACCEPTED, ACCEPTED_TOPIC, settings.accepted_max_bytes),
        (IMPORTED, IMPORTED_TOPIC, settings.imported_max_bytes),
        (REJECTED, REJECTED_TOPIC, settings.rejected_max_bytes),
    ):
        await bus.ensure_stream(name, [topic], max_bytes=max_bytes)


def _both(tracking: TrackingApp, other: ASGIApp) -> ASGIApp:
    """Tracking calls first: they are almost all there is."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if is_tracking_path(scope["path"]):
            await tracking(scope, receive, send)
        else:
            await other(scope, receive, send)

    return app


@asynccontextmanager
async def _watched(live: LiveFeed) -> AsyncIterator[None]:
    """Left before the server: open feeds would keep it from draining."""
    try:
        yield
    finally:
        live.close()


def main(arguments: list[str]) -> None:
    """`python -m services gateway [--print-config | migrate]`."""
    match arguments:
        case ["migrate"]:
            run_migrations(NAME, Settings, MIGRATIONS)
        case _:
            run(NAME, service, Settings, arguments)
