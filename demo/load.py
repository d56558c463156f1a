"""Creates the demo tenants and sends their histories; picks up where an interrupted run stopped."""

import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from demo.dates import weeks_until
from demo.sender import Connection, post, send
from demo.shops import SHOPS, Shop
from demo.state import LoadedTenant, SignIn, State, load_state, save_state

EMAIL = "demo@example.com"
# A full load stores its progress this often; a kill repeats at most that much, which counts once anyhow.
SAVE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator's door of one gateway."""

    gateway: str
    key: str
    connection: Connection

    def post(self, path: str, body: dict[str, Any], request_id: str) -> dict[str, Any]:
        """The decoded answer; `request_id` makes a repeated request harmless."""
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": request_id,
        }
        answer = post(self.connection, path, headers, msgspec.json.encode(body))
        decoded: dict[str, Any] = msgspec.json.decode(answer)
        return decoded


@dataclass(slots=True)
class Progress:
    """Shows how far a history is: one line that rewrites itself, in a log one every few seconds."""

    name: str
    total: int
    done: int
    started: float = field(default_factory=time.monotonic)
    shown: float = 0.0

    def show(self, last: bool = False) -> None:
        """Print unless that was done a moment ago."""
        terminal = sys.stdout.isatty()
        now = time.monotonic()
        if not last and now - self.shown < (0.2 if terminal else 2.0):
            return
        self.shown = now
        line = f"demo: {self.name}: {self.done:,} of {self.total:,} events ({self.done / self.total:.0%})"
        if last:
            line += f" in {now - self.started:.1f} s"
        sys.stdout.write(f"\r{line}" if terminal else f"{line}\n")
        if terminal and last:
            sys.stdout.write("\n")
        sys.stdout.flush()


def load(gateway: str, operator_key: str, path: Path, original_dates: bool) -> None:
    """Bring every demo tenant to its full history; nothing happens when that is already so."""
    state = load_state(path)
    if state is not None and state.finished:
        print("demo: loaded already, nothing to do")
        return
    if state is None:
        state = State(secrets.token_hex(8), SignIn(EMAIL, secrets.token_urlsafe(12)))
        save_state(path, state)
    operator = Operator(gateway, operator_key, Connection(gateway))
    for shop in SHOPS:
        tenant = _tenant(operator, state, shop, original_dates)
        save_state(path, state)
        _ensure_teammate(operator, state, tenant)
        save_state(path, state)
        if not tenant.finished:
            _send_history(gateway, shop, tenant, lambda: save_state(path, state))
    state.finished = True
    save_state(path, state)


def _tenant(operator: Operator, state: State, shop: Shop, original_dates: bool) -> LoadedTenant:
    known = next((tenant for tenant in state.tenants if tenant.key == shop.key), None)
    if known is not None:
        return known
    wall_clock = datetime.now(shop.zone).replace(tzinfo=None)
    answer = operator.post(
        "/v1/operator/tenants",
        {
            "name": shop.name,
            "time_zone": shop.time_zone,
            "currency": shop.currency,
            "locale": shop.locale,
            "demo": True,
        },
        f"{state.load_id}-{shop.key}",
    )
    tenant = LoadedTenant(
        key=shop.key,
        id=answer["id"],
        name=shop.name,
        time_zone=shop.time_zone,
        currency=shop.currency,
        write_key=answer["write_key"],
        secret_key=answer["secret_key"],
        weeks=0 if original_dates else weeks_until(wall_clock, shop.last_at),
    )
    state.tenants.append(tenant)
    return tenant


def _ensure_teammate(operator: Operator, state: State, tenant: LoadedTenant) -> None:
    sign_in = state.sign_in
    if tenant.id in sign_in.tenants:
        return
    operator.post(
        f"/v1/operator/tenants/{tenant.id}/teammates",
        {"email": sign_in.email, "password": sign_in.password, "role": "owner"},
        f"{state.load_id}-teammate-{tenant.key}",
    )
    sign_in.tenants.append(tenant.id)


def _send_history(gateway: str, shop: Shop, tenant: LoadedTenant, save: Callable[[], None]) -> None:
    total = sum(1 for _ in shop.events(shop.data, tenant.weeks, shop.zone))
    progress = Progress(shop.name, total, tenant.sent)
    saved_at = time.monotonic()

    def sent(count: int) -> None:
        nonlocal saved_at
        tenant.sent += count
        progress.done = tenant.sent
        progress.show()
        if time.monotonic() - saved_at > SAVE_SECONDS:
            save()
            saved_at = time.monotonic()

    rest = islice(shop.events(shop.data, tenant.weeks, shop.zone), tenant.sent, None)
    try:
        send(gateway, tenant.secret_key, rest, sent)
    finally:
        save()
    tenant.finished = True
    save()
    progress.show(last=True)
