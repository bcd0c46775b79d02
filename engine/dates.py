"""When the runs of a `date:` trigger begin: the instants of a lead's dates (language.md §2, §5)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from engine.calendar import add, resolve
from engine.hours import NeverOpen, UnknownHolidays
from language.dates import DateRule
from language.moments import read_date, read_time
from model.expressions import Name
from model.time import Hours, Moment

YEARS_AHEAD = 8
"""29 February comes within these years, and so does every business day."""


@dataclass(frozen=True, slots=True)
class Due:
    """A run to come: `date` is the date that it is about (ISO 8601), `at` the instant of entry (UTC)."""

    date: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where and by which hours a lead's dates count."""

    zone: str
    hours_of: Callable[[str], Hours]


def dates_of(value: JsonValue) -> tuple[str, ...]:
    """Lists the dates in a lead's field, in their order; what is no date is left out."""
    items = value if isinstance(value, list) else [value]
    found = [read_time(item) or read_date(item) for item in items if isinstance(item, str)]
    return tuple(dict.fromkeys(day.isoformat() for day in found if day is not None))


def due(rule: DateRule, value: JsonValue, known_at: datetime, place: Calendar) -> tuple[Due, ...]:
    """Lists the runs that a field's value asks for when it becomes known at `known_at`.

    An instant that is past then is late: within `catch_up` it counts as `known_at`, else not at all.
    """
    found: dict[str, Due] = {}
    for text in dates_of(value):
        late, ahead = _split(rule, text, known_at, place)
        for one in (*late, *ahead):
            found.setdefault(one.date, one)
    return tuple(found.values())


def between(
    rule: DateRule, value: JsonValue, after: datetime, until: datetime, place: Calendar
) -> tuple[Due, ...]:
    """Lists the runs whose instant lies after `after` and not after `until`."""
    found = [one for text in dates_of(value) for one in _instants(rule, text, after, place)]
    return tuple(one for one in found if after < one.at <= until)


def instants(rule: DateRule, value: JsonValue, around: datetime, place: Calendar) -> tuple[Due, ...]:
    """Lists the runs of a field's dates, whenever they begin; of a yearly date the first from `around` on."""
    found = []
    for text in dates_of(value):
        ahead = (one for one in _instants(rule, text, around, place) if not rule.yearly or one.at >= around)
        found += [one for one in (next(ahead, None),) if one is not None]
    return tuple(found)


def moved(
    rule: DateRule, before: JsonValue, value: JsonValue, run_date: str, at: datetime, place: Calendar
) -> str | None:
    """Gives the date that an open run is about after its field changed from `before` to `value`; None: it is
    not known any more.

    Of a list of dates the run keeps its own; one that was exchanged for another takes the run along.
    """
    days = [current(rule, text, at, place) for text in dates_of(value)]
    if not rule.listed or run_date in days:
        return run_date if run_date in days else next(iter(days), None)
    known = {current(rule, text, at, place) for text in dates_of(before)}
    fresh = [day for day in days if day not in known]
    return fresh[0] if len(fresh) == 1 and len(known - set(days)) == 1 else None


def current(rule: DateRule, text: str, at: datetime, place: Calendar) -> str:
    """Gives the date that a run open at `at` is about: of a yearly one its day from today on."""
    if not rule.yearly:
        return text
    today = at.astimezone(ZoneInfo(place.zone)).date()
    return next(day for day in _days(rule, text, at, place) if day >= today).isoformat()


def origin(rule: DateRule, at: datetime, place: Calendar) -> str:
    """Gives the date whose run begins on the day of `at`."""
    business = place.hours_of("business") if rule.offset.business_days else None
    back = add(at, rule.offset, place.zone, business, -rule.sign)
    return back.astimezone(ZoneInfo(place.zone)).date().isoformat()


def _split(rule: DateRule, text: str, known_at: datetime, place: Calendar) -> tuple[list[Due], list[Due]]:
    late: list[Due] = []
    for one in _instants(rule, text, known_at, place):
        if one.at > known_at:
            return late, [one]
        if rule.catch_up is not None and add(one.at, rule.catch_up, place.zone) >= known_at:
            late = [Due(one.date, known_at)]
    return late, []


def _instants(rule: DateRule, text: str, around: datetime, place: Calendar) -> Iterator[Due]:
    """Gives the runs of one date, of a yearly one from the year before `around` on, in their order."""
    if not rule.yearly:
        instant = _instant(rule, read_time(text) or read_date(text), place)
        if instant is not None:
            yield Due(text, instant)
        return
    for day in _days(rule, text, around, place):
        instant = _instant(rule, day, place)
        if instant is not None:
            yield Due(day.isoformat(), instant)


def _days(rule: DateRule, text: str, around: datetime, place: Calendar) -> Iterator[date]:
    """Gives a yearly date's day in each year, never before its first; a short February takes its last day."""
    moment = read_time(text)
    first = read_date(text) or (moment or around).astimezone(ZoneInfo(place.zone)).date()
    year = around.astimezone(ZoneInfo(place.zone)).year
    begin = max(first.year, year - 1 - rule.offset.months // 12)
    for each in range(begin, min(begin + YEARS_AHEAD + rule.offset.months // 12, date.max.year)):
        yield date(each, first.month, min(first.day, monthrange(each, first.month)[1]))


def _instant(rule: DateRule, base: datetime | date | None, place: Calendar) -> datetime | None:
    moment = Moment(Name(rule.path, "date"), rule.offset, rule.sign, rule.at)
    try:
        return resolve(moment, _NEVER_READ, place.zone, place.hours_of, lambda _: base)
    except (NeverOpen, UnknownHolidays):
        return None


_NEVER_READ = datetime(2000, 1, 1, tzinfo=ZoneInfo("UTC"))
