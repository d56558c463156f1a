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

    @property
    def folder(self) -> Path:
        """The data folder's full path."""
        return (ROOT / self.data).resolve()
