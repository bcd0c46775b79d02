"""Opening hours with public holidays: is it open, when does it open next, time counted only while open.

Hours are judged by the wall clock of a zone: open when the weekday is one of theirs, the day no holiday, and
the minute in `[start, end)`. In a fold both passes count; an opening that falls into a gap is the end of the
gap.

Errors: CalendarError (a ValueError)
          NeverOpen        no opening within 400 days
          UnknownHolidays  no such holiday calendar
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from zoneinfo import ZoneInfo

import holidays

from model.time import Hours

SEARCH_DAYS = 400


class CalendarError(ValueError):
    """Opening hours that cannot be kept."""


class NeverOpen(CalendarError):
    """No opening within 400 days."""

    def __init__(self, hours: Hours, zones: tuple[str, ...]) -> None:
        super().__init__(
            f"{hours} never open within {SEARCH_DAYS} days in {', '.join(zones)}: widen the hours"
        )


class UnknownHolidays(CalendarError):
    """No such holiday calendar."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no holiday calendar {name!r}: write a country or country-subdivision like ES-MD"
        )


def at_clock(day: date, minute: int, zone: str) -> datetime:
    """Returns the instant (UTC) at which `zone` reads `minute` (0 to 1440) on `day`.

    A gap moves it forward by its length, a fold takes the first pass.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def is_open(hours: Hours, at: datetime, zone: str) -> bool:
    """Tells whether `hours` are open at the instant `at` in `zone`."""
    local = at.astimezone(ZoneInfo(zone))
    return hours.start <= local.hour * 60 + local.minute < hours.end and is_open_day(hours, local.date())


def is_open_day(hours: Hours, day: date) -> bool:
    """Tells whether `day` is one of the weekdays of `hours` and no holiday."""
    return day.weekday() in hours.days and not is_holiday(hours.holidays, day)


def is_holiday(calendar: str | None, day: date) -> bool:
    """Tells whether `day` is a public holiday in `calendar` (`ES`, `ES-MD`); raises UnknownHolidays."""
    return calendar is not None and day in _holidays(calendar, day.year)


def next_open(hours: Hours, at: datetime, zone: str) -> datetime:
    """Returns the first instant from `at` on, `at` included, at which `hours` are open; raises NeverOpen."""
    if is_open(hours, at, zone):
        return at
    first = at.astimezone(ZoneInfo(zone)).date()
    for day in (first + timedelta(days=n) for n in range(SEARCH_DAYS + 1)):
        if hours.start < hours.end and is_open_day(hours, day):
            opening = next(
                (t for t in _changes(day, hours.start, zone) if t > at and is_open(hours, t, zone)), None
            )
            if opening is not None:
                return opening
    raise NeverOpen(hours, (zone,))


def next_open_everywhere(hours: Hours, at: datetime, zones: tuple[str, ...]) -> datetime:
    """Returns the first instant from `at` on at which `hours` are open in all `zones`; raises NeverOpen."""
    moment, last = at, at + timedelta(days=SEARCH_DAYS)
    while moment <= last:
        opening = moment
        for zone in zones:
            opening = next_open(hours, opening, zone)
        if opening == moment:
            return moment
        moment = opening
    raise NeverOpen(hours, zones)


def next_turn(hours: Hours, at: datetime, zone: str) -> datetime:
    """Returns the first instant after `at` at which `hours` may open or close; raises NeverOpen."""
    return _closing(hours, at, zone) if is_open(hours, at, zone) else next_open(hours, at, zone)


def business_add(at: datetime, seconds: int, hours: Hours, zone: str) -> datetime:
    """Returns the instant at which `hours` will have been open for `seconds` since `at`; raises NeverOpen."""
    left, moment = timedelta(seconds=seconds), next_open(hours, at, zone)
    while True:
        close = _closing(hours, moment, zone)
        if moment + left <= close:
            return moment + left
        left -= close - moment
        moment = next_open(hours, close, zone)


def next_day_opening(at: datetime, days: int, hours: Hours, zone: str) -> datetime:
    """Returns the opening of the day `days` calendar days after that of `at`, or the next one after it.

    With 0 days the opening may lie before `at`. Raises NeverOpen.
    """
    day = at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    return next_open(hours, at_clock(day, 0, zone), zone)


def _closing(hours: Hours, at: datetime, zone: str) -> datetime:
    """The end of the open stretch around `at`, at the latest the end of its day."""
    day = at.astimezone(ZoneInfo(zone)).date()
    ends = (t for t in _changes(day, hours.end, zone) if t > at and not is_open(hours, t, zone))
    return next(ends, at_clock(day, 1440, zone))


def _changes(day: date, minute: int, zone: str) -> list[datetime]:
    """The instants of `day`, in order, at which its wall clock may arrive at or jump over `minute`."""
    wall = (datetime.combine(day, time()) + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo(zone))
    passes = (wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC))
    return sorted(set(chain(passes, _transition(day, zone))))


def _transition(day: date, zone: str) -> Iterator[datetime]:
    """The instant of `day` at which the offset of `zone` changes, if it does, found by halving."""
    place = ZoneInfo(zone)
    low, high = at_clock(day, 0, zone), at_clock(day, 1440, zone)
    low -= timedelta(seconds=1)
    before = low.astimezone(place).utcoffset()
    if before == high.astimezone(place).utcoffset():
        return
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if middle.astimezone(place).utcoffset() == before else (low, middle)
    yield high


@lru_cache(maxsize=1024)
def _holidays(calendar: str, year: int) -> frozenset[date]:
    country, _, subdivision = calendar.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError as unknown:
        raise UnknownHolidays(calendar) from unknown
    return frozenset(found)
