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
    marks_max_bytes: int = Field(
        256 * 1024**2, description="the same for the stream of used numbers, one small message a tenant"
    )
    keep_days: float = Field(
        7, gt=0, description="what everybody has read leaves the bus at this age, what nobody missed sooner"
    )
    imported_group_messages: int = Field(
        2, gt=0, description="most messages of imported events resolved at once; live events wait so long"
    )
    imported_group_bytes: int = Field(
        1024**2, gt=0, description="most bytes of imported events resolved at once"
    )
    imported_events_per_second: float = Field(
        4_000,
        gt=0,
        description="most imported events resolved in a second while live ones keep coming; without them as "
        "many as can be",
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
    ledger_url: str = Field(
        description="file:///folder or s3://bucket/prefix where erasures are kept apart from the database"
    )
    restored_at: int = Field(
        0,
        ge=0,
        description="Unix time at which database and bus were restored from one backup; numbers that may "
        "have been given since it was made are skipped",
    )
    clean_after_seconds: float = Field(
        4 * 3600, ge=0, description="how long deleted rows may wait until table files are written anew"
    )
