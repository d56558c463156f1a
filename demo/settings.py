"""The one secret the loader is told, by its environment: other users can read a command line."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Environment DEMO_*."""

    model_config = SettingsConfigDict(env_prefix="DEMO_", frozen=True, extra="ignore")

    operator_key: SecretStr = Field(min_length=1, description="opens the gateway's operator's door")
