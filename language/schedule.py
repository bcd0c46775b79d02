"""The times of a scan as designers write them: `every: monday at 9:00`, `once: 2026-03-02 at 9:00`."""

from __future__ import annotations

import re

from language.problems import did_you_mean
from language.values import SHORT_WEEKDAYS, WEEKDAYS, ValueText, clock_text, parse_clock, parse_day
from model.time import Every, OnDay

FORMS = "write `hour`, `day at 8:00`, `monday at 9:00` or `month on 1 at 9:00`"
_MONTH = re.compile(r"month on (\S+)")
_SHORT_WORDS = {
    "hourly": "hour",
    "daily": "day at 8:00",
    "weekly": "monday at 9:00",
    "monthly": "month on 1 at 9:00",
}


def parse_every(text: str) -> Every:
    """Reads `hour`, `day at 8:00`, `monday at 9:00`, `month on 1 at 9:00`; raises ValueText."""
    when, word, clock = text.strip().lower().partition(" at ")
    when = when.strip()
    if when == "hour":
        if word:
            raise ValueText(f"`every: {text}` names an hour and a time", "write `hour`, or `day at 8:00`")
        return Every("hour")
    if (month := _MONTH.fullmatch(when)) is not None:
        return Every("month", _at(text, clock), day=_day_of_month(text, month.group(1)))
    if when == "day":
        return Every("day", _at(text, clock))
    if when in (*WEEKDAYS, *SHORT_WEEKDAYS):
        return Every("week", _at(text, clock), weekday=SHORT_WEEKDAYS.index(when[:3]))
    raise ValueText(f"`every` cannot be `{text}`", _instead(when))


def _instead(when: str) -> str:
    if when in _SHORT_WORDS:
        return f"write `{_SHORT_WORDS[when]}`"
    if when == "month":
        return "say on which day: `month on 1 at 9:00`"
    return did_you_mean(when, ("hour", "day", "month", *WEEKDAYS)) or FORMS


def _at(text: str, clock: str) -> int:
    if not clock:
        raise ValueText(f"`every: {text}` does not say at what time", f"write `{text.strip()} at 9:00`")
    minutes = parse_clock(clock)
    if minutes == 24 * 60:
        raise ValueText("`24:00` is only the end of opening hours", "write `0:00` of the next day")
    return minutes


def _day_of_month(text: str, day: str) -> int:
    if day.isdigit() and 1 <= int(day) <= 31:
        return int(day)
    raise ValueText(
        f"`every: {text}` names no day of the month", "write a number from 1 to 31: `month on 1 at 9:00`"
    )


def parse_once(text: str) -> OnDay:
    """Reads `2026-03-02 at 9:00`; raises ValueText."""
    found = parse_day(text)
    if found.at is None:
        raise ValueText(f"`once: {text}` does not say at what time", f"write `{text.strip()} at 9:00`")
    return OnDay(found.day, found.at)


def every_text(every: Every) -> str:
    """Words the times as they are written."""
    match every.unit:
        case "hour":
            return "every hour"
        case "day":
            return f"every day at {clock_text(every.at)}"
        case "week":
            return f"every {WEEKDAYS[every.weekday or 0]} at {clock_text(every.at)}"
        case "month":
            return f"every month on {every.day} at {clock_text(every.at)}"


def once_text(once: OnDay) -> str:
    """Words the instant as it is written."""
    return f"once on {once.day.isoformat()} at {clock_text(once.at)}"
