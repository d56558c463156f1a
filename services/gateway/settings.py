"""What the gateway is told from outside."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings
from services.gateway.domain.addresses import networks


def _networks(text: str) -> str:
    networks(text)
    return text


class Settings(ServiceSettings):
    """Environment GATEWAY_*."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="ignore")

    listen: str = Field(description="host:port of the public HTTP server")
    listen_fd: int | None = Field(
        None, description="an already listening socket to use instead of `listen`; its owner keeps it open"
    )
    public_url: str = Field(
        pattern=r"^https?://[^/\s]+$",
        description="where browsers reach the gateway, without a path; links in letters lead there, passkeys "
        "belong to its host name, https makes cookies secure",
    )
    bus_system_url: SecretStr | None = Field(
        None, description="nats:// of the system account; production asks it whether the bus is durable"
    )
    operator_key: SecretStr = Field(
        # An empty one would open the operator's door to everybody.
        min_length=16,
        description="lets the platform's operator create tenants",
    )
    encryption_key: SecretStr = Field(
        description="32 random bytes in URL-safe base64, seals secrets at rest; former keys after commas"
    )
    smtp_url: SecretStr | None = Field(
        None, description="smtp:// or smtps:// server that takes our letters; unset: they wait"
    )
    mail_from: str = Field("Nexus <no-reply@localhost>", description="sender of our letters")
    identity_address: str = Field(description="host:port of identity")
    insight_address: str = Field(description="host:port of insight")
    recommender_address: str = Field(description="host:port of recommender")
    campaign_address: str = Field(description="host:port of campaign")
    accepted_max_bytes: int = Field(
        4 * 1024**3, description="the stream of accepted events refuses more (503) from this size"
    )
    rejected_max_bytes: int = Field(1024**3, description="the same for rejected events")
    imported_max_bytes: int = Field(
        1024**3, description="the same for imported events: an import waits while so much is not resolved yet"
    )
    import_max_bytes: int = Field(2 * 1024**3, gt=0, description="largest file of an import, unpacked")
    import_file_days: float = Field(
        7, ge=0, description="how long an import's file and its rejected rows are kept after its end"
    )
    files_url: str = Field(
        description="where files are kept: file:///folder, or s3://bucket/prefix, reached as AWS_* says"
    )
    documentation_script: Path = Field(
        Path("node_modules/rapidoc/dist/rapidoc-min.js"), description="RapiDoc, which shows the API at /docs"
    )
    console_folder: Path = Field(
        Path("console/dist"), description="the built console, which is served at / (make console)"
    )
    snippet_folder: Path = Field(
        Path("snippet/dist"), description="the built browser snippet, which is served at /nx/ (make snippet)"
    )
    session_hours: float = Field(12, gt=0, description="how long a sign-in lasts at most")
    session_idle_hours: float = Field(2, gt=0, description="how long a sign-in lasts while nobody uses it")
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field(
        "",
        description="networks whose X-Forwarded-For is believed, with commas, as in 10.0.0.0/8; empty: none",
    )
    private_outbound: bool = Field(
        False, description="let tenants name http:// and private addresses to fetch from; never in production"
    )
    events_per_second: float = Field(
        20_000, gt=0, description="quota of a tenant for whom the operator named none"
    )
    export_days: float = Field(7, gt=0, description="how long the export of a person can be downloaded")
    clean_after_seconds: float = Field(
        4 * 3600, ge=0, description="how long deleted rows may wait until table files are written anew"
    )
    bus_keep_days: int = Field(7, gt=0, description="the longest that the bus keeps an event")
    log_keep_days: int = Field(7, gt=0, description="the longest that logs are kept")
    backup_keep_days: int = Field(35, gt=0, description="the longest that a backup is kept")
    shops_per_owner: int = Field(
        20, ge=0, description="how many shops an owner may own and open another; 0: only operators open shops"
    )
    deletion_grace_hours: float = Field(
        24, ge=0, description="how long an owner may take back the deletion of their tenant"
    )
    retention_seconds: float = Field(
        3600, gt=0, description="how often bad rows and exports that are too old are deleted"
    )
