"""Typed, frozen settings: read once from the environment, printable without secrets."""

import json
import sys
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """What every service is told from outside; subclasses set `env_prefix` and add their own.

    Addresses are all that differs between a laptop and a cluster.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    environment: Literal["laptop", "production"] = Field(
        "laptop", description="production refuses to start on engines that promise too little"
    )
    listen: str = Field(description="host:port of the gRPC server")
    admin_listen: str = Field(description="host:port of /metrics, /healthz and /readyz; never public")
    database_url: SecretStr = Field(
        description="postgresql:// with the service's own role, which owns nothing"
    )
    migration_database_url: SecretStr | None = Field(
        None, description="postgresql:// of the owner; only `migrate` needs it"
    )
    bus_url: SecretStr = Field(description="nats:// with the service's own user")
    signing_key: SecretStr = Field(description="this service's Ed25519 private JWK")
    trusted_keys: dict[str, str] = Field(description="calling service → its Ed25519 public JWK")
    drain_seconds: float = Field(20, description="how long accepted work may take to finish after SIGTERM")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="the least grave events that are logged"
    )
    otlp_endpoint: str | None = Field(None, description="OTLP/HTTP collector; unset: no traces leave")
    trace_share: float = Field(
        0.01, ge=0, le=1, description="share of requests without a parent that are traced"
    )

    def printable(self) -> str:
        """All settings as JSON, secrets as stars."""
        return json.dumps(json.loads(self.model_dump_json()), indent=2, ensure_ascii=False)


S = TypeVar("S", bound=ServiceSettings)


def host_and_port(address: str) -> tuple[str, int]:
    """("127.0.0.1", 7000) of "127.0.0.1:7000"; an IPv6 host comes without its brackets."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def load_settings(settings_type: type[S]) -> S:
    """Settings from the environment, or an exit that names each wrong variable."""
    try:
        return settings_type()
    except ValidationError as error:
        prefix = str(settings_type.model_config.get("env_prefix", ""))
        for fault in error.errors():
            name = prefix + "_".join(str(part) for part in fault["loc"]).upper()
            sys.stderr.write(f"{name}: {fault['msg']}\n")
        sys.exit(2)
