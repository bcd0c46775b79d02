"""Lengths, clock times and instants, with dates worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from engine.calendar import add, next_clock, resolve
from engine.hours import NeverOpen, at_clock
from model.expressions import Expr, Name
from model.time import After, Hours, Length, Moment, NextClock, NextOpening

MADRID = "Europe/Madrid"
OFFICE = Hours(days=(0, 1, 2, 3, 4), start=9 * 60, end=18 * 60, holidays="ES-MD")
CONTACT = Hours(days=(0, 1, 2, 3, 4, 5), start=9 * 60, end=20 * 60)
EXPIRES = Name("start.expires_at", "time")


def madrid(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(MADRID)).astimezone(UTC)


def hours_of(name: str) -> Hours:
    return {"business": OFFICE, "contact": CONTACT, "dispatch": Hours((0,), 600, 660)}[name]


def nothing(_: Expr) -> None:
    return None


def _same(day: date, _: Expr) -> date:
    return day


def test_a_day_keeps_the_wall_time_when_the_clocks_change() -> None:
    assert add(madrid("2026-03-28T10:00"), Length(days=1), MADRID, None) == madrid("2026-03-29T10:00")
    assert madrid("2026-03-29T10:00") - madrid("2026-03-28T10:00") == timedelta(hours=23)


def test_hours_are_elapsed_time_when_the_clocks_change() -> None:
    assert add(madrid("2026-03-28T10:00"), Length(seconds=86_400), MADRID, None) == madrid("2026-03-29T11:00")


def test_a_wall_time_that_does_not_exist_moves_forward() -> None:
    assert add(madrid("2026-03-28T02:30"), Length(days=1), MADRID, None) == madrid("2026-03-29T03:30")


def test_a_wall_time_that_comes_twice_is_the_first() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert add(madrid("2026-10-24T02:30"), Length(days=1), MADRID, None) == first
    assert at_clock(date(2026, 10, 25), 150, MADRID) == first


def test_adding_nothing_in_the_second_pass_of_a_fold_changes_nothing() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert add(second, Length(), MADRID, None) == second
    assert add(second, Length(seconds=60), MADRID, None) == second + timedelta(minutes=1)


def test_days_from_the_second_pass_of_a_fold_forget_the_pass() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    to_the_next_gap = add(second, Length(days=154), MADRID, None)
    assert to_the_next_gap == madrid("2027-03-28T03:30")
    to_the_next_fold = add(second, Length(days=371), MADRID, None)
    assert to_the_next_fold == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31T10:00", 1, "2026-02-28T10:00"),
        ("2028-01-31T10:00", 1, "2028-02-29T10:00"),
        ("2026-11-15T10:00", 14, "2028-01-15T10:00"),
    ],
)
def test_a_month_too_short_takes_its_last_day(start: str, months: int, end: str) -> None:
    assert add(madrid(start), Length(months=months), MADRID, None) == madrid(end)


def test_going_back_a_month_clamps_too() -> None:
    assert add(madrid("2026-03-31T10:00"), Length(months=1), MADRID, None, -1) == madrid("2026-02-28T10:00")


def test_business_days_pass_over_weekends_and_holidays() -> None:
    thursday_before_the_constitution_and_the_immaculate = madrid("2026-12-03T16:00")
    three_on = add(
        thursday_before_the_constitution_and_the_immaculate, Length(business_days=3), MADRID, OFFICE
    )
    assert three_on == madrid("2026-12-10T16:00")
    assert add(three_on, Length(business_days=3), MADRID, OFFICE, -1) == madrid("2026-12-03T16:00")


def test_business_days_without_hours_are_monday_to_friday() -> None:
    assert add(madrid("2026-11-06T16:00"), Length(business_days=1), MADRID) == madrid("2026-11-09T16:00")


def test_business_days_of_hours_without_days_never_come() -> None:
    with pytest.raises(NeverOpen, match="never open"):
        add(madrid("2026-11-06T16:00"), Length(business_days=1), MADRID, Hours((), 0, 1440))


def test_the_next_clock_time_is_strictly_later() -> None:
    assert next_clock(madrid("2026-11-04T18:29"), 1110, None, MADRID) == madrid("2026-11-04T18:30")
    assert next_clock(madrid("2026-11-04T18:30"), 1110, None, MADRID) == madrid("2026-11-05T18:30")


def test_the_next_monday_from_monday_at_that_time_is_in_a_week() -> None:
    assert next_clock(madrid("2026-11-02T09:00"), 540, 0, MADRID) == madrid("2026-11-09T09:00")
    assert next_clock(madrid("2026-11-02T08:59"), 540, 0, MADRID) == madrid("2026-11-02T09:00")


def test_two_days_at_nine_is_nine_on_the_day_two_days_from_now() -> None:
    instant = After(Length(days=2), at=540)
    assert resolve(instant, madrid("2026-11-04T17:00"), MADRID, hours_of, nothing) == madrid(
        "2026-11-06T09:00"
    )


def test_a_named_zone_goes_before_the_runs_zone_and_an_unknown_one_does_not() -> None:
    now = madrid("2026-11-04T17:00")
    tokyo = resolve(NextClock(at=540, zone="Asia/Tokyo"), now, MADRID, hours_of, nothing)
    assert tokyo == datetime(2026, 11, 5, 0, 0, tzinfo=UTC)
    assert resolve(NextClock(540, zone="Mars/Base"), now, MADRID, hours_of, nothing) == madrid(
        "2026-11-05T09:00"
    )


def test_business_days_of_an_instant_ask_for_the_business_hours() -> None:
    instant = After(Length(business_days=2))
    assert resolve(instant, madrid("2026-11-05T17:00"), MADRID, hours_of, nothing) == madrid(
        "2026-11-09T17:00"
    )


def test_the_day_before_an_expiry_at_nine() -> None:
    instant = Moment(EXPIRES, Length(days=1), sign=-1, at=540)
    found = resolve(
        instant, madrid("2026-11-01T00:00"), MADRID, hours_of, lambda _: madrid("2026-11-20T22:15")
    )
    assert found == madrid("2026-11-19T09:00")


def test_a_date_is_its_midnight_in_the_zone() -> None:
    now, day = madrid("2026-11-01T00:00"), date(2026, 11, 20)
    assert resolve(Moment(EXPIRES), now, MADRID, hours_of, lambda _: day) == madrid("2026-11-20T00:00")
    at_nine = Moment(EXPIRES, Length(months=1), at=540)
    assert resolve(at_nine, now, MADRID, hours_of, lambda _: day) == madrid("2026-12-20T09:00")
    three_hours_before = Moment(EXPIRES, Length(seconds=10_800), sign=-1)
    assert resolve(three_hours_before, now, MADRID, hours_of, lambda _: day) == madrid("2026-11-19T21:00")


def test_a_date_whose_midnight_is_skipped_stays_on_its_day() -> None:
    day = date(2026, 3, 29)  # Beirut goes from 0:00 to 1:00
    found = resolve(
        Moment(EXPIRES, at=540), madrid("2026-01-01T00:00"), "Asia/Beirut", hours_of, lambda _: day
    )
    assert found == datetime(2026, 3, 29, 9, tzinfo=ZoneInfo("Asia/Beirut"))


def test_a_missing_value_names_no_instant() -> None:
    assert resolve(Moment(EXPIRES), madrid("2026-11-01T00:00"), MADRID, hours_of, nothing) is None


def test_a_date_beyond_the_calendar_names_no_instant() -> None:
    now = madrid("2026-11-01T00:00")
    for day, sign in ((date.max, 1), (date.min, -1), (datetime.max.replace(tzinfo=UTC), 1)):
        for length in (Length(days=1), Length(months=1), Length(seconds=172_800)):
            assert resolve(Moment(EXPIRES, length, sign), now, MADRID, hours_of, partial(_same, day)) is None


def test_the_next_opening_is_now_or_the_hours_of_that_name() -> None:
    sunday, monday = madrid("2026-11-08T12:00"), madrid("2026-11-09T09:30")
    assert resolve(NextOpening("contact"), sunday, MADRID, hours_of, nothing) == madrid("2026-11-09T09:00")
    assert resolve(NextOpening("contact"), monday, MADRID, hours_of, nothing) == monday
    assert resolve(NextOpening("dispatch"), monday, MADRID, hours_of, nothing) == madrid("2026-11-09T10:00")


def test_a_queue_opens_in_its_own_zone() -> None:
    monday = madrid("2026-11-09T06:00")
    found = resolve(NextOpening("dispatch"), monday, "Atlantic/Canary", hours_of, nothing, queue_zone=MADRID)
    assert found == madrid("2026-11-09T10:00")
