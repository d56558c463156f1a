"""What the loader and the totals know about each demo shop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo import clothing_shop, gift_shop

DATA = Path(__file__).parent / "data"
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shop:
    """One demo tenant: its settings and where its events come from."""

    key: str
    name: str
    time_zone: str
    currency: str
    locale: str
    data: Path
    # Wall-clock time of the newest row.
    last_at: datetime
    # Every event of the shop, moved by whole weeks, always in the same order.
    events: Callable[[Path, int, ZoneInfo], Iterator[Event]]

    @property
    def zone(self) -> ZoneInfo:
        """The time zone the rows' wall clocks are in."""
        return ZoneInfo(self.time_zone)


SHOPS = (
    Shop(
        key="gift_shop",
        name="禮品小舖 Gift Shop",
        time_zone="Europe/London",
        currency="GBP",
        locale="en",
        data=DATA / "online_retail.parquet",
        last_at=datetime(2011, 9, 8, 19, 58),  # noqa: DTZ001 - a wall clock; its zone is `time_zone`
        events=gift_shop.events,
    ),
    Shop(
        key="clothing_shop",
        name="服飾店 Clothing Shop",
        time_zone="Europe/Warsaw",
        currency="USD",
        locale="en",
        data=DATA / "eshop_clothing_2008.parquet",
        last_at=datetime(2008, 8, 13, 23, 59, 59),  # noqa: DTZ001 - a wall clock; its zone is `time_zone`
        events=clothing_shop.events,
    ),
)
