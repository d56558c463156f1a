"""What identity is told from outside."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment IDENTITY_*."""

    model_config = SettingsConfigDict(env_prefix="IDENTITY_", frozen=True, extra="ignore")

    stream_max_bytes: int = Field(
        4 * 1024**3, description="the stream of resolved events refuses more from this size; identity waits"
    )
    cached_identifiers: int = Field(
        100_000, gt=0, description="identifiers of each sort kept in memory per tenant, up to twice as many"
    )
    gather_seconds: float = Field(
        0.05, ge=0, description="how long a transaction waits for more messages once it has one"
    )
    group_messages: int = Field(256, gt=0, description="most accepted messages resolved in one transaction")
    group_bytes: int = Field(
        8 * 1024**2, gt=0, description="most bytes of events resolved in one transaction"
    )
