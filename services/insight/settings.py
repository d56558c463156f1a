"""What insight is told from outside."""

from pathlib import Path

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
        0.25,
        gt=0,
        description="how long events are gathered before they are written as one block; longer while the "
        "store is slow",
    )
    clean_after_seconds: float = Field(
        6 * 3600,
        gt=0,
        description="how long erasures are gathered before the table files are rewritten without them; they "
        "are hidden at once, and their files are gone this much later plus the engine's old_parts_lifetime",
    )
    live_tick_seconds: float = Field(
        0.5, gt=0, description="how often live segments with news are refreshed, at most"
    )
    segment_stream_max_bytes: int = Field(
        1024**3,
        gt=0,
        description="the stream of who entered and left segments refuses more from this size; what it has "
        "not taken waits in the database",
    )
    segment_stream_keep_days: float = Field(
        3, gt=0, description="changes of segments leave the bus at this age, whoever has read them"
    )
    memory_mb: int = Field(
        6144,
        ge=0,
        description="how much of tenants' people is kept in memory, roughly: 125 bytes an event, so 6 GB are "
        "a million people with 47 events each, and nothing is taken before it is needed; the event store "
        "answers for the others, slower, and answers say so; 0 keeps nobody",
    )
    checkpoint_folder: Path | None = Field(
        None,
        description="a folder for files of the people in memory, so that a start reads these and only what "
        "is newer from the event store; they hold what the event store holds, are never needed, and belong "
        "into no backup; unset: everybody is read from the event store at every start",
    )
    audit_seconds: float = Field(
        600,
        ge=0,
        description="how often a sample of the people in memory is compared with the event store; 0 never",
    )
    audit_most_load: float = Field(
        0.7,
        gt=0,
        description="the machine's load per core above which the audit waits, at most for one interval",
    )
