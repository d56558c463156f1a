"""What the campaign service is told from outside."""

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment CAMPAIGN_*."""

    model_config = SettingsConfigDict(env_prefix="CAMPAIGN_", frozen=True, extra="ignore")
