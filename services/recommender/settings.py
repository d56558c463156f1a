"""What the recommender service is told from outside."""

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment RECOMMENDER_*."""

    model_config = SettingsConfigDict(env_prefix="RECOMMENDER_", frozen=True, extra="ignore")
