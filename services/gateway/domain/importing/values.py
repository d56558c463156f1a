"""What a cell says: numbers, truths and moments as shops write them."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

# What exports write where there is nothing.
EMPTY = frozenset({"", "null", "\\n", "n/a", "#n/a", "nan", "none"})
_TRUE = frozenset({"true", "t", "yes", "y", "1", "on", "是", "有", "✓", "v"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "off", "否", "無", "✗", "x"})
# Digits without a limit would let one cell cost as much as a file.
_PLAIN = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,20})?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3}){1,9}(\.[0-9]{1,20})?")
_PADDED = re.compile(r"-?[0-9]{1,30}(\.[0-9]{0,20})?|-?\.[0-9]{1,20}")
# Longer is no number and no moment; patterns that skip blanks would look at so many again and again.
_MOST_CHARS = 80
_CURRENCY = re.compile(r"^(-?)(?:NT\$|US\$|TWD|NTD|USD|\$|€|£|¥)\s*|\s*元$", re.IGNORECASE)

_DATE = re.compile(
    r"""(?P<era>民國|中華民國)?\s*(?P<year>\d{2,4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日{0,1}
    (?:[\sT,]*(?P<noon>上午|下午|AM|PM)?\s*(?P<hour>\d{1,2})(?::|時)(?P<minute>\d{1,2})分{0,1}
       (?:[:]?(?P<second>\d{1,2})秒{0,1}(?:[.,](?P<fraction>\d{1,9}))?)?\s*(?P<noon_after>AM|PM|am|pm)?
       \s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)?""",
    re.VERBOSE | re.IGNORECASE,
)
_DIGITS = re.compile(r"-?\d+(\.\d+)?")
# The first year of the Republic of China is 1912.
_ROC = 1911
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def number(text: str) -> str | None:
    """The JSON literal of an exact decimal; None: no number.

    Thousands separators must stand in their places: 1,290 is a number, 12,5 is none.
    """
    text = text.strip()
    if len(text) > _MOST_CHARS:
        return None
    folded = unicodedata.normalize("NFKC", text).strip()
    folded = _CURRENCY.sub(r"\1", folded).replace("−", "-")
    if _PLAIN.fullmatch(folded):
        return folded
    if _GROUPED.fullmatch(folded):
        folded = folded.replace(",", "")
    elif not _PADDED.fullmatch(folded):
        return None
    sign = "-" if folded.startswith("-") else ""
    whole, _, fraction = folded.lstrip("-").partition(".")
    literal = sign + (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
    return literal if _PLAIN.fullmatch(literal) else None


def truth(text: str) -> bool | None:
    """None: neither."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return True if folded in _TRUE else False if folded in _FALSE else None


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """UTC; a time without an offset is in `zone`. None: no time that is understood.

    ISO 8601, yyyy/mm/dd with or without hours (AM and PM, 上午 and 下午), yyyymmdd, years of the Republic of
    China (115/11/22, 1151122, 民國115年11月22日), and seconds or milliseconds since 1970.
    """
    text = text.strip()
    if len(text) > _MOST_CHARS:
        return None
    try:
        read = datetime.fromisoformat(text) if "-" in text and text.isascii() else None
    except ValueError:
        read = None
    try:
        if read is None:
            folded = unicodedata.normalize("NFKC", text).strip()
            read = _of_digits(folded) if _DIGITS.fullmatch(folded) else _of_parts(folded)
        if read is None:
            return None
        return (read if read.tzinfo is not None else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def iso(at: datetime) -> str:
    """As events say it, to the millisecond."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z" if at.year >= 1000 else ""


def _of_digits(digits: str) -> datetime | None:
    whole = digits.partition(".")[0]
    match len(whole):
        case 6 | 7 if digits == whole:  # 991231 and 1151122, years of the Republic of China
            return datetime(_ROC + int(whole[:-4]), int(whole[-4:-2]), int(whole[-2:]))  # noqa: DTZ001
        case 8 if digits == whole:
            return datetime(int(whole[:4]), int(whole[4:6]), int(whole[6:]))  # noqa: DTZ001
        case 14 if digits == whole:
            return datetime.strptime(whole, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone follows
        case 9 | 10:
            return _EPOCH + timedelta(seconds=float(digits))
        case 12 | 13:
            return _EPOCH + timedelta(milliseconds=int(whole))
    return None


def _of_parts(text: str) -> datetime | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year = int(match["year"])
    # No shop wrote anything in the year 999; two and three digits are years of the Republic of China.
    if match["era"] or year < 1000:
        year += _ROC
    hour = int(match["hour"] or 0)
    noon = (match["noon"] or match["noon_after"] or "").upper()
    if noon:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if noon in ("下午", "PM") else 0)
    fraction = int((match["fraction"] or "0").ljust(9, "0")[:6])
    read = datetime(  # noqa: DTZ001 - the zone follows
        year, int(match["month"]), int(match["day"]), hour, int(match["minute"] or 0),
        int(match["second"] or 0), fraction,
    )  # fmt: skip
    return datetime.fromisoformat(f"{read.isoformat()}{_offset(match['zone'])}")


def _offset(zone: str | None) -> str:
    if not zone:
        return ""
    return "+00:00" if zone.upper() in ("Z", "UTC") else zone
