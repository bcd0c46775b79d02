"""The calendar: lengths, clock times and instants of the language in a zone (language.md §5).

Aware instants in UTC go in and come out; zones are IANA names. Seconds are elapsed time. Days and months are
calendar time, the same wall time on another day: a gap moves forward, a fold takes the first pass, a month
too short takes its last day. Opening hours are in `engine.hours`, zones in `engine.zones`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from engine.hours import SEARCH_DAYS, NeverOpen, at_clock, is_open_day, next_open
from engine.zones import zone_or
from model.expressions import Expr
from model.time import After, Hours, Instant, Length, Moment, NextClock, NextOpening

WORKING_WEEK = Hours(days=(0, 1, 2, 3, 4), start=0, end=1440)


def add(at: datetime, length: Length, zone: str, business: Hours | None = None, sign: int = 1) -> datetime:
    """Returns `at` moved by `length` (back with sign -1): months, then days, business days and seconds.

    Business days are the next open days of `business` (None: Monday to Friday) at the same wall time. Raises
    NeverOpen, and OverflowError beyond the years 1 to 9999.
    """
    if length.days or length.months or length.business_days:
        local = at.astimezone(ZoneInfo(zone))
        day = _shift(local.date(), length, business, sign)
        if day != local.date():
            at = local.replace(year=day.year, month=day.month, day=day.day, fold=0).astimezone(UTC)
    return at + timedelta(seconds=sign * length.seconds)


def next_clock(after: datetime, minute: int, weekday: int | None, zone: str) -> datetime:
    """Returns the first instant after `after` at which `zone` reads `minute` (on `weekday`, 0 = Monday)."""
    day = after.astimezone(ZoneInfo(zone)).date()
    while True:
        if weekday is None or day.weekday() == weekday:
            moment = at_clock(day, minute, zone)
            if moment > after:
                return moment
        day += timedelta(days=1)


def resolve(
    instant: Instant,
    now: datetime,
    zone: str,
    hours_of: Callable[[str], Hours],
    value: Callable[[Expr], datetime | date | None],
    *,
    queue_zone: str | None = None,
) -> datetime | None:
    """Returns the instant (UTC) that `instant` names at `now`; None: its value is missing or out of range.

    `zone` is the run's, `queue_zone` that of queues (default `zone`). `hours_of` is asked for `contact`, a
    queue's name, or `business` where business days are counted; `value` for a base that is an expression. A
    date counts as that day at 00:00; then the offset moves it; then `at` sets the clock. Raises NeverOpen and
    UnknownHolidays.
    """
    try:
        match instant:
            case After():
                place = zone_or(instant.zone, zone)
                moved = add(now, instant.length, place, _business(instant.length, hours_of))
                return moved if instant.at is None else at_clock(_local_day(moved, place), instant.at, place)
            case NextClock():
                return next_clock(now, instant.at, instant.weekday, zone_or(instant.zone, zone))
            case Moment():
                base, place = value(instant.base), zone_or(instant.zone, zone)
                if base is not None and instant.yearly:
                    return _next_return(instant, now, place, hours_of, base)
                return _moment(instant, place, hours_of, base)
            case NextOpening():
                place = zone if instant.of == "contact" else queue_zone or zone
                return next_open(hours_of(instant.of), now, place)
            case _:
                assert_never(instant)
    except OverflowError:
        return None


def _moment(
    instant: Moment, zone: str, hours_of: Callable[[str], Hours], base: datetime | date | None
) -> datetime | None:
    if base is None:
        return None
    business = _business(instant.offset, hours_of)
    if isinstance(base, datetime):
        moved = add(base, instant.offset, zone, business, instant.sign)
        return moved if instant.at is None else at_clock(_local_day(moved, zone), instant.at, zone)
    day = _shift(base, instant.offset, business, instant.sign)
    moved = at_clock(day, 0, zone) + timedelta(seconds=instant.sign * instant.offset.seconds)
    return moved if instant.at is None else at_clock(_local_day(moved, zone), instant.at, zone)


def _next_return(
    instant: Moment, now: datetime, zone: str, hours_of: Callable[[str], Hours], base: datetime | date
) -> datetime | None:
    """Finds the first yearly return strictly after now, not before the date itself; 29 February falls on the
    28th in other years.
    """
    moved_by = instant.offset.months // 12 + instant.offset.days // 365
    years = max(now.year - base.year - moved_by - 2, 0)
    while True:
        months = 12 * years
        day = (
            add(base, Length(months=months), zone)
            if isinstance(base, datetime)
            else _add_months(base, months)
        )
        found = _moment(instant, zone, hours_of, day)
        if found is None or found > now:
            return found
        years += 1


def _business(length: Length, hours_of: Callable[[str], Hours]) -> Hours | None:
    return hours_of("business") if length.business_days else None


def _local_day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _shift(day: date, length: Length, business: Hours | None, sign: int) -> date:
    """Moves a day by the calendar part of `length`."""
    if length.months:
        day = _add_months(day, sign * length.months)
    day += timedelta(days=sign * length.days)
    for _ in range(length.business_days):
        day = _next_open_day(day, business or WORKING_WEEK, sign)
    return day


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError(f"{months} months from {day} is beyond the calendar")
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def _next_open_day(day: date, business: Hours, sign: int) -> date:
    for n in range(1, SEARCH_DAYS + 1):
        candidate = day + timedelta(days=sign * n)
        if is_open_day(business, candidate):
            return candidate
    raise NeverOpen(business, ("every zone",))
