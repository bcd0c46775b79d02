"""When a scan is due: the instants of `every` and `once` in a zone (language.md §2, §5)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.hours import at_clock
from model.time import Every, OnDay

HOUR = timedelta(hours=1)
LOOKED_AT = 400
"""Days within which every schedule has an instant, and the one before it."""


def next_of(every: Every, after: datetime, zone: str) -> datetime:
    """Gives the first instant strictly after `after`; UTC."""
    if every.unit == "hour":
        return _hour(after, zone) + HOUR
    return next(at for at in _instants(every, _day(after, zone), 1, zone) if at > after)


def last_of(every: Every, until: datetime, zone: str) -> datetime:
    """Gives the last instant at or before `until`; UTC."""
    if every.unit == "hour":
        return _hour(until, zone)
    return next(at for at in _instants(every, _day(until, zone), -1, zone) if at <= until)


def instant_of(once: OnDay, zone: str) -> datetime:
    """Gives the instant of a scan that takes place once; UTC."""
    return at_clock(once.day, once.at, zone)


def _instants(every: Every, start: date, sign: int, zone: str) -> Iterator[datetime]:
    for number in range(-1, LOOKED_AT):
        day = start + timedelta(days=sign * number)
        if _is_day(every, day):
            yield at_clock(day, every.at, zone)


def _is_day(every: Every, day: date) -> bool:
    match every.unit:
        case "week":
            return day.weekday() == every.weekday
        case "month":
            return day.day == min(every.day or 1, monthrange(day.year, day.month)[1])
        case _:
            return True


def _hour(at: datetime, zone: str) -> datetime:
    """Gives the beginning of the hour that the wall clock of the zone shows."""
    wall = at.astimezone(ZoneInfo(zone))
    return at - timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
