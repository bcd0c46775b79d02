"""Lengths, opening hours and instants as a designer writes them, carried as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from model.expressions import Expr


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time: `seconds` are elapsed time, `days` and `months` calendar time, `business_days`
    opening days."""

    months: int = 0
    days: int = 0
    business_days: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours: weekdays (0 = Monday), minutes of the day from `start` to `end` (1440 = 24:00), a
    holiday calendar.

    `holidays` is a country with an optional subdivision, `ES` or `ES-MD` (names of the library `holidays`).
    """

    days: tuple[int, ...]
    start: int
    end: int
    holidays: str | None = None


@dataclass(frozen=True, slots=True)
class Every:
    """`hour`, `day at 8:00`, `monday at 9:00`, `month on 1 at 9:00`: `at` in minutes of the day, `weekday`
    from 0 = Monday, `day` of the month (a month too short: its last day)."""

    unit: Literal["hour", "day", "week", "month"]
    at: int = 0
    weekday: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class OnDay:
    """`2026-03-02 at 9:00`: a day and minutes of it."""

    day: date
    at: int


@dataclass(frozen=True, slots=True)
class After:
    """`2 days`, `3 business days`, `2 days at 9:00`: a length from now; `at` in minutes of the day, `zone`
    if named."""

    length: Length
    at: int | None = None
    zone: str | None = None
    kind: Literal["after"] = "after"


@dataclass(frozen=True, slots=True)
class NextClock:
    """`until 18:30`, `until monday at 9:00`: the next such clock time, strictly after now."""

    at: int
    weekday: int | None = None
    zone: str | None = None
    kind: Literal["next_clock"] = "next_clock"


@dataclass(frozen=True, slots=True)
class Moment:
    """`until start.expires_at - 1 day at 9:00 Europe/Madrid`: an instant or date that an expression names,
    moved; `yearly` (`until next lead.birthday`): its next return, strictly after now."""

    base: Expr
    offset: Length = Length()
    sign: int = 1
    at: int | None = None
    zone: str | None = None
    kind: Literal["moment"] = "moment"
    yearly: bool = False


@dataclass(frozen=True, slots=True)
class NextOpening:
    """`until contact_hours`, `until queue_open("dispatch")`: the next instant inside those hours (`of`:
    `contact` or a queue)."""

    of: str
    kind: Literal["next_opening"] = "next_opening"


Instant = Annotated[After | NextClock | Moment | NextOpening, Field(discriminator="kind")]
