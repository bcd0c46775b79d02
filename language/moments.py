"""Calendar arithmetic on instants for conditions (language.md §5): days and months in a zone, seconds
elapsed.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from model.expressions import Duration


@lru_cache(maxsize=1024)
def zone_info(name: str) -> ZoneInfo:
    """Gives the zone of this name; raises ZoneInfoNotFoundError."""
    return ZoneInfo(name)


def day_start(day: date, zone: str) -> datetime:
    """Gives the UTC instant at which a day begins in the zone; a gap at midnight moves it forward."""
    return datetime.combine(day, time(0), zone_info(zone)).astimezone(UTC)


def local(at: datetime, zone: str) -> datetime:
    """Gives the instant in the zone's wall time."""
    return at.astimezone(zone_info(zone))


def next_midnight(at: datetime, zone: str) -> datetime:
    """Gives the UTC instant at which the next day begins in the zone, strictly after `at`."""
    return day_start(local(at, zone).date() + timedelta(days=1), zone)


def shifted(at: datetime, duration: Duration, sign: int, zone: str) -> datetime:
    """Moves an instant: months and days keep the wall time of the zone, seconds are elapsed time.

    Raises OverflowError or ValueError beyond the years 1 to 9999.
    """
    if duration.months or duration.days:
        wall = local(at, zone).replace(tzinfo=None)
        day = shifted_day(wall.date(), duration, sign)
        at = datetime.combine(day, wall.time(), zone_info(zone)).astimezone(UTC)
    return at + sign * timedelta(seconds=duration.seconds)


def shifted_day(day: date, duration: Duration, sign: int) -> date:
    """Moves a day by months (to the month's last day where it is shorter) and days."""
    if duration.months:
        months = day.year * 12 + day.month - 1 + sign * duration.months
        year, month = divmod(months, 12)
        day = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return day + sign * timedelta(days=duration.days)


def read_time(text: str) -> datetime | None:
    """Reads ISO 8601 text of an aware instant as UTC; None if it is none."""
    if not text[:4].isdigit():
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def read_date(text: str) -> date | None:
    """Reads ISO 8601 text of a day; None if it is none."""
    if len(text) != 10 or not text[:4].isdigit():
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
