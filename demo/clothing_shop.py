"""Turns the clicks of "clickstream data for online shopping" into the clothing shop's events."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo.dates import instant
from demo.rows import rows

CATEGORIES = ("trousers", "skirts", "blouses", "sale")
# fmt: off
COLOURS = (
    "beige", "black", "blue", "brown", "burgundy", "gray", "green", "navy blue", "of many colors", "olive",
    "pink", "red", "violet", "white",
)
# fmt: on
# The data set's own list; the last five are the top-level domains of visitors whose country is not known.
# fmt: off
COUNTRIES = (
    "Australia", "Austria", "Belgium", "British Virgin Islands", "Cayman Islands", "Christmas Island",
    "Croatia", "Cyprus", "Czech Republic", "Denmark", "Estonia", "unidentified", "Faroe Islands", "Finland",
    "France", "Germany", "Greece", "Hungary", "Iceland", "India", "Ireland", "Italy", "Latvia", "Lithuania",
    "Luxembourg", "Mexico", "Netherlands", "Norway", "Poland", "Portugal", "Romania", "Russia",
    "San Marino", "Slovakia", "Slovenia", "Spain", "Sweden", "Switzerland", "Ukraine",
    "United Arab Emirates", "United Kingdom", "USA", "*.biz", "*.com", "*.int", "*.net", "*.org",
)
# fmt: on

COLUMNS = (
    "year",
    "month",
    "day",
    "order",
    "country",
    "session ID",
    "page 1 (main category)",
    "page 2 (clothing model)",
    "colour",
    "price",
    "page",
)

OPENS = 8 * 3600
START_SPREAD_SECONDS = 13 * 3600
CLICK_SECONDS = 20


def synthetic_time(year: int, month: int, day: int, session: int, order: int) -> datetime:
    """A wall-clock time for a click of which the file tells the day and the place in its session only.

    Sessions start from 08:00 to 21:00, scattered by their number; clicks follow 20 seconds apart, so the
    longest session (195 clicks) stays within its day and no pause ends a session.
    """
    start = OPENS + session * 7919 % START_SPREAD_SECONDS
    midnight = datetime(year, month, day)  # noqa: DTZ001 - a wall clock; the shop's zone is applied later
    return midnight + timedelta(seconds=start + CLICK_SECONDS * (order - 1))


def events(path: Path, weeks: int, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """One product view a click, in the file's order."""
    for row in rows(path, COLUMNS):
        yield _view(row, weeks, zone)


def _view(row: tuple[Any, ...], weeks: int, zone: ZoneInfo) -> dict[str, Any]:
    year, month, day, order, country, session, category, model, colour, price, page = row
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"clothing-{session}-{order}",
        "anonymousId": f"session-{session}",
        "timestamp": instant(synthetic_time(year, month, day, session, order), weeks, zone),
        "properties": {
            "product_id": model,
            "category": CATEGORIES[category - 1],
            "colour": COLOURS[colour - 1],
            "price": price,
            "currency": "USD",
            "country": COUNTRIES[country - 1],
            "list_page": page,
            "synthetic_time": True,
        },
        "context": {"channel": "web"},
    }
