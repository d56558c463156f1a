"""What insight is told from outside."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment INSIGHT_*."""

    model_config = SettingsConfigDict(env_prefix="INSIGHT_", frozen=True, extra="ignore")

    clickhouse_url: SecretStr = Field(description="http(s)://user:password@host:port/insight")
    clickhouse_replicated: bool = Field(
        False, description="whether tables are made replicated; decided before the first migration"
    )
    read_back: bool = Field(
        True,
        description="look which rows are there before writing after a failure; false counts twice and "
        "exists only so that a test can show that it would notice",
    )
    block_seconds: float = Field(
        0.25, gt=0, description="how long events are gathered before they are written as one block"
    )
