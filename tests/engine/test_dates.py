"""When the dates of a lead let it enter, and what becomes of a run whose date moves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from engine.dates import Calendar, between, due, moved, origin
from language.dates import DateRule, date_text
from model.time import Hours, Length

MADRID = Calendar("Europe/Madrid", lambda _: Hours((0, 1, 2, 3, 4), 540, 1080))
WEEK = Length(days=7)
NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)


def rule(
    offset: Length = Length(),  # noqa: B008
    sign: int = -1,
    *,
    at: int | None = 540,
    yearly: bool = False,
    listed: bool = False,
    catch_up: Length | None = None,
) -> DateRule:
    return DateRule("lead.renews_on", offset, sign, at, yearly, listed, catch_up)


def runs(found: DateRule, value: JsonValue, now: datetime = NOW) -> list[str]:
    return [f"{one.date} {one.at:%Y-%m-%d %H:%M}" for one in due(found, value, now, MADRID)]


@pytest.mark.parametrize(
    ("found", "value", "expected"),
    [
        (rule(WEEK), "2026-11-20", ["2026-11-20 2026-11-13 08:00"]),
        (rule(WEEK, 1), "2026-11-20", ["2026-11-20 2026-11-27 08:00"]),
        (rule(at=None), "2026-11-20", ["2026-11-20 2026-11-19 23:00"]),
        (rule(Length(business_days=3)), "2026-11-16", ["2026-11-16 2026-11-11 08:00"]),
        (rule(Length(months=1)), "2026-12-31", ["2026-12-31 2026-11-30 08:00"]),
        (rule(Length(seconds=7200), at=None), "2026-11-05T10:00:00Z",
         ["2026-11-05T10:00:00+00:00 2026-11-05 08:00"]),
        (rule(WEEK), "2026-11-10", []),
        (rule(WEEK), None, []),
        (rule(WEEK), "soon", []),
        (rule(WEEK, listed=True), ["2026-11-20", "2026-01-01", "2026-12-01"],
         ["2026-11-20 2026-11-13 08:00", "2026-12-01 2026-11-24 08:00"]),
    ],
)  # fmt: skip
def test_a_date_lets_a_lead_enter_at_its_instant(
    found: DateRule, value: JsonValue, expected: list[str]
) -> None:
    assert runs(found, value) == expected


def test_a_yearly_date_comes_each_year_on_its_day() -> None:
    birthday = rule(Length(days=2), yearly=True)
    assert runs(birthday, "1990-11-20") == ["2026-11-20 2026-11-18 08:00"]
    assert runs(birthday, "1990-11-04") == ["2027-11-04 2027-11-02 08:00"]
    assert runs(birthday, "1990-01-01") == ["2027-01-01 2026-12-30 08:00"]
    assert runs(birthday, "2029-01-01") == ["2029-01-01 2028-12-30 08:00"], "not before its first year"


def test_who_was_born_on_29_february_is_met_on_the_28th_of_a_short_year() -> None:
    born = rule(yearly=True)
    assert runs(born, "1992-02-29") == ["2027-02-28 2027-02-28 08:00"]
    assert runs(born, "1992-02-29", datetime(2028, 1, 1, tzinfo=UTC)) == ["2028-02-29 2028-02-29 08:00"]


def test_a_date_that_is_late_enters_at_once_within_catch_up() -> None:
    late = rule(WEEK, catch_up=Length(days=2))
    assert runs(late, "2026-11-10") == ["2026-11-10 2026-11-04 12:00"]
    assert runs(late, "2026-11-09") == []
    yearly = rule(yearly=True, catch_up=Length(days=2))
    assert runs(yearly, "1990-11-03") == ["2026-11-03 2026-11-04 12:00", "2027-11-03 2027-11-03 08:00"]


def test_a_month_before_is_counted_back_into_the_year_before() -> None:
    early = rule(Length(months=14), yearly=True)
    assert runs(early, "1990-02-01") == ["2028-02-01 2026-12-01 08:00"]


def test_those_of_a_day_are_found_whenever_one_looks() -> None:
    found = between(rule(WEEK), "2026-11-11", datetime(2026, 11, 3, 12, tzinfo=UTC), NOW, MADRID)
    assert [one.date for one in found] == ["2026-11-11"]


@pytest.mark.parametrize(
    ("found", "before", "value", "run", "expected"),
    [
        (rule(), "2026-11-20", "2026-12-01", "2026-11-20", "2026-12-01"),
        (rule(), "2026-11-20", None, "2026-11-20", None),
        (rule(), None, "2026-12-01", "", "2026-12-01"),
        (rule(yearly=True), "1990-11-20", "1990-03-01", "2026-11-20", "2027-03-01"),
        (rule(listed=True), ["2026-11-20"], ["2026-11-20", "2026-12-01"], "2026-11-20", "2026-11-20"),
        (rule(listed=True), ["2026-11-20", "2026-11-25"], ["2026-11-25", "2026-12-01"], "2026-11-20",
         "2026-12-01"),
        (rule(listed=True), ["2026-11-20"], ["2026-12-01", "2026-12-02"], "2026-11-20", None),
        (rule(listed=True), ["2026-11-20"], [], "2026-11-20", None),
    ],
)  # fmt: skip
def test_an_open_run_goes_with_its_date(
    found: DateRule, before: JsonValue, value: JsonValue, run: str, expected: str | None
) -> None:
    assert moved(found, before, value, run, NOW, MADRID) == expected


def test_the_date_that_fits_an_instant_is_found() -> None:
    assert origin(rule(WEEK), NOW, MADRID) == "2026-11-11"
    assert origin(rule(WEEK, 1), NOW, MADRID) == "2026-10-28"


def test_a_rule_is_worded_as_one_would_say_it() -> None:
    assert date_text(rule(WEEK, yearly=True)) == "7 days before lead.renews_on at 9:00, every year"
    assert date_text(rule(at=None, catch_up=Length(days=2))) == "on lead.renews_on, up to 2 days late"
