"""What one installation consists of: its ports, what each service is told, and its parts in order."""

import json
import sys
from pathlib import Path

from engines.backup import restored_at
from engines.credentials import CLICKHOUSE_DATABASES, MAIL_USER, SERVICES, Credentials, write_private
from engines.nats import Nats
from engines.postgres import Postgres
from engines.processes import ANSWERING, BEHIND_THE_DOOR, STORING, Part, accepts, answers

ENGINES = ("postgres", "nats", "clickhouse", "mail")
# Every part of this installation carries it, so that a next start recognises what was left behind.
MARK = "NEXUS_INSTALLATION"


# Who may call whom over gRPC; nobody else is believed.
CALLERS = {service: ("gateway",) for service in ("identity", "insight", "recommender", "campaign")}
_NICENESS = {"gateway": 0, "insight": ANSWERING}


class Laptop:
    """One installation in one folder; see the module's first line."""

    def __init__(
        self, folder: Path, port_base: int, credentials: Credentials, *, old_parts_seconds: int = 480
    ) -> None:
        self.folder = folder
        self._old_parts_seconds = old_parts_seconds
        self._credentials = credentials
        self.ports = _ports(port_base)
        self.postgres = Postgres(folder / "postgres", self.ports["postgres"], credentials.postgres)
        self.nats = Nats(folder / "nats", self.ports["nats"], credentials.nats)

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def page_url(self) -> str:
        """For browsers: a passkey belongs to a name, and an address has none."""
        return f"http://localhost:{self.ports['gateway']}"

    @property
    def shop_url(self) -> str:
        """Another host than the console's: cookies know hosts and no ports."""
        return f"http://127.0.0.1:{self.ports['shop']}"

    def prepare(self) -> None:
        """Everything on disk that the engines expect."""
        self.nats.create()
        users = {
            name: {"password": self._credentials.clickhouse[name], "database": name}
            for name in CLICKHOUSE_DATABASES
        }
        write_private(self.folder / "clickhouse-users.json", json.dumps(users).encode())
        self.postgres.create()

    def engines(self) -> list[Part]:
        """The parts that everything else needs."""
        port = self.ports["clickhouse"]
        command = [sys.executable, "-m", "engines.clickhouse", "--listen", f"127.0.0.1:{port}"]
        command += ["--data", str(self.folder / "clickhouse")]
        command += ["--users", str(self.folder / "clickhouse-users.json")]
        command += ["--old-parts-seconds", str(self._old_parts_seconds)]
        clickhouse = Part(
            "clickhouse",
            command,
            lambda: answers(port, "/ping"),
            environment=self._marked(),
            niceness=STORING,
        )
        nats = self.nats.part()
        return [self.postgres.part(), nats.telling(self._marked()), clickhouse, self._mail()]

    def _mail(self) -> Part:
        port = self.ports["mail"]
        command = [sys.executable, "-m", "engines.mail", "--listen", f"127.0.0.1:{port}"]
        command += ["--data", str(self.folder / "mail")]
        environment = {**self._marked(), "MAIL_PASSWORD": self._credentials.mail}
        return Part("mail", command, lambda: accepts(port), environment=environment, niceness=BEHIND_THE_DOOR)

    def services(self, gateway_descriptor: int) -> list[Part]:
        """The five services; the gateway is given the socket that we listen on for it."""
        return [self._service(name, gateway_descriptor) for name in SERVICES]

    def _service(self, name: str, gateway_descriptor: int) -> Part:
        environment = self.environment(name)
        admin_port = self.ports[f"{name} admin"]
        front = name == "gateway"
        if front:
            environment["GATEWAY_LISTEN_FD"] = str(gateway_descriptor)
        return Part(
            name,
            [sys.executable, "-m", "services", name],
            lambda: answers(admin_port, "/readyz"),
            needs=ENGINES,
            environment=environment,
            descriptors=[gateway_descriptor] if front else [],
            niceness=_NICENESS.get(name, BEHIND_THE_DOOR),
        )

    def migration(self, name: str) -> Part:
        """A child that brings a service's databases to the newest version and ends."""
        owner_url = self.postgres.owner_url(name)
        environment = {**self.environment(name), f"{name.upper()}_MIGRATION_DATABASE_URL": owner_url}
        command = [sys.executable, "-m", "services", name, "migrate"]
        return Part(f"{name}-migrate", command, lambda: True, environment=environment)

    def demo(self, state: Path, original_dates: bool) -> Part:
        """A child that loads the demo tenants through the gateway and ends."""
        command = [sys.executable, "-m", "demo", "load", "--gateway", self.gateway_url, "--state", str(state)]
        command += ["--original-dates"] if original_dates else []
        environment = {**self._marked(), "DEMO_OPERATOR_KEY": self._credentials.operator_key}
        return Part("demo", command, lambda: True, environment=environment)

    def shop(self, state: Path) -> Part:
        """The demonstration shop of the demo's gift shop."""
        port = self.ports["shop"]
        command = [sys.executable, "-m", "demo", "shop", "--gateway", self.gateway_url]
        command += ["--public-gateway", self.page_url, "--state", str(state), "--port", str(port)]
        command += ["--memory", str(self.folder / "shop" / "shop.db"), "--leave-carts"]
        return Part(
            "shop",
            command,
            lambda: answers(port, "/healthz"),
            needs=("gateway",),
            environment=self._marked(),
            niceness=BEHIND_THE_DOOR,
        )

    def environment(self, name: str) -> dict[str, str]:
        """All a service is told: addresses and secrets of its own."""
        told = {
            "LISTEN": self._address(name),
            "ADMIN_LISTEN": self._address(f"{name} admin"),
            "DATABASE_URL": self.postgres.url(name),
            "BUS_URL": self.nats.url(name),
            "SIGNING_KEY": self._credentials.signing[name].private,
            "TRUSTED_KEYS": json.dumps(
                {caller: self._credentials.signing[caller].public for caller in CALLERS.get(name, ())}
            ),
        }
        if name in CLICKHOUSE_DATABASES:
            password = self._credentials.clickhouse[name]
            told["CLICKHOUSE_URL"] = f"http://{name}:{password}@{self._address('clickhouse')}/{name}"
        if name == "insight":
            told["CHECKPOINT_FOLDER"] = str((self.folder / "people").resolve())
        if name == "identity":
            told["LEDGER_URL"] = (self.folder / "erasures").resolve().as_uri()
            told["RESTORED_AT"] = str(restored_at(self.folder))
        if name == "gateway":
            asked_for = ("identity", "insight", "recommender", "campaign")
            told |= {f"{asked.upper()}_ADDRESS": self._address(asked) for asked in asked_for}
            told["OPERATOR_KEY"] = self._credentials.operator_key
            told["ENCRYPTION_KEY"] = self._credentials.encryption_key
            told["SMTP_URL"] = f"smtp://{MAIL_USER}:{self._credentials.mail}@{self._address('mail')}"
            told["PUBLIC_URL"] = self.page_url
            told["PRIVATE_OUTBOUND"] = "true"
            told["FILES_URL"] = (self.folder / "files").resolve().as_uri()
        prefixed = {f"{name.upper()}_{key}": value for key, value in told.items()}
        return prefixed | self._marked() | {"MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1"}

    def _address(self, part: str) -> str:
        return f"127.0.0.1:{self.ports[part]}"

    def _marked(self) -> dict[str, str]:
        return {MARK: str(self.folder)}


def _ports(base: int) -> dict[str, int]:
    """Every port by what listens on it."""
    ports = {name: base + offset for offset, name in enumerate(SERVICES)}
    ports |= {f"{name} admin": base + 10 + offset for offset, name in enumerate(SERVICES)}
    return ports | {name: base + 20 + offset for offset, name in enumerate((*ENGINES, "shop"))}
