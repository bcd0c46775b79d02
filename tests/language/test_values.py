"""Lengths, clock times, hours, days and instants in a designer's words."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import JsonValue

from language.values import (
    Day,
    ValueText,
    clock_text,
    length_text,
    parse_clock,
    parse_day,
    parse_hours,
    parse_instant,
    parse_length,
    parse_zone,
)
from model.expressions import Constant, Expr, Name
from model.time import After, Hours, Instant, Length, Moment, NextClock, NextOpening


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2 days", Length(days=2)),
        ("1 day", Length(days=1)),
        ("3 business days", Length(business_days=3)),
        ("1 business day", Length(business_days=1)),
        ("1 hour", Length(seconds=3600)),
        ("90 minutes", Length(seconds=5400)),
        ("45 seconds", Length(seconds=45)),
        ("3 weeks", Length(days=21)),
        ("1 month", Length(months=1)),
        ("1 year", Length(months=12)),
        ("2 days 1 hour", Length(days=2, seconds=3600)),
    ],
)
def test_a_length_is_read_and_written_back(text: str, length: Length) -> None:
    assert parse_length(text) == length
    assert parse_length(length_text(length)) == length


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("2d", "write `2 days`"),
        ("1 hr", "write `1 hour`"),
        ("30 min", "write `30 minutes`"),
        ("2 dyas", "write `2 days`"),
        ("a day", "write `1 day`"),
        ("1.5 hours", "write `90 minutes`"),
        ("3 working days", "write `3 business days`"),
        ("soon", "a length is `2 days`, `3 business days`, `90 minutes`"),
        ("0 days", "a length is `2 days`, `3 business days`, `90 minutes`"),
        ("", "a length is `2 days`, `3 business days`, `90 minutes`"),
        ("2 business days 1 hour", "write `3 business days`"),
        ("200 years", "choose a shorter length"),
        ("99999999999999 days", "choose a shorter length"),
    ],
)
def test_a_mistaken_length_says_what_to_write(text: str, suggestion: str) -> None:
    with pytest.raises(ValueText) as raised:
        parse_length(text)
    assert raised.value.suggestion == suggestion


@pytest.mark.parametrize(("text", "minutes"), [("9:00", 540), ("09:05", 545), ("0:00", 0), ("24:00", 1440)])
def test_a_clock_time_is_minutes_of_the_day(text: str, minutes: int) -> None:
    assert parse_clock(text) == minutes
    assert parse_clock(clock_text(minutes)) == minutes


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("9am", "write `9:00`"),
        ("6:30 pm", "write `18:30`"),
        ("12am", "write `0:00`"),
        ("9", "write `9:00`"),
        ("9.30", "write `9:30`"),
        ("25:00", "write hours and minutes, like `9:00` or `18:30`"),
        ("24:01", "write hours and minutes, like `9:00` or `18:30`"),
        ("9:60", "write hours and minutes, like `9:00` or `18:30`"),
    ],
)
def test_a_mistaken_clock_time_says_what_to_write(text: str, suggestion: str) -> None:
    with pytest.raises(ValueText) as raised:
        parse_clock(text)
    assert raised.value.suggestion == suggestion


BASE = Hours((0, 1, 2, 3, 4), 540, 1080, "ES")


@pytest.mark.parametrize(
    ("value", "hours"),
    [
        (
            {"days": "mon-fri", "from": "9:00", "to": "20:00", "holidays": "ES-MD"},
            Hours((0, 1, 2, 3, 4), 540, 1200, "ES-MD"),
        ),
        ({"days": "mon-fri, sun"}, Hours((0, 1, 2, 3, 4, 6), 540, 1080, "ES")),
        ({"days": ["monday", "wed"]}, Hours((0, 2), 540, 1080, "ES")),
        ({"days": "sat-mon"}, Hours((0, 5, 6), 540, 1080, "ES")),
        ({"to": "24:00"}, Hours((0, 1, 2, 3, 4), 540, 1440, "ES")),
        ({"holidays": "none"}, Hours((0, 1, 2, 3, 4), 540, 1080, None)),
        ("mon-fri 9:00-17:00", Hours((0, 1, 2, 3, 4), 540, 1020, "ES")),
        ("mon, wed 9:00 - 17:00", Hours((0, 2), 540, 1020, "ES")),
    ],
)
def test_hours_keep_what_is_not_given(value: JsonValue, hours: Hours) -> None:
    assert parse_hours(value, BASE) == hours


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ({"days": "mon-fry"}, "days"),
        ({"from": "9"}, "from"),
        ({"from": "20:00", "to": "9:00"}, "to"),
        ({"holidays": "Spain"}, "holidays"),
        ({"untill": "9:00"}, "untill"),
        ("always", None),
        (7, None),
    ],
)
def test_mistaken_hours_name_the_part(value: JsonValue, part: str | None) -> None:
    with pytest.raises(ValueText) as raised:
        parse_hours(value, BASE)
    assert raised.value.part == part
    assert raised.value.suggestion


def test_hours_without_a_base_need_all_their_parts() -> None:
    with pytest.raises(ValueText, match="need `to`"):
        parse_hours({"days": "mon", "from": "9:00"})


def test_a_day_may_have_a_clock_time() -> None:
    assert parse_day("2026-12-31") == Day(date(2026, 12, 31))
    assert parse_day("2026-12-31 at 18:00") == Day(date(2026, 12, 31), 1080)
    with pytest.raises(ValueText, match="there is no day"):
        parse_day("2026-02-30")


def name(text: str) -> Expr:
    return Constant(text, "date") if text[0].isdigit() else Name(text, "time")


EXPIRES = Name("start.expires_at", "time")
DAY = Length(days=1)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2 days", After(Length(days=2))),
        ("3 business days", After(Length(business_days=3))),
        ("2 days at 9:00", After(Length(days=2), 540)),
        ("2 days at 9:00 UTC", After(Length(days=2), 540, "UTC")),
        ("until 18:30", NextClock(1110)),
        ("until 18:30 Europe/Madrid", NextClock(1110, None, "Europe/Madrid")),
        ("until monday at 9:00", NextClock(540, 0)),
        ("until sun at 9:00", NextClock(540, 6)),
        ("until monday", NextClock(0, 0)),
        ("until start.expires_at", Moment(EXPIRES)),
        ("until start.expires_at - 1 day", Moment(EXPIRES, DAY, -1)),
        ("until start.expires_at + 1 day at 9:00", Moment(EXPIRES, DAY, 1, 540)),
        ("until start.expires_at at 9:00", Moment(EXPIRES, Length(), 1, 540)),
        (
            "until start.expires_at - 1 day at 9:00 Europe/Madrid",
            Moment(EXPIRES, DAY, -1, 540, "Europe/Madrid"),
        ),
        ("until account.renews_on", Moment(Name("account.renews_on", "time"))),
        ("until 2026-03-02 at 9:00", Moment(Constant("2026-03-02", "date"), Length(), 1, 540)),
        ("until contact_hours", NextOpening("contact")),
        ('until queue_open("dispatch")', NextOpening("dispatch")),
    ],
)
def test_an_instant_is_read(text: str, instant: Instant) -> None:
    assert parse_instant(text, name) == instant
    assert parse_instant(text.removeprefix("until "), name, bare=True) == instant


def test_until_next_names_the_yearly_return_of_a_date() -> None:
    assert parse_instant("until next lead.birthday - 7 days at 9:00", name) == Moment(
        Name("lead.birthday", "time"), Length(days=7), -1, 540, yearly=True
    )


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("until next monday at 9:00", "write `until monday at 9:00`, the next one"),
        ("until next 18:30", "write `until 18:30`, the next one"),
        ("until next birthday", "write `until next lead.birthday`"),
        ("until next 2026-03-02", "write `until next lead.birthday`"),
    ],
)
def test_next_stands_only_before_the_name_of_a_date(text: str, suggestion: str) -> None:
    with pytest.raises(ValueText) as error:
        parse_instant(text, name)
    assert error.value.suggestion == suggestion


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("start.expires_at", "write `until start.expires_at`"),
        ("18:30", "write `until 18:30`"),
        ("monday at 9:00", "write `until monday at 9:00`"),
        ("until 2 days", "a length stands without `until`: `2 days`"),
        ("until", "write `until 18:30` or `until start.expires_at`"),
        ("until 9am", "write `9:00`"),
        ("2 days at 24:00", "write `0:00` of the next day"),
        ("2 days at 9:00 Europe/Madriz", "write one like `Europe/Madrid` or `UTC`"),
        ("later", "a length is `2 days`, `3 business days`, `90 minutes`"),
    ],
)
def test_a_mistaken_instant_says_what_to_write(text: str, suggestion: str) -> None:
    with pytest.raises(ValueText) as raised:
        parse_instant(text, name)
    assert raised.value.suggestion == suggestion


@pytest.mark.parametrize("zone", ["Madrid", "../etc/passwd", "", "Europe"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueText):
        parse_zone(zone)
