"""Where one installation on this machine keeps its data and which ports it takes."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[1]


class LaptopSettings(BaseSettings):
    """Two checkouts run at once when both differ."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="NEXUS_", extra="ignore")

    data: Path = Field(Path("var"), description="the data folder; relative to the checkout")
    port_base: int = Field(8400, ge=1024, le=65_000, description="the gateway's port; others follow it")
    demo: Literal["current", "original", "none"] = Field(
        "current", description="demo tenants with dates moved to this week, with their own dates, or none"
    )

    backup_days: int = Field(
        35, ge=1, le=35, description="backups older than this are deleted when the next one is made"
    )
    log_days: float = Field(7, gt=0, le=7, description="a line of a part's log is gone at this age")
    segments_seconds: float = Field(
        6 * 3600,
        gt=0,
        le=12 * 3600,
        description="how often PostgreSQL begins a new log segment and removes those it no longer needs",
    )
    old_parts_seconds: int = Field(
        480, gt=0, le=3600, description="how long replaced files of ClickHouse stay on the disk"
    )

    @property
    def folder(self) -> Path:
        """The data folder's full path."""
        return (ROOT / self.data).resolve()
