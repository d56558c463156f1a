"""`python -m services up`: the whole system in the foreground, from nothing to a shop's numbers on screen."""

import asyncio
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
from pydantic import ValidationError

from demo.state import State, load_state
from engines.console import Console
from engines.control import NotRunning, ask_restart, serve_control
from engines.credentials import SERVICES, CredentialsUnreadable, load_credentials, write_private
from engines.installation import AlreadyRunning, PortTaken, check_ports, end_earlier_run, listen, own
from engines.laptop import Laptop
from engines.lifetimes import keep_files_young
from engines.migrations import migrate_services
from engines.postgres import PostgresFailed
from engines.settings import LaptopSettings
from engines.supervisor import PartFailed, Supervisor

_EXPECTED = (AlreadyRunning, PortTaken, PartFailed, PostgresFailed, CredentialsUnreadable)


def main(arguments: list[str]) -> None:
    """Run until Ctrl-C or SIGTERM."""
    if arguments:
        sys.exit(
            "up takes no arguments; see NEXUS_DATA, NEXUS_PORT_BASE and NEXUS_DEMO in engines/settings.py"
        )
    settings = _settings()
    # What any part writes is for our own user, also in a data folder that others may enter.
    os.umask(0o077)
    try:
        with own(settings.folder):
            asyncio.run(_live(settings))
    except _EXPECTED as error:
        sys.exit(f"\n{error}")


def restart(arguments: list[str]) -> None:
    """`python -m services restart <part>`: replace one part of the running system."""
    if len(arguments) != 1:
        sys.exit("usage: python -m services restart <part>")
    try:
        seconds = ask_restart(_settings().folder, arguments[0])
    except (NotRunning, ValueError) as error:
        sys.exit(str(error))
    print(f"{arguments[0]} restarted in {seconds:.1f} s")


def _settings() -> LaptopSettings:
    try:
        return LaptopSettings()
    except ValidationError as error:
        sys.exit("\n".join(f"NEXUS_{fault['loc'][0]}: {fault['msg']}".upper() for fault in error.errors()))


async def _live(settings: LaptopSettings) -> None:
    """Bring everything up, wait for a signal or a failure, bring everything down."""
    say = Console()
    folder = settings.folder
    for stale in ("up.json", "parts.json"):
        (folder / stale).unlink(missing_ok=True)
    credentials = load_credentials(folder / "secrets.json")
    laptop = Laptop(folder, settings.port_base, credentials, old_parts_seconds=settings.old_parts_seconds)
    if n_ended := end_earlier_run(folder) + laptop.postgres.end_earlier_run():
        say(f"ended {n_ended} processes of an earlier run")
    check_ports(laptop.ports)
    supervisor = Supervisor(folder, say)
    stop = _stop_signal(supervisor)
    with listen(laptop.ports["gateway"]) as public:
        system = asyncio.create_task(System(settings, laptop, supervisor, say, public).live())
        await asyncio.wait([system, stop], return_when=asyncio.FIRST_COMPLETED)
        say("stopping")
        system.cancel()
        ended = await asyncio.gather(system, return_exceptions=True)
        async with say.progress("accepted work is being finished by", supervisor.running):
            await supervisor.stop()
    (folder / "up.json").unlink(missing_ok=True)
    say(f"stopped; the data stays in {folder}")
    if isinstance(ended[0], Exception):
        raise ended[0]


def _stop_signal(supervisor: Supervisor) -> "asyncio.Future[None]":
    """Done at the first Ctrl-C, SIGTERM or hang-up; a second one waits for nobody."""
    loop = asyncio.get_running_loop()
    asked = loop.create_future()

    def ask() -> None:
        if asked.done():
            supervisor.kill()
        else:
            asked.set_result(None)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ask)
    return asked


@dataclass(frozen=True)
class System:
    """Everything of one installation, from the first engine to the demo tenants."""

    settings: LaptopSettings
    laptop: Laptop
    supervisor: Supervisor
    say: Console
    public: socket.socket

    async def live(self) -> None:
        """Start all in order, tell the user where it is, watch over it; ends only by an error."""
        last_port = max(self.laptop.ports.values())
        self.say(f"data in {self.laptop.folder}, ports {self.settings.port_base} to {last_port}")
        async with serve_control(self.laptop.folder, self.supervisor):
            async with self.say.progress("waiting for", self.supervisor.waiting_for):
                await self._start()
            demo = await self._demo()
            if demo is not None:
                await self.supervisor.start([self.laptop.shop(self._demo_state)])
            self._announce(demo)
            await self._watch()

    async def _watch(self) -> None:
        """Until a part fails for good."""
        keeping = asyncio.create_task(
            keep_files_young(
                self.laptop.postgres,
                self.laptop.folder / "logs",
                segments_seconds=self.settings.segments_seconds,
                logs_seconds=self.settings.log_days * 86_400,
            )
        )
        try:
            # An error of the keeping ends the system, too: nobody would notice that it no longer runs.
            await asyncio.wait([keeping, self.supervisor.failed], return_when=asyncio.FIRST_COMPLETED)
            await (self.supervisor.failed if self.supervisor.failed.done() else keeping)
        finally:
            keeping.cancel()

    async def _start(self) -> None:
        with self.supervisor.awaiting("the data folder of postgres"):
            await asyncio.to_thread(self.laptop.prepare)
        await self.supervisor.start(self.laptop.engines())
        await migrate_services(self.laptop, self.supervisor, SERVICES, self.say)
        await self.supervisor.start(self.laptop.services(self.public.fileno()))

    @property
    def _demo_state(self) -> Path:
        return self.laptop.folder / "demo.json"

    async def _demo(self) -> State | None:
        """The demo tenants, loaded on the first start; an interrupted load goes on."""
        path = self._demo_state
        if self.settings.demo == "none":
            return None
        state = load_state(path)
        if state is None or not state.finished:
            self.say("loading the demo tenants, real shops' data, once")
            await self.supervisor.run_once(
                self.laptop.demo(path, self.settings.demo == "original"), show=True
            )
            state = load_state(path)
        return state

    def _announce(self, demo: State | None) -> None:
        facts: dict[str, object] = {"gateway": self.laptop.gateway_url, "tenants": [], "sign_in": None}
        facts["shop"] = None if demo is None else self.laptop.shop_url
        if demo is not None:
            names = ("id", "name", "write_key", "secret_key")
            facts["tenants"] = [{name: getattr(tenant, name) for name in names} for tenant in demo.tenants]
            facts["sign_in"] = {"email": demo.sign_in.email, "password": demo.sign_in.password}
        write_private(
            self.laptop.folder / "up.json", msgspec.json.format(msgspec.json.encode(facts), indent=2)
        )
        self.say("everything is ready\n")
        print(f"    gateway   {self.laptop.page_url}")
        print(f"    API docs  {self.laptop.gateway_url}/docs")
        if demo is not None:
            print(f"    shop      {self.laptop.shop_url}")
            print(f"    sign in   {demo.sign_in.email}  {demo.sign_in.password}")
            for tenant in demo.tenants:
                print(f"    tenant    {tenant.name}  {tenant.id}  write key {tenant.write_key}")
        print(f"    keys      {self.laptop.folder / 'up.json'}")
        print("\n    Ctrl-C stops everything and keeps the data.\n", flush=True)
