"""Lengths, clock times, opening hours, days and instants, as designers write them.

What cannot be read raises `ValueText`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import NoReturn
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from language.problems import closest, did_you_mean
from model.expressions import Expr
from model.time import After, Hours, Instant, Length, Moment, NextClock, NextOpening

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORT_WEEKDAYS = tuple(day[:3] for day in WEEKDAYS)
MIDNIGHT = 1440

_UNITS: dict[str, Length] = {
    "second": Length(seconds=1),
    "minute": Length(seconds=60),
    "hour": Length(seconds=3600),
    "day": Length(days=1),
    "week": Length(days=7),
    "month": Length(months=1),
    "year": Length(months=12),
    "business day": Length(business_days=1),
}
_OTHER_UNITS = {
    **dict.fromkeys(("s", "sec", "secs"), "seconds"),
    **dict.fromkeys(("m", "min", "mins"), "minutes"),
    **dict.fromkeys(("h", "hr", "hrs"), "hours"),
    **dict.fromkeys(("d", "workday", "workdays", "working day", "working days"), "days"),
    **dict.fromkeys(("w", "wk", "wks"), "weeks"),
    **dict.fromkeys(("mo", "mon", "mth"), "months"),
    **dict.fromkeys(("y", "yr", "yrs"), "years"),
}
_NUMBER_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_LENGTH_EXAMPLE = "a length is `2 days`, `3 business days`, `90 minutes`"
_PIECE = re.compile(
    r"(\d+(?:[.,]\d+)?|an?|one)\s*((?:business |working )?[a-z]+)\s*(?:and\s+)?", re.IGNORECASE
)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_LOOSE_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm|h)?", re.IGNORECASE)
_CLOCK_TIME = re.compile(r"\d{1,2}(:\d\d ?(am|pm|h)?| ?(am|pm))", re.IGNORECASE)
_HOURS = re.compile(r"(.+?)\s+(\S+)\s*[-–]\s*(\S+)")
_HOLIDAYS = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_ZONE = re.compile(r"\s+([A-Z][A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+|UTC|GMT)$")
_AT = re.compile(r"(?:^|\s+)at\s+(\S+)$")
_OFFSET = re.compile(r"^(.+?)\s+([+-])\s+(\d+\s+[a-z].*)$")
_QUEUE = re.compile(r"queue_open\(\s*\"([^\"]+)\"\s*\)")
_BEGINS_WITH_NUMBER = re.compile(
    r"(\d+(?:[.,]\d+)?\s*|(an?|one)\s+)(business |working )?[a-z]+\b", re.IGNORECASE
)
_CLOCK_ALONE = re.compile(r"\d{1,2}(:\d\d)?\s?(am|pm)?", re.IGNORECASE)


class ValueText(ValueError):
    """A value that cannot be read; `part` names the key of a map it concerns, `suggestion` the form that
    works.
    """

    def __init__(self, message: str, suggestion: str | None = None, part: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion
        self.part = part


@dataclass(frozen=True, slots=True)
class Day:
    """`2026-12-31` or `2026-12-31 at 18:00`; `at` in minutes of the day."""

    day: date
    at: int | None = None


def parse_length(text: str) -> Length:
    """Reads `2 days`, `3 business days`, `1 hour`, `2 days 1 hour`; at least one unit, at most 100 years."""
    text = text.strip()
    position, total = 0, Length()
    while position < len(text):
        piece = _PIECE.match(text, position)
        if piece is None:
            raise ValueText(f"`{text}` is no length of time", _length_advice(text))
        total = _add(total, _piece(text, piece.group(1), piece.group(2).lower()))
        position = piece.end()
    if total == Length():
        raise ValueText(
            f"`{text}` is no length of time" if text else "a length of time is missing", _length_advice(text)
        )
    if total.business_days and (total.days or total.months or total.seconds):
        raise ValueText("business days stand alone in a length", "write `3 business days`")
    if (
        total.months > 1200
        or total.days > 36_600
        or total.business_days > 26_000
        or total.seconds > 3_200_000_000
    ):
        raise ValueText(f"`{text}` is longer than 100 years", "choose a shorter length")
    return total


def _length_advice(text: str) -> str:
    """Shows the length that was meant."""
    first, _, rest = text.lower().partition(" ")
    if text.isdigit():
        return f"write `{text} days`, `{text} hours` or `{text} minutes`"
    if first in _NUMBER_WORDS and rest:
        return f"write `{_NUMBER_WORDS.index(first) + 2} {rest}`"
    if first == "tomorrow":
        return f"write `1 day {rest}`" if rest.startswith("at ") else "write `1 day` or `1 day at 9:00`"
    return _LENGTH_EXAMPLE


def _piece(text: str, number: str, unit: str) -> Length:
    singular = unit if unit in _UNITS else unit.removesuffix("s")
    if singular not in _UNITS:
        raise ValueText(f"`{text}` is no length of time", _unit_suggestion(number, unit))
    if not number.isdigit():
        raise ValueText(f"`{text}` is not written as a whole number", _whole(number, singular))
    if len(number) > 10:
        raise ValueText(f"`{text}` is longer than 100 years", "choose a shorter length")
    count, one = int(number), _UNITS[singular]
    return Length(one.months * count, one.days * count, one.business_days * count, one.seconds * count)


def _unit_suggestion(number: str, unit: str) -> str:
    if unit.startswith("work"):
        return f"write `{number} business days`"
    known = _OTHER_UNITS.get(unit) or closest(unit, [*_UNITS, *(f"{name}s" for name in _UNITS)])
    if known is None:
        return _LENGTH_EXAMPLE
    return f"write `{number} {known.removesuffix('s') if number == '1' else known}`"


def _whole(number: str, unit: str) -> str:
    if number[0].isalpha():
        return f"write `1 {unit}`"
    smaller = {"hour": (60, "minutes"), "day": (24, "hours"), "minute": (60, "seconds"), "week": (7, "days")}
    if unit in smaller:
        factor, name = smaller[unit]
        return f"write `{round(float(number.replace(',', '.')) * factor)} {name}`"
    return _LENGTH_EXAMPLE


def _add(left: Length, right: Length) -> Length:
    return Length(
        left.months + right.months,
        left.days + right.days,
        left.business_days + right.business_days,
        left.seconds + right.seconds,
    )


def length_text(length: Length) -> str:
    """Words a length as a designer would write it: `2 days`, `90 minutes`, `1 month 3 days`."""
    parts = [
        _count(length.months, "month"),
        _count(length.days, "day"),
        _count(length.business_days, "business day"),
    ]
    seconds = length.seconds
    size, unit = next(
        ((size, unit) for size, unit in ((3600, "hour"), (60, "minute")) if seconds % size == 0),
        (1, "second"),
    )
    parts.append(_count(seconds // size, unit))
    return " ".join(part for part in parts if part) or "0 seconds"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}" if number else ""


def parse_clock(text: str) -> int:
    """Reads `9:00` to minutes of the day; `24:00`, the day's end, is 1440."""
    text = text.strip()
    found = _CLOCK.fullmatch(text)
    if found is not None:
        minutes = int(found.group(1)) * 60 + int(found.group(2))
        if minutes <= MIDNIGHT and int(found.group(2)) < 60:
            return minutes
    raise ValueText(f"`{text}` is no clock time", _clock_suggestion(text))


def _clock_suggestion(text: str) -> str:
    example = "write hours and minutes, like `9:00` or `18:30`"
    found = _LOOSE_CLOCK.fullmatch(text)
    if found is None:
        return example
    hour, minute, half = int(found.group(1)), int(found.group(2) or 0), (found.group(3) or "").lower()
    if half in ("am", "pm") and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return f"write `{hour}:{minute:02}`" if hour < 24 and minute < 60 else example


def clock_text(minutes: int) -> str:
    """Words minutes of the day as `9:00`."""
    return f"{minutes // 60}:{minutes % 60:02}"


def parse_hours(value: JsonValue | Mapping[str, JsonValue], base: Hours | None = None) -> Hours:
    """Reads `mon-fri 9:00-17:00` or `{days, from, to, holidays}`; keys not given stay as in `base`."""
    if isinstance(value, str):
        found = _HOURS.fullmatch(value.strip())
        if found is None:
            raise ValueText(f"`{value}` are no hours", "write `mon-fri 9:00-17:00`")
        value = {"days": found.group(1), "from": found.group(2), "to": found.group(3)}
    if not isinstance(value, Mapping):
        raise ValueText("hours are a map", "write `{days: mon-fri, from: 9:00, to: 20:00}`")
    for key in value:
        if key not in ("days", "from", "to", "holidays"):
            known = did_you_mean(key, ("days", "from", "to", "holidays"))
            raise ValueText(f"hours have no `{key}`", known or "they have days, from, to, holidays", key)
    if base is None:
        for key in ("days", "from", "to"):
            if key not in value:
                raise ValueText(f"hours need `{key}`", "write `{days: mon-fri, from: 9:00, to: 20:00}`")
    hours = Hours(
        days=parse_weekdays(value["days"]) if "days" in value else _of(base).days,
        start=_hours_clock(value, "from") if "from" in value else _of(base).start,
        end=_hours_clock(value, "to") if "to" in value else _of(base).end,
        holidays=_holidays(value["holidays"]) if "holidays" in value else (base.holidays if base else None),
    )
    if hours.start >= hours.end:
        raise ValueText(
            f"hours end after they begin, not from {clock_text(hours.start)} to {clock_text(hours.end)}",
            "hours that last over midnight are not supported; `to: 24:00` is the latest",
            "to" if "to" in value else "from",
        )
    return hours


def _of(base: Hours | None) -> Hours:
    if base is None:
        raise ValueText("hours need days, from and to")
    return base


def _hours_clock(value: Mapping[str, JsonValue], part: str) -> int:
    text = value[part]
    try:
        return parse_clock(text if isinstance(text, str) else str(text))
    except ValueText as error:
        raise ValueText(error.message, error.suggestion, part) from None


def _holidays(value: JsonValue) -> str | None:
    if value is None or value == "none":
        return None
    if isinstance(value, str) and _HOLIDAYS.fullmatch(value):
        return value
    raise ValueText(
        f"`{value}` is no holiday calendar", "write a country, `ES`, or a region, `ES-MD`", "holidays"
    )


def parse_weekdays(value: JsonValue) -> tuple[int, ...]:
    """Reads `mon-fri`, `mon, wed`, `mon-fri, sun` or a list of such to weekdays, 0 = Monday."""
    pieces = value if isinstance(value, list) else [value]
    days: set[int] = set()
    for piece in pieces:
        if not isinstance(piece, str):
            _no_weekdays(piece)
        for part in piece.split(","):
            days.update(_day_range(part.strip().lower()))
    if not days:
        raise ValueText("no day of the week is named", "write `mon-fri` or `mon, wed, fri`", "days")
    return tuple(sorted(days))


def _day_range(text: str) -> list[int]:
    first, dash, last = (part.strip() for part in text.partition("-"))
    start, end = _weekday(first), _weekday(last) if dash else _weekday(first)
    return [(start + step) % 7 for step in range((end - start) % 7 + 1)]


def _weekday(text: str) -> int:
    if text not in (*WEEKDAYS, *SHORT_WEEKDAYS):
        _no_weekdays(text)
    return SHORT_WEEKDAYS.index(text[:3])


def _no_weekdays(value: JsonValue) -> NoReturn:
    known = did_you_mean(str(value), (*WEEKDAYS, *SHORT_WEEKDAYS))
    raise ValueText(f"`{value}` is no day of the week", known or "write `mon-fri` or `mon, wed, fri`", "days")


def parse_date(text: str) -> date:
    """Reads `2026-03-02`."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        raise ValueText(f"there is no day `{text}`", "write year, month and day, like `2026-03-02`") from None
    raise ValueText(f"`{text}` is no date", "write year, month and day, like `2026-03-02`")


def parse_day(text: str) -> Day:
    """Reads `2026-12-31` or `2026-12-31 at 18:00`."""
    day, word, clock = text.strip().partition(" at ")
    if not word:
        return Day(parse_date(day))
    return Day(parse_date(day.strip()), _clock_of_day(clock))


@cache
def zone_exists(name: str) -> bool:
    """Says whether this is the name of a time zone, like `Europe/Madrid`."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def parse_zone(text: str) -> str:
    """Reads the name of a time zone."""
    if not zone_exists(text):
        raise ValueText(f"`{text}` is no time zone", "write one like `Europe/Madrid` or `UTC`")
    return text


def parse_instant(text: str, parse_expr: Callable[[str], Expr], *, bare: bool = False) -> Instant:
    """Reads a length (`2 days at 9:00`) or `until …`; with `bare`, as in `at:`, the word `until` may be
    missing.

    `parse_expr` reads the name or date an instant is counted from; what it raises goes through.
    """
    text = text.strip()
    if text == "until" or text.startswith("until "):
        return _until(text.removeprefix("until").strip(), parse_expr)
    if bare and _CLOCK_ALONE.fullmatch(text):
        return _until(text, parse_expr)
    if _CLOCK_TIME.fullmatch(text):
        clock = _clock_suggestion(text).replace("`", "`until ", 1)
        raise ValueText(f"`{text}` is no length of time", clock)
    if _BEGINS_WITH_NUMBER.match(text):
        rest, at, zone = _tail(text)
        return After(parse_length(rest), at, zone)
    if bare:
        return _until(text, parse_expr)
    looks_right = re.match(r"[a-z_]+\.[a-z]|contact_hours|queue_open|\d{4}-|\d{1,2}:\d\d|[a-z]+day\b", text)
    raise ValueText(
        f"`{text}` is no length of time",
        f"write `until {text}`" if looks_right else _length_advice(text),
    )


def _until(text: str, parse_expr: Callable[[str], Expr]) -> Instant:
    if text in ("contact hours", "business hours"):
        raise ValueText(f"`until {text}` is not known", "write `until contact_hours`")
    if text == "contact_hours" or text == "in_contact_hours()":
        return NextOpening("contact")
    if (queue := _QUEUE.fullmatch(text)) is not None:
        return NextOpening(queue.group(1))
    if text.startswith("next "):
        return _next(text.removeprefix("next ").strip(), parse_expr)
    if not text:
        raise ValueText("`until` what is missing", "write `until 18:30` or `until start.expires_at`")
    if _BEGINS_WITH_NUMBER.match(text) and not _CLOCK_ALONE.fullmatch(text):
        raise ValueText(f"`until {text}` names no instant", f"a length stands without `until`: `{text}`")
    rest, at, zone = _tail(text)
    if _CLOCK_ALONE.fullmatch(rest) and at is None:
        return NextClock(_clock_of_day(rest), None, zone)
    if re.fullmatch(r"[A-Za-z]{3,9}", rest) and rest.lower() in (*WEEKDAYS, *SHORT_WEEKDAYS):
        return NextClock(at or 0, _weekday(rest.lower()), zone)
    return _moment(rest, at, zone, parse_expr)


def _next(text: str, parse_expr: Callable[[str], Expr]) -> Moment:
    """Reads the yearly return of a date; a weekday or a clock time is the next one anyway."""
    rest, at, zone = _tail(text)
    first = rest.split(" ")[0].lower()
    if first in (*WEEKDAYS, *SHORT_WEEKDAYS) or _CLOCK_ALONE.fullmatch(rest):
        raise ValueText(f"`next` says nothing in `until next {text}`", f"write `until {text}`, the next one")
    if not re.match(r"[a-z_]+\.[a-z]", rest):
        raise ValueText(f"`until next {text}` names no date", "write `until next lead.birthday`")
    return replace(_moment(rest, at, zone, parse_expr), yearly=True)


def _moment(text: str, at: int | None, zone: str | None, parse_expr: Callable[[str], Expr]) -> Moment:
    moved = _OFFSET.match(text)
    if moved is None:
        return Moment(parse_expr(text), Length(), 1, at, zone)
    base, sign, length = moved.groups()
    return Moment(parse_expr(base), parse_length(length), 1 if sign == "+" else -1, at, zone)


def _tail(text: str) -> tuple[str, int | None, str | None]:
    """Takes `at 9:00 Europe/Madrid` or a zone off the end."""
    zone = None
    if (named := _ZONE.search(text)) is not None:
        zone, text = parse_zone(named.group(1)), text[: named.start()]
    if (clock := _AT.search(text)) is not None:
        return text[: clock.start()].strip(), _clock_of_day(clock.group(1)), zone
    return text.strip(), None, zone


def _clock_of_day(text: str) -> int:
    minutes = parse_clock(text)
    if minutes == MIDNIGHT:
        raise ValueText("`24:00` is only the end of opening hours", "write `0:00` of the next day")
    return minutes
